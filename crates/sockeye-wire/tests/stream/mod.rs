//! A stream read in pieces, for tests: what a deframer makes of it.

use std::time::Duration;

use sockeye_wire::deframe::Deframer;
use sockeye_wire::error::FrameError;
use sockeye_wire::frame::Frame;
use sockeye_wire::framing::Framing;

/// All frames of a stream that came in these pieces and then ended, and the
/// error that stopped it, if one did.
pub(crate) fn read<'a>(
    framing: &Framing,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Frame>, Option<FrameError>) {
    let mut deframer = Deframer::new(framing.clone());
    let mut frames = Vec::new();
    let drained = |deframer: &mut Deframer, frames: &mut Vec<Frame>| {
        while let Some(frame) = deframer.next_frame()? {
            frames.push(frame);
        }
        Ok(())
    };
    for piece in pieces {
        deframer.push(Duration::ZERO, piece);
        if let Err(error) = drained(&mut deframer, &mut frames) {
            return (frames, Some(error));
        }
    }
    loop {
        match deframer.finish() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error)),
        }
    }
}
