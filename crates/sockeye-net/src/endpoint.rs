//! An endpoint: an address that can be opened, how it is written, parsed and shown.
//! Nothing is opened or looked up here.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use crate::endpoint_error::EndpointError;
use crate::host::{Host, HostPort, host, host_port, port};
use crate::options::Options;
use crate::percent::{decoded, encoded};
use crate::scheme;
use crate::unix_name::{UnixName, unix_name};
use crate::web_address::WebAddress;

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

    fn flag(self) -> &'static str {
        match self {
            Self::Tcp => "",
            Self::Udp => "-u",
            Self::Unix => "-U",
            Self::Unixgram => "-U -u",
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
    /// `tls://host:port`.
    Tls(HostPort),
    /// `ws://host:port/path`, `wss://host:port/path`.
    Ws(WebAddress),
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
    /// `serial:PATH`.
    Serial(PathBuf),
    /// `fd:N`: a socket that was bound for us and passed on, as by systemd.
    Fd(u32),
}

impl Endpoint {
    /// Reads an endpoint; a text without a scheme is TCP.
    pub fn parse(text: &str, purpose: Purpose) -> Result<Self, EndpointError> {
        Self::parse_with(text, purpose, Bare::Tcp)
    }

    /// Reads an endpoint; a text without a scheme is what `bare` says, and one whose scheme
    /// contradicts `bare` is refused.
    pub fn parse_with(text: &str, purpose: Purpose, bare: Bare) -> Result<Self, EndpointError> {
        match scheme::split(text)? {
            Some((scheme, _)) if bare != Bare::Tcp && bare.scheme() != scheme => {
                let why = format!("`{}` contradicts `{scheme}:`", bare.flag());
                let hint = "leave the flag out: the endpoint says what it is";
                Err(EndpointError::new(text, why).hinting(hint))
            }
            _ => Self::parse_usually(text, purpose, bare),
        }
    }

    /// The same where nobody has said by a flag what a text without a scheme is: it is what
    /// is usual there, and any scheme goes before that.
    pub fn parse_usually(text: &str, purpose: Purpose, usual: Bare) -> Result<Self, EndpointError> {
        if text.contains('\0') {
            return Err(EndpointError::new(text, "a NUL cannot be part of it"));
        }
        if text == "-" {
            return Ok(Self { target: Target::Stdio, options: Options::default() });
        }
        if let Some((scheme, rest)) = scheme::split(text)? {
            return Self::with_scheme(scheme, rest, purpose).map_err(|error| error.of(text));
        }
        let read = Self::with_scheme(usual.scheme(), text, purpose);
        read.map_err(|error| match usual {
            Bare::Tcp | Bare::Udp => scheme::doubted(error.of(text), text),
            Bare::Unix | Bare::Unixgram => error.of(text),
        })
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
            text if text.contains("://") => {
                let error = EndpointError::new(text, "a host by itself has no scheme");
                return Err(error.hinting(format!("write one word: {text}:{port_text}")));
            }
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

    /// The word before the `:`; `stdio` for `-`.
    pub fn scheme(&self) -> &'static str {
        match &self.target {
            Target::Tcp(_) => "tcp",
            Target::Udp(_) => "udp",
            Target::Tls(_) => "tls",
            Target::Ws(web) => web.scheme(),
            Target::Serial(_) => "serial",
            Target::Fd(_) => "fd",
            Target::Unix(_) => "unix",
            Target::Unixgram(_) => "unixgram",
            Target::Exec(_) => "exec",
            Target::Stdio => "stdio",
            Target::File(_) => "file",
        }
    }

    /// The host and the port of an internet endpoint.
    pub fn at(&self) -> Option<&HostPort> {
        match &self.target {
            Target::Tcp(at) | Target::Udp(at) | Target::Tls(at) => Some(at),
            Target::Ws(web) => Some(&web.at),
            _ => None,
        }
    }

    /// Whether it is inside TLS.
    pub fn speaks_tls(&self) -> bool {
        match &self.target {
            Target::Tls(_) => true,
            Target::Ws(web) => web.secure,
            _ => false,
        }
    }

    /// Whether it is for datagrams.
    pub fn is_datagram(&self) -> bool {
        matches!(self.target, Target::Udp(_) | Target::Unixgram(_))
    }

    /// Loopback where no address was given: for what lets a caller act on this machine.
    pub fn narrow(&mut self) {
        if let Some(at) = self.at_mut()
            && at.host == Host::Any
        {
            at.host = Host::V4(Ipv4Addr::LOCALHOST);
        }
    }

