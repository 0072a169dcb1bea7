//! The lessons as tables: the steps of each program, from `socket()` to `close()`. Pure data.

use crate::catalogue::Program;
use crate::lesson::step::{Deed, Seat, Side, Sign, Step, Text};

use self::Seat::{First, Second, Server};

const fn step(key: &'static str, deed: Deed, sign: Sign) -> Step {
    Step { key, deed, calls: &[], sees: &[], sign, wrong: &[] }
}

const BIND: Step = step("bind", Deed::Bind, Sign::Done)
    .calls(
        &[
            "socket(AF_INET, SOCK_STREAM)",
            "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)",
            "bind(('127.0.0.1', 0))",
            "listen()",
        ],
        &[],
    )
    .wrong(&["backlog", "ports"]);
const ACCEPT: Step = step("accept", Deed::Serve, Sign::Done).calls(&["accept()"], &[]);
const CONNECT: Step = step("connect", Deed::Connect(First), Sign::Opened(Side::Server))
    .calls(&["socket(AF_INET, SOCK_STREAM)", "connect(address)"], &["accept()"])
    .wrong(&["sock-dgram", "ephemeral"]);
const BIND_UDP: Step = step("bind-udp", Deed::Bind, Sign::Done)
    .calls(&["socket(AF_INET, SOCK_DGRAM)", "bind(('127.0.0.1', 0))"], &[])
    .wrong(&["sock-dgram"]);
const RECVFROM: Step = step("recvfrom", Deed::Serve, Sign::Done).calls(&["recvfrom(65535)"], &[]);
const SOCKET_UDP: Step = step("socket-udp", Deed::Connect(First), Sign::Opened(Side::Client))
    .calls(&["socket(AF_INET, SOCK_DGRAM)", "connect(address)"], &[]);
const STOP: Step = step("stop", Deed::Stop, Sign::Over).calls(&["close()"], &[]);
const STOP_UDP: Step = STOP.key("stop-udp");
/// It has ended with its one client: the call was made at the step before.
const SERVER_ENDS: Step = step("server-ends", Deed::Watch(Server), Sign::Over);
const HANG: Step = step("client-ends", Deed::Hang(First), Sign::Done);

/// A text over a connection that stands.
const fn says(seat: Seat, en: &'static str, zh: &'static str) -> Step {
    let sign = match seat {
        Server => Sign::Heard(Side::Client, 1),
        First | Second => Sign::Heard(Side::Server, 1),
    };
    step("say", Deed::Type(seat, Text { en, zh }), sign).calls(&["sendall(data)"], &["recv(1024)"])
}

/// A text in a datagram.
const fn tells(seat: Seat, en: &'static str, zh: &'static str) -> Step {
    says(seat, en, zh).key("tell").calls(&["sendto(data, address)"], &["recvfrom(65535)"])
}

/// A text in a connection of its own.
const fn asks(en: &'static str, zh: &'static str) -> Step {
    says(First, en, zh).key("ask").calls(
        &["socket(AF_INET, SOCK_STREAM)", "connect(address)", "sendall(data)"],
        &["accept()", "recv(1024)"],
    )
}

/// A word that ends the talk.
const fn word(seat: Seat, word: &'static str) -> Step {
    step("last-word", Deed::Word(seat, word), Sign::Parted)
        .calls(&["sendall(data)", "close()"], &["recv(1024)", "recv(1024)", "close()", "close()"])
        .wrong(&["fin-number"])
}

const GREETING_CHAT: &[Step] = &[
    BIND,
    ACCEPT,
    CONNECT
        .key("connect-and-wait")
        .calls(&["socket(AF_INET, SOCK_STREAM)", "connect(address)", "recv(1024)"], &["accept()"]),
    says(Server, "welcome", "欢迎").key("greet"),
    says(First, "hello", "你好").wrong(&["one-recv"]),
    says(Server, "anything else?", "还有事吗？"),
    word(First, "bye"),
    SERVER_ENDS,
];

const CHAT: &[Step] = &[
    BIND,
    ACCEPT,
    CONNECT,
    says(First, "hello", "你好").wrong(&["one-recv", "characters"]),
    says(Server, "hi, who is there?", "你好，哪位？"),
    word(First, "bye").key("bye-unanswered"),
    SERVER_ENDS,
];

const QUEUE_CHAT: &[Step] = &[
    BIND,
    ACCEPT,
    asks("is it open?", "开门了吗？"),
    says(Server, "it is", "开了")
        .key("answer-close")
        .sign(Sign::Parted)
        .calls(&["sendall(data)", "close()", "accept()"], &["recv(1024)", "recv(1024)", "close()"]),
    asks("until when?", "几点关门？").key("ask-again"),
    says(Server, "until six", "六点")
        .key("answer-close")
        .sign(Sign::Parted)
        .calls(&["sendall(data)", "close()", "accept()"], &["recv(1024)", "recv(1024)", "close()"]),
    HANG,
    STOP.key("stop-queue").wrong(&["backlog-full"]),
];

