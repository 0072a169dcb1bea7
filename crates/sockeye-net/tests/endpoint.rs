//! The grammar of endpoints: what is read, what is refused, and that what is printed is
//! read back as the same.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;
use sockeye_net::endpoint::{Bare, Endpoint, Purpose, Target};
use sockeye_net::host::{Host, HostPort};
use sockeye_net::options::Options;
use sockeye_net::proxy::Proxy;
use sockeye_net::unix_name::UnixName;

fn dial(text: &str) -> String {
    Endpoint::parse(text, Purpose::Dial).map_or_else(|e| format!("error {e}"), |e| e.to_string())
}

fn listen(text: &str) -> String {
    Endpoint::parse(text, Purpose::Listen).map_or_else(|e| format!("error {e}"), |e| e.to_string())
}

fn refused(text: &str) -> String {
    let error = Endpoint::parse(text, Purpose::Dial).expect_err("it is refused");
    format!("{error} | {}", error.hint().unwrap_or_default())
}

#[test]
fn reads_every_written_form() {
    assert_eq!(dial("8888"), "tcp://127.0.0.1:8888");
    assert_eq!(dial(":8888"), "tcp://127.0.0.1:8888");
    assert_eq!(listen("8888"), "tcp://*:8888");
    assert_eq!(listen("tcp://:80"), "tcp://*:80");
    assert_eq!(dial("[::1]:80"), "tcp://[::1]:80");
    assert_eq!(dial("tcp://[fe80::1%eth0]:80"), "tcp://[fe80::1%eth0]:80");
    assert_eq!(dial("host.example:0"), "tcp://host.example:0");
    assert_eq!(dial("udp://255.255.255.255:8080"), "udp://255.255.255.255:8080");
    assert_eq!(dial("unix:/tmp/a%20b%3F"), "unix:/tmp/a b%3F");
    assert_eq!(dial("unix:@talk"), "unix:@talk");
    assert_eq!(dial("unixgram:/p"), "unixgram:/p");
    assert_eq!(dial("exec:sh -c 'a b?c'"), "exec:sh -c 'a b?c'");
    assert_eq!(dial("file:/p?append"), "file:/p?append");
    assert_eq!(dial("-"), "-");
    assert_eq!(
        dial("tls://h:443?sni=x.example&alpn=h2,http/1.1"),
        "tls://h:443?sni=x.example&alpn=h2,http/1.1"
    );
    assert_eq!(listen("tls://:8443?cert=/c%26d.pem&key=/k"), "tls://*:8443?cert=/c%26d.pem&key=/k");
    assert_eq!(dial("wss://h/a?ping=5s&binary"), "wss://h:443/a?ping=5s&binary");
    assert_eq!(dial("serial:/dev/ttyUSB0"), "serial:/dev/ttyUSB0");
    assert_eq!(listen("fd:3"), "fd:3");
    assert_eq!(
        dial("h:1?rcvbuf=1MiB&nodelay&ttl=4&connect-timeout=5s&bind=10.0.0.1"),
        "tcp://h:1?bind=10.0.0.1:0&nodelay&ttl=4&rcvbuf=1048576&connect-timeout=5s"
    );
}

#[test]
fn a_bare_text_is_what_the_flag_says_and_a_contradicting_scheme_is_refused() {
    let udp = |text| Endpoint::parse_with(text, Purpose::Dial, Bare::Udp);
    assert_eq!(udp("8888").unwrap().to_string(), "udp://127.0.0.1:8888");
    assert_eq!(udp("udp://h:1").unwrap().to_string(), "udp://h:1");
    assert!(udp("tcp://h:1").unwrap_err().to_string().contains("contradicts"));
    let unix = Endpoint::parse_with("/tmp/x", Purpose::Dial, Bare::Unix).unwrap();
    assert_eq!(unix.to_string(), "unix:/tmp/x");
}

#[test]
fn two_words_need_no_brackets() {
    let words = |host, port| Endpoint::from_words(host, port, Purpose::Dial, Bare::Tcp);
    assert_eq!(words("::1", "80").unwrap().to_string(), "tcp://[::1]:80");
    assert_eq!(words("localhost", "80").unwrap().to_string(), "tcp://localhost:80");
    assert!(words("localhost", "http").is_err());
    assert!(words("local host", "80").is_err());
}

#[test]
fn says_what_is_wrong_and_what_was_probably_meant() {
    for (text, part) in [
        ("tpc://h:1", "`tcp`"),
        ("h", "port is missing"),
        ("h:", "port is missing"),
        ("h:65536", "more than 65535"),
        ("h:x", "no number"),
        ("::1:80", "brackets"),
        ("[::1", "no `]`"),
        ("[::1]", "port is missing"),
        ("tcp:h:1", "tcp://"),
        ("tcp://h:1/x", "nothing goes after the port"),
        ("h:1?nodelai", "`nodelay`"),
        ("udp://h:1?nodelay", "has no option"),
        ("h:1?ttl", "wants a value"),
        ("h:1?nodelay=1", "takes no value"),
        ("h:1?ttl=4&ttl=5", "twice"),
        ("h:1?ttl=256", "0 to 255"),
        ("unix:", "path is missing"),
        ("unix:/a#b", "%23"),
        ("unix:/a%zz", "hex digits"),
        ("unix:/a%00", "NUL"),
        ("exec:", "command is missing"),
        ("exec:a 'b", "not closed"),
        ("über.example:1", "punycode"),
        ("1.2.3:80", "neither"),
        ("a b:80", "letters, digits"),
        ("unix:/p?mode=999", "mode"),
        ("tls://h", "port is missing"),
        ("tls://h:1?pin=sha1:00", "sha256:"),
        ("tls://h:1?pin=sha256:00", "64 hex digits"),
        (
            "tls://h:1?insecure&pin=sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "exclude each other",
        ),
        ("ws://h/?case=1", "%3F"),
        ("ws://h/?text&binary", "exclude each other"),
        ("fd:2", "from 3 up"),
    ] {
        let got = refused(text);
        assert!(got.contains(part), "{text}: {got}");
    }
    let long = format!("unix:/{}", "a".repeat(107));
    assert!(refused(&long).contains("107 bytes"));
}

