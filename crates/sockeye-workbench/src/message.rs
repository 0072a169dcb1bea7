//! From what a person means to the bytes on the wire: encoding, checksum, line end,
//! frame, in that order.

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use sockeye_text::encoding::{Encoding, Unmappable};
use sockeye_text::hex::{self, HexError};
use sockeye_wire::checksum::Checksum;
use sockeye_wire::enframe::Enframer;
use sockeye_wire::error::EnframeError;
use sockeye_wire::framing::{Framing, Rule};

/// What stands at the end of a line that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eol {
    /// Nothing.
    None,
    /// `\n`.
    Lf,
    /// `\r\n`.
    CrLf,
    /// `\r`.
    Cr,
}

impl Eol {
    /// The bytes.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::None => b"",
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
            Self::Cr => b"\r",
        }
    }
}

/// Data as the command line names it: `text:…`, `hex:…`, `file:…`, or plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Text, sent in the conversation's encoding.
    Text(String),
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// A file's bytes, read when needed.
    File(PathBuf),
    /// All of stdin; written `-`.
    Stdin,
}

impl FromStr for Data {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        Ok(match text.split_once(':') {
            Some(("text", rest)) => Self::Text(rest.to_owned()),
            Some(("hex", rest)) => Self::Bytes(hex::decode(rest)?),
            Some(("file", rest)) => Self::File(PathBuf::from(rest)),
            _ => Self::Text(text.to_owned()),
        })
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "text:{text}"),
            Self::Bytes(bytes) => write!(f, "hex:{}", hex::encode(bytes)),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Stdin => f.write_str("-"),
        }
    }
}

impl Data {
    /// The bytes, before checksum, line end and frame.
    pub fn bytes(&self, encoding: Encoding) -> Result<Vec<u8>, MessageError> {
        match self {
            Self::Text(text) => Ok(encoding.encode(text)?),
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::Stdin => {
                let mut bytes = Vec::new();
                let read = io::Read::read_to_end(&mut io::stdin().lock(), &mut bytes);
                let failed = |source| MessageError::File { path: "-".into(), source };
                read.map(|_| bytes).map_err(failed)
            }
            Self::File(path) => {
                fs::read(path).map_err(|source| MessageError::File { path: path.clone(), source })
            }
        }
    }
}

/// A message that cannot be sent as it is.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// A character that the encoding does not have.
    #[error(transparent)]
    Encoding(#[from] Unmappable),
    /// What the framing cannot carry.
    #[error(transparent)]
    Frame(#[from] EnframeError),
    /// A file that cannot be read.
    #[error("cannot read `{}`: {}", path.display(), sockeye_text::cause::plain(source))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How messages are put together.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    /// What text becomes.
    pub encoding: Encoding,
    /// Appended to each message.
    pub checksum: Option<Checksum>,
    /// Replaces each typed line's end; unset: bytes stay as they are.
    pub eol: Option<Eol>,
    /// Put around each message.
    pub framing: Option<Framing>,
}

impl Composer {
    /// Whether what is sent stays byte for byte as it was given.
    pub fn is_plain(&self) -> bool {
        self.encoding == Encoding::Auto
            && self.checksum.is_none()
            && self.eol.is_none()
            && self.framing.is_none()
    }

    /// The framer for one direction of one conversation.
    pub fn enframer(&self) -> Option<Enframer> {
        self.framing.clone().map(Enframer::new)
    }

    /// A payload as it goes onto the wire; `answering` is the tag of the frame that it
    /// answers.
    pub fn seal(
        &self,
        mut payload: Vec<u8>,
        enframer: Option<&mut Enframer>,
        answering: Option<u16>,
    ) -> Result<Vec<u8>, MessageError> {
        if let Some(checksum) = &self.checksum {
            checksum.append(&mut payload);
        }
        if let Some(eol) = self.eol.filter(|_| !self.frames_end_lines()) {
            payload.extend_from_slice(eol.bytes());
        }
        match enframer {
            Some(enframer) => Ok(enframer.encode(&payload, answering)?),
            None => Ok(payload),
        }
    }

    /// Whether the framing brings the line's end itself.
    fn frames_end_lines(&self) -> bool {
        let rule = self.framing.as_ref().map(Framing::rule);
        matches!(rule, Some(Rule::Lines | Rule::Crlf | Rule::Delimiter(_)))
    }

    /// A message that came, without the line end that ours have (and a checksum stands
    /// before).
    pub fn without_eol<'m>(&self, message: &'m [u8]) -> &'m [u8] {
        let eol = self.eol.map_or(&b""[..], Eol::bytes);
        message.strip_suffix(eol).unwrap_or(message)
    }

    /// A typed line, its own end included, as a payload: in the encoding, and without the
    /// end wherever an `--eol`, a checksum or a frame takes its place. Bytes that are not
    /// UTF-8 go out as they are.
    pub fn typed(&self, line: &[u8]) -> Result<Vec<u8>, MessageError> {
        let replaced = self.eol.is_some() || self.framing.is_some() || self.checksum.is_some();
        let line = if replaced { without_end(line) } else { line };
        match std::str::from_utf8(line) {
            Ok(text) => Ok(self.encoding.encode(text)?),
            Err(_) => Ok(line.to_vec()),
        }
    }
}