const THANKS: &[Step] = &[
    BIND.wrong(&["reuse-late", "backlog"]),
    ACCEPT,
    asks("a gift, 礼物", "一份礼物")
        .key("ask-thanks")
        .sign(Sign::Parted)
        .wrong(&["characters"])
        .calls(
            &[
                "socket(AF_INET, SOCK_STREAM)",
                "connect(address)",
                "sendall(data)",
                "recv(1024)",
                "recv(1024)",
                "close()",
            ],
            &["accept()", "recv(1024)", "sendall(data)", "close()"],
        ),
    HANG,
    STOP,
];

const UNTIL_CLOSE: &[Step] = &[
    BIND,
    ACCEPT,
    CONNECT,
    says(First, "one", "第一句").key("say-one-way"),
    says(First, "two", "第二句").key("say-one-way").wrong(&["no-answer-needed"]),
    HANG.key("fin")
        .sign(Sign::Parted)
        .calls(&["close()"], &["recv(1024)", "close()", "close()"])
        .wrong(&["endless-loop", "fin-number"]),
    SERVER_ENDS,
];

const UDP_CHAT: &[Step] = &[
    BIND_UDP,
    RECVFROM,
    SOCKET_UDP,
    tells(First, "hello", "你好").wrong(&["udp-stable"]),
    tells(Server, "hi", "你好，请讲").key("tell-back"),
    step("leave-udp", Deed::Word(First, "bye"), Sign::Parted)
        .calls(&["sendto(data, address)", "close()"], &["recvfrom(65535)"])
        .wrong(&["udp-goodbye"]),
    STOP_UDP,
];

const UDP_ONCE: &[Step] = &[
    BIND_UDP,
    RECVFROM,
    tells(First, "one datagram", "一个数据报").key("tell-once").sign(Sign::Over).calls(
        &["socket(AF_INET, SOCK_DGRAM)", "connect(address)", "sendto(data, address)"],
        &["recvfrom(65535)", "close()"],
    ),
    step("no-answer", Deed::Watch(First), Sign::Closed(Side::Client))
        .calls(&["recvfrom(65535)", "close()"], &[])
        .wrong(&["udp-silence"]),
];

const BROADCAST: &[Step] = &[
    BIND_UDP
        .key("bind-broadcast")
        .calls(&["socket(AF_INET, SOCK_DGRAM)", "bind(('127.255.255.255', 0))"], &[]),
    RECVFROM,
    tells(First, "xiaocy", "xiaocy")
        .sign(Sign::Closed(Side::Client))
        .key("tell-all")
        .wrong(&["empty-destination"])
        .calls(
            &[
                "socket(AF_INET, SOCK_DGRAM)",
                "setsockopt(SOL_SOCKET, SO_BROADCAST, 1)",
                "bind(('0.0.0.0', 0))",
                "sendto(data, address)",
                "close()",
            ],
            &["recvfrom(65535)"],
        ),
    STOP_UDP,
];

const UPPER: &[Step] = &[
    BIND_UDP,
    RECVFROM,
    SOCKET_UDP,
    uppers("hello", "hello").key("tell-upper"),
    uppers("hello, Zürich", "hello，你好").key("tell-upper-ascii"),
    HANG.key("leave-unsaid").sign(Sign::Closed(Side::Client)).calls(&["close()"], &[]),
    STOP_UDP,
];

const fn uppers(en: &'static str, zh: &'static str) -> Step {
    tells(First, en, zh).sign(Sign::Heard(Side::Client, 1)).calls(
        &["sendto(data, address)", "recvfrom(65535)"],
        &["recvfrom(65535)", "sendto(data, address)"],
    )
}

const STICKY: &[Step] = &[
    BIND,
    CONNECT
        .key("connect-unaccepted")
        .sign(Sign::Opened(Side::Client))
        .calls(&["socket(AF_INET, SOCK_STREAM)", "connect(address)"], &[]),
    says(First, "hello", "hello").key("send-first").sign(Sign::Done).calls(&["sendall(data)"], &[]),
    says(First, "feng", "feng").key("send-second").sign(Sign::Done).calls(&["sendall(data)"], &[]),
    ACCEPT
        .key("recv-sticky")
        .sign(Sign::Heard(Side::Server, 2))
        .calls(&["accept()", "recv(2)", "recv(10)"], &[])
        .wrong(&["recv-cuts", "one-recv"]),
    HANG.key("fin").sign(Sign::Parted).calls(&["close()"], &["recv(10)", "close()"]),
    STOP,
];

