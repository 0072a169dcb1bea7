//! The classic programs as a table: what each is called, where it listens, what it shows.

use std::fmt;

/// One of the programs, in the order of the courses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The server speaks first; `bye` from the client ends it.
    GreetingChat,
    /// The client speaks first, then in turn.
    Chat,
    /// One exchange a connection.
    QueueChat,
    /// One text, one fixed answer.
    Thanks,
    /// One way, until the client closes.
    UntilClose,
    /// Datagrams in turn.
    UdpChat,
    /// One datagram.
    UdpOnce,
    /// A datagram to everybody on the network.
    Broadcast,
    /// Datagrams answered in upper case.
    Upper,
    /// Two sends that one recv returns, and one send that takes two.
    Sticky,
    /// A command's output behind its length in digits.
    CommandAscii,
    /// A command's output behind its length in four bytes.
    CommandStruct,
    /// A file by its name.
    Download,
    /// A file behind a header.
    Upload,
    /// A chat behind a proof of a secret.
    HmacChat,
    /// Many clients at the same time.
    Threaded,
    /// The bare steps.
    OpenClose,
}

/// What carries a program's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A stream.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Which program.
    pub program: Program,
    /// Its number in the courses, from 1.
    pub number: u8,
    /// What it is called on the command line.
    pub name: &'static str,
    /// What carries its bytes.
    pub transport: Transport,
    /// The port that the courses use.
    pub port: u16,
    /// What it shows.
    pub shows: &'static str,
    /// What `serve` does.
    pub serve: &'static str,
    /// What `connect` does.
    pub connect: &'static str,
}

