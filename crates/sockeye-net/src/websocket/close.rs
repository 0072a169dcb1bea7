//! The codes by which a WebSocket is closed (RFC 6455, section 7.4; IANA's registry), in
//! words.

use sockeye_text::safe::one_line;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const NAMES: [(u16, &str); 16] = [
    (1000, "normal"),
    (1001, "going away"),
    (1002, "protocol error"),
    (1003, "unsupported data"),
    (1005, "no code"),
    (1006, "no close frame"),
    (1007, "invalid payload"),
    (1008, "policy violation"),
    (1009, "message too big"),
    (1010, "extension wanted"),
    (1011, "internal error"),
    (1012, "service restart"),
    (1013, "try again later"),
    (1014, "bad gateway"),
    (1015, "TLS handshake"),
    (3000, "unauthorized"),
];

/// What the library puts in the place of a close frame whose code may not be sent (RFC 6455,
/// 7.4.1 and 7.4.2).
const REPLACED: (u16, &str) = (1002, "Protocol violation");

/// What a close frame says. The reason is the peer's own, made safe to show.
pub(super) fn words(frame: Option<&CloseFrame>) -> String {
    let Some(frame) = frame else {
        return "close without a code".to_owned();
    };
    let code = u16::from(frame.code);
    if (code, frame.reason.as_str()) == REPLACED {
        return "close with a code that no peer may send".to_owned();
    }
    let name = NAMES.iter().find(|(known, _)| *known == code);
    let name = name.map(|(_, name)| format!(" {name}")).unwrap_or_default();
    if frame.reason.is_empty() {
        return format!("close {code}{name}");
    }
    format!("close {code}{name}: {}", one_line(&frame.reason))
}

/// The code that a peer is told which broke the protocol so.
pub(super) fn code(error: &Error) -> CloseCode {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => CloseCode::Size,
        Error::Utf8(_) => CloseCode::Invalid,
        _ => CloseCode::Protocol,
    }
}

/// How it broke the protocol.
pub(super) fn said(error: &Error) -> String {
    match error {
        Error::Protocol(ProtocolError::NonZeroReservedBits) => {
            "it used a reserved bit: an extension that was not agreed upon".to_owned()
        }
        Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            format!(
                "its message of {size} bytes is longer than {max_size}: `?max-message=` allows more"
            )
        }
        Error::Utf8(_) => "its text message is not UTF-8".to_owned(),
        error => {
            let text = error.to_string();
            let text = text.strip_prefix("WebSocket protocol error: ").unwrap_or(&text);
            format!("it broke the WebSocket protocol: {}", one_line(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::protocol::frame::Utf8Bytes;

    use super::*;

    #[test]
    fn a_code_has_its_name_and_a_reason_is_safe_to_show() {
        let frame = |code: u16, reason: &str| CloseFrame {
            code: CloseCode::from(code),
            reason: Utf8Bytes::from(reason),
        };
        assert_eq!(words(Some(&frame(1001, ""))), "close 1001 going away");
        assert_eq!(words(Some(&frame(4000, "\u{1b}[2J"))), "close 4000: ␛[2J");
        assert_eq!(words(None), "close without a code");
    }
}
