//! Through a proxy to a peer: SOCKS 5 and HTTP's CONNECT, on a connection to the proxy that
//! is open already. What is said is in two state machines without I/O; here is what drives
//! them, the login, and how failures are told.
//!
//! Not one byte more is read than the proxy's answer: what follows is the peer's.

pub mod connect;
pub mod socks5;

use std::fmt;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::Pin;
use std::task::Poll;

use sockeye_text::cause::plain;
use sockeye_text::safe::one_line;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use crate::error::{Code, NetError};
use crate::host::HostPort;
use crate::proxy::Proxy;
use connect::Connect;
use socks5::Socks5;

/// The most bytes that are read at once: no step of either protocol wants more.
const LONGEST_STEP: usize = 512;
/// The longest file with a login, in bytes: RFC 1929 allows 255 for each part.
const LONGEST_LOGIN: u64 = 1024;
/// The first bytes that are shown of one that is no proxy.
const SHOWN: usize = 48;

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes; then read, at most so many.
    Say(Vec<u8>, usize),
    /// Read, at most so many.
    Wait(usize),
    /// The peer is there: every byte from here on is its.
    Through,
}

/// A user's name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name: 1 to 255 bytes, without a `:`.
    user: String,
    /// The password: 1 to 255 bytes.
    password: String,
}

