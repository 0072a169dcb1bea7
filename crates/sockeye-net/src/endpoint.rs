//! An endpoint: an address that can be opened, how it is written, parsed and shown.
//! Nothing is opened or looked up here.

use std::fmt;
use std::path::PathBuf;

use sockeye_text::nearest::nearest;

use crate::endpoint_error::EndpointError;
use crate::host::{Host, HostPort, host, host_port, port};
use crate::options::Options;

/// The longest path of a Unix socket (unix(7): `sun_path` is 108 bytes with its NUL).
const LONGEST_UNIX: usize = 107;
/// Every scheme.
const SCHEMES: [&str; 6] = ["tcp", "udp", "unix", "unixgram", "exec", "file"];

/// What an endpoint is wanted for: it decides what a missing host means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be called: 127.0.0.1.
    Dial,
    /// To be bound: every address of this machine.
    Listen,
}

/// What a text without a scheme means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bare {
    /// TCP.
    #[default]
    Tcp,
    /// UDP (`-u`).
    Udp,
    /// A Unix stream (`-U`).
    Unix,
    /// Unix datagrams (`-U -u`).
    Unixgram,
}

impl Bare {
    fn scheme(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Unix => "unix",
            Self::Unixgram => "unixgram",
        }
    }
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where, and how carried.
    pub target: Target,
    /// What is asked of the socket.
    pub options: Options,
}

/// Where an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `tcp://host:port`.
    Tcp(HostPort),
    /// `udp://host:port`.
    Udp(HostPort),
    /// `unix:/path` or `unix:@name`.
    Unix(UnixName),
    /// `unixgram:/path` or `unixgram:@name`.
    Unixgram(UnixName),
    /// `exec:CMD ARGS`: never empty.
    Exec(Vec<String>),
    /// `-`: our stdin and stdout.
    Stdio,
    /// `file:PATH`.
    File(PathBuf),
}

/// The name of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnixName {
    /// In the file system.
    Path(PathBuf),
    /// Linux's abstract names, without the leading NUL.
    Abstract(String),
}

impl Endpoint {
    /// Reads an endpoint; a text without a scheme is TCP.
    pub fn parse(text: &str, purpose: Purpose) -> Result<Self, EndpointError> {
        Self::parse_with(text, purpose, Bare::Tcp)
    }

    /// Reads an endpoint; a text without a scheme is what `bare` says, and one whose scheme
    /// contradicts `bare` is refused.
    pub fn parse_with(text: &str, purpose: Purpose, bare: Bare) -> Result<Self, EndpointError> {
        if text.contains('\0') {
            return Err(EndpointError::new(text, "a NUL cannot be part of it"));
        }
        if text == "-" {
            return Ok(Self { target: Target::Stdio, options: Options::default() });
        }
        let Some((scheme, rest)) = split_scheme(text)? else {
            return Self::with_scheme(bare.scheme(), text, purpose).map_err(|e| e.of(text));
        };
        if bare != Bare::Tcp && bare.scheme() != scheme {
            let flag = if bare == Bare::Udp { "-u" } else { "-U" };
            return Err(EndpointError::new(text, format!("`{flag}` contradicts `{scheme}:`")));
        }
        Self::with_scheme(scheme, rest, purpose).map_err(|error| error.of(text))
    }

    /// Reads a host and a port given as two words; an IPv6 address needs no brackets.
    pub fn from_words(
        host_text: &str,
        port_text: &str,
        purpose: Purpose,
        bare: Bare,
    ) -> Result<Self, EndpointError> {
        let host = match host_text {
            "" => missing_host(purpose),
            text => host(text)?,
        };
        let at = HostPort { host, port: port(port_text)? };
        let target = match bare {
            Bare::Tcp => Target::Tcp(at),
            Bare::Udp => Target::Udp(at),
            Bare::Unix | Bare::Unixgram => {
                return Err(EndpointError::new(host_text, "a Unix socket has a path, no port"));
            }
        };
        Ok(Self { target, options: Options::default() })
    }

    /// `tcp`, `udp`, `unix`, `unixgram`, `exec`, `stdio` or `file`.
    pub fn scheme(&self) -> &'static str {
        match self.target {
            Target::Tcp(_) => "tcp",
            Target::Udp(_) => "udp",
            Target::Unix(_) => "unix",
            Target::Unixgram(_) => "unixgram",
            Target::Exec(_) => "exec",
            Target::Stdio => "stdio",
            Target::File(_) => "file",
        }
    }

    /// `rest` is what follows `scheme:`, without the `//` of an internet scheme.
    fn with_scheme(scheme: &str, rest: &str, purpose: Purpose) -> Result<Self, EndpointError> {
        if scheme == "exec" {
            let target = Target::Exec(split_command(rest)?);
            return Ok(Self { target, options: Options::default() });
        }
        let (place, query) = match rest.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (rest, None),
        };
        let options = match query {
            Some(query) => Options::parse(query, scheme)?,
            None => Options::default(),
        };
        let target = match scheme {
            "tcp" => Target::Tcp(host_port(place, &missing_host(purpose))?),
            "udp" => Target::Udp(host_port(place, &missing_host(purpose))?),
            "unix" => Target::Unix(unix_name(place)?),
            "unixgram" => Target::Unixgram(unix_name(place)?),
            _ => match decoded(place)? {
                path if path.is_empty() => {
                    return Err(EndpointError::new(rest, "the path is missing"));
                }
                path => Target::File(PathBuf::from(path)),
            },
        };
        Ok(Self { target, options })
    }
}

