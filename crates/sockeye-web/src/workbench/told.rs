//! What the page wants sent: to whom, and how a message is put together. Pure, but for the
//! files that nobody may name here.

use serde::{Deserialize, Serialize};
use sockeye_text::encoding::Encoding;
use sockeye_text::escape::{self, Part};
use sockeye_text::hex;
use sockeye_wire::enframe::Enframer;
use sockeye_workbench::message::{Composer, Eol};
use sockeye_workbench::roster::Order;

use crate::workbench::draft::{Does, Draft};
use crate::workbench::meaning;
use crate::workbench::refusal::Refusal;

/// The longest message, in bytes.
pub const LONGEST: usize = 1024 * 1024;

/// So many of the bytes that would go out are shown.
const SHOWN: usize = 64;

/// Whom it is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum To {
    /// Everybody.
    All(Everybody),
    /// The conversations of these numbers.
    These(Vec<u64>),
}

/// The word for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Everybody {
    /// Every conversation that is open.
    All,
}

/// How the data of a message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text, in an encoding.
    Text,
    /// Hexadecimal digits.
    Hex,
}

/// A message as it is written. What is not given is as the run has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    kind: Kind,
    data: String,
    /// Whether `\n`, `\xAA` and the like are read in a text.
    #[serde(default)]
    escapes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<String>,
}

/// A message, ready for conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// What each is told.
    pub order: Order,
    /// What goes onto the wire, as far as it is known before it does.
    pub bytes: Vec<u8>,
}

/// What would go out, for the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    bytes: usize,
    hex: String,
}

impl Sealed {
    /// Its length, and how it begins.
    pub fn preview(&self) -> Preview {
        let head = self.bytes.get(..SHOWN).unwrap_or(&self.bytes);
        Preview { bytes: self.bytes.len(), hex: hex::encode(head) }
    }
}

impl Message {
    /// Puts it together: encoding, checksum, line end, frame, where it says so, else as the run
    /// does.
    pub fn seal(&self, run: &Composer) -> Result<Sealed, Refusal> {
        let composer = self.composer(run)?;
        let payload = self.payload(composer.encoding)?;
        let mut enframer = composer.framing.clone().map(Enframer::new);
        let sealed = composer.seal(payload.clone(), enframer.as_mut(), None);
        let bytes = sealed.map_err(|error| {
            Refusal::usage(error.to_string()).hint("another encoding or framing").field("data")
        })?;
        if bytes.len() > LONGEST {
            let text = format!("a message of {} bytes: {LONGEST} is the most", bytes.len());
            return Err(Refusal::too_large(text).hint("send it as a file"));
        }
        // The conversation knows what its frames are numbered by; where the message goes its
        // own way, it goes as it is.
        let order =
            if is_same(&composer, run) { Order::Send(payload) } else { Order::Raw(bytes.clone()) };
        Ok(Sealed { order, bytes })
    }

    fn composer(&self, run: &Composer) -> Result<Composer, Refusal> {
        let draft = Draft {
            does: Does::Connect,
            encoding: self.encoding.clone(),
            eol: self.eol.clone(),
            checksum: self.checksum.clone(),
            frame: self.frame.clone(),
            ..Draft::default()
        };
        let read = meaning::composer(&draft)?;
        Ok(Composer {
            encoding: if self.encoding.is_some() { read.encoding } else { run.encoding },
            eol: if self.eol.is_some() { read.eol } else { run.eol },
            checksum: if self.checksum.is_some() { read.checksum } else { run.checksum },
            framing: if self.frame.is_some() { read.framing } else { run.framing.clone() },
        })
    }

    fn payload(&self, encoding: Encoding) -> Result<Vec<u8>, Refusal> {
        let said = |text: String, hint: &str| Refusal::usage(text).hint(hint).field("data");
        let written = |text: &str| {
            encoding.encode(text).map_err(|error| said(error.to_string(), "another encoding"))
        };
        match self.kind {
            Kind::Hex => hex::decode(&self.data)
                .map_err(|error| said(error.to_string(), "as in AA 55 or 0xAA,0x55")),
            Kind::Text if !self.escapes => written(&self.data),
            Kind::Text => {
                let parts = escape::parts(&self.data).map_err(|error| {
                    said(error.to_string(), r"a backslash by itself is written \\")
                })?;
                let mut bytes = Vec::new();
                for part in parts {
                    match part {
                        Part::Text(text) => bytes.extend(written(&text)?),
                        Part::Bytes(more) => bytes.extend(more),
                    }
                }
                Ok(bytes)
            }
        }
    }
}

/// Whether both put the same around a payload.
fn is_same(one: &Composer, other: &Composer) -> bool {
    let eol = |composer: &Composer| composer.eol.map_or(&b""[..], Eol::bytes);
    eol(one) == eol(other) && one.checksum == other.checksum && one.framing == other.framing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str) -> Message {
        serde_json::from_str(json).expect("a message")
    }

    fn sent(json: &str, run: &Composer) -> Sealed {
        message(json).seal(run).expect("it can be sent")
    }

    #[test]
    fn what_is_not_said_is_as_the_run_has_it() {
        let run = Composer { framing: Some("len:u8".parse().unwrap()), ..Composer::default() };
        let sealed = sent(r#"{"kind":"text","data":"hi"}"#, &run);
        assert_eq!(sealed.bytes, b"\x02hi");
        assert_eq!(sealed.order, Order::Send(b"hi".to_vec()));
        let sealed = sent(r#"{"kind":"text","data":"hi","frame":""}"#, &run);
        assert_eq!(sealed.order, Order::Raw(b"hi".to_vec()));
        let sealed = sent(r#"{"kind":"text","data":"","eol":"none"}"#, &Composer::default());
        assert_eq!(sealed.order, Order::Send(Vec::new()), "an empty datagram is one");
        let sealed = sent(r#"{"kind":"text","data":"hi","frame":"","eol":"crlf"}"#, &run);
        assert_eq!(sealed.bytes, b"hi\r\n");
    }

    #[test]
    fn escapes_are_bytes_and_characters_are_in_the_encoding() {
        let plain = Composer::default();
        let text = r#"{"kind":"text","data":"你\\xff\\n","escapes":true,"encoding":"gbk"}"#;
        assert_eq!(sent(text, &plain).bytes, [0xC4, 0xE3, 0xFF, b'\n']);
        let text = r#"{"kind":"text","data":"a\\n"}"#;
        assert_eq!(sent(text, &plain).bytes, b"a\\n");
        assert_eq!(sent(r#"{"kind":"hex","data":"AA 55"}"#, &plain).bytes, [0xAA, 0x55]);
    }

    #[test]
    fn what_cannot_be_sent_is_told_with_the_field() {
        let plain = Composer::default();
        for (json, field) in [
            (r#"{"kind":"hex","data":"A"}"#, "data"),
            (r#"{"kind":"text","data":"\\q","escapes":true}"#, "data"),
            (r#"{"kind":"text","data":"你","encoding":"windows-1252"}"#, "data"),
            (r#"{"kind":"text","data":"a","encoding":"klingon"}"#, "encoding"),
            (r#"{"kind":"text","data":"a","checksum":"crc99"}"#, "checksum"),
            (r#"{"kind":"text","data":"a","frame":"len:u9"}"#, "frame"),
        ] {
            let refusal = message(json).seal(&plain).unwrap_err();
            assert_eq!(
                (refusal.status.as_u16(), refusal.field.as_deref()),
                (400, Some(field)),
                "{json}"
            );
        }
    }
}
