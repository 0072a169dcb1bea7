//! Relays from TCP to TCP, each by its own options.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::process::{Place, Process, serve};
use crate::bench::setting::Setting;
use crate::bench::table::Kind;

/// Debian's module; where nginx has it built in, there is no such file.
const STREAM: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relay {
    /// None: the client calls the backend itself.
    Direct,
    /// Ours.
    Sockeye,
    /// `xtask/limits/relay.c`, for one caller at a time.
    Splice,
    /// A process a caller.
    Socat,
    /// One worker.
    Nginx,
    /// A worker for each core.
    NginxAuto,
}

impl Relay {
    /// Its name in a table, what it is, and the program that it needs.
    pub(crate) fn entry(self) -> (&'static str, Kind, &'static str) {
        match self {
            Self::Direct => ("direct", Kind::Limit, "copy"),
            Self::Sockeye => ("sockeye", Kind::Ours, ""),
            Self::Splice => ("C splice", Kind::Limit, "relay"),
            Self::Socat => ("socat -b131072", Kind::Peer, "socat"),
            Self::Nginx => ("nginx stream, one worker", Kind::Peer, "nginx"),
            Self::NginxAuto => ("nginx stream, a worker a core", Kind::Peer, "nginx"),
        }
    }

    /// Starts it between a place of its own, which is returned, and the backend.
    pub(crate) fn start(
        self,
        setting: &Setting,
        backend: &Place,
    ) -> anyhow::Result<(Option<Process>, Place)> {
        if self == Self::Direct {
            return Ok((None, backend.clone()));
        }
        let to = backend.text();
        let (relay, place) = serve(&setting.file("relay"), Place::tcp, |place| {
            let mut command = self.command(setting, &place.text(), &to)?;
            command.stdin(Stdio::null()).stdout(Stdio::null());
            Ok(command)
        })?;
        Ok((Some(relay), place))
    }

    fn command(self, setting: &Setting, at: &str, to: &str) -> anyhow::Result<Command> {
        let mut command = match self {
            Self::Direct | Self::Splice => setting.limit("relay"),
            Self::Sockeye => setting.sockeye(),
            Self::Socat => Command::new("socat"),
            Self::Nginx | Self::NginxAuto => Command::new("nginx"),
        };
        match self {
            Self::Direct | Self::Splice => command.args([at, to]),
            Self::Sockeye => command.args([
                "relay",
                &format!("tcp://127.0.0.1:{at}"),
                &format!("tcp://127.0.0.1:{to}"),
            ]),
            Self::Socat => command.args([
                "-b131072",
                &format!("TCP-LISTEN:{at},bind=127.0.0.1,reuseaddr,fork,backlog=4096"),
                &format!("TCP:127.0.0.1:{to}"),
            ]),
            Self::Nginx | Self::NginxAuto => {
                let workers = if self == Self::Nginx { "1" } else { "auto" };
                let settings = setting.file("nginx.conf");
                std::fs::write(&settings, nginx(setting, workers, at, to))?;
                command.arg("-e").arg(setting.file("nginx.log")).arg("-c").arg(settings)
            }
        };
        Ok(command)
    }
}

fn nginx(setting: &Setting, workers: &str, at: &str, to: &str) -> String {
    let module =
        if Path::new(STREAM).exists() { format!("load_module {STREAM};") } else { String::new() };
    format!(
        "{module}
daemon off;
worker_processes {workers};
pid {};
events {{ worker_connections 4096; }}
stream {{
    access_log off;
    server {{
        listen 127.0.0.1:{at} backlog=4096;
        proxy_pass 127.0.0.1:{to};
        proxy_buffer_size 128k;
    }}
}}
",
        setting.file("nginx.pid").display()
    )
}