fn missing_host(purpose: Purpose) -> Host {
    match purpose {
        Purpose::Dial => Host::V4(std::net::Ipv4Addr::LOCALHOST),
        Purpose::Listen => Host::Any,
    }
}

/// The scheme and what follows it; none where the text names no scheme.
fn split_scheme(text: &str) -> Result<Option<(&'static str, &str)>, EndpointError> {
    let Some((name, rest)) = text.split_once(':') else {
        return Ok(None);
    };
    let internet = rest.strip_prefix("//");
    let known = SCHEMES.into_iter().find(|scheme| *scheme == name);
    match (known, internet) {
        (Some(scheme @ ("tcp" | "udp")), Some(rest)) => Ok(Some((scheme, rest))),
        (Some(scheme @ ("tcp" | "udp")), None) => {
            let error = EndpointError::new(text, format!("after `{scheme}:` comes `//`"));
            Err(error.hinting(format!("as in {scheme}://127.0.0.1:8888")))
        }
        (Some(scheme), _) => Ok(Some((scheme, rest))),
        (None, Some(_)) => {
            let error = EndpointError::new(text, format!("there is no scheme `{name}`"));
            Err(match nearest(name, SCHEMES) {
                Some(near) => error.hinting(format!("did you mean `{near}`?")),
                None => error.hinting(format!("the schemes are {}", SCHEMES.join(", "))),
            })
        }
        (None, None) => Ok(None),
    }
}

fn split_command(text: &str) -> Result<Vec<String>, EndpointError> {
    let words = shell_words::split(text)
        .map_err(|_| EndpointError::new(text, "a quote in the command is not closed"))?;
    if words.first().is_none_or(String::is_empty) {
        return Err(EndpointError::new(text, "the command is missing").hinting("as in exec:cat"));
    }
    Ok(words)
}

fn unix_name(text: &str) -> Result<UnixName, EndpointError> {
    let name = decoded(text)?;
    if name.is_empty() || name == "@" {
        return Err(EndpointError::new(text, "the path is missing")
            .hinting("as in unix:/tmp/talk.sock or unix:@name"));
    }
    if name.len() > LONGEST_UNIX {
        let why = format!("a Unix socket's path has at most {LONGEST_UNIX} bytes");
        return Err(EndpointError::new(text, why).hinting("take a shorter path"));
    }
    Ok(match name.strip_prefix('@') {
        Some(name) => UnixName::Abstract(name.to_owned()),
        None => UnixName::Path(PathBuf::from(name)),
    })
}

/// A path with its `%XX` read (RFC 3986, 2.1).
fn decoded(text: &str) -> Result<String, EndpointError> {
    let fail = |why| EndpointError::new(text, why);
    if text.contains('#') {
        return Err(fail("`#` in a path is written %23"));
    }
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, part.get(2..)) {
            (Some(0), _) => return Err(fail("a NUL cannot be part of it")),
            (Some(byte), Some(rest)) if !part.starts_with('+') => {
                bytes.push(byte);
                bytes.extend_from_slice(rest.as_bytes());
            }
            _ => return Err(fail("after `%` stand two hex digits (`%` itself is %25)")),
        }
    }
    String::from_utf8(bytes).map_err(|_| fail("the path is not UTF-8"))
}

/// A path with what has a meaning of its own written as `%XX`.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '?' => out.push_str("%3F"),
            '#' => out.push_str("%23"),
            c => out.push(c),
        }
    }
    out
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme();
        match &self.target {
            Target::Tcp(at) | Target::Udp(at) => write!(f, "{scheme}://{at}")?,
            Target::Unix(UnixName::Path(path)) | Target::Unixgram(UnixName::Path(path)) => {
                write!(f, "{scheme}:{}", encoded(&path.to_string_lossy()))?;
            }
            Target::Unix(UnixName::Abstract(name)) | Target::Unixgram(UnixName::Abstract(name)) => {
                write!(f, "{scheme}:@{}", encoded(name))?;
            }
            Target::Exec(argv) => write!(f, "exec:{}", shell_words::join(argv))?,
            Target::Stdio => f.write_str("-")?,
            Target::File(path) => write!(f, "file:{}", encoded(&path.to_string_lossy()))?,
        }
        write!(f, "{}", self.options)
    }
}
