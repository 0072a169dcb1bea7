//! What a tape can be converted to, chosen by the ending of a file's name. The forms
//! themselves are elsewhere; a further one is a further variant here.

use std::io;
use std::io::Write;
use std::path::Path;

use sockeye_text::encoding::Encoding;

use crate::contents::Contents;
use crate::diagram::Choice;
use crate::diagram::Diagrams;
use crate::diagram::mermaid;
use crate::diagram::svg;
use crate::event::Event;
use crate::header::Header;
use crate::html::Html;
use crate::keylog::KeyLog;
use crate::pcapng::LeftOut;
use crate::pcapng::Pcapng;
use crate::transcript::Transcript;

/// What a tape can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A capture file: [`Pcapng`].
    Pcapng,
    /// A page: [`Html`].
    Html,
    /// Text: [`Transcript`].
    Text,
    /// A picture: [`svg`].
    Svg,
    /// A diagram for Mermaid: [`mermaid`].
    Mermaid,
}

/// The endings that are known, as a sentence has them.
pub const ENDINGS: &str = "`.pcapng`, `.html`, `.txt`, `.svg`, `.mmd`";

impl Form {
    /// The form that a file's ending asks for; none for an ending that is not known.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "pcapng" => Some(Self::Pcapng),
            "html" => Some(Self::Html),
            "txt" => Some(Self::Text),
            "svg" => Some(Self::Svg),
            "mmd" => Some(Self::Mermaid),
            _ => None,
        }
    }
}

/// What the forms ask for besides the events; each takes its own part of it.
#[derive(Debug, Default)]
pub struct Given {
    /// How bytes become text.
    pub encoding: Encoding,
    /// For the head of a page: collected from the whole tape beforehand.
    pub contents: Contents,
    /// To be embedded in a capture file.
    pub secrets: Option<KeyLog>,
    /// What of the tape is drawn; its encoding is the one above.
    pub choice: Choice,
}

/// A tape on its way into another form.
#[derive(Debug)]
pub enum Export<W> {
    /// A capture file.
    Pcapng(Pcapng<W>),
    /// A page.
    Html(Html<W>),
    /// Text.
    Text(Transcript<W>),
    /// Diagrams, which are written at the end.
    Svg(W, Diagrams),
    /// The same for Mermaid.
    Mermaid(W, Diagrams),
}

impl<W: Write> Export<W> {
    /// Writes what stands before the events.
    pub fn begin(form: Form, out: W, header: &Header, given: &Given) -> io::Result<Self> {
        let choice = Choice { encoding: given.encoding, ..given.choice };
        Ok(match form {
            Form::Pcapng => Self::Pcapng(Pcapng::new(out, header, given.secrets.as_ref())?),
            Form::Html => Self::Html(Html::new(out, header, &given.contents, given.encoding)?),
            Form::Text => Self::Text(Transcript::new(out, header, given.encoding)?),
            Form::Svg => Self::Svg(out, Diagrams::new(choice)),
            Form::Mermaid => Self::Mermaid(out, Diagrams::new(choice)),
        })
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match self {
            Self::Pcapng(pcapng) => pcapng.event(event),
            Self::Html(html) => html.event(event),
            Self::Text(transcript) => transcript.event(event),
            Self::Svg(_, diagrams) | Self::Mermaid(_, diagrams) => {
                diagrams.event(event);
                Ok(())
            }
        }
    }

    /// Writes what stands after the events and flushes; gives the writer back, and what the
    /// form had no place for.
    pub fn end(self) -> io::Result<(W, LeftOut)> {
        Ok(match self {
            Self::Pcapng(pcapng) => return pcapng.end(),
            Self::Html(html) => (html.end()?, LeftOut::default()),
            Self::Text(transcript) => (transcript.end()?, LeftOut::default()),
            Self::Svg(mut out, diagrams) => {
                svg::write(&diagrams.finish(), &mut out)?;
                (out, LeftOut::default())
            }
            Self::Mermaid(mut out, diagrams) => {
                mermaid::write(&diagrams.finish(), &mut out)?;
                (out, LeftOut::default())
            }
        })
    }
}
