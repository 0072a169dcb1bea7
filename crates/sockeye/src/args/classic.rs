//! The arguments of the classic programs that take turns.

use std::time::Duration;

use clap::{Args, Subcommand};
use sockeye_text::encoding::Encoding;
use sockeye_workbench::rules::Reply;

use crate::args::shared::{Callers, Keep, Messages, Reach};
use crate::args::values::{duration, read_size};

/// `sockeye classic …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Classic {
    /// All of them, as a table
    List(List),
    /// In turn; the server speaks first
    #[command(subcommand)]
    GreetingChat(GreetingChat),
    /// In turn; the client speaks first
    #[command(subcommand)]
    Chat(Chat),
    /// One exchange a connection
    #[command(subcommand)]
    QueueChat(QueueChat),
    /// One text, one fixed answer
    #[command(subcommand)]
    Thanks(Thanks),
    /// One way, until the client closes
    #[command(subcommand)]
    UntilClose(UntilClose),
    /// Datagrams, in turn
    #[command(subcommand)]
    UdpChat(UdpChat),
    /// One datagram
    #[command(subcommand)]
    UdpOnce(UdpOnce),
    /// One datagram to everybody on the network
    #[command(subcommand)]
    Broadcast(Broadcast),
    /// Datagrams answered in upper case
    #[command(subcommand)]
    Upper(Upper),
    /// TCP keeps no boundaries
    #[command(subcommand)]
    Sticky(Sticky),
    /// Commands run, the output's length as digits
    #[command(subcommand)]
    CommandAscii(crate::args::classic_protocols::Commanding),
    /// Commands run, the output's length as 4 bytes
    #[command(subcommand)]
    CommandStruct(crate::args::classic_protocols::Commanding),
    /// Files by name: the server sends one and closes
    #[command(subcommand)]
    Download(crate::args::classic_protocols::Download),
    /// Files behind a header with a length
    #[command(subcommand)]
    Upload(crate::args::classic_protocols::Upload),
    /// A chat behind a secret that is proved
    #[command(subcommand)]
    HmacChat(crate::args::classic_protocols::HmacChat),
    /// Many clients at the same time
    #[command(subcommand)]
    Threaded(Threaded),
    /// The bare steps of both sides, each told
    #[command(subcommand)]
    OpenClose(OpenClose),
}

/// `sockeye classic list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye classic list
  sockeye classic list --json")]
pub(crate) struct List {
    /// As JSON objects, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// What all the programs share.
#[derive(Debug, Args)]
pub(crate) struct Common {
    #[arg(
        long,
        default_value = "auto",
        hide_default_value = true,
        help = "How text is encoded: auto, utf-8, gbk, gb18030, big5, shift_jis, …"
    )]
    pub(crate) encoding: Encoding,
    /// The silence that ends a message which marks no end (0: one recv, as the classic)
    #[arg(long, value_name = "TIME", default_value = "50ms", value_parser = duration)]
    pub(crate) settle: Duration,
    /// Tell each step while it runs, by the name of its socket call
    #[arg(long)]
    pub(crate) explain: bool,
    /// End after so long a silence
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) idle_timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

impl Common {
    /// How what is shown is read.
    pub(crate) fn messages(&self) -> Messages {
        Messages {
            frame: None,
            encoding: self.encoding,
            eol: None,
            checksum: None,
            until: None,
            read_size: Vec::new(),
            idle_timeout: self.idle_timeout,
        }
    }
}