impl Login {
    /// Reads `user:password`, with or without an end of line.
    pub fn parse(text: &str) -> Result<Self, ViaError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let (user, password) = text.split_once(':').ok_or(ViaError::Login("it has no `:`"))?;
        let fits = |part: &str| (1..=255).contains(&part.len());
        if !fits(user) || !fits(password) {
            return Err(ViaError::Login("user and password have 1 to 255 bytes each"));
        }
        if text.contains(char::is_control) {
            return Err(ViaError::Login("it is more than one line, or has control characters"));
        }
        Ok(Self { user: user.to_owned(), password: password.to_owned() })
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// Why there is no way through a proxy.
#[derive(Debug, thiserror::Error)]
pub enum ViaError {
    /// The connection to the proxy broke.
    #[error("the connection to the proxy broke: {}", plain(.0))]
    Io(#[from] io::Error),
    /// The proxy hung up in mid-answer.
    #[error("the proxy hung up before its answer was whole")]
    HungUp,
    /// What answers speaks another protocol; its first bytes.
    #[error("what answers there is no {} proxy: it began with `{}`", kind, first_bytes(first))]
    NoProxy {
        /// The protocol that it should speak.
        kind: &'static str,
        /// What came.
        first: Vec<u8>,
    },
    /// The proxy refused; its words, and the kind of failure.
    #[error("the proxy says: {}", one_line(said))]
    Said {
        /// The kind of failure.
        code: Code,
        /// Its words.
        said: String,
    },
    /// The proxy wants to know who asks, and was told nothing or something wrong.
    #[error("the proxy says: {}", one_line(said))]
    WhoAreYou {
        /// Its words.
        said: String,
        /// Whether a login was given.
        given: bool,
    },
    /// Its answer is longer than any that makes sense.
    #[error("the proxy's answer is longer than {0} bytes")]
    TooLong(usize),
    /// An address that means nothing to another machine, or that does not fit.
    #[error("a proxy cannot be asked for `{0}`: {1}")]
    Target(String, &'static str),
    /// The login is not one; never what stands in it.
    #[error("the login for the proxy cannot be used: {0}")]
    Login(&'static str),
    /// The file with the login cannot be used.
    #[error("cannot use the login in `{}`: {why}", one_line(path))]
    File {
        /// The file.
        path: String,
        /// Why.
        why: String,
        /// The kind of failure.
        code: Code,
    },
}

impl ViaError {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Io(error) => Code::of(error),
            Self::HungUp => Code::Reset,
            Self::NoProxy { .. } | Self::TooLong(_) => Code::Io,
            Self::Said { code, .. } | Self::File { code, .. } => *code,
            Self::WhoAreYou { .. } => Code::Denied,
            Self::Target(..) | Self::Login(_) => Code::Usage,
        }
    }

    /// The next step.
    pub fn hint(&self) -> String {
        match self {
            Self::Said { code: Code::Refused, .. } => {
                "the proxy works, and nothing listens there: check the port, or start the server"
            }
            Self::Said { code: Code::Denied, .. } => "the proxy's own rules forbid it",
            Self::Said { .. } => "the proxy works: check the address as seen from the proxy",
            Self::WhoAreYou { given: false, .. } => {
                "put user:password into a file that only you can read: `via-auth=FILE`"
            }
            Self::WhoAreYou { given: true, .. } => "check user and password in the file",
            Self::NoProxy { .. } | Self::HungUp | Self::TooLong(_) | Self::Io(_) => {
                "check the proxy's address, and whether it is socks5:// or http://"
            }
            Self::Target(..) => "give a name, or an address that the proxy knows too",
            Self::Login(_) => "one line, `user:password`",
            Self::File { code: Code::Denied, .. } => "take its rights away: `chmod 600`",
            Self::File { .. } => "a file with one line, `user:password`, as `via-auth=FILE`",
        }
        .to_owned()
    }

    /// The error of the endpoint that was to be reached.
    pub(crate) fn told(self, address: &str, proxy: &Proxy) -> NetError {
        NetError::Via {
            address: address.to_owned(),
            proxy: proxy.to_string(),
            code: self.code(),
            why: self.to_string(),
            hint: Some(self.hint()),
        }
    }
}

fn first_bytes(first: &[u8]) -> String {
    let text = String::from_utf8_lossy(first.get(..SHOWN).unwrap_or(first)).into_owned();
    one_line(&text).into_owned()
}

/// The login in that file, which others must not be able to read. Waits where the file is a
/// pipe.
pub async fn login(path: &Path) -> Result<Login, ViaError> {
    let fail = |error: &io::Error| ViaError::File {
        path: path.to_string_lossy().into_owned(),
        why: plain(error),
        code: Code::of(error),
    };
    let file = tokio::fs::File::open(path).await.map_err(|error| fail(&error))?;
    let mode = file.metadata().await.map_err(|error| fail(&error))?.permissions().mode();
    if mode & 0o006 != 0 {
        return Err(ViaError::File {
            path: path.to_string_lossy().into_owned(),
            why: format!("everyone on this machine can read or write it (mode {:o})", mode & 0o777),
            code: Code::Denied,
        });
    }
    let mut text = String::new();
    let read = file.take(LONGEST_LOGIN + 1).read_to_string(&mut text).await;
    let count = read.map_err(|error| fail(&error))?;
    if count as u64 > LONGEST_LOGIN {
        return Err(ViaError::Login("it is longer than 1024 bytes"));
    }
    Login::parse(&text)
}

/// Asks the proxy at the other end of the stream for the peer. Afterwards the stream is the
/// peer's, from its first byte on. Has no deadline of its own; not cancel-safe.
pub async fn through<S>(
    stream: &mut S,
    proxy: &Proxy,
    login: Option<Login>,
    target: &HostPort,
) -> Result<(), ViaError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match proxy {
        Proxy::Socks5(_) => {
            let mut talk = Socks5::new(target, login)?;
            drive(stream, |came| talk.next(came)).await
        }
        Proxy::Http(_) => {
            let mut talk = Connect::new(target, login.as_ref())?;
            drive(stream, |came| talk.next(came)).await
        }
    }
}

async fn drive<S>(
    stream: &mut S,
    mut next: impl FnMut(&[u8]) -> Result<Step, ViaError>,
) -> Result<(), ViaError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut space = [0; LONGEST_STEP];
    let mut step = next(&[])?;
    loop {
        let most = match step {
            Step::Through => return Ok(()),
            Step::Wait(most) => most,
            Step::Say(bytes, most) => {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
                most
            }
        };
        let room = space.get_mut(..most.clamp(1, LONGEST_STEP)).unwrap_or_default();
        let count = stream.read(room).await?;
        if count == 0 {
            return Err(ViaError::HungUp);
        }
        step = match next(room.get(..count).unwrap_or_default()) {
            Ok(step) => step,
            Err(ViaError::NoProxy { kind, mut first }) => {
                first.extend(at_hand(stream).await);
                return Err(ViaError::NoProxy { kind, first });
            }
            Err(error) => return Err(error),
        };
    }
}