const COMMAND_ASCII: &[Step] = &[
    BIND,
    ACCEPT,
    CONNECT,
    digits("echo hello").key("command-digits").wrong(&["digits-stick"]),
    digits("ls no-such-file").key("command-stderr").wrong(&["stderr-deadlock"]),
    digits("rm notes.txt").key("command-refused").wrong(&["shell"]),
    QUIT,
    STOP,
];

const COMMAND_STRUCT: &[Step] = &[
    BIND,
    ACCEPT,
    CONNECT,
    command("echo hello").key("command-integer").wrong(&["header-recv", "native-order"]),
    command("ls no-such-file").key("command-stderr").wrong(&["stderr-deadlock"]),
    command("rm notes.txt").key("command-refused").wrong(&["shell"]),
    QUIT,
    STOP,
];

const QUIT: Step = word(First, "quit")
    .key("quit")
    .calls(&["shutdown(SHUT_WR)", "close()"], &["recv(1024)", "shutdown(SHUT_WR)", "close()"]);

/// A command whose output's length goes ahead in four bytes.
const fn command(line: &'static str) -> Step {
    says(First, line, line).sign(Sign::Heard(Side::Client, 2)).calls(
        &["sendall(command)", "recv(4)", "recv(length)"],
        &["recv(1024)", "sendall(length + output)"],
    )
}

/// A command whose output's length goes ahead in digits, which mark no end: an answer to them
/// keeps the output away.
const fn digits(line: &'static str) -> Step {
    command(line).calls(
        &["sendall(command)", "recv(21)", "sendall(b'recv_ready')", "recv(length)"],
        &["recv(1024)", "sendall(digits)", "recv(10)", "sendall(output)"],
    )
}

const DOWNLOAD: &[Step] = &[
    BIND,
    ACCEPT,
    fetches("poem.txt")
        .key("fetch")
        .calls(
            &[
                "socket(AF_INET, SOCK_STREAM)",
                "connect(address)",
                "sendall(name)",
                "while data: recv(1024)",
                "shutdown(SHUT_WR)",
                "close()",
            ],
            &["accept()", "recv(1024)", "sendall(data)", "shutdown(SHUT_WR)", "close()"],
        )
        .wrong(&["first-1024", "whole-file"]),
    fetches("missing.txt").key("fetch-missing"),
    fetches("../secret.txt").key("fetch-outside").wrong(&["peer-path"]),
    HANG,
    STOP,
];

const fn fetches(name: &'static str) -> Step {
    says(First, name, name).sign(Sign::Parted).calls(
        &[
            "socket(AF_INET, SOCK_STREAM)",
            "connect(address)",
            "sendall(name)",
            "recv(1024)",
            "shutdown(SHUT_WR)",
            "close()",
        ],
        &["accept()", "recv(1024)", "shutdown(SHUT_WR)", "close()"],
    )
}

const UPLOAD: &[Step] = &[
    BIND,
    ACCEPT,
    uploads("letter.txt").key("upload").wrong(&["header-recv", "peer-path"]),
    uploads("numbers.bin").key("upload-long").wrong(&["last-piece", "truncated"]),
    HANG,
    STOP,
];

const fn uploads(name: &'static str) -> Step {
    says(First, name, name).sign(Sign::Parted).calls(
        &[
            "socket(AF_INET, SOCK_STREAM)",
            "connect(address)",
            "sendall(length + header)",
            "sendall(data)",
            "shutdown(SHUT_WR)",
            "recv(1024)",
            "close()",
        ],
        &[
            "accept()",
            "recv(4)",
            "recv(length)",
            "while left: recv(min(left, 1024))",
            "shutdown(SHUT_WR)",
            "close()",
        ],
    )
}

const HMAC_CHAT: &[Step] = &[
    BIND,
    ACCEPT,
    CONNECT
        .key("prove")
        .sign(Sign::Heard(Side::Client, 2))
        .calls(
            &[
                "socket(AF_INET, SOCK_STREAM)",
                "connect(address)",
                "recv(32)",
                "sendall(hmac)",
                "recv(5)",
            ],
            &["accept()", "sendall(os.urandom(32))", "recv(16)", "sendall(b'legal')"],
        )
        .wrong(&["digestmod", "compare"]),
    says(First, "hello", "你好").key("say-proved"),
    says(Server, "hi", "你好，请讲"),
    word(First, "q").calls(
        &["sendall(data)", "recv(1024)", "recv(1024)", "shutdown(SHUT_WR)", "close()"],
        &["recv(1024)", "sendall(b'q')", "shutdown(SHUT_WR)", "close()"],
    ),
    step("prove-wrong", Deed::Connect(Second), Sign::Parted).calls(
        &[
            "socket(AF_INET, SOCK_STREAM)",
            "connect(address)",
            "recv(32)",
            "sendall(hmac)",
            "recv(5)",
            "shutdown(SHUT_WR)",
            "close()",
        ],
        &["accept()", "sendall(os.urandom(32))", "recv(16)", "shutdown(SHUT_WR)", "close()"],
    ),
    STOP,
];