/// What every server has.
#[derive(Debug, Args)]
#[group(id = "standing")]
pub(crate) struct Serve {
    /// The endpoint (127.0.0.1 and the program's port: see `classic list`)
    pub(crate) endpoint: Option<String>,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What every client has.
#[derive(Debug, Args)]
#[group(id = "calling")]
pub(crate) struct Connect {
    /// The endpoint (127.0.0.1 and the program's port: see `classic list`)
    pub(crate) endpoint: Option<String>,
    /// How long the connect may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `--reply`, in place of typed lines.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// Answer each message by this instead of a typed line: echo, upper, text:…, hex:…, file:…
    #[arg(long)]
    pub(crate) reply: Option<Reply>,
}

/// A server that ends after one client.
#[derive(Debug, Args)]
pub(crate) struct Again {
    /// After one client, the next
    #[arg(short = 'k', long)]
    pub(crate) keep_open: bool,
}

/// `sockeye classic greeting-chat …`.
#[derive(Debug, Subcommand)]
pub(crate) enum GreetingChat {
    /// Speak first, then answer in turn by typed lines
    #[command(after_help = "\
Examples:
  sockeye classic greeting-chat serve
  sockeye classic greeting-chat serve -k --greeting welcome --reply echo")]
    Serve {
        /// Say this first, instead of a typed line
        #[arg(long, value_name = "TEXT")]
        greeting: Option<String>,
        #[command(flatten)]
        again: Again,
        #[command(flatten)]
        answer: Answer,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// Hear the greeting, then talk in turn; `bye` ends it
    #[command(after_help = "\
Examples:
  sockeye classic greeting-chat connect")]
    Connect(Box<Connect>),
}

/// `sockeye classic chat …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Chat {
    /// Answer one client in turn by typed lines; `bye` ends it
    #[command(after_help = "\
Examples:
  sockeye classic chat serve
  sockeye classic chat serve -k --reply echo")]
    Serve {
        #[command(flatten)]
        again: Again,
        #[command(flatten)]
        answer: Answer,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// Talk in turn; `bye` ends it
    #[command(after_help = "\
Examples:
  sockeye classic chat connect
  sockeye classic chat connect --explain")]
    Connect(Box<Connect>),
}

/// `sockeye classic queue-chat …`.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueChat {
    /// Answer one message a connection; a request `bye` stops it
    #[command(after_help = "\
Examples:
  sockeye classic queue-chat serve --reply echo")]
    Serve {
        #[command(flatten)]
        answer: Answer,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// A connection for each typed line; `bye` ends us alone
    #[command(after_help = "\
Examples:
  sockeye classic queue-chat connect
  sockeye classic queue-chat connect --stop-server")]
    Connect {
        /// At the end send `bye`, which stops the server
        #[arg(long)]
        stop_server: bool,
        #[command(flatten)]
        connect: Box<Connect>,
    },
}

/// `sockeye classic thanks …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Thanks {
    /// Answer `thank you !` and close
    #[command(after_help = "\
Examples:
  sockeye classic thanks serve --encoding gbk
  sockeye classic thanks serve 127.0.0.1:8898 --answer hi")]
    Serve {
        /// What is answered (`thank you !`)
        #[arg(long, value_name = "TEXT")]
        answer: Option<String>,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// Send a text and print the answer
    #[command(after_help = "\
Examples:
  sockeye classic thanks connect 127.0.0.1:7788 hello")]
    Connect {
        #[command(flatten)]
        connect: Box<Connect>,
        /// The text; without it each typed line, a connection for each
        text: Option<String>,
    },
}

/// `sockeye classic until-close …`.
#[derive(Debug, Subcommand)]
pub(crate) enum UntilClose {
    /// Print each recv until the client closes
    #[command(after_help = "\
Examples:
  sockeye classic until-close serve")]
    Serve {
        #[command(flatten)]
        again: Again,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// Send what is typed, then close
    #[command(after_help = "\
Examples:
  sockeye classic until-close connect")]
    Connect(Box<Connect>),
}

/// `sockeye classic udp-chat …`.
#[derive(Debug, Subcommand)]
pub(crate) enum UdpChat {
    /// Answer each datagram by a typed line
    #[command(after_help = "\
Examples:
  sockeye classic udp-chat serve --reply echo")]
    Serve {
        #[command(flatten)]
        answer: Answer,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// Talk in turn; `bye` ends it
    #[command(after_help = "\
Examples:
  sockeye classic udp-chat connect")]
    Connect(Box<Connect>),
}

/// `sockeye classic udp-once …`.
#[derive(Debug, Subcommand)]
pub(crate) enum UdpOnce {
    /// Print one datagram and its sender, and end
    #[command(after_help = "\
Examples:
  sockeye classic udp-once serve")]
    Serve(Box<Serve>),
    /// Send one datagram and print one answer
    #[command(after_help = "\
Examples:
  sockeye classic udp-once connect 127.0.0.1:8080 hello")]
    Connect {
        #[command(flatten)]
        connect: Box<Connect>,
        /// The text; without it the first typed line
        text: Option<String>,
    },
}

/// `sockeye classic broadcast …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Broadcast {
    /// Print every datagram (0.0.0.0:8080: one bound to 127.0.0.1 hears no broadcast)
    #[command(after_help = "\
Several listeners on one machine share the port.

Examples:
  sockeye classic broadcast serve")]
    Serve(Box<Serve>),
    /// Send a text to everybody on the network
    #[command(after_help = "\
Examples:
  sockeye classic broadcast connect xiaocy
  sockeye classic broadcast connect 127.255.255.255:8080 xiaocy")]
    Connect(Box<BroadcastConnect>),
}

/// `sockeye classic broadcast connect`.
#[derive(Debug, Args)]
pub(crate) struct BroadcastConnect {
    /// The endpoint (255.255.255.255:8080) and the text; or the text alone
    #[arg(value_name = "ENDPOINT TEXT", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    /// The port it is sent from; 0: any
    #[arg(long, value_name = "PORT", default_value_t = 7788)]
    pub(crate) from: u16,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sockeye classic upper …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Upper {
    /// Answer each datagram in upper case (ASCII only)
    #[command(after_help = "\
Examples:
  sockeye classic upper serve")]
    Serve(Box<Serve>),
    /// Send what is typed, print what is answered
    #[command(after_help = "\
Examples:
  sockeye classic upper connect")]
    Connect(Box<Connect>),
}

/// `sockeye classic sticky …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Sticky {
    /// Print what each recv returns
    #[command(after_help = "\
Examples:
  sockeye classic sticky serve
  sockeye classic sticky serve --read-size 2,10")]
    Serve {
        /// The largest recv each, in order; the last is used on
        #[arg(long, value_name = "N[,N…]", value_delimiter = ',', value_parser = read_size,
            default_value = "10")]
        read_size: Vec<usize>,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// Send `hello` and `feng` back to back
    #[command(after_help = "\
Examples:
  sockeye classic sticky connect
  sockeye classic sticky connect --together")]
    Connect {
        /// In one send: `hello feng`
        #[arg(long)]
        together: bool,
        #[command(flatten)]
        connect: Box<Connect>,
    },
}

/// `sockeye classic threaded …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Threaded {
    /// Answer every client by typed lines; `q` from one ends that one
    #[command(after_help = "\
Each request takes the next typed line, whoever sent it; `@n TEXT` answers client n.

Examples:
  sockeye classic threaded serve
  sockeye classic threaded serve --reply upper")]
    Serve {
        #[command(flatten)]
        answer: Answer,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// Talk in turn; `q` ends it
    #[command(after_help = "\
Examples:
  sockeye classic threaded connect")]
    Connect(Box<Connect>),
}

/// `sockeye classic open-close …`.
#[derive(Debug, Subcommand)]
pub(crate) enum OpenClose {
    /// socket, bind, listen, accept, recv, send, close
    #[command(after_help = "\
What comes is sent back. The errors of bind: `serve` twice (in use), `serve 192.0.2.1:80` (not
ours), `serve 127.0.0.1:80` as an ordinary user (not allowed).

Examples:
  sockeye classic open-close serve")]
    Serve {
        #[command(flatten)]
        answer: Answer,
        #[command(flatten)]
        serve: Box<Serve>,
    },
    /// socket, `connect_ex`, send, recv, close
    #[command(after_help = "\
Examples:
  sockeye classic open-close connect
  sockeye classic open-close connect 127.0.0.1:8888 hello")]
    Connect {
        #[command(flatten)]
        connect: Box<Connect>,
        /// What is sent (hello)
        text: Option<String>,
    },
}
