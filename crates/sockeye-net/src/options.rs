//! The options of an endpoint: `?name=value&name`. One table says which there are, which
//! schemes have them, how they are read and how they are printed.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use sockeye_text::nearest::nearest;

use crate::endpoint_error::EndpointError;
use crate::host::HostPort;
use crate::option_values::{
    List, count, groups, groups_text, interface, list, local, namespace, octal, path, path_text,
    size, small, switch, time, time_text, value_text, word,
};
use crate::pin::Pin;
use crate::proxy::Proxy;
use crate::serial::settings::{Baud, Data, Flow, Level, Parity, Rs485, Settings, Stop};

/// What an endpoint asks of its socket. Unset: the system's way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one flag of the endpoint's text, on or not there"
)]
pub struct Options {
    /// The local address to dial from.
    pub bind: Option<HostPort>,
    /// `TCP_NODELAY`: small writes go out at once.
    pub nodelay: bool,
    /// `SO_REUSEPORT`: several programs share the port.
    pub reuseport: bool,
    /// `SO_REUSEADDR` (always on for a listening TCP socket).
    pub reuseaddr: bool,
    /// `IP_TTL` or `IPV6_UNICAST_HOPS`; to a multicast group `IP_MULTICAST_TTL` or
    /// `IPV6_MULTICAST_HOPS`, which is 1 unless set: no further than this network.
    pub ttl: Option<u8>,
    /// `IP_TOS` or `IPV6_TCLASS`.
    pub tos: Option<u8>,
    /// `SO_RCVBUF`, in bytes.
    pub rcvbuf: Option<u64>,
    /// `SO_SNDBUF`, in bytes.
    pub sndbuf: Option<u64>,
    /// How long name and connect together may take.
    pub connect_timeout: Option<Duration>,
    /// `SO_KEEPALIVE` with this idle time and interval.
    pub keepalive: Option<Duration>,
    /// `SO_LINGER`.
    pub linger: Option<Duration>,
    /// Connections not yet accepted that the kernel keeps.
    pub backlog: Option<u32>,
    /// `IPV6_V6ONLY`: an IPv6 socket takes no IPv4.
    pub v6only: bool,
    /// `SO_BROADCAST` (on by itself for a broadcast address).
    pub broadcast: bool,
    /// The network interface: `SO_BINDTODEVICE`; of a multicast group the interface that it
    /// is joined on and sent to by (`IP_MULTICAST_IF`).
    pub iface: Option<String>,
    /// The network namespace that the socket is made in, by its name under `/run/netns`.
    /// Names are looked up outside of it.
    pub netns: Option<String>,
    /// Multicast groups to be joined beside the endpoint's own.
    pub group: Option<Vec<IpAddr>>,
    /// `IP_MULTICAST_LOOP`: whether this machine hears what it sends to a group.
    pub multicast_loop: Option<bool>,
    /// The proxy that the connection goes through.
    pub via: Option<Proxy>,
    /// The file with `user:password` for the proxy.
    pub via_auth: Option<PathBuf>,
    /// The mode of a Unix socket's file, in octal.
    pub mode: Option<u32>,
    /// A file is written to at its end.
    pub append: bool,
    /// A file that is there is replaced.
    pub overwrite: bool,
    /// A PEM file of the authorities that are trusted instead of this machine's.
    pub ca: Option<PathBuf>,
    /// The one certificate that is accepted, whoever signed it.
    pub pin: Option<Pin>,
    /// Any certificate is accepted: nobody knows who is at the other end.
    pub insecure: bool,
    /// The name that is asked for and that the certificate must have (RFC 6066, section 3).
    pub sni: Option<String>,
    /// The protocols offered, best first (RFC 7301).
    pub alpn: Option<List>,
    /// A PEM file of our own certificate, with those that lead to its root.
    pub cert: Option<PathBuf>,
    /// A PEM file of its key.
    pub key: Option<PathBuf>,
    /// A PEM file of the authorities one of which must have signed a client's certificate.
    pub client_ca: Option<PathBuf>,
    /// The subprotocols offered or taken, best first (RFC 6455, section 1.9).
    pub subprotocol: Option<List>,
    /// The `Origin` that is sent.
    pub origin: Option<String>,
    /// A ping so often.
    pub ping: Option<Duration>,
    /// What is sent is text.
    pub text: bool,
    /// What is sent is binary.
    pub binary: bool,
    /// The largest message that is taken, in bytes.
    pub max_message: Option<u64>,
    /// Of a serial port: bits a second.
    pub baud: Option<Baud>,
    /// Bits of a character.
    pub data: Option<Data>,
    /// The parity bit.
    pub parity: Option<Parity>,
    /// Stop bits.
    pub stop: Option<Stop>,
    /// Who may hold whom up.
    pub flow: Option<Flow>,
    /// DTR, from the start.
    pub dtr: Option<Level>,
    /// RTS, from the start.
    pub rts: Option<Level>,
    /// RS-485.
    pub rs485: Option<Rs485>,
}

