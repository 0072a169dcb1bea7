//! What a classic program prints of what it received: a command's output as it is, a
//! message as one line.

use sockeye_text::encoding::{Encoding, TextStream};
use sockeye_text::safe::{one_line, shown};
use sockeye_workbench::journal::Journal;
use sockeye_workbench::screen::PIECE;

/// Where it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// In a pipe or a file: the bytes, or the text of the encoding that was named.
    Plain(Encoding),
    /// In a terminal: as text, with nothing in it that the terminal would obey.
    Terminal(Encoding),
    /// Nowhere: a view shows it already.
    Nowhere,
}

impl Output {
    /// Prints one message as one line.
    pub async fn line(self, journal: &Journal, message: &[u8]) {
        let bytes = match self {
            Self::Nowhere => return,
            Self::Plain(encoding) => match encoding.decode(message) {
                Some(text) => text.replace('\n', "\\n").into_bytes(),
                None => message.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b"\\n"[..]),
            },
            Self::Terminal(encoding) => {
                let text = encoding.decode(message);
                let text = text.unwrap_or_else(|| String::from_utf8_lossy(message).into_owned());
                one_line(&text.replace('\n', "\\n")).into_owned().into_bytes()
            }
        };
        print(journal, &[bytes.as_slice(), b"\n"].concat()).await;
    }

    /// Begins an output that comes in pieces.
    pub fn begin(self) -> Pieces {
        let stream = match self {
            Self::Plain(Encoding::Auto) | Self::Nowhere => None,
            Self::Plain(encoding) | Self::Terminal(encoding) => Some(TextStream::new(encoding)),
        };
        Pieces { output: self, stream }
    }
}

/// An output that comes in pieces, cut anywhere.
#[derive(Debug)]
pub struct Pieces {
    output: Output,
    stream: Option<TextStream>,
}

impl Pieces {
    /// Prints a piece; waits where stdout is a pipe that is full.
    pub async fn push(&mut self, journal: &Journal, bytes: &[u8]) {
        let text = match &mut self.stream {
            None => None,
            Some(stream) => stream.push(bytes).text,
        };
        self.print(journal, bytes, text).await;
    }

    /// Prints what a character that was never finished left.
    pub async fn finish(mut self, journal: &Journal) {
        let text = self.stream.as_mut().and_then(|stream| stream.finish().text);
        self.print(journal, &[], text).await;
    }

    async fn print(&self, journal: &Journal, bytes: &[u8], text: Option<String>) {
        match (self.output, text) {
            (Output::Nowhere, _) => {}
            (Output::Plain(_), None) => print(journal, bytes).await,
            (Output::Plain(_), Some(text)) => print(journal, text.as_bytes()).await,
            (Output::Terminal(_), text) => {
                let text = text.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
                print(journal, shown(&text).as_bytes()).await;
            }
        }
    }
}

async fn print(journal: &Journal, bytes: &[u8]) {
    for piece in bytes.chunks(PIECE) {
        if let Some(room) = journal.screen().room().await {
            room.print(piece.to_vec());
        }
    }
}
