//! The tools that transfer, each by its own options: how it receives, how it sends, how it is
//! known what it received.

use std::process::Command;

use anyhow::Context as _;

use crate::bench::process::{Ended, Place};
use crate::bench::setting::Setting;
use crate::bench::table::Kind;

/// Over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// TCP over loopback.
    Tcp,
    /// A Unix socket.
    Unix,
    /// TLS over TCP over loopback, without a check of the certificate.
    Tls,
}

impl Wire {
    /// A place that is free.
    pub(crate) fn place(self, setting: &Setting) -> anyhow::Result<Place> {
        match self {
            Self::Tcp | Self::Tls => Place::tcp(),
            Self::Unix => Ok(Place::unix(&setting.file("socket"))),
        }
    }
}

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Ours.
    Sockeye,
    /// OpenBSD's.
    Nc,
    /// Nmap's.
    Ncat,
    /// With buffers of 128 KiB.
    Socat,
    /// `xtask/limits/copy.c`.
    Copy,
    /// `xtask/limits/splice.c`.
    Splice,
}

impl Tool {
    /// Its name in a table, what it is, and the program that it needs.
    pub(crate) fn entry(self) -> (&'static str, Kind, &'static str) {
        match self {
            Self::Sockeye => ("sockeye", Kind::Ours, ""),
            Self::Nc => ("nc", Kind::Peer, "nc.openbsd"),
            Self::Ncat => ("ncat", Kind::Peer, "ncat"),
            Self::Socat => ("socat -b131072", Kind::Peer, "socat"),
            Self::Copy => ("C read/write", Kind::Limit, "copy"),
            Self::Splice => ("C sendfile/splice", Kind::Limit, "splice"),
        }
    }

    /// Takes one caller's bytes to stdout, and ends.
    pub(crate) fn receiver(self, setting: &Setting, wire: Wire, place: &Place) -> Command {
        let at = place.text();
        let (certificate, key) = (setting.file("cert.pem"), setting.file("key.pem"));
        let mut command = self.program(setting);
        match (self, wire) {
            (Self::Sockeye, Wire::Tls) => {
                command.args(["listen", "-v", &format!("tls://127.0.0.1:{at}"), "--cert"]);
                command.arg(&certificate).arg("--key").arg(&key)
            }
            (Self::Sockeye, _) => command.args(["listen", "-v", &endpoint(wire, &at)]),
            (Self::Nc, Wire::Unix) => command.args(["-lU", &at]),
            (Self::Nc, _) => command.args(["-l", "127.0.0.1", &at]),
            (Self::Ncat, Wire::Tcp) => command.args(["-l", "--recv-only", "127.0.0.1", &at]),
            (Self::Ncat, Wire::Unix) => command.args(["-l", "--recv-only", "-U", &at]),
            (Self::Ncat, Wire::Tls) => {
                command.args(["-l", "--recv-only", "--ssl", "127.0.0.1", &at, "--ssl-cert"]);
                command.arg(&certificate).arg("--ssl-key").arg(&key)
            }
            (Self::Socat, _) => {
                let from = match wire {
                    Wire::Tcp => format!("TCP-LISTEN:{at},bind=127.0.0.1,reuseaddr"),
                    Wire::Unix => format!("UNIX-LISTEN:{at}"),
                    Wire::Tls => format!(
                        "OPENSSL-LISTEN:{at},bind=127.0.0.1,reuseaddr,verify=0,cert={},key={}",
                        certificate.display(),
                        key.display()
                    ),
                };
                command.args(["-u", "-b131072", &from, "-"])
            }
            (Self::Copy | Self::Splice, _) => command.args(["receive", &at]),
        };
        command
    }

    /// Sends stdin there, and ends.
    pub(crate) fn sender(self, setting: &Setting, wire: Wire, place: &Place) -> Command {
        let at = place.text();
        let mut command = self.program(setting);
        match (self, wire) {
            (Self::Sockeye, Wire::Tls) => {
                command.args(["connect", &endpoint(wire, &at), "--insecure"])
            }
            (Self::Sockeye, _) => command.args(["connect", &endpoint(wire, &at)]),
            (Self::Nc, Wire::Unix) => command.args(["-N", "-U", &at]),
            (Self::Nc, _) => command.args(["-N", "127.0.0.1", &at]),
            (Self::Ncat, Wire::Tcp) => command.args(["--send-only", "127.0.0.1", &at]),
            (Self::Ncat, Wire::Unix) => command.args(["--send-only", "-U", &at]),
            (Self::Ncat, Wire::Tls) => command.args(["--send-only", "--ssl", "127.0.0.1", &at]),
            (Self::Socat, _) => {
                let to = match wire {
                    Wire::Tcp => format!("TCP:127.0.0.1:{at}"),
                    Wire::Unix => format!("UNIX-CONNECT:{at}"),
                    Wire::Tls => format!("OPENSSL:127.0.0.1:{at},verify=0"),
                };
                command.args(["-u", "-b131072", "-", &to])
            }
            (Self::Copy | Self::Splice, _) => command.args(["send", &at]),
        };
        command
    }

    /// Whether its receiver tells how many bytes came: what is spliced is in no count of the
    /// kernel's.
    pub(crate) fn counts_itself(self) -> bool {
        matches!(self, Self::Sockeye | Self::Copy | Self::Splice)
    }

    /// How many bytes its receiver took.
    pub(crate) fn count(self, receiver: &Ended) -> anyhow::Result<u64> {
        if !self.counts_itself() {
            return Ok(receiver.written);
        }
        let before = if self == Self::Sockeye { " B in, " } else { " bytes" };
        let told = receiver.said.lines().rev().find_map(|line| {
            let (head, _) = line.rsplit_once(before)?;
            let digits = head.rsplit_once(' ').map_or(head, |(_, digits)| digits);
            digits.replace(',', "").parse().ok()
        });
        told.with_context(|| format!("no count in `{}`", receiver.said.trim()))
    }

    fn program(self, setting: &Setting) -> Command {
        match self {
            Self::Sockeye => setting.sockeye(),
            Self::Nc => Command::new("nc.openbsd"),
            Self::Ncat => Command::new("ncat"),
            Self::Socat => Command::new("socat"),
            Self::Copy => setting.limit("copy"),
            Self::Splice => setting.limit("splice"),
        }
    }
}

fn endpoint(wire: Wire, at: &str) -> String {
    match wire {
        Wire::Tcp => format!("tcp://127.0.0.1:{at}"),
        Wire::Unix => format!("unix:{at}"),
        Wire::Tls => format!("tls://127.0.0.1:{at}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn told(said: &str) -> Ended {
        let status = std::process::ExitStatus::default();
        Ended { at: Instant::now(), status, written: 7, peak: 0.0, said: said.into() }
    }

    #[test]
    fn reads_the_exact_count_of_the_last_line() {
        let ours = told(
            "listening on tcp://127.0.0.1:1\nclosed first by the peer (FIN): 2.0 GiB in, 0 B out, \
             1.2 s; 2,147,483,648 B in, 0 B out; rtt 20 µs\n",
        );
        assert_eq!(Tool::Sockeye.count(&ours).expect("it is there"), 2_147_483_648);
        assert_eq!(Tool::Copy.count(&told("12 bytes\n")).expect("it is there"), 12);
        assert_eq!(Tool::Ncat.count(&told("")).expect("the kernel counts"), 7);
        assert!(Tool::Splice.count(&told("killed\n")).is_err());
    }
}
