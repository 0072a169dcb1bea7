//! What every family of candidates looks at: a stream, what its bytes cost by chance, and
//! whether it is text.

use crate::detect::encoding;
use crate::detect::evidence::Chance;
use crate::detect::stream::Stream;

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
}
