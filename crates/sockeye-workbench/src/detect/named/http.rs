//! HTTP/1 (RFC 9112), and what comes after a WebSocket's handshake (RFC 6455).

use memchr::memmem;
use sockeye_net::http_method::METHODS;

use crate::detect::candidate::Candidate;
use crate::detect::named::steps::{Step, candidate as named, walk};
use crate::detect::named::websocket::Frames;
use crate::detect::subject::Subject;

/// The most bytes of a head.
const HEAD_MOST: usize = 64 << 10;

/// What tells a head from chance, in bits.
const HEAD: f64 = 60.0;

/// Requests or answers, and the frames after an upgrade.
pub(crate) fn candidate(subject: &Subject<'_>) -> Option<Candidate> {
    let mut frames: Option<Frames> = None;
    let found = walk(subject, |rest| {
        if let Some(frames) = &mut frames {
            return frames.step(rest);
        }
        let (step, upgraded) = message(rest);
        frames = upgraded.then(Frames::default);
        step
    });
    let what = if frames.is_some() { "HTTP, then WebSocket" } else { "HTTP/1" };
    named(subject, what, found)
}

/// A message, and whether a WebSocket follows.
fn message(rest: &[u8]) -> (Step, bool) {
    if !begins(rest) {
        return (Step::Bad("a request or an answer of HTTP"), false);
    }
    let window = rest.get(..HEAD_MOST).unwrap_or(rest);
    let Some(end) = memmem::find(window, b"\r\n\r\n") else {
        return (Step::Unfinished, false);
    };
    let head = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).to_ascii_lowercase();
    let after = end + 4;
    let field = |name: &str| {
        let line = head.lines().skip(1).find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.strip_prefix(':')).map(str::trim)
    };
    let status = head.strip_prefix("http/1.").and_then(|line| line.get(2..5));
    let upgraded = field("upgrade") == Some("websocket") && matches!(status, None | Some("101"));
    let none = upgraded
        || status.is_some_and(|code| code.starts_with('1') || code == "204" || code == "304");
    let chunked = field("transfer-encoding").is_some_and(|how| how.contains("chunked"));
    let length = field("content-length").and_then(|length| length.parse::<usize>().ok());
    let body = rest.get(after..).unwrap_or_default();
    let body = match length {
        _ if none => Some(0),
        _ if chunked => chunks(body),
        Some(length) => (length <= body.len()).then_some(length),
        // An answer without a length goes on to the end.
        None if status.is_some() => Some(body.len()),
        None => Some(0),
    };
    match body {
        Some(body) => (Step::Message(after + body, HEAD), upgraded),
        None => (Step::Unfinished, false),
    }
}

fn begins(rest: &[u8]) -> bool {
    let line = rest.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line.get(..HEAD_MOST).unwrap_or(line)) else {
        return false;
    };
    let mut words = line.split(' ');
    match words.next() {
        Some("HTTP/1.1" | "HTTP/1.0") => words.next().is_some_and(|code| code.len() == 3),
        Some(method) if METHODS.contains(&method) => line.contains(" HTTP/1."),
        _ => false,
    }
}

/// How long a body in chunks is; none if its end is not there.
fn chunks(body: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let rest = body.get(at..)?;
        let end = memmem::find(rest.get(..64).unwrap_or(rest), b"\r\n")?;
        let digits = std::str::from_utf8(rest.get(..end)?).ok()?;
        let digits = digits.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).ok()?;
        at = at.checked_add(end + 2)?.checked_add(size)?;
        if size == 0 {
            // Trailers end at an empty line.
            let trailers = body.get(at..)?;
            let end = if trailers.starts_with(b"\r\n") {
                2
            } else {
                memmem::find(trailers, b"\r\n\r\n")? + 4
            };
            return Some(at + end);
        }
        at = at.checked_add(2)?;
    }
}