    /// The host and the port, to be changed.
    pub fn at_mut(&mut self) -> Option<&mut HostPort> {
        match &mut self.target {
            Target::Tcp(at) | Target::Udp(at) | Target::Tls(at) => Some(at),
            Target::Ws(web) => Some(&mut web.at),
            _ => None,
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
        let target = match scheme {
            "tcp" => Target::Tcp(host_port(place, &missing_host(purpose))?),
            "udp" => Target::Udp(host_port(place, &missing_host(purpose))?),
            "tls" => Target::Tls(host_port(place, &missing_host(purpose))?),
            "ws" | "wss" => {
                let web = WebAddress::parse(scheme == "wss", place, &missing_host(purpose));
                Target::Ws(web?)
            }
            "fd" => Target::Fd(descriptor(place)?),
            "unix" => Target::Unix(unix_name(place)?),
            "unixgram" => Target::Unixgram(unix_name(place)?),
            "serial" => Target::Serial(path(place, rest)?),
            _ => Target::File(path(place, rest)?),
        };
        let options = match query {
            Some(query) => Options::parse(query, scheme).map_err(|error| match &target {
                Target::Ws(_) => error.hinting_too(
                    "a query that is meant for the server is written with %3F for its `?`",
                ),
                _ => error,
            })?,
            None => Options::default(),
        };
        Ok(Self { target, options })
    }
}

fn missing_host(purpose: Purpose) -> Host {
    match purpose {
        Purpose::Dial => Host::V4(Ipv4Addr::LOCALHOST),
        Purpose::Listen => Host::Any,
    }
}

fn path(place: &str, whole: &str) -> Result<PathBuf, EndpointError> {
    match decoded(place)? {
        path if path.is_empty() => Err(EndpointError::new(whole, "the path is missing")),
        path => Ok(PathBuf::from(path)),
    }
}

/// The number of a descriptor; 0 to 2 are our own stdio.
fn descriptor(text: &str) -> Result<u32, EndpointError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits && number > 2 => Ok(number),
        _ => Err(EndpointError::new(text, "after `fd:` stands a descriptor's number from 3 up")
            .hinting("as in fd:3, the first socket that systemd passes on")),
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

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme();
        match &self.target {
            Target::Tcp(at) | Target::Udp(at) | Target::Tls(at) => write!(f, "{scheme}://{at}")?,
            Target::Ws(web) => write!(f, "{web}")?,
            Target::Unix(name) | Target::Unixgram(name) => write!(f, "{scheme}:{name}")?,
            Target::Exec(argv) => write!(f, "exec:{}", shell_words::join(argv))?,
            Target::Stdio => f.write_str("-")?,
            Target::File(path) | Target::Serial(path) => {
                write!(f, "{scheme}:{}", encoded(&path.to_string_lossy()))?;
            }
            Target::Fd(number) => write!(f, "fd:{number}")?,
        }
        write!(f, "{}", self.options)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(text: &str, bare: Bare) -> String {
        match Endpoint::parse_with(text, Purpose::Dial, bare) {
            Ok(endpoint) => endpoint.to_string(),
            Err(error) => format!("{error} | {}", error.hint().unwrap_or_default()),
        }
    }

    #[test]
    fn names_the_flags_that_a_scheme_contradicts() {
        for (text, bare, said) in [
            ("tcp://h:1", Bare::Udp, "`-u` contradicts `tcp:`"),
            ("unixgram:/x", Bare::Unix, "`-U` contradicts `unixgram:`"),
            ("unix:/x", Bare::Unixgram, "`-U -u` contradicts `unix:`"),
        ] {
            let got = with(text, bare);
            assert!(got.contains(said) && got.contains("leave the flag out"), "{got}");
        }
    }

    #[test]
    fn a_bare_path_may_hold_colons_and_slashes() {
        assert_eq!(with("/tmp/a://b", Bare::Unix), "unix:/tmp/a://b");
        assert_eq!(with("a:/b", Bare::Unixgram), "unixgram:a:/b");
    }

    #[test]
    fn a_scheme_misspelt_is_told_before_the_options_it_has() {
        let got = with("gpib:/dev/gpib0?baud=9600", Bare::Tcp);
        assert!(got.contains("the schemes are") && !got.contains("baud`"), "{got}");
        assert!(with("unx:/tmp/x?mode=600", Bare::Tcp).contains("did you mean `unix`?"));
    }