const THREADED: &[Step] = &[
    BIND.wrong(&["reuse-late", "backlog"]),
    ACCEPT.key("accept-many"),
    CONNECT,
    Step { deed: Deed::Connect(Second), ..CONNECT.key("connect-second").wrong(&[]) },
    says(First, "I am the first", "我是第一个"),
    says(Second, "I am the second", "我是第二个").key("say-second"),
    says(Server, "one moment, first", "第一位请稍等").key("answer-first").wrong(&["one-keyboard"]),
    says(Server, "welcome, second", "第二位你好").key("answer-second"),
    leaves(First).key("q-first"),
    leaves(Second).key("q-second"),
    STOP.wrong(&["listener-clients"]),
];

const fn leaves(seat: Seat) -> Step {
    word(seat, "q").calls(
        &["sendall(data)", "recv(1024)", "close()"],
        &["recv(1024)", "sendall(b'q')", "recv(1024)", "close()"],
    )
}

const OPEN_CLOSE: &[Step] = &[
    step("refused", Deed::Refused, Sign::Done)
        .calls(&["socket(AF_INET, SOCK_STREAM)", "connect_ex(address)"], &[])
        .wrong(&["connect-ex"]),
    BIND,
    step("in-use", Deed::InUse, Sign::Done)
        .calls(
            &[
                "socket(AF_INET, SOCK_STREAM)",
                "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)",
                "bind(address)",
            ],
            &[],
        )
        .wrong(&["reuse-late"]),
    ACCEPT,
    asks("hello", "你好")
        .key("open-close")
        .sign(Sign::Parted)
        .calls(
            &[
                "socket(AF_INET, SOCK_STREAM)",
                "connect_ex(address)",
                "sendall(data)",
                "recv(1024)",
                "close()",
            ],
            &["accept()", "recv(1024)", "sendall(data)", "recv(1024)", "close()"],
        )
        .wrong(&["fin-number"]),
    HANG,
    STOP,
];

/// The steps of that program.
pub fn steps(program: Program) -> &'static [Step] {
    match program {
        Program::GreetingChat => GREETING_CHAT,
        Program::Chat => CHAT,
        Program::QueueChat => QUEUE_CHAT,
        Program::Thanks => THANKS,
        Program::UntilClose => UNTIL_CLOSE,
        Program::UdpChat => UDP_CHAT,
        Program::UdpOnce => UDP_ONCE,
        Program::Broadcast => BROADCAST,
        Program::Upper => UPPER,
        Program::Sticky => STICKY,
        Program::CommandAscii => COMMAND_ASCII,
        Program::CommandStruct => COMMAND_STRUCT,
        Program::Download => DOWNLOAD,
        Program::Upload => UPLOAD,
        Program::HmacChat => HMAC_CHAT,
        Program::Threaded => THREADED,
        Program::OpenClose => OPEN_CLOSE,
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::ROWS;
    use crate::lesson::step::Tongue;

    use super::*;

    #[test]
    fn each_lesson_goes_from_the_servers_socket_to_its_end() {
        for row in &ROWS {
            let steps = steps(row.program);
            let place = |wanted: &dyn Fn(&Step) -> bool| steps.iter().position(wanted);
            let bound = place(&|step| step.deed == Deed::Bind).expect(row.name);
            let served = place(&|step| step.deed == Deed::Serve).expect(row.name);
            let typed = place(&|step| step.deed.typed(Tongue::English).is_some());
            let over = place(&|step| step.sign == Sign::Over).expect(row.name);
            assert!(bound < served && served < over, "{}", row.name);
            assert!(typed.is_some_and(|typed| typed > bound), "{}", row.name);
        }
    }

    #[test]
    fn each_step_names_its_calls_but_where_nothing_is_called() {
        for step in ROWS.iter().flat_map(|row| steps(row.program)) {
            let none = matches!(step.deed, Deed::Hang(_) | Deed::Watch(Server));
            assert!(!step.calls.is_empty() || none, "{}", step.key);
            assert!(!step.key.is_empty());
        }
    }
}