type Read = fn(&mut Options, &str) -> Result<(), String>;
type Print = fn(&Options) -> Option<String>;
type Test = fn(&Options) -> bool;

/// One option: its name, its schemes, whether it takes a value, and both ways.
struct Known {
    name: &'static str,
    schemes: &'static [&'static str],
    valued: bool,
    read: Read,
    print: Print,
}

const INET: &[&str] = &["tcp", "udp", "tls", "ws", "wss"];
const TCP: &[&str] = &["tcp", "tls", "ws", "wss"];
const TLS: &[&str] = &["tls", "wss"];
const SERIAL: &[&str] = &["serial"];
const WEB: &[&str] = &["ws", "wss"];
const UDP: &[&str] = &["udp"];
const SOCKETS: &[&str] = &["tcp", "udp", "tls", "ws", "wss", "unix", "unixgram"];
const UNIX: &[&str] = &["unix", "unixgram"];
const STREAMS: &[&str] = &["tcp", "tls", "ws", "wss", "unix"];
const FILES: &[&str] = &["file"];

/// A row of the table for a flag.
macro_rules! flag {
    ($name:literal, $schemes:expr, $field:ident) => {
        Known {
            name: $name,
            schemes: $schemes,
            valued: false,
            read: |options, _| {
                options.$field = true;
                Ok(())
            },
            print: |options| options.$field.then(String::new),
        }
    };
}

/// A row of the table for a value.
macro_rules! value {
    ($name:literal, $schemes:expr, $field:ident, $read:expr, $print:expr) => {
        Known {
            name: $name,
            schemes: $schemes,
            valued: true,
            read: |options, text| {
                options.$field = Some($read(text)?);
                Ok(())
            },
            print: |options| options.$field.as_ref().map($print),
        }
    };
}

/// Every option, in the order in which they are printed.
const TABLE: &[Known] = &[
    value!("bind", INET, bind, local, HostPort::to_string),
    flag!("nodelay", TCP, nodelay),
    flag!("reuseport", INET, reuseport),
    flag!("reuseaddr", INET, reuseaddr),
    value!("ttl", INET, ttl, small, u8::to_string),
    value!("tos", INET, tos, small, u8::to_string),
    value!("rcvbuf", SOCKETS, rcvbuf, size, u64::to_string),
    value!("sndbuf", SOCKETS, sndbuf, size, u64::to_string),
    value!("connect-timeout", INET, connect_timeout, time, time_text),
    value!("keepalive", TCP, keepalive, time, time_text),
    value!("linger", TCP, linger, time, time_text),
    value!("backlog", STREAMS, backlog, count, u32::to_string),
    flag!("v6only", INET, v6only),
    flag!("broadcast", UDP, broadcast),
    value!("iface", INET, iface, interface, String::clone),
    value!("netns", INET, netns, namespace, String::clone),
    value!("group", UDP, group, groups, |groups| groups_text(groups)),
    value!("loop", UDP, multicast_loop, switch, |on| if *on { "on" } else { "off" }.to_owned()),
    value!("via", TCP, via, str::parse::<Proxy>, Proxy::to_string),
    value!("via-auth", TCP, via_auth, path, |path| path_text(path)),
    value!("mode", UNIX, mode, octal, |mode| format!("{mode:o}")),
    flag!("append", FILES, append),
    flag!("overwrite", FILES, overwrite),
    value!("ca", TLS, ca, path, |path| path_text(path)),
    value!("pin", TLS, pin, str::parse, Pin::to_string),
    flag!("insecure", TLS, insecure),
    value!("sni", TLS, sni, word, |sni| value_text(sni)),
    value!("alpn", TLS, alpn, list, List::to_string),
    value!("cert", TLS, cert, path, |path| path_text(path)),
    value!("key", TLS, key, path, |path| path_text(path)),
    value!("client-ca", TLS, client_ca, path, |path| path_text(path)),
    value!("subprotocol", WEB, subprotocol, list, List::to_string),
    value!("origin", WEB, origin, word, |origin| value_text(origin)),
    value!("ping", WEB, ping, time, time_text),
    flag!("text", WEB, text),
    flag!("binary", WEB, binary),
    value!("max-message", WEB, max_message, size, u64::to_string),
    value!("baud", SERIAL, baud, str::parse, Baud::to_string),
    value!("data", SERIAL, data, str::parse, Data::to_string),
    value!("parity", SERIAL, parity, str::parse, Parity::to_string),
    value!("stop", SERIAL, stop, str::parse, Stop::to_string),
    value!("flow", SERIAL, flow, str::parse, Flow::to_string),
    value!("dtr", SERIAL, dtr, str::parse, Level::to_string),
    value!("rts", SERIAL, rts, str::parse, Level::to_string),
    value!("rs485", SERIAL, rs485, str::parse, Rs485::to_string),
];

