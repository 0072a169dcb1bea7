//! The fields of each kind of event, as they are read from a line. Writing them is told
//! in `json`.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;

use crate::error::TapeError;
use crate::event::By;
use crate::event::Close;
use crate::event::Dir;
use crate::event::Event;
use crate::event::How;
use crate::event::Open;
use crate::event::Role;
use crate::event::What;
use crate::symbols;

/// The event of a line. Fields that are not known are passed over.
pub(crate) fn event(line: &str) -> Result<Event<'static>, TapeError> {
    let head: Head<'_> = read(line)?;
    Ok(Event { t: Duration::from_nanos(head.t), c: head.c, what: what(&head.e, line)? })
}

/// A line as a map of known fields.
pub(crate) fn read<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, TapeError> {
    serde_json::from_str(line).map_err(|error| TapeError::malformed(&error))
}

fn what(kind: &str, line: &str) -> Result<What<'static>, TapeError> {
    match kind {
        "open" => read::<OpenLine>(line).map(What::from),
        "in" => {
            let body: BytesLine = read(line)?;
            Ok(What::In { bytes: bytes(body.s, body.b)?, from: body.from })
        }
        "out" => {
            let body: BytesLine = read(line)?;
            Ok(What::Out { bytes: bytes(body.s, body.b)?, to: body.to })
        }
        "frame" => read::<FrameLine>(line).map(What::from),
        "close" => read::<CloseLine>(line).map(What::from),
        "fault" => read::<WordLine>(line).map(|body| What::Fault { text: body.s }),
        "note" => read::<WordLine>(line).map(|body| What::Note { text: body.s }),
        "error" => read::<ErrorLine>(line).map(What::from),
        other => Err(TapeError::unknown(other)),
    }
}

fn bytes(s: Option<String>, b: Option<String>) -> Result<Cow<'static, [u8]>, TapeError> {
    match (s, b) {
        (Some(text), None) => Ok(Cow::Owned(text.into_bytes())),
        (None, Some(text)) => Ok(Cow::Owned(symbols::read(&text)?)),
        (Some(_), Some(_)) => Err(TapeError::TwiceBytes),
        (None, None) => Err(TapeError::NoBytes),
    }
}

/// What every event has. Read on its own first: the fields of a kind that is not known
/// may be of any type.
#[derive(Deserialize)]
struct Head<'a> {
    t: u64,
    c: u64,
    #[serde(borrow)]
    e: Cow<'a, str>,
}

#[derive(Deserialize)]
struct OpenLine {
    role: Role,
    local: String,
    peer: String,
    proto: String,
    pair: Option<u64>,
}

#[derive(Deserialize)]
struct BytesLine {
    s: Option<String>,
    b: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
struct FrameLine {
    dir: Dir,
    off: u64,
    len: u64,
}

#[derive(Deserialize)]
struct CloseLine {
    by: By,
    how: How,
    why: Option<String>,
}

#[derive(Deserialize)]
struct WordLine {
    s: String,
}

#[derive(Deserialize)]
struct ErrorLine {
    code: String,
    text: String,
}

impl From<OpenLine> for What<'_> {
    fn from(line: OpenLine) -> Self {
        let OpenLine { role, local, peer, proto, pair } = line;
        What::Open(Open { role, local, peer, proto, pair })
    }
}

impl From<FrameLine> for What<'_> {
    fn from(line: FrameLine) -> Self {
        let FrameLine { dir, off, len } = line;
        What::Frame { dir, off, len }
    }
}

impl From<CloseLine> for What<'_> {
    fn from(line: CloseLine) -> Self {
        let CloseLine { by, how, why } = line;
        What::Close(Close { by, how, why })
    }
}

impl From<ErrorLine> for What<'_> {
    fn from(line: ErrorLine) -> Self {
        let ErrorLine { code, text } = line;
        What::Error { code, text }
    }
}

#[cfg(test)]
mod tests {
    use super::event;
    use crate::error::TapeError;
    use crate::event::What;

    #[test]
    fn unknown_fields_are_passed_over_and_unknown_kinds_named() {
        let note = event(r#"{"t":1,"c":2,"e":"note","s":"x","mood":{"a":[1]}}"#).unwrap();
        assert_eq!(note.what, What::Note { text: "x".into() });
        let unknown = event(r#"{"t":1,"c":2,"e":"wi\u001bnk","s":7,"off":"x"}"#).unwrap_err();
        assert!(matches!(unknown, TapeError::Unknown { kind } if kind == "wi␛nk"));
    }

    #[test]
    fn refuses_what_is_no_event_and_says_where() {
        for (text, why) in [
            ("", "EOF while parsing a value (column 0)"),
            ("[]", "invalid length 0, expected struct Head with 3 elements (column 2)"),
            (
                r#"{"t":-1,"c":1,"e":"in","s":""}"#,
                "invalid value: integer `-1`, expected u64 (column 7)",
            ),
            (
                r#"{"t":1,"c":1,"e":"close","by":"\u001b[2J","how":"fin"}"#,
                "unknown variant `␛[2J`, expected `us` or `peer` (column 41)",
            ),
            (r#"{"t":1,"c":1,"e":"in"}"#, "neither `s` nor `b`"),
            (r#"{"t":1,"c":1,"e":"in","s":"","b":""}"#, "both `s` and `b`"),
            (r#"{"t":1,"c":1,"e":"out","b":"A"}"#, "`b` is no base64"),
            (r#"{"t":1,"c":1,"e":"note","s":"x"} x"#, "trailing characters (column 34)"),
        ] {
            assert_eq!(event(text).unwrap_err().to_string(), format!("not an event: {why}"));
        }
    }

    #[test]
    fn an_error_never_grows_with_what_it_quotes() {
        let long = "x".repeat(100_000);
        let text = format!(r#"{{"t":1,"c":1,"e":"close","by":"{long}","how":"fin"}}"#);
        assert!(event(&text).unwrap_err().to_string().len() < 400);
        let text = format!(r#"{{"t":1,"c":1,"e":"{long}"}}"#);
        assert!(event(&text).unwrap_err().to_string().len() < 400);
        let deep = format!(r#"{{"t":1,"c":1,"e":"note","s":"","x":{}"#, "[".repeat(1_000_000));
        event(&deep).unwrap_err();
    }
}
