//! One event, one line of JSON: the form that a tape keeps and that `--json` puts on
//! stdout. The two lines that only stdout has (`listening`, and an error of no
//! conversation) are written here too, but are no events and are not read back.

use crate::error::TapeError;
use crate::event::Event;
use crate::event::What;
use crate::fields;
use crate::quote;
use crate::quote::put;

/// Appends an event as one line of JSON, its end included: `t` in nanoseconds, `c`, `e`,
/// then what the kind of event has. Bytes are text in `s` where they are UTF-8 without
/// control characters but line ends and tabs, else base64 in `b`. Times beyond 584 years
/// are written as 584 years.
pub fn write(event: &Event<'_>, line: &mut Vec<u8>) {
    let t = u64::try_from(event.t.as_nanos()).unwrap_or(u64::MAX);
    line.extend_from_slice(b"{\"t\":");
    quote::number(line, t);
    line.extend_from_slice(b",\"c\":");
    quote::number(line, event.c);
    line.extend_from_slice(b",\"e\":\"");
    line.extend_from_slice(kind(&event.what).as_bytes());
    line.push(b'"');
    details(&event.what, line);
    line.extend_from_slice(b"}\n");
}

/// Appends `{"e":"listening","endpoint":…}` and the line's end: for stdout, no tape has it.
pub fn write_listening(endpoint: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"e\":\"listening\"");
    quote::field(line, "endpoint", endpoint);
    line.extend_from_slice(b"}\n");
}

/// Appends `{"e":"open","url":…}` and the line's end: what a browser is to open, for stdout.
pub fn write_link(url: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"e\":\"open\"");
    quote::field(line, "url", url);
    line.extend_from_slice(b"}\n");
}

/// Appends `{"e":"error","code":…,"text":…[,"hint":…]}` and the line's end: an error
/// that belongs to no conversation, for stdout; no tape has it.
pub fn write_error(code: &str, text: &str, hint: Option<&str>, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"e\":\"error\"");
    quote::field(line, "code", code);
    quote::field(line, "text", text);
    optional(line, "hint", hint);
    line.extend_from_slice(b"}\n");
}

/// Reads one line, with or without its end. Fields that are not known are passed over; a
/// kind that is not known is [`TapeError::Unknown`].
pub fn parse(line: &str) -> Result<Event<'static>, TapeError> {
    fields::event(line)
}

