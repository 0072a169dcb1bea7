//! The lines of the boundary view that are no bytes: open, close, fault, note, error.
//! Whatever a peer or a stranger's tape may have put into them is made safe.

use sockeye_text::safe;

use crate::event::By;
use crate::event::Close;
use crate::event::How;
use crate::event::Open;
use crate::event::Role;
use crate::event::What;

/// A line about a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The line, safe to show.
    pub(crate) text: String,
    /// Whether it must not be missed.
    pub(crate) loud: bool,
}

/// The line of an event; none for bytes and frames.
pub(crate) fn of(what: &What<'_>) -> Option<Remark> {
    let (mark, text, loud) = match what {
        What::In { .. } | What::Out { .. } | What::Frame { .. } => return None,
        What::Open(open) => ('●', opened(open), false),
        What::Close(close) => ('○', closed(close), matches!(close.how, How::Rst | How::Error)),
        What::Fault { text } => ('⚡', format!("fault {text}"), true),
        What::Note { text } => ('·', format!("note {text}"), false),
        What::Error { code, text } => ('✗', format!("error[{code}]: {text}"), true),
    };
    Some(Remark { text: format!("{mark} {}", safe::one_line(&text)), loud })
}

fn opened(open: &Open) -> String {
    let arrow = match open.role {
        Role::Dial => '→',
        Role::Accept => '←',
    };
    let (proto, role) = (&open.proto, open.role);
    let (local, peer) = (bare(&open.local, proto), bare(&open.peer, proto));
    let pair = open.pair.map(|pair| format!(", pair #{pair}")).unwrap_or_default();
    format!("open {proto} {local} {arrow} {peer} ({role}{pair})")
}

fn closed(close: &Close) -> String {
    let by = match close.by {
        By::Us => "us",
        By::Peer => "peer",
    };
    let how = match close.how {
        How::Fin => "FIN",
        How::Rst => "RST",
        How::Timer => "timer",
        How::Error => "error",
    };
    match &close.why {
        Some(why) => format!("closed by {by} ({how}): {why}"),
        None => format!("closed by {by} ({how})"),
    }
}

/// An endpoint without the scheme that has just been named.
fn bare<'a>(endpoint: &'a str, proto: &str) -> &'a str {
    let rest = endpoint.strip_prefix(proto).and_then(|rest| rest.strip_prefix("://"));
    rest.unwrap_or(endpoint)
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::event::By;
    use crate::event::Close;
    use crate::event::How;
    use crate::event::Open;
    use crate::event::Role;
    use crate::event::What;

    fn line(what: &What<'_>) -> String {
        let remark = of(what).unwrap();
        format!("{}{}", if remark.loud { "LOUD " } else { "" }, remark.text)
    }

    #[test]
    fn an_open_says_who_called_whom() {
        let open = |role, pair| {
            What::Open(Open {
                role,
                local: "tcp://127.0.0.1:5000".into(),
                peer: "127.0.0.1:8888".into(),
                proto: "tcp".into(),
                pair,
            })
        };
        assert_eq!(
            line(&open(Role::Dial, None)),
            "● open tcp 127.0.0.1:5000 → 127.0.0.1:8888 (dial)"
        );
        assert_eq!(
            line(&open(Role::Accept, Some(7))),
            "● open tcp 127.0.0.1:5000 ← 127.0.0.1:8888 (accept, pair #7)"
        );
    }

    #[test]
    fn only_faults_errors_and_hard_closes_are_loud() {
        let close = |how, why: Option<&str>| {
            What::Close(Close { by: By::Peer, how, why: why.map(str::to_owned) })
        };
        for (what, expected) in [
            (close(How::Fin, None), "○ closed by peer (FIN)"),
            (
                close(How::Timer, Some("no bytes for 5 s")),
                "○ closed by peer (timer): no bytes for 5 s",
            ),
            (close(How::Rst, None), "LOUD ○ closed by peer (RST)"),
            (close(How::Error, None), "LOUD ○ closed by peer (error)"),
            (What::Fault { text: "split 3".into() }, "LOUD ⚡ fault split 3"),
            (What::Note { text: "n".into() }, "· note n"),
            (
                What::Error { code: "E-reset".into(), text: "cut off".into() },
                "LOUD ✗ error[E-reset]: cut off",
            ),
        ] {
            assert_eq!(line(&what), expected);
        }
    }

    #[test]
    fn a_note_cannot_draw_lines_of_its_own() {
        let what = What::Note { text: "a\n12:00 ○ closed\x1B[2J\u{202E}".into() };
        assert_eq!(line(&what), "· note a␊12:00 ○ closed␛[2J‹U+202E›");
    }
}