fn a_host() -> impl Strategy<Value = Host> {
    prop_oneof![
        Just(Host::Any),
        any::<u32>().prop_map(|bits| Host::V4(Ipv4Addr::from_bits(bits))),
        (any::<u128>(), proptest::option::of("[a-z0-9]{1,15}"))
            .prop_map(|(bits, scope)| Host::V6(Ipv6Addr::from_bits(bits), scope)),
        "[a-z][a-z0-9-]{0,20}(\\.[a-z][a-z0-9]{0,5}){0,3}".prop_map(Host::Name),
    ]
}

fn a_place() -> impl Strategy<Value = HostPort> {
    (a_host(), any::<u16>()).prop_map(|(host, port)| HostPort { host, port })
}

fn a_time() -> impl Strategy<Value = Option<Duration>> {
    proptest::option::of((0..1_000_000_u64).prop_map(Duration::from_micros))
}

fn a_proxy() -> impl Strategy<Value = Proxy> {
    (a_place(), any::<bool>())
        .prop_filter("a proxy has an address", |(at, _)| at.host != Host::Any)
        .prop_map(|(at, socks)| if socks { Proxy::Socks5(at) } else { Proxy::Http(at) })
}

fn a_way() -> impl Strategy<Value = (Option<String>, Option<String>, Option<Proxy>, Option<String>)>
{
    (
        proptest::option::of("[a-zA-Z0-9@:._-]{3,15}"),
        proptest::option::of("[a-zA-Z0-9_-]{1,40}"),
        proptest::option::of(a_proxy()),
        proptest::option::of("/[a-z ?#%&=@:é]{1,20}"),
    )
}

fn udp_options() -> impl Strategy<Value = Options> {
    let group = any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits & 0x0FFF_FFFF | 0xE000_0000));
    let groups = proptest::collection::vec(group.prop_map(IpAddr::V4), 1..5);
    (proptest::option::of(groups), any::<Option<bool>>())
        .prop_map(|(group, multicast_loop)| Options { group, multicast_loop, ..Options::default() })
}

fn tcp_options() -> impl Strategy<Value = Options> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let numbers = (any::<Option<u8>>(), any::<Option<u8>>(), any::<Option<u32>>());
    let sizes = (any::<Option<u32>>(), any::<Option<u32>>());
    let bind = proptest::option::of(a_place());
    (flags, numbers, sizes, (a_time(), a_time(), a_time()), (bind, a_way())).prop_map(
        |(flags, numbers, sizes, times, (bind, way))| Options {
            bind,
            iface: way.0,
            netns: way.1,
            via_auth: way.2.as_ref().and(way.3).map(PathBuf::from),
            via: way.2,
            nodelay: flags.0,
            reuseport: flags.1,
            reuseaddr: flags.2,
            v6only: flags.3,
            ttl: numbers.0,
            tos: numbers.1,
            backlog: numbers.2,
            rcvbuf: sizes.0.map(u64::from),
            sndbuf: sizes.1.map(u64::from),
            connect_timeout: times.0,
            keepalive: times.1,
            linger: times.2,
            ..Options::default()
        },
    )
}

fn an_endpoint() -> impl Strategy<Value = Endpoint> {
    let plain = Options::default();
    let path = "/[a-z ?#%&=@:é你]{1,20}";
    prop_oneof![
        (a_place(), tcp_options())
            .prop_map(|(at, options)| Endpoint { target: Target::Tcp(at), options }),
        (a_place(), udp_options())
            .prop_map(|(at, options)| Endpoint { target: Target::Udp(at), options }),
        (path, proptest::option::of(0..=0o777_u32)).prop_map(|(path, mode)| Endpoint {
            target: Target::Unix(UnixName::Path(PathBuf::from(path))),
            options: Options { mode, ..Options::default() },
        }),
        "[a-z?#%]{1,20}".prop_map({
            let options = plain.clone();
            move |name| Endpoint {
                target: Target::Unixgram(UnixName::Abstract(name)),
                options: options.clone(),
            }
        }),
        proptest::collection::vec("[a-z '\"$?]{1,8}", 1..4).prop_map({
            let options = plain.clone();
            move |argv| Endpoint { target: Target::Exec(argv), options: options.clone() }
        }),
        (path, any::<bool>()).prop_map(|(path, append)| Endpoint {
            target: Target::File(PathBuf::from(path)),
            options: Options { append, overwrite: !append, ..Options::default() },
        }),
        Just(Endpoint { target: Target::Stdio, options: plain }),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back_as_the_same(endpoint in an_endpoint(), dials in any::<bool>()) {
        let purpose = if dials { Purpose::Dial } else { Purpose::Listen };
        let printed = endpoint.to_string();
        prop_assert_eq!(Endpoint::parse(&printed, purpose).ok(), Some(endpoint), "{}", printed);
    }

    #[test]
    fn no_text_makes_it_panic_and_what_it_reads_it_prints_so_that_it_reads_it(text in "\\PC{0,60}") {
        if let Ok(endpoint) = Endpoint::parse(&text, Purpose::Dial) {
            let printed = endpoint.to_string();
            prop_assert_eq!(Endpoint::parse(&printed, Purpose::Dial).ok(), Some(endpoint));
        }
    }
}