    #[test]
    fn two_words_with_a_scheme_are_told_to_be_one() {
        let error = Endpoint::from_words("tcp://h", "80", Purpose::Dial, Bare::Tcp).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("write one word: tcp://h:80"));
    }

    fn a_host() -> impl Strategy<Value = Host> {
        prop_oneof![
            Just(Host::Any),
            any::<std::net::Ipv4Addr>().prop_map(Host::V4),
            (any::<std::net::Ipv6Addr>(), proptest::option::of("[a-zA-Z0-9._-]{1,15}"))
                .prop_map(|(address, scope)| Host::V6(address, scope)),
            "[a-zA-Z_][a-zA-Z0-9_-]{0,62}(\\.[a-z0-9]{1,63}){0,2}\\.?".prop_map(Host::Name),
        ]
    }

    fn a_place() -> impl Strategy<Value = HostPort> {
        (a_host(), any::<u16>()).prop_map(|(host, port)| HostPort { host, port })
    }

    fn a_unix_name() -> impl Strategy<Value = UnixName> {
        let name = "[^\0]{1,26}";
        prop_oneof![
            name.prop_map(|path| UnixName::Path(PathBuf::from(path))),
            "@[a-z@]{0,20}".prop_map(|path| UnixName::Path(PathBuf::from(path))),
            name.prop_map(UnixName::Abstract),
        ]
    }

    fn a_target() -> impl Strategy<Value = Target> {
        let words = proptest::collection::vec("[^\0]{0,8}", 0..4);
        prop_oneof![
            a_place().prop_map(Target::Tcp),
            a_place().prop_map(Target::Udp),
            a_place().prop_map(Target::Tls),
            (any::<bool>(), a_place(), "(/[^\0]{0,20})?").prop_map(|(secure, at, path)| {
                let path = if path.is_empty() { "/".to_owned() } else { path };
                Target::Ws(WebAddress { secure, at, path })
            }),
            "[^\0]{1,40}".prop_map(|path| Target::Serial(PathBuf::from(path))),
            (3..u32::MAX).prop_map(Target::Fd),
            a_unix_name().prop_map(Target::Unix),
            a_unix_name().prop_map(Target::Unixgram),
            ("[^\0]{1,8}", words).prop_map(|(program, rest)| {
                Target::Exec(std::iter::once(program).chain(rest).collect())
            }),
            Just(Target::Stdio),
            "[^\0]{1,40}".prop_map(|path| Target::File(PathBuf::from(path))),
        ]
    }

    proptest! {
        #[test]
        fn every_target_is_read_back_as_it_was_printed(target in a_target(), dials in any::<bool>()) {
            let purpose = if dials { Purpose::Dial } else { Purpose::Listen };
            let endpoint = Endpoint { target, options: Options::default() };
            let printed = endpoint.to_string();
            prop_assert_eq!(Endpoint::parse(&printed, purpose), Ok(endpoint), "{}", printed);
        }

        #[test]
        fn what_is_nearly_an_endpoint_is_read_and_printed_alike_or_refused_safely(
            parts in proptest::collection::vec(PARTS, 0..7),
            bare in proptest::sample::select(&BARE[..]),
            dials in any::<bool>(),
        ) {
            let text = parts.concat();
            let purpose = if dials { Purpose::Dial } else { Purpose::Listen };
            match Endpoint::parse_with(&text, purpose, bare) {
                Ok(endpoint) => {
                    let printed = endpoint.to_string();
                    prop_assert_eq!(Endpoint::parse(&printed, purpose), Ok(endpoint), "{}", printed);
                }
                Err(error) => {
                    let said = format!("{error}{}", error.hint().unwrap_or_default());
                    prop_assert!(!said.contains(char::is_control), "{:?}", said);
                }
            }
        }
    }

    #[test]
    fn what_is_usual_contradicts_no_scheme() {
        let usually = |text| Endpoint::parse_usually(text, Purpose::Dial, Bare::Udp);
        assert_eq!(usually("h:1").unwrap().to_string(), "udp://h:1");
        assert_eq!(usually("tcp://h:1").unwrap().to_string(), "tcp://h:1");
        assert!(usually("h:1?nodelay").is_err());
    }

    /// What endpoints are made of, and what has no business in them.
    const PARTS: &str = "tcp://|udp://|tls://|wss?://|serial:|fd:|unix:|unixgram:|exec:|file:|localhost|10\\.0\\.0\\.1|\
                         \\[::1\\]|\\[fe80::1%lo\\]|\\*|:|::|@|/|/tmp/a|80|:80|:65536|%|%41|%3F|\
                         \\?|&|nodelay|ttl=4|bind=|mode=600|append|rcvbuf=1MiB|linger=1\\.5s|\
                         =|#|-|'|\"|\\\\| |\n|\x1b\\[2J|\u{202e}|é|\\PC";
    const BARE: [Bare; 4] = [Bare::Tcp, Bare::Udp, Bare::Unix, Bare::Unixgram];
}
