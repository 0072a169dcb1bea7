//! HTTP's CONNECT (RFC 9110, 9.3.6) with `Proxy-Authorization: Basic` (RFC 7617), as its
//! client: bytes in, bytes out. Of the answer only the status counts; a body that a refusal
//! carries is left unread.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Code;
use crate::host::{Host, HostPort};
use crate::via::{Login, Step, ViaError};

/// The longest head of an answer that is read, interim answers included, in bytes.
const LONGEST: usize = 16 * 1024;
/// The longest status line that is shown, in characters.
const LONGEST_SHOWN: usize = 120;
/// How every answer begins (RFC 9112, section 4).
const BEGINNING: &[u8] = b"HTTP/1.";

/// The client's side.
#[derive(Debug)]
pub struct Connect {
    request: Option<Vec<u8>>,
    head: Vec<u8>,
    /// Bytes of interim answers before.
    before: usize,
    with_login: bool,
}

impl Connect {
    /// The way to that peer.
    pub fn new(target: &HostPort, login: Option<&Login>) -> Result<Self, ViaError> {
        let refuse = |why| Err(ViaError::Target(target.to_string(), why));
        match &target.host {
            Host::Any => return refuse("it is no address"),
            Host::V6(_, Some(_)) => return refuse("an interface is this machine's own"),
            Host::Name(_) | Host::V4(_) | Host::V6(_, None) => {}
        }
        let who = login.map(|login| {
            let spelt = STANDARD.encode(format!("{}:{}", login.user, login.password));
            format!("Proxy-Authorization: Basic {spelt}\r\n")
        });
        let who = who.unwrap_or_default();
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{who}\r\n");
        Ok(Self {
            request: Some(request.into_bytes()),
            head: Vec::new(),
            before: 0,
            with_login: login.is_some(),
        })
    }

    /// Takes what came, at first nothing, and says what to do. Never wants a byte that is
    /// not the proxy's.
    pub fn next(&mut self, came: &[u8]) -> Result<Step, ViaError> {
        if let Some(request) = self.request.take() {
            return Ok(Step::Say(request, 2));
        }
        self.head.extend_from_slice(came);
        if self.head.iter().zip(BEGINNING).any(|(byte, good)| byte != good) {
            return Err(ViaError::NoProxy { kind: "HTTP", first: std::mem::take(&mut self.head) });
        }
        if self.before + self.head.len() > LONGEST {
            return Err(ViaError::TooLong(LONGEST));
        }
        match self.missing() {
            0 => self.judge(),
            missing => Ok(Step::Wait(missing)),
        }
    }

    /// How many bytes the head lacks at least: it ends with an empty line (RFC 9112, 2.1),
    /// whose line end, like every other, may be a bare LF (2.2).
    fn missing(&self) -> usize {
        match self.head.as_slice() {
            [.., b'\n', b'\n'] | [.., b'\n', b'\r', b'\n'] => 0,
            [.., b'\n' | b'\r'] => 1,
            _ => 2,
        }
    }

    fn judge(&mut self) -> Result<Step, ViaError> {
        let head = std::mem::take(&mut self.head);
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        let Some(status) = status(line) else {
            return Err(ViaError::NoProxy { kind: "HTTP", first: head });
        };
        let said: String = line.chars().take(LONGEST_SHOWN).collect();
        let code = match status {
            // An interim answer: the real one follows (RFC 9110, 15.2).
            100..=199 => {
                self.before += head.len();
                return Ok(Step::Wait(2));
            }
            200..=299 => return Ok(Step::Through),
            407 => return Err(ViaError::WhoAreYou { said, given: self.with_login }),
            401 | 403 => Code::Denied,
            504 => Code::Timeout,
            502 | 503 => Code::Unreachable,
            _ => Code::Refused,
        };
        Err(ViaError::Said { code, said })
    }
}

/// The three digits of a status line.
fn status(line: &str) -> Option<u16> {
    let digits = line.split(' ').nth(1)?;
    let good = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> HostPort {
        HostPort { host: Host::Name("peer.example".to_owned()), port: 80 }
    }

    /// What the answer comes to, given at most as many bytes at once as are wanted; and how
    /// many bytes were taken.
    fn answered(answer: &[u8]) -> (Result<Step, ViaError>, usize) {
        let mut talk = Connect::new(&peer(), None).unwrap();
        let mut step = talk.next(&[]);
        let mut taken = 0;
        loop {
            let most = match step {
                Ok(Step::Say(_, most) | Step::Wait(most)) => most,
                end => return (end, taken),
            };
            let part = &answer[taken..answer.len().min(taken + most)];
            assert!(!part.is_empty(), "the answer was over");
            taken += part.len();
            step = talk.next(part);
        }
    }

    #[test]
    fn asks_in_authority_form_with_the_login_as_basic() {
        let login = Login::parse("Aladdin:open sesame").unwrap();
        let mut talk = Connect::new(&peer(), Some(&login)).unwrap();
        let Step::Say(bytes, _) = talk.next(&[]).unwrap() else { panic!("a request") };
        let expected = "CONNECT peer.example:80 HTTP/1.1\r\nHost: peer.example:80\r\n\
                        Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn takes_the_head_and_not_one_byte_more() {
        for head in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.0 200 Connection established\r\nA: b\r\nC: d\r\n\r\n",
            "HTTP/1.1 200\n\n",
            "HTTP/1.1 204 x\nA: b\n\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ] {
            for after in ["", "\r\n\r\npeer", "\n", "x"] {
                let (end, taken) = answered(format!("{head}{after}").as_bytes());
                assert_eq!(end.unwrap(), Step::Through, "{head}");
                assert_eq!(taken, head.len(), "{head}");
            }
        }
    }

    #[test]
    fn each_refusal_has_its_code_and_its_words() {
        for (line, code) in [
            ("HTTP/1.1 403 Forbidden", Code::Denied),
            ("HTTP/1.1 407 Proxy Authentication Required", Code::Denied),
            ("HTTP/1.1 502 Bad Gateway", Code::Unreachable),
            ("HTTP/1.1 504 Gateway Timeout", Code::Timeout),
            ("HTTP/1.1 405 Method Not Allowed", Code::Refused),
            ("HTTP/1.1 302 Found", Code::Refused),
        ] {
            let error = answered(format!("{line}\r\nX: y\r\n\r\n<html>").as_bytes()).0.unwrap_err();
            assert_eq!(error.code(), code, "{line}");
            assert_eq!(error.to_string(), format!("the proxy says: {line}"));
        }
    }

    #[test]
    fn words_are_bounded_and_harmless() {
        let line = format!("HTTP/1.1 500 \x1b[2J{}", "x".repeat(5000));
        let error = answered(format!("{line}\r\n\r\n").as_bytes()).0.unwrap_err().to_string();
        assert!(error.chars().count() < 200 && !error.contains('\x1b'), "{error}");
    }

    #[test]
    fn a_head_without_end_and_interim_answers_without_end_are_refused() {
        let long = [b"HTTP/1.1 200 OK\r\n".to_vec(), vec![b'a'; LONGEST]].concat();
        assert!(matches!(answered(&long).0, Err(ViaError::TooLong(_))));
        let many = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(LONGEST / 20);
        assert!(matches!(answered(&many).0, Err(ViaError::TooLong(_))));
    }

    #[test]
    fn what_is_no_status_line_is_no_proxy() {
        for answer in ["SSH-2.0-x\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc x\r\n\r\n", "\0\0"] {
            let end = answered(answer.as_bytes()).0;
            assert!(matches!(end, Err(ViaError::NoProxy { .. })), "{answer:?}: {end:?}");
        }
    }
}