fn kind(what: &What<'_>) -> &'static str {
    match what {
        What::Open(_) => "open",
        What::In { .. } => "in",
        What::Out { .. } => "out",
        What::Frame { .. } => "frame",
        What::Close(_) => "close",
        What::Fault { .. } => "fault",
        What::Note { .. } => "note",
        What::Error { .. } => "error",
    }
}

fn details(what: &What<'_>, line: &mut Vec<u8>) {
    match what {
        What::Open(open) => {
            put(line, format_args!(",\"role\":\"{}\"", open.role));
            quote::field(line, "local", &open.local);
            quote::field(line, "peer", &open.peer);
            quote::field(line, "proto", &open.proto);
            if let Some(pair) = open.pair {
                put(line, format_args!(",\"pair\":{pair}"));
            }
        }
        What::In { bytes, from } => {
            quote::bytes(line, bytes);
            optional(line, "from", from.as_deref());
        }
        What::Out { bytes, to } => {
            quote::bytes(line, bytes);
            optional(line, "to", to.as_deref());
        }
        What::Frame { dir, off, len } => {
            quote::field(line, "dir", dir.word());
            line.extend_from_slice(b",\"off\":");
            quote::number(line, *off);
            line.extend_from_slice(b",\"len\":");
            quote::number(line, *len);
        }
        What::Close(close) => {
            put(line, format_args!(",\"by\":\"{}\",\"how\":\"{}\"", close.by, close.how));
            optional(line, "why", close.why.as_deref());
        }
        What::Fault { text } | What::Note { text } => quote::field(line, "s", text),
        What::Error { code, text } => {
            quote::field(line, "code", code);
            quote::field(line, "text", text);
        }
    }
}

fn optional(line: &mut Vec<u8>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        quote::field(line, name, text);
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use super::write;
    use super::write_error;
    use super::write_listening;
    use crate::event::By;
    use crate::event::Close;
    use crate::event::Dir;
    use crate::event::Event;
    use crate::event::How;
    use crate::event::Open;
    use crate::event::Role;
    use crate::event::What;
    use proptest::prelude::Just;
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prelude::prop_oneof;
    use proptest::prelude::proptest;
    use std::borrow::Cow;
    use std::time::Duration;

    fn line(what: What<'_>) -> String {
        let mut line = Vec::new();
        write(&Event { t: Duration::from_nanos(1_500), c: 3, what }, &mut line);
        String::from_utf8(line).unwrap()
    }

    fn received(bytes: &[u8]) -> What<'_> {
        What::In { bytes: Cow::Borrowed(bytes), from: None }
    }

    #[test]
    fn bytes_are_text_where_they_are_text_and_base64_elsewhere() {
        let text = r#"{"t":1500,"c":3,"e":"in","s":"hello\r\n\t\"你好\""}"#;
        assert_eq!(line(received("hello\r\n\t\"你好\"".as_bytes())), format!("{text}\n"));
        let binary = r#"{"t":1500,"c":3,"e":"in","b":"AP8="}"#;
        assert_eq!(line(received(b"\0\xFF")), format!("{binary}\n"));
        assert_eq!(line(received(b"")), "{\"t\":1500,\"c\":3,\"e\":\"in\",\"s\":\"\"}\n");
    }

    #[test]
    fn each_kind_has_the_fields_that_the_design_names() {
        let open = |pair| Open {
            role: Role::Dial,
            local: "tcp://127.0.0.1:5000".into(),
            peer: "tcp://127.0.0.1:8888".into(),
            proto: "tcp".into(),
            pair,
        };
        let close =
            |why: Option<&str>| Close { by: By::Peer, how: How::Fin, why: why.map(str::to_owned) };
        let sent = What::Out { bytes: Cow::Borrowed(b"x"), to: Some("udp://127.0.0.1:9".into()) };
        let ends = r#""local":"tcp://127.0.0.1:5000","peer":"tcp://127.0.0.1:8888","proto":"tcp""#;
        for (what, tail) in [
            (What::Open(open(None)), format!(r#""open","role":"dial",{ends}"#)),
            (What::Open(open(Some(4))), format!(r#""open","role":"dial",{ends},"pair":4"#)),
            (sent, r#""out","s":"x","to":"udp://127.0.0.1:9""#.into()),
            (
                What::Frame { dir: Dir::Out, off: 7, len: 5 },
                r#""frame","dir":"out","off":7,"len":5"#.into(),
            ),
            (What::Close(close(None)), r#""close","by":"peer","how":"fin""#.into()),
            (What::Close(close(Some("y"))), r#""close","by":"peer","how":"fin","why":"y""#.into()),
            (What::Fault { text: "split 3".into() }, r#""fault","s":"split 3""#.into()),
            (What::Note { text: "n".into() }, r#""note","s":"n""#.into()),
            (
                What::Error { code: "E-reset".into(), text: "x".into() },
                r#""error","code":"E-reset","text":"x""#.into(),
            ),
        ] {
            assert_eq!(line(what), format!("{{\"t\":1500,\"c\":3,\"e\":{tail}}}\n"));
        }
    }

    #[test]
    fn writes_the_lines_that_only_stdout_has() {
        let mut out = Vec::new();
        write_listening("tcp://127.0.0.1:8888", &mut out);
        write_error("E-refused", "cannot \"x\"", None, &mut out);
        write_error("E-refused", "\x1B", Some("try"), &mut out);
        let expected = concat!(
            r#"{"e":"listening","endpoint":"tcp://127.0.0.1:8888"}"#,
            "\n",
            r#"{"e":"error","code":"E-refused","text":"cannot \"x\""}"#,
            "\n",
            r#"{"e":"error","code":"E-refused","text":"\u001b","hint":"try"}"#,
            "\n",
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    fn anything() -> impl Strategy<Value = What<'static>> {
        let bytes = prop_oneof![
            any::<Vec<u8>>(),
            any::<String>().prop_map(String::into_bytes),
            "[a-z\r\n\t\"\\\\]{0,30}".prop_map(String::into_bytes),
        ];
        let dir = prop_oneof![Just(Dir::In), Just(Dir::Out)];
        let how = prop_oneof![Just(How::Fin), Just(How::Rst), Just(How::Timer), Just(How::Error)];
        prop_oneof![
            (bytes, any::<Option<String>>(), any::<bool>()).prop_map(|(bytes, who, got)| {
                let bytes = Cow::Owned(bytes);
                if got { What::In { bytes, from: who } } else { What::Out { bytes, to: who } }
            }),
            (dir, any::<u64>(), any::<u64>()).prop_map(|(dir, off, len)| What::Frame {
                dir,
                off,
                len
            }),
            (how, any::<Option<String>>()).prop_map(|(how, why)| What::Close(Close {
                by: By::Us,
                how,
                why
            })),
            (any::<[String; 3]>(), any::<Option<u64>>()).prop_map(
                |([local, peer, proto], pair)| {
                    What::Open(Open { role: Role::Accept, local, peer, proto, pair })
                }
            ),
            any::<String>().prop_map(|text| What::Fault { text }),
            any::<String>().prop_map(|text| What::Note { text }),
            any::<[String; 2]>().prop_map(|[code, text]| What::Error { code, text }),
        ]
    }

    proptest! {
        #[test]
        fn every_event_comes_back_from_its_line(what in anything(), t in any::<u64>(), c in any::<u64>()) {
            let event = Event { t: Duration::from_nanos(t), c, what };
            let mut line = Vec::new();
            write(&event, &mut line);
            let line = String::from_utf8(line).unwrap();
            assert_eq!(line.find('\n'), Some(line.len() - 1));
            assert!(!line.trim_end().chars().any(char::is_control));
            assert_eq!(parse(&line).unwrap(), event);
        }

        #[test]
        fn no_line_whatever_makes_the_reader_panic(text in any::<String>(), cut in 0usize..60) {
            drop(parse(&text));
            let whole = r#"{"t":1,"c":2,"e":"frame","dir":"in","off":1,"len":9}"#;
            let cut = cut.min(whole.len());
            assert_eq!(parse(&whole[..cut]).is_ok(), cut == whole.len());
        }
    }
}
