//! The section of the echoes: requests a second, with few clients and with many.

use std::process::{Command, Stdio};

use crate::bench::load::{Question, ask};
use crate::bench::process::{Place, serve};
use crate::bench::setting::Setting;
use crate::bench::table::{Bar, Better, Kind, Row, Taken, section};

/// The limit of a server's memory, in MiB.
const MEMORY: f64 = 16.0;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Sockeye,
    Redis,
    Ncat,
    Socat,
    Python,
    Epoll,
}

const SERVERS: [Server; 6] =
    [Server::Sockeye, Server::Redis, Server::Ncat, Server::Socat, Server::Python, Server::Epoll];

/// The section.
pub(crate) fn figures(setting: &Setting, page: &mut String) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (title, clients) in [("echo 64 B, 64 clients", 64), ("echo 64 B, 1,000 clients", 1000)] {
        let mut row = Row::of(
            title,
            ("requests/s", Better::More),
            &["p99 µs", "starved", "peak MiB"],
            &[Bar::Named("redis", 0.95), Bar::AtMost(1, 0.0), Bar::AtMost(2, MEMORY)],
        );
        for server in SERVERS {
            row.enters(setting, server.entry(), move || asked(setting, server, clients));
        }
        rows.push(row);
    }
    section(setting, rows, page)?;
    Ok(())
}

fn asked(setting: &Setting, server: Server, clients: usize) -> anyhow::Result<Taken> {
    let (running, place) = serve(&setting.file("server"), Place::tcp, |place| {
        let mut command = server.command(setting, &place.text());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    })?;
    let question = if server == Server::Redis { Question::Ping } else { Question::Echo };
    let endpoint = format!("tcp://127.0.0.1:{}", place.text());
    let found = ask(setting, &endpoint, clients, question)?;
    Ok(Taken { value: found.rate, besides: vec![found.p99, found.starved, running.peak()?] })
}

impl Server {
    fn entry(self) -> (&'static str, Kind, &'static str) {
        match self {
            Self::Sockeye => ("sockeye --reply echo", Kind::Ours, ""),
            Self::Redis => ("redis PING", Kind::Peer, "redis-server"),
            Self::Ncat => ("ncat -k --exec cat", Kind::Peer, "ncat"),
            Self::Socat => ("socat fork, PIPE", Kind::Peer, "socat"),
            Self::Python => ("Python, a thread a client", Kind::Peer, "python3"),
            Self::Epoll => ("C epoll, one thread", Kind::Limit, "echo"),
        }
    }

    fn command(self, setting: &Setting, at: &str) -> Command {
        let mut command = match self {
            Self::Sockeye => setting.sockeye(),
            Self::Redis => Command::new("redis-server"),
            Self::Ncat => Command::new("ncat"),
            Self::Socat => Command::new("socat"),
            Self::Python => Command::new("python3"),
            Self::Epoll => setting.limit("echo"),
        };
        match self {
            Self::Sockeye => {
                command.args(["listen", &format!("tcp://127.0.0.1:{at}"), "--reply", "echo"])
            }
            Self::Redis => command.args([
                "--port",
                at,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ]),
            Self::Ncat => {
                command.args(["-l", "-k", "-m", "2000", "--exec", "/bin/cat", "127.0.0.1", at])
            }
            Self::Socat => command.args([
                &format!("TCP-LISTEN:{at},bind=127.0.0.1,reuseaddr,fork,backlog=4096"),
                "PIPE",
            ]),
            Self::Python => {
                command.arg(setting.root.join("xtask/limits/echo.py")).args(["tcp", at])
            }
            Self::Epoll => command.arg(at),
        };
        command
    }
}
