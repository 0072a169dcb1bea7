//! A framing tried on a stream: our own deframer is run over it, with its reads and times, so
//! that what is told is what `--frame` does.

use sockeye_wire::deframe::Deframer;
use sockeye_wire::error::FrameError;
use sockeye_wire::frame::Frame;
use sockeye_wire::framing::{Framing, Rule};

use crate::detect::stream::Stream;

/// The most frames that a trial finds before it stops looking.
const MOST: usize = 1 << 16;

/// Bytes that are shown of a counter-example.
const SHOWN: usize = 16;

/// Where a frame lies, header and delimiter included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Bytes of its payload.
    pub(crate) payload: usize,
}

/// A place that a candidate does not explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Where in the direction's stream.
    pub offset: u64,
    /// What is there, the first bytes of it.
    pub there: Vec<u8>,
    /// What should be there, or what is wrong.
    pub why: String,
}

/// What a trial came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trial {
    /// Whole frames, in order.
    pub(crate) cuts: Vec<Cut>,
    /// Bytes in whole frames.
    pub(crate) covered: usize,
    /// Bytes that were judged.
    pub(crate) judged: usize,
    pub(crate) counter: Option<Counter>,
}

impl Counter {
    /// At `offset` of the stream something else was expected.
    pub(crate) fn at(stream: &Stream, offset: usize, why: impl Into<String>) -> Self {
        let rest = stream.bytes().get(offset..).unwrap_or_default();
        let there = rest.get(..SHOWN).unwrap_or(rest).to_vec();
        Self { offset: offset as u64, there, why: why.into() }
    }
}

impl Trial {
    /// What share of the stream is explained, from 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        use crate::detect::evidence::real;
        if self.judged == 0 { 0.0 } else { real(self.covered) / real(self.judged) }
    }

    /// Whether the last frame ends where the stream does.
    pub(crate) fn ends_with(&self, stream: &Stream) -> bool {
        self.cuts.last().is_some_and(|cut| cut.end == stream.looked())
    }

    fn take(&mut self, stream: &Stream, frame: &Frame, between: Between) {
        let start = usize::try_from(frame.off).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(frame.len).unwrap_or(usize::MAX));
        let before = self.judged;
        self.judged = end;
        if between == Between::Counts {
            self.covered += start.saturating_sub(before);
        } else if start > before {
            let why = "bytes that belong to no frame";
            self.counter.get_or_insert_with(|| Counter::at(stream, before, why));
        }
        if frame.whole {
            self.covered += end - start;
            self.cuts.push(Cut { start, end, payload: frame.payload.len() });
        } else {
            let why = "no whole frame";
            self.counter.get_or_insert_with(|| Counter::at(stream, start, why));
        }
    }

    fn fail(&mut self, stream: &Stream, error: &FrameError) {
        self.judged = stream.looked();
        let (offset, why) = match error {
            FrameError::TooLong { offset, length, .. } => {
                (*offset, format!("a length of {length}"))
            }
            FrameError::TooShort { offset, length, .. } => {
                (*offset, format!("a length of {length}"))
            }
            FrameError::Endless { offset, .. } => (*offset, "a frame without an end".to_owned()),
            FrameError::TooDeep { offset, .. } => (*offset, "nested too deep".to_owned()),
            FrameError::Malformed { offset, expected } => (*offset, format!("expected {expected}")),
            FrameError::MidFrame { began, .. } => (*began, "the last frame is cut".to_owned()),
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        self.counter.get_or_insert_with(|| Counter::at(stream, offset, why));
    }
}

/// What bytes between two frames are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    /// Part of the framing: white space between JSON values, idle delimiters.
    Counts,
    /// Noise.
    Noise,
}

/// Runs the deframer of `framing` over the stream.
pub(crate) fn run(stream: &Stream, framing: &Framing) -> Trial {
    run_with(stream, framing, |_| {})
}

/// The same, and each whole frame's payload is handed on.
pub(crate) fn run_with(stream: &Stream, framing: &Framing, mut each: impl FnMut(&Frame)) -> Trial {
    let between = match framing.rule() {
        Rule::Json | Rule::Cobs | Rule::Slip => Between::Counts,
        _ => Between::Noise,
    };
    let mut deframer = Deframer::new(framing.clone());
    let mut trial = Trial::default();
    for (at, bytes) in stream.pieces() {
        deframer.push(at, bytes);
        loop {
            match deframer.next_frame() {
                Ok(Some(frame)) => {
                    trial.take(stream, &frame, between);
                    each(&frame);
                }
                Ok(None) => break,
                Err(error) => {
                    trial.fail(stream, &error);
                    return trial;
                }
            }
            if trial.cuts.len() >= MOST {
                return trial;
            }
        }
    }
    if stream.goes_on() {
        return trial;
    }
    loop {
        match deframer.finish() {
            Ok(Some(frame)) => {
                trial.take(stream, &frame, between);
                each(&frame);
            }
            Ok(None) => break,
            Err(error) => {
                trial.fail(stream, &error);
                return trial;
            }
        }
    }
    if between == Between::Counts {
        trial.covered += stream.looked().saturating_sub(trial.judged);
    }
    trial.judged = stream.looked();
    trial
}
