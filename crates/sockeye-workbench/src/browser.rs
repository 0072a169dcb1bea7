//! How a caller begins that is a browser: any page may make one call any port of its own
//! machine, and what follows its request line is whatever the page wants. A server that lets
//! callers act on this machine hangs up on such a caller.

use sockeye_net::http_method::{after_method, begins_method};
use sockeye_net::pump::Pass;

/// How the target of a request begins (RFC 9112, section 3.2).
const TARGETS: [&[u8]; 3] = [b"/", b"*", b"http"];
/// A first line longer than this is no command.
const LONGEST: usize = 64 * 1024;
/// A browser sends its whole head at once, so that its first segment is at least as long as
/// this, or whole (RFC 9293, section 3.7.1: 536 bytes). What is shorter and has no blank yet
/// is no method.
pub const SEGMENT: usize = 512;

/// Judges how a caller begins, as far as it has come: a browser begins with a method, a space,
/// and a target that is a path, `*` or an `http` address. Of the usual methods the rest of the
/// line does not matter; a page whose name was rebound to this machine may use any other token
/// as a method, and is known by the `HTTP/` at the end of the line.
pub fn judge(first: &[u8]) -> Pass {
    if begins_method(first) {
        return Pass::Hold;
    }
    if let Some(target) = after_method(first) {
        return match begins(target) {
            Some(true) => Pass::Never,
            Some(false) => Pass::Yes,
            None => Pass::Hold,
        };
    }
    let (line, whole) = match first.iter().position(|byte| *byte == b'\n') {
        Some(end) => (first.get(..end).unwrap_or_default(), true),
        None => (first, false),
    };
    let method = line.iter().take_while(|byte| is_token(**byte)).count();
    let target = match line.get(method..) {
        Some([b' ', target @ ..]) if method > 0 => target,
        Some([]) if method >= SEGMENT && !whole => return hold(first),
        _ => return Pass::Yes,
    };
    match begins(target) {
        Some(false) => Pass::Yes,
        _ if !whole => hold(first),
        _ if line.windows(6).any(|part| part == b" HTTP/") => Pass::Never,
        _ => Pass::Yes,
    }
}

/// Whether a first message is a browser's: a whole one, or one that a recv of 1024 bytes cut.
pub fn is_request(message: &[u8]) -> bool {
    const CLASSIC_RECV: usize = 1024;
    let cut = message.len() >= CLASSIC_RECV && judge(message) == Pass::Hold;
    cut || judge(&[message, b"\n"].concat()) == Pass::Never
}

fn hold(first: &[u8]) -> Pass {
    if first.len() > LONGEST { Pass::Never } else { Pass::Hold }
}

/// Whether a target begins like that of a request; none if it may still.
fn begins(target: &[u8]) -> Option<bool> {
    if TARGETS.iter().any(|begin| target.starts_with(begin)) {
        return Some(true);
    }
    TARGETS.iter().all(|begin| !begin.starts_with(target)).then_some(false)
}

/// A character of a token (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_a_browsers_request_however_long_and_however_it_is_cut() {
        let long = [b"POST /", vec![b'A'; 200_000].as_slice(), b" HTTP/1.1\r\n\r\nrm x"].concat();
        for request in [long.as_slice(), b"GET http://h/ HTTP/1.1\r\n", b"OPTIONS * HTTP/1.1\r\n"] {
            let cuts: Vec<Pass> = (1..12).map(|cut| judge(&request[..cut])).collect();
            assert!(!cuts.contains(&Pass::Yes), "{cuts:?}");
            assert_eq!(judge(request), Pass::Never);
        }
        assert_eq!(judge(b"GET temperature\n"), Pass::Yes);
        assert_eq!(judge(b"GE"), Pass::Hold);
        assert_eq!(judge(b"ls -l\nPOST / HTTP/1.1\n"), Pass::Yes);
    }

    #[test]
    fn bars_a_request_whose_method_is_any_token() {
        let long = [vec![b'a'; 3_000].as_slice(), b" / HTTP/1.1\r\n\r\nid"].concat();
        for request in [b"echo / HTTP/1.1\r\n\r\nid".as_slice(), b"patch /x HTTP/1.1\n", &long] {
            assert_eq!(judge(request), Pass::Never);
            let line = request.iter().position(|byte| *byte == b'\n').unwrap();
            let blank = request.iter().position(|byte| *byte == b' ').unwrap();
            for cut in (blank + 1)..line {
                assert_eq!(judge(&request[..cut]), Pass::Hold, "{cut}");
            }
        }
        assert_eq!(judge(&long[..1460]), Pass::Hold);
        assert_eq!(judge(&vec![b'a'; LONGEST + 1]), Pass::Never);
    }

    #[test]
    fn lets_commands_through_at_once() {
        for command in ["hello", "ls", "ls -l /tmp\n", "ls /tmp\n", "a", "cat *\n", "\x00\x01 /"] {
            assert_eq!(judge(command.as_bytes()), Pass::Yes, "{command}");
        }
        // Until its line ends, it could become a request.
        assert_eq!(judge(b"ls /tmp"), Pass::Hold);
    }

    #[test]
    fn a_whole_message_needs_no_line_end() {
        assert!(is_request(b"echo / HTTP/1.1\r\nHost: evil\r\n\r\nid"));
        assert!(is_request(b"POST /"));
        assert!(!is_request(b"ls /tmp"));
        let long = [b"echo /".as_slice(), &vec![b'a'; 2_000], b" HTTP/1.1\r\n"].concat();
        assert!(is_request(&long[..1024]) && is_request(&long));
        assert!(!is_request(b"GET"));
    }
}
