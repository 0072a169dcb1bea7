//! The first line of a tape: its version, when the recording began, and by what. Not
//! the events, which are told in [`crate::json`].

use jiff::Timestamp;
use jiff::Zoned;
use serde::Deserialize;

use crate::error::TapeError;
use crate::fields::read;
use crate::quote;
use crate::quote::put;

/// The version of the tape's form that is written and read here.
pub const VERSION: u64 = 1;

/// The first line of a tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// When the recording began, RFC 3339 with the offset of its place.
    pub start: String,
    /// The command line.
    pub argv: Vec<String>,
    /// The version of the program that recorded it.
    pub sockeye: String,
}

impl Header {
    /// Whether a framing was asked for when it was recorded: what no frame event names is then
    /// the beginning of a frame.
    pub fn was_framed(&self) -> bool {
        let words = self.argv.iter().zip(self.argv.iter().skip(1));
        let apart =
            words.filter(|(flag, _)| *flag == "--frame").map(|(_, framing)| framing.as_str());
        let joined = self.argv.iter().filter_map(|word| word.strip_prefix("--frame="));
        apart.chain(joined).any(|framing| framing != "raw")
    }

    /// A header for a recording that begins at `start`.
    pub fn new(start: &Zoned, argv: Vec<String>, sockeye: &str) -> Self {
        let start = start.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string();
        Self { start, argv, sockeye: sockeye.to_owned() }
    }

    /// Appends the line, its end included.
    pub fn write(&self, line: &mut Vec<u8>) {
        put(line, format_args!("{{\"v\":{VERSION},\"e\":\"tape\""));
        quote::field(line, "start", &self.start);
        line.extend_from_slice(b",\"argv\":[");
        for (index, word) in self.argv.iter().enumerate() {
            if index > 0 {
                line.push(b',');
            }
            quote::string(line, word);
        }
        line.push(b']');
        quote::field(line, "sockeye", &self.sockeye);
        line.extend_from_slice(b"}\n");
    }

    /// Reads the line, with or without its end. A version other than [`VERSION`] is
    /// refused with its number ([`TapeError::Version`]) before anything else is looked at:
    /// what such a header has, nobody knows. Whatever is no header is
    /// [`TapeError::Malformed`]. Fields that are not known are passed over.
    pub fn parse(line: &str) -> Result<Self, TapeError> {
        let Mark { v, e: Kind::Tape } = read(line)?;
        if v != VERSION {
            return Err(TapeError::Version { version: v, known: VERSION });
        }
        let Line { start, argv, sockeye } = read(line)?;
        Ok(Self { start, argv, sockeye })
    }

    /// When the recording began; none if `start` is not RFC 3339.
    pub fn started(&self) -> Option<Timestamp> {
        self.start.parse().ok()
    }
}

#[derive(Deserialize)]
struct Mark {
    v: u64,
    e: Kind,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Tape,
}

#[derive(Deserialize)]
struct Line {
    start: String,
    argv: Vec<String>,
    sockeye: String,
}

#[cfg(test)]
mod tests {
    use super::Header;
    use crate::error::TapeError;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use jiff::tz::offset;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    #[test]
    fn the_line_has_the_form_that_the_design_gives() {
        let start: Timestamp = "2025-03-01T11:03:04.12Z".parse().unwrap();
        let start = start.to_zoned(TimeZone::fixed(offset(1)));
        let header = Header::new(&start, vec!["sockeye".into(), "a \"b\"".into()], "0.1.0");
        let mut line = Vec::new();
        header.write(&mut line);
        let expected = concat!(
            r#"{"v":1,"e":"tape","start":"2025-03-01T12:03:04.12+01:00","#,
            r#""argv":["sockeye","a \"b\""],"sockeye":"0.1.0"}"#,
            "\n",
        );
        assert_eq!(String::from_utf8(line).unwrap(), expected);
        assert_eq!(header.started(), Some(start.timestamp()));
    }

    #[test]
    fn refuses_a_newer_version_whatever_else_it_has() {
        let newer = Header::parse(r#"{"v":7,"e":"tape","start":12}"#).unwrap_err();
        assert!(matches!(newer, TapeError::Version { version: 7, known: 1 }));
    }

    #[test]
    fn refuses_what_is_no_header() {
        for line in [
            "",
            "hello",
            "{}",
            r#"{"v":1,"e":"in","start":"","argv":[],"sockeye":""}"#,
            r#"{"v":1,"e":"tape","argv":[],"sockeye":""}"#,
            r#"{"v":"1","e":"tape","start":"","argv":[],"sockeye":""}"#,
        ] {
            assert!(matches!(Header::parse(line), Err(TapeError::Malformed { .. })), "{line}");
        }
    }

    #[test]
    fn a_start_that_is_no_time_is_none() {
        let line = r#"{"v":1,"e":"tape","start":"noon","argv":[],"sockeye":"1","mood":1}"#;
        assert_eq!(Header::parse(line).unwrap().started(), None);
    }

    proptest! {
        #[test]
        fn a_header_comes_back_from_its_line(
            start in any::<String>(),
            argv in any::<Vec<String>>(),
            sockeye in any::<String>(),
        ) {
            let header = Header { start, argv, sockeye };
            let mut line = Vec::new();
            header.write(&mut line);
            assert_eq!(Header::parse(std::str::from_utf8(&line).unwrap()).unwrap(), header);
        }
    }
}