/// The table.
pub const ROWS: [Row; 17] = [
    Row {
        program: Program::GreetingChat,
        number: 1,
        name: "greeting-chat",
        transport: Transport::Tcp,
        port: 8888,
        shows: "turns: recv waits while the other side thinks",
        serve: "speaks first, then in turn, one client at a time",
        connect: "hears the greeting, then in turn; says bye at the end",
    },
    Row {
        program: Program::Chat,
        number: 2,
        name: "chat",
        transport: Transport::Tcp,
        port: 8088,
        shows: "turns, and a word of the program's own that ends them",
        serve: "answers one client in turn; bye from either side ends it",
        connect: "speaks first, then in turn; says bye at the end",
    },
    Row {
        program: Program::QueueChat,
        number: 3,
        name: "queue-chat",
        transport: Transport::Tcp,
        port: 8088,
        shows: "a connection for each exchange, callers waiting in the backlog",
        serve: "answers one message a connection; a request bye stops it",
        connect: "opens a connection for each message",
    },
    Row {
        program: Program::Thanks,
        number: 4,
        name: "thanks",
        transport: Transport::Tcp,
        port: 7788,
        shows: "one request, one answer; text in GBK; SO_REUSEADDR",
        serve: "answers `thank you !` and closes",
        connect: "sends a text and prints the answer",
    },
    Row {
        program: Program::UntilClose,
        number: 5,
        name: "until-close",
        transport: Transport::Tcp,
        port: 7788,
        shows: "recv returns nothing once the peer has closed",
        serve: "prints each recv until the client closes",
        connect: "sends what is typed, then closes",
    },
    Row {
        program: Program::UdpChat,
        number: 6,
        name: "udp-chat",
        transport: Transport::Udp,
        port: 8888,
        shows: "datagrams in turn, without a connection",
        serve: "answers each datagram with one",
        connect: "speaks first, then in turn; says bye at the end",
    },
    Row {
        program: Program::UdpOnce,
        number: 7,
        name: "udp-once",
        transport: Transport::Udp,
        port: 7788,
        shows: "one recvfrom, one datagram, and whom it is from",
        serve: "prints one datagram and its sender, and ends",
        connect: "sends one datagram and prints one answer",
    },
    Row {
        program: Program::Broadcast,
        number: 8,
        name: "broadcast",
        transport: Transport::Udp,
        port: 8080,
        shows: "one datagram that every listener on the network gets",
        serve: "prints every datagram",
        connect: "sends a text to the broadcast address, from port 7788",
    },
    Row {
        program: Program::Upper,
        number: 9,
        name: "upper",
        transport: Transport::Udp,
        port: 9000,
        shows: "a server without state",
        serve: "answers each datagram in upper case (ASCII only)",
        connect: "sends what is typed and prints the answers",
    },
    Row {
        program: Program::Sticky,
        number: 10,
        name: "sticky",
        transport: Transport::Tcp,
        port: 8080,
        shows: "TCP keeps no boundaries: two sends, one recv; one send, two recvs",
        serve: "prints what each recv returns",
        connect: "sends `hello`, then `feng`, back to back",
    },
    Row {
        program: Program::CommandAscii,
        number: 11,
        name: "command-ascii",
        transport: Transport::Tcp,
        port: 8070,
        shows: "a length in digits before the bytes, and a handshake between",
        serve: "runs the commands that it allows",
        connect: "sends command lines and prints their output",
    },
    Row {
        program: Program::CommandStruct,
        number: 12,
        name: "command-struct",
        transport: Transport::Tcp,
        port: 8080,
        shows: "a length in four bytes before the bytes",
        serve: "runs the commands that it allows",
        connect: "sends command lines and prints their output",
    },
    Row {
        program: Program::Download,
        number: 13,
        name: "download",
        transport: Transport::Tcp,
        port: 7890,
        shows: "a file is longer than one recv",
        serve: "sends the file that is named, and closes",
        connect: "names a file and writes what comes",
    },
    Row {
        program: Program::Upload,
        number: 14,
        name: "upload",
        transport: Transport::Tcp,
        port: 8090,
        shows: "a header of a known length, then exactly so many bytes",
        serve: "takes files into a folder",
        connect: "sends a file behind its header",
    },
    Row {
        program: Program::HmacChat,
        number: 15,
        name: "hmac-chat",
        transport: Transport::Tcp,
        port: 8889,
        shows: "who knows the secret, without the secret being sent",
        serve: "lets in who knows the secret, then in turn",
        connect: "proves the secret, then speaks first",
    },
    Row {
        program: Program::Threaded,
        number: 16,
        name: "threaded",
        transport: Transport::Tcp,
        port: 8889,
        shows: "many clients at the same time, one keyboard",
        serve: "answers every client in turn; q from one ends that one",
        connect: "speaks first, then in turn; says q at the end",
    },
    Row {
        program: Program::OpenClose,
        number: 17,
        name: "open-close",
        transport: Transport::Tcp,
        port: 8888,
        shows: "the bare steps of both sides, and their errors",
        serve: "socket, bind, listen, accept, recv, send, close",
        connect: "socket, connect_ex, send, recv, close",
    },
];

impl Program {
    /// Its row of the table.
    pub fn row(self) -> &'static Row {
        let [first, ..] = &ROWS;
        // Each program has a row: a test holds it.
        ROWS.iter().find(|row| row.program == self).unwrap_or(first)
    }

    /// Where it is served unless an endpoint is given.
    pub fn serves_at(self) -> String {
        let row = self.row();
        // A socket that is bound to one address gets nothing that goes to everybody.
        let host = if self == Self::Broadcast { "0.0.0.0" } else { "127.0.0.1" };
        format!("{}://{host}:{}", row.transport, row.port)
    }

    /// What is called unless an endpoint is given.
    pub fn calls(self) -> String {
        let row = self.row();
        let host = if self == Self::Broadcast { "255.255.255.255" } else { "127.0.0.1" };
        format!("{}://{host}:{}", row.transport, row.port)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_the_row_of_its_number() {
        for (index, row) in ROWS.iter().enumerate() {
            assert_eq!(usize::from(row.number), index + 1);
            assert_eq!(row.program.row().name, row.name);
            assert_eq!(row.program as usize, index);
        }
        assert_eq!(Program::Upper.serves_at(), "udp://127.0.0.1:9000");
        assert_eq!(Program::Broadcast.calls(), "udp://255.255.255.255:8080");
    }
}
