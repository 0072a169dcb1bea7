//! What holds for every framing and every stream. The input is a framing's
//! spelling, LF, the sizes of the reads (a byte each), LF, the stream.

use std::time::Duration;

use sockeye_wire::deframe::Deframer;
use sockeye_wire::enframe::Enframer;
use sockeye_wire::error::FrameError;
use sockeye_wire::frame::Frame;
use sockeye_wire::framing::Framing;
use sockeye_wire::framing::MARKER_MAX;
use sockeye_wire::framing::Rule;

/// Bytes beside a frame and its markers that may be kept: the longest header.
const HEADER_MAX: usize = 32;

/// Takes one input; panics where a promise is broken.
pub(crate) fn check(data: &[u8]) {
    let (spelling, rest) = line(data);
    let (sizes, stream) = line(rest);
    let Some(framing) = std::str::from_utf8(spelling).ok().and_then(|text| text.parse().ok())
    else {
        return;
    };
    holds(&framing, sizes, stream);
}

fn holds(framing: &Framing, sizes: &[u8], stream: &[u8]) {
    assert_eq!(framing.to_string().parse().as_ref(), Ok(framing));
    let (frames, error) = read(framing, &pieces(stream, sizes));
    if !matches!(framing.rule(), Rule::Raw | Rule::Gap(_)) {
        let at_once = read(framing, &[stream]);
        assert_eq!(
            (&frames, &error),
            (&at_once.0, &at_once.1),
            "{framing}: the cuts make a difference"
        );
    }
    for frame in frames.iter().filter(|frame| frame.whole) {
        carries(framing, frame);
    }
}

/// A frame that was found, made again and found again, is the same.
fn carries(framing: &Framing, frame: &Frame) {
    // What a stream's end ended may have no form of its own with an end.
    if *framing.rule() == Rule::Lines && frame.payload.ends_with(b"\r") {
        return;
    }
    let encoded = Enframer::new(framing.clone()).encode(&frame.payload, frame.tag);
    let bytes = encoded.unwrap_or_else(|error| panic!("{framing}: {error}"));
    let (again, error) = read(framing, &[&bytes]);
    assert_eq!(error, None, "{framing}");
    let [again] = again.as_slice() else {
        panic!("{framing}: one frame became {again:?}");
    };
    assert_eq!(
        (&again.payload, again.tag, again.whole),
        (&frame.payload, frame.tag, true),
        "{framing}"
    );
}

/// Reads a stream to its end. Times follow from the sizes of the pieces.
fn read(framing: &Framing, pieces: &[&[u8]]) -> (Vec<Frame>, Option<FrameError>) {
    let mut deframer = Deframer::new(framing.clone());
    let mut frames = Vec::new();
    let mut now = Duration::ZERO;
    for piece in pieces {
        now += Duration::from_millis(piece.len() as u64);
        if let Some(deadline) = deframer.deadline().filter(|deadline| *deadline <= now) {
            deframer.tick(deadline);
        }
        deframer.push(now, piece);
        if let Err(error) = drain(&mut frames, || deframer.next_frame()) {
            assert_eq!(deframer.pending(), 0, "{framing}: keeps bytes after an error");
            return (frames, Some(error));
        }
        let most = framing.max().saturating_add(2 * MARKER_MAX + HEADER_MAX);
        assert!(deframer.pending() <= most, "{framing}: keeps {}", deframer.pending());
    }
    let error = drain(&mut frames, || deframer.finish()).err();
    let taken = pieces.iter().map(|piece| piece.len() as u64).sum();
    in_order(framing, &frames, taken);
    (frames, error)
}

fn drain(
    frames: &mut Vec<Frame>,
    mut next: impl FnMut() -> Result<Option<Frame>, FrameError>,
) -> Result<(), FrameError> {
    while let Some(frame) = next()? {
        frames.push(frame);
    }
    Ok(())
}

/// Frames follow each other in the stream and lie within it.
fn in_order(framing: &Framing, frames: &[Frame], end: u64) {
    let mut free = 0;
    for frame in frames {
        assert!(frame.off >= free, "{framing}: {frame:?} lies before {free}");
        free = frame.off + frame.len;
        assert!(free <= end, "{framing}: {frame:?} lies beyond {end}");
    }
}

/// The stream in pieces of 1 to 16 bytes, by sizes that come round again; with
/// none in one piece.
fn pieces<'a>(stream: &'a [u8], sizes: &[u8]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        let size = usize::from(size % 16) + 1;
        let Some((piece, after)) = rest.split_at_checked(size) else {
            break;
        };
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// What stands before the first LF and what stands after it.
fn line(data: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}