/// The bytes without one `\n` or `\r\n` at their end.
pub fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A text that names no line end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no line end: none, lf, crlf or cr", sockeye_text::safe::one_line(.0))]
pub struct EolError(String);

impl FromStr for Eol {
    type Err = EolError;

    fn from_str(text: &str) -> Result<Self, EolError> {
        match text {
            "none" => Ok(Self::None),
            "lf" => Ok(Self::Lf),
            "crlf" => Ok(Self::CrLf),
            "cr" => Ok(Self::Cr),
            other => Err(EolError(other.to_owned())),
        }
    }
}

impl fmt::Display for Eol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Lf => "lf",
            Self::CrLf => "crlf",
            Self::Cr => "cr",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_lines_end_only_when_asked() {
        let plain = Composer::default();
        assert_eq!(plain.typed(b"hi\n").unwrap(), b"hi\n");
        let crlf = Composer { eol: Some(Eol::CrLf), ..Composer::default() };
        let payload = crlf.typed(b"hi\n").unwrap();
        assert_eq!(crlf.seal(payload, None, None).unwrap(), b"hi\r\n");
    }

    #[test]
    fn sends_text_in_the_encoding_and_refuses_what_it_does_not_have() {
        let gbk = Composer { encoding: "gbk".parse().unwrap(), ..Composer::default() };
        assert_eq!(gbk.typed("你好".as_bytes()).unwrap(), [0xC4, 0xE3, 0xBA, 0xC3]);
        let latin = Composer { encoding: "windows-1252".parse().unwrap(), ..Composer::default() };
        assert!(latin.typed("你".as_bytes()).is_err());
    }

    #[test]
    fn reads_data_as_the_command_line_writes_it() {
        assert_eq!("hex:AA 55".parse(), Ok(Data::Bytes(vec![0xAA, 0x55])));
        assert_eq!("text:hex:AA".parse(), Ok(Data::Text("hex:AA".into())));
        assert_eq!("a: b".parse(), Ok(Data::Text("a: b".into())));
        assert_eq!("-".parse(), Ok(Data::Stdin));
        assert_eq!("text:-".parse(), Ok(Data::Text("-".into())));
        assert!("hex:A".parse::<Data>().is_err());
    }

    #[test]
    fn a_framing_by_lines_brings_the_end_itself() {
        let framing = Some("lines".parse().unwrap());
        let lines = Composer { framing, eol: Some(Eol::CrLf), ..Composer::default() };
        let sealed = lines.seal(b"hi".to_vec(), lines.enframer().as_mut(), None).unwrap();
        assert_eq!(sealed, b"hi\n");
    }
}