/// What has come besides, without waiting for more: only to be shown.
async fn at_hand<S: AsyncRead + Unpin>(stream: &mut S) -> Vec<u8> {
    let mut space = [0; SHOWN];
    std::future::poll_fn(|cx| {
        let mut buffer = ReadBuf::new(&mut space);
        let _nothing_or_broken = Pin::new(&mut *stream).poll_read(cx, &mut buffer);
        Poll::Ready(buffer.filled().to_vec())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;
    use tokio::io::duplex;

    fn name() -> HostPort {
        HostPort { host: Host::Name("peer.example".to_owned()), port: 80 }
    }

    /// A proxy that says these bytes one by one whatever it is told; returns how it went,
    /// and what was left for the peer's reader.
    fn met(proxy: &str, says: &[u8]) -> (Result<(), ViaError>, Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut ours, theirs) = duplex(1);
            let says = says.to_vec();
            let (mut ear, mut mouth) = tokio::io::split(theirs);
            let hearing = async move {
                // What it is told is of no interest here.
                drop(tokio::io::copy(&mut ear, &mut tokio::io::sink()).await);
            };
            let saying = async move {
                drop(mouth.write_all(&says).await);
                drop(mouth.shutdown().await);
            };
            let asking = async {
                let proxy = proxy.parse().unwrap();
                let result = through(&mut ours, &proxy, None, &name()).await;
                let mut rest = Vec::new();
                drop(ours.read_to_end(&mut rest).await);
                (result, rest)
            };
            tokio::select! {
                met = async { tokio::join!(saying, asking).1 } => met,
                () = async { hearing.await; std::future::pending().await } => unreachable!(),
            }
        })
    }

    #[test]
    fn the_peers_first_bytes_are_left_to_the_peers_reader() {
        let socks = b"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50hello";
        let http = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nhello";
        for (proxy, says) in [("socks5://h:1", &socks[..]), ("http://h:1", &http[..])] {
            let (result, rest) = met(proxy, says);
            assert!(result.is_ok(), "{proxy}: {result:?}");
            assert_eq!(rest, b"hello", "{proxy}");
        }
    }

    #[test]
    fn a_proxy_that_hangs_up_at_any_byte_is_told() {
        let socks = b"\x05\x00\x05\x00\x00\x03\x04name\x00\x50";
        let http = b"HTTP/1.1 200 OK\r\n\r\n";
        for (proxy, says) in [("socks5://h:1", &socks[..]), ("http://h:1", &http[..])] {
            for end in 0..says.len() {
                let result = met(proxy, &says[..end]).0;
                assert!(matches!(result, Err(ViaError::HungUp)), "{proxy} {end}: {result:?}");
            }
        }
    }

    #[test]
    fn one_that_is_no_proxy_is_told_by_its_first_bytes() {
        for proxy in ["socks5://h:1", "http://h:1"] {
            let error = met(proxy, b"SSH-2.0-OpenSSH\x1b[2J").0.unwrap_err();
            assert!(error.to_string().contains("it began with `S"), "{error}");
            assert!(!error.to_string().contains('\x1b'), "{error}");
        }
    }

    #[test]
    fn a_login_is_one_line_with_a_colon_and_is_never_shown() {
        for good in ["user:pass:word", "user:pass:word\n", "user:pass:word\r\n"] {
            let login = Login::parse(good).unwrap();
            assert_eq!((login.user.as_str(), login.password.as_str()), ("user", "pass:word"));
            assert_eq!(format!("{login:?}"), "Login(…)");
        }
        let long = format!("user:{}", "x".repeat(256));
        for bad in ["secret", "", ":secret", "secret:", "secret:a\nb", long.as_str()] {
            let error = Login::parse(bad).unwrap_err().to_string();
            assert!(!error.contains("secret") && !error.contains("xxx"), "{error}");
        }
    }
}
