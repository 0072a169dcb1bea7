//! What the page's forms offer: the names that this program knows, and what this machine has.
//! What each means is a key of the words.

use std::path::Path;

use serde_json::{Value, json};
use sockeye_net::interfaces;
use sockeye_net::options::Options;
use sockeye_net::serial_ports;
use sockeye_wire::algorithm::Algorithm;

use crate::workbench::lesson;

/// The encodings that are offered; every other label of the Encoding Standard is taken too.
const ENCODINGS: [&str; 13] = [
    "auto",
    "utf-8",
    "gbk",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "utf-16le",
    "utf-16be",
    "windows-1251",
    "windows-1252",
    "iso-8859-15",
];

/// Framings, as they are written, and the keys of what they mean.
const FRAMINGS: [(&str, &str); 17] = [
    ("lines", "lines"),
    ("crlf", "crlf"),
    ("delim:00", "delim"),
    ("len:u8", "len-u8"),
    ("len:u16be", "len-u16be"),
    ("len:u16le", "len-u16le"),
    ("len:u32be", "len-u32be"),
    ("len:u32le", "len-u32le"),
    ("len:ascii", "len-ascii"),
    ("len:varint", "len-varint"),
    ("fixed:16", "fixed"),
    ("head:AA,tail:55", "head"),
    ("gap:20ms", "gap"),
    ("json", "json"),
    ("cobs", "cobs"),
    ("slip", "slip"),
    ("modbus-tcp", "modbus-tcp"),
];

/// Faults, likewise.
const FAULTS: [(&str, &str); 12] = [
    ("delay=100ms", "delay"),
    ("delay=50ms±20ms", "delay-uneven"),
    ("rate=64kbit/s", "rate"),
    ("split=1", "split"),
    ("coalesce=50ms", "coalesce"),
    ("drop=1%", "drop"),
    ("dup=1%", "dup"),
    ("reorder=1%", "reorder"),
    ("corrupt=1%", "corrupt"),
    ("stall=5s", "stall"),
    ("cut=1KiB", "cut"),
    ("rst,p=1%", "rst"),
];

/// Schemes, and an endpoint of each.
const ENDPOINTS: [(&str, &str); 10] = [
    ("tcp", "tcp://127.0.0.1:8888"),
    ("udp", "udp://127.0.0.1:8888"),
    ("tls", "tls://127.0.0.1:8443"),
    ("ws", "ws://127.0.0.1:8080/"),
    ("wss", "wss://127.0.0.1:8443/"),
    ("unix", "unix:/tmp/talk.sock"),
    ("unixgram", "unixgram:/tmp/talk.sock"),
    ("serial", "serial:/dev/ttyUSB0?baud=115200"),
    ("exec", "exec:cat"),
    ("file", "file:data.bin"),
];

/// All of it. Reads what the kernel tells of this machine.
pub fn lists() -> Value {
    let told = |area: &str, rows: &[(&str, &str)]| {
        let rows = rows
            .iter()
            .map(|(write, key)| json!({ "write": write, "what": format!("about.{area}.{key}") }));
        rows.collect::<Vec<_>>()
    };
    let checksums: Vec<&str> = Algorithm::ALL.into_iter().map(Algorithm::name).collect();
    let endpoints = ENDPOINTS.iter().map(|(scheme, write)| {
        let options: Vec<Value> = Options::of(scheme)
            .map(|(name, valued)| {
                let write = if valued { format!("{name}=") } else { name.to_owned() };
                json!({ "name": name, "write": write, "what": format!("about.option.{name}") })
            })
            .collect();
        json!({ "scheme": scheme, "write": write, "options": options })
    });
    // A kernel that does not tell has none.
    let serial = serial_ports::list(Path::new("/")).unwrap_or_default();
    let serial: Vec<String> = serial.iter().map(|port| port.path.display().to_string()).collect();
    json!({
        "encodings": ENCODINGS,
        "checksums": checksums,
        "framings": told("framing", &FRAMINGS),
        "faults": told("fault", &FAULTS),
        "serial": serial,
        "interfaces": interfaces::with_addresses(None)
            .into_iter()
            .map(|(name, addresses)| json!({ "name": name, "addresses": addresses }))
            .collect::<Vec<_>>(),
        "endpoints": endpoints.collect::<Vec<_>>(),
        "classics": lesson::programs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockeye_net::endpoint::{Endpoint, Purpose};
    use sockeye_text::encoding::Encoding;
    use sockeye_text::words::Language;
    use sockeye_wire::framing::Framing;
    use sockeye_workbench::fault::read::Spec;

    #[test]
    fn whatever_is_offered_is_read_and_has_words() {
        for (write, _) in FRAMINGS {
            assert!(write.parse::<Framing>().is_ok(), "{write}");
        }
        for (write, _) in FAULTS {
            assert!(write.parse::<Spec>().is_ok(), "{write}");
        }
        for (_, write) in ENDPOINTS {
            assert!(Endpoint::parse(write, Purpose::Dial).is_ok(), "{write}");
        }
        for encoding in ENCODINGS {
            assert!(encoding.parse::<Encoding>().is_ok(), "{encoding}");
        }
        let words = Language::English.words();
        let lists = lists().to_string();
        let keys = lists.split('"').filter(|text| text.starts_with("about."));
        let missing: Vec<&str> = keys.filter(|key| !words.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
