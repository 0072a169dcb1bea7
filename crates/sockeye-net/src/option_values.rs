//! The values of options: how each kind is read from an endpoint's query, and printed as it.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sockeye_text::units::{parse_duration, parse_size};

use crate::host::{Host, HostPort, host_port};
use crate::percent::{decoded, encoded};

/// The longest name of an interface (IFNAMSIZ - 1), in bytes.
const LONGEST_INTERFACE: usize = 15;
/// The longest name of a network namespace: it is a file's (`NAME_MAX`), in bytes.
const LONGEST_NAMESPACE: usize = 255;
/// The most groups that one endpoint joins beside its own.
const MOST_GROUPS: usize = 64;

/// Words with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(pub Vec<String>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&value_text(&self.0.join(",")))
    }
}

pub(crate) fn local(text: &str) -> Result<HostPort, String> {
    // `bind=10.0.0.1` without a port is common, and means any port. An IPv6 address wants
    // its brackets here too: `::1:80` would be read as an address otherwise.
    let whole = text.starts_with('[') && text.ends_with(']');
    let with_port = match text.parse::<std::net::Ipv4Addr>() {
        Err(_) if !whole => text.to_owned(),
        _ => format!("{text}:0"),
    };
    host_port(&with_port, &Host::Any).map_err(|error| match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    })
}

pub(crate) fn small(text: &str) -> Result<u8, String> {
    digits(text)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("`{text}` is no number from 0 to 255"))
}

pub(crate) fn count(text: &str) -> Result<u32, String> {
    digits(text)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("`{text}` is no number from 0 to {}", u32::MAX))
}

/// The text if it has digits only: the standard library would take a sign as well.
pub(crate) fn digits(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

pub(crate) fn size(text: &str) -> Result<u64, String> {
    parse_size(text).map_err(|error| error.to_string())
}

pub(crate) fn time(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

pub(crate) fn path(text: &str) -> Result<PathBuf, String> {
    word(text).map(PathBuf::from)
}

pub(crate) fn path_text(path: &Path) -> String {
    value_text(&path.to_string_lossy())
}

/// A text that is not empty, with its `%XX` read.
pub(crate) fn word(text: &str) -> Result<String, String> {
    match decoded(text) {
        Ok(word) if word.is_empty() => Err("the value is empty".to_owned()),
        Ok(word) => Ok(word),
        Err(error) => Err(error.to_string()),
    }
}

pub(crate) fn list(text: &str) -> Result<List, String> {
    let words: Vec<String> = word(text)?.split(',').map(str::to_owned).collect();
    if words
        .iter()
        .any(|word| word.is_empty() || word.len() > 255 || word.contains(char::is_control))
    {
        return Err(format!("`{text}` is no list of names of 1 to 255 characters"));
    }
    Ok(List(words))
}

/// A value in which nothing can be taken for the next option.
pub(crate) fn value_text(text: &str) -> String {
    encoded(text).replace('&', "%26")
}

pub(crate) fn octal(text: &str) -> Result<u32, String> {
    match digits(text).and_then(|text| u32::from_str_radix(text, 8).ok()) {
        Some(mode) if mode <= 0o777 => Ok(mode),
        _ => Err(format!("`{text}` is no mode such as 600 or 660")),
    }
}

pub(crate) fn interface(text: &str) -> Result<String, String> {
    name(text, LONGEST_INTERFACE).ok_or_else(|| format!("`{text}` is no interface's name"))
}

pub(crate) fn namespace(text: &str) -> Result<String, String> {
    name(text, LONGEST_NAMESPACE)
        .ok_or_else(|| format!("`{text}` is no name of a network namespace"))
}

/// A name that is no path, and that can stand in a query.
pub(crate) fn name(text: &str, longest: usize) -> Option<String> {
    let plain = |c: char| c.is_ascii_graphic() && !"/&?#%=,".contains(c);
    let fits = (1..=longest).contains(&text.len()) && text != "." && text != "..";
    (fits && text.chars().all(plain)).then(|| text.to_owned())
}

pub(crate) fn groups(text: &str) -> Result<Vec<IpAddr>, String> {
    let groups: Vec<IpAddr> = text
        .split(',')
        .map(|part| match part.parse::<IpAddr>() {
            Ok(group) if group.is_multicast() => Ok(group),
            Ok(_) => Err(format!("`{part}` is no multicast address (224.0.0.0/4, ff00::/8)")),
            Err(_) => Err(format!("`{part}` is no address")),
        })
        .collect::<Result<_, _>>()?;
    if groups.len() > MOST_GROUPS {
        return Err(format!("there are {} groups, and at most {MOST_GROUPS} go", groups.len()));
    }
    Ok(groups)
}

pub(crate) fn groups_text(groups: &[IpAddr]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

pub(crate) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("`{text}` is neither on nor off")),
    }
}

/// A time in the largest unit that says it exactly.
pub(crate) fn time_text(time: &Duration) -> String {
    let nanos = time.as_nanos();
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
    let exact = units.iter().find(|(_, size)| nanos.is_multiple_of(*size));
    exact.map_or_else(|| format!("{nanos}ns"), |(unit, size)| format!("{}{unit}", nanos / size))
}
