//! What every family of candidates looks at: a stream, what its bytes cost by chance, and
//! whether it is text.

use crate::detect::encoding;
use crate::detect::evidence::{Chance, real};
use crate::detect::stream::Stream;

/// The most that text tells, in bits.
const TEXT_MOST: f64 = 30.0;

/// How far so many bytes of text are from chance: 1.4 bits each.
pub(crate) fn of_text(bytes: usize) -> f64 {
    (real(bytes) * 1.4).min(TEXT_MOST)
}

/// A stream with what is known of it.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) stream: &'a Stream,
    pub(crate) chance: Chance,
    /// The encoding that all of it is text in.
    pub(crate) text: Option<&'static str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn of(stream: &'a Stream) -> Self {
        let bytes = stream.bytes();
        Self { stream, chance: Chance::of(bytes), text: encoding::of(bytes) }
    }

    /// What it tells, in bits, that what is inside the frames is text while the stream is
    /// none: the cut then takes out just what is no text.
    pub(crate) fn text_inside<'b>(&self, insides: impl Iterator<Item = &'b [u8]>) -> f64 {
        if self.text.is_some() {
            return 0.0;
        }
        let mut text = Vec::new();
        for inside in insides {
            text.extend_from_slice(inside);
            if text.len() > encoding::LOOK {
                break;
            }
        }
        match encoding::of(&text) {
            Some(_) => of_text(text.len()),
            None => 0.0,
        }
    }
}