/// Options that contradict each other.
const EXCLUSIVE: [(&str, &str, Test); 4] = [
    ("append", "overwrite", |options| options.append && options.overwrite),
    ("insecure", "pin", |options| options.insecure && options.pin.is_some()),
    ("insecure", "ca", |options| options.insecure && options.ca.is_some()),
    ("text", "binary", |options| options.text && options.binary),
];

impl Options {
    /// How a serial port is to be set.
    pub fn serial(&self) -> Settings {
        let usual = Settings::default();
        Settings {
            baud: self.baud.unwrap_or(usual.baud),
            data: self.data.unwrap_or(usual.data),
            parity: self.parity.unwrap_or(usual.parity),
            stop: self.stop.unwrap_or(usual.stop),
            flow: self.flow.unwrap_or(usual.flow),
            dtr: self.dtr,
            rts: self.rts,
            rs485: self.rs485,
            ..usual
        }
    }

    /// The options that endpoints of a scheme have, in the order in which they are printed: the
    /// name of each, and whether it takes a value.
    pub fn of(scheme: &str) -> impl Iterator<Item = (&'static str, bool)> {
        let known = TABLE.iter().filter(move |known| known.schemes.contains(&scheme));
        known.map(|known| (known.name, known.valued))
    }

    /// Reads what follows the `?` of an endpoint of that scheme.
    pub(crate) fn parse(query: &str, scheme: &str) -> Result<Self, EndpointError> {
        let mut options = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for part in query.split('&') {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (part, None),
            };
            if name.is_empty() {
                return Err(EndpointError::new(query, "after a `?` or `&` an option is missing"));
            }
            let known = look_up(name, scheme)?;
            if seen.contains(&name) {
                return Err(EndpointError::new(query, format!("the option `{name}` stands twice")));
            }
            seen.push(name);
            let read = match (known.valued, value) {
                (true, Some(value)) => (known.read)(&mut options, value),
                (false, None) => (known.read)(&mut options, ""),
                (true, None) => Err(format!("`{name}` wants a value: `{name}=…`")),
                (false, Some(_)) => Err(format!("`{name}` takes no value")),
            };
            read.map_err(|why| {
                EndpointError::new(query, format!("in option `{name}`: {why}"))
                    .hinting(format!("the README shows `{name}` under Endpoints"))
            })?;
        }
        if let Some((one, other, _)) = EXCLUSIVE.iter().find(|(_, _, both)| both(&options)) {
            let why = format!("`{one}` and `{other}` exclude each other");
            return Err(EndpointError::new(query, why));
        }
        options.serial().check().map_err(|why| EndpointError::new(query, why))?;
        if options.via.is_none() && options.via_auth.is_some() {
            let error = EndpointError::new(query, "`via-auth` is for a proxy, and none is named");
            return Err(error.hinting("as in via=socks5://127.0.0.1:1080&via-auth=FILE"));
        }
        Ok(options)
    }

    /// Whether a call with these options sets out in the network of a socket that is bound
    /// with those: in the same namespace, and through no proxy.
    pub fn sets_out_beside(&self, bound: &Self) -> bool {
        self.netns == bound.netns && self.via.is_none()
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut mark = '?';
        for known in TABLE {
            let Some(value) = (known.print)(self) else {
                continue;
            };
            f.write_char(mark)?;
            f.write_str(known.name)?;
            if known.valued {
                write!(f, "={value}")?;
            }
            mark = '&';
        }
        Ok(())
    }
}

fn look_up(name: &str, scheme: &str) -> Result<&'static Known, EndpointError> {
    let here = || TABLE.iter().filter(|known| known.schemes.contains(&scheme));
    if let Some(known) = here().find(|known| known.name == name) {
        return Ok(known);
    }
    if let Some(other) = TABLE.iter().find(|known| known.name == name) {
        let why = format!("`{scheme}:` has no option `{name}`: {} has", other.schemes.join(", "));
        return Err(EndpointError::new(name, why));
    }
    let error = EndpointError::new(name, format!("there is no option `{name}`"));
    let all = here().map(|known| known.name).collect::<Vec<_>>();
    Err(match nearest(name, all.iter().copied()) {
        Some(near) => error.hinting(format!("did you mean `{near}`?")),
        None if all.is_empty() => error.hinting(format!("`{scheme}:` has no options")),
        None => error.hinting(format!("the options of `{scheme}:` are {}", all.join(", "))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, scheme: &str) -> Result<String, String> {
        Options::parse(query, scheme)
            .map(|options| options.to_string())
            .map_err(|error| format!("{error} | {}", error.hint().unwrap_or_default()))
    }

    #[test]
    fn prints_in_the_order_of_the_table_whatever_was_written_first() {
        let written = "v6only&linger=0&tos=16&reuseaddr&bind=:5000&nodelay";
        let printed = "?bind=*:5000&nodelay&reuseaddr&tos=16&linger=0s&v6only";
        assert_eq!(read(written, "tcp").as_deref(), Ok(printed));
    }

    #[test]
    fn bind_takes_an_address_without_a_port_but_none_that_could_be_read_two_ways() {
        assert_eq!(read("bind=10.0.0.1", "udp").as_deref(), Ok("?bind=10.0.0.1:0"));
        assert_eq!(read("bind=[::1]", "udp").as_deref(), Ok("?bind=[::1]:0"));
        assert_eq!(read("bind=[fe80::1%lo]:7", "udp").as_deref(), Ok("?bind=[fe80::1%lo]:7"));
        let refused = read("bind=::1:80", "udp").unwrap_err();
        assert!(refused.contains("wants brackets (write [::1]:80)"), "{refused}");
    }

    #[test]
    fn a_number_has_no_sign() {
        for (query, scheme) in [("ttl=+4", "tcp"), ("backlog=+5", "tcp"), ("mode=+600", "unix")] {
            let refused = read(query, scheme).unwrap_err();
            assert!(refused.contains("is no "), "{refused}");
        }
    }

    #[test]
    fn says_that_an_option_is_missing() {
        for query in ["", "&", "nodelay&", "nodelay&&ttl=4", "=4"] {
            let refused = read(query, "tcp").unwrap_err();
            assert!(refused.contains("an option is missing"), "{query}: {refused}");
        }
    }

    #[test]
    fn each_option_is_refused_by_the_schemes_that_do_not_have_it_saying_which_do() {
        for known in TABLE {
            for scheme in ["tcp", "udp", "tls", "ws", "wss", "unix", "unixgram", "serial", "file"] {
                if known.schemes.contains(&scheme) {
                    continue;
                }
                let refused = read(known.name, scheme).unwrap_err();
                let others = known.schemes.join(", ");
                assert!(refused.contains(&format!("`{}`: {others} has", known.name)), "{refused}");
            }
        }
    }

    #[test]
    fn a_time_is_printed_in_the_largest_unit_that_is_exact() {
        for (written, printed) in [
            ("90", "90s"),
            ("1h30m", "5400s"),
            ("1.5s", "1500ms"),
            ("0.25ms", "250us"),
            ("7ns", "7ns"),
        ] {
            let read = read(&format!("linger={written}"), "tcp");
            assert_eq!(read, Ok(format!("?linger={printed}")));
        }
    }

    #[test]
    fn a_file_is_not_appended_to_and_replaced_at_once() {
        assert!(read("append&overwrite", "file").unwrap_err().contains("exclude each other"));
    }

    #[test]
    fn names_groups_and_switches_are_read_and_printed_alike() {
        for query in [
            "iface=eth0&netns=lab-1&group=239.1.2.4,ff02::5&loop=off",
            "ttl=4&iface=veth0.7@x&loop=on",
        ] {
            assert_eq!(read(query, "udp"), Ok(format!("?{query}")));
        }
        let query = "iface=eth0&via=socks5://[::1]:1080&via-auth=/a%26b c";
        assert_eq!(read(query, "tcp"), Ok(format!("?{query}")));
    }

    #[test]
    fn says_what_is_no_interface_no_namespace_no_group_and_no_switch() {
        for (query, why) in [
            ("iface=", "no interface's name"),
            ("iface=abcdefghijklmnop", "no interface's name"),
            ("iface=a/b", "no interface's name"),
            ("netns=..", "no name of a network namespace"),
            ("netns=a/b", "no name of a network namespace"),
            ("group=10.0.0.1", "no multicast address"),
            ("group=239.1.2.3,", "`` is no address"),
            ("loop=maybe", "neither on nor off"),
        ] {
            let refused = read(query, "udp").unwrap_err();
            assert!(refused.contains(why), "{query}: {refused}");
        }
        let many = vec!["239.1.1.1"; 65].join(",");
        assert!(read(&format!("group={many}"), "udp").unwrap_err().contains("at most 64"));
    }

    #[test]
    fn a_login_wants_a_proxy() {
        assert!(read("via-auth=/x", "tcp").unwrap_err().contains("none is named"));
    }
}
