//! What faults strike: reads, messages, datagrams as they come, or frames where there is a
//! framing. A frame waits until it is whole. One that is longer than 256 KiB, or during
//! which nothing came for 100 ms, goes on as it came and is no unit, so that a wrong framing
//! stops no talk; so do bytes that belong to no frame.

use std::time::Duration;

use sockeye_net::came::Kind;
use sockeye_wire::deframe::Deframer;
use sockeye_wire::framing::{Framing, Rule};

use crate::fault::unit::Unit;

/// A frame that is not whole waits through so long a silence.
const SILENCE: Duration = Duration::from_millis(100);
/// And only while it has so many bytes at most.
const LONGEST: usize = 256 * 1024;

/// Makes units of one direction's bytes.
#[derive(Debug)]
pub(super) struct Forming {
    framed: Option<Framed>,
    noun: &'static str,
    number: u64,
    /// Bytes given out by now.
    off: u64,
}

#[derive(Debug)]
struct Framed {
    deframer: Deframer,
    /// Read and not given out: what stands from `off` on.
    waiting: Vec<u8>,
    last: Duration,
}

impl Forming {
    /// For a stream with that framing, or where each read, message or datagram (`noun`) is a
    /// unit.
    pub(super) fn new(framing: Option<&Framing>, noun: &'static str) -> Self {
        let framing = framing.filter(|framing| !matches!(framing.rule(), Rule::Raw));
        let framed = framing.map(|framing| Framed {
            deframer: Deframer::new(framing.clone()),
            waiting: Vec::new(),
            last: Duration::ZERO,
        });
        let noun = if framed.is_some() { "frame" } else { noun };
        Self { framed, noun, number: 0, off: 0 }
    }

    /// What one recv brought.
    pub(super) fn take(&mut self, now: Duration, bytes: Vec<u8>, kind: Option<Kind>) -> Vec<Unit> {
        match &mut self.framed {
            // Messages have boundaries of their own.
            Some(framed) if kind.is_none() => {
                framed.waiting.extend_from_slice(&bytes);
                framed.last = now;
                framed.deframer.push(now, &bytes);
                let mut units = self.whole();
                if self.weight() > LONGEST {
                    units.extend(self.rest());
                }
                units
            }
            _ => {
                self.number += 1;
                vec![self.unit(bytes, kind, self.number)]
            }
        }
    }

    /// Time has passed.
    pub(super) fn due(&mut self, now: Duration) -> Vec<Unit> {
        let due = self.deadline().is_some_and(|due| now >= due);
        let Some(framed) = self.framed.as_mut().filter(|_| due) else {
            return Vec::new();
        };
        let by_silence = framed.deframer.deadline().is_some();
        framed.deframer.tick(now);
        let mut units = self.whole();
        if !by_silence {
            units.extend(self.rest());
        }
        units
    }

    /// The source has ended.
    pub(super) fn end(&mut self) -> Vec<Unit> {
        let mut units = Vec::new();
        while let Some(framed) = &mut self.framed
            && let Ok(Some(frame)) = framed.deframer.finish()
        {
            self.give(frame.off, frame.len, &mut units);
        }
        units.extend(self.rest());
        units
    }

    /// When [`Forming::due`] is.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let framed = self.framed.as_ref().filter(|framed| !framed.waiting.is_empty())?;
        Some(framed.deframer.deadline().unwrap_or(framed.last + SILENCE))
    }

    pub(super) fn weight(&self) -> usize {
        self.framed.as_ref().map_or(0, |framed| framed.waiting.len())
    }

    fn whole(&mut self) -> Vec<Unit> {
        let mut units = Vec::new();
        while let Some(framed) = &mut self.framed {
            match framed.deframer.next_frame() {
                Ok(Some(frame)) => self.give(frame.off, frame.len, &mut units),
                Ok(None) => break,
                // The journal tells of it; here the rest is bytes.
                Err(_) => {
                    units.extend(self.rest());
                    break;
                }
            }
        }
        units
    }

    /// Gives out what lies before a frame, and the frame; what is left of it, if it has begun
    /// to go on already.
    fn give(&mut self, off: u64, len: u64, units: &mut Vec<Unit>) {
        self.number += 1;
        let begun = off < self.off;
        let before = off.saturating_sub(self.off);
        let noise = self.front(before);
        if !noise.is_empty() {
            units.push(self.unit(noise, None, 0));
        }
        let len = (off + len).saturating_sub(self.off);
        let frame = self.front(len);
        if !frame.is_empty() {
            let number = if begun { 0 } else { self.number };
            units.push(self.unit(frame, None, number));
        }
    }

    /// All that waits, as no unit.
    fn rest(&mut self) -> Option<Unit> {
        let framed = self.framed.as_mut().filter(|framed| !framed.waiting.is_empty())?;
        let bytes = std::mem::take(&mut framed.waiting);
        Some(self.unit(bytes, None, 0))
    }

    fn front(&mut self, count: u64) -> Vec<u8> {
        let Some(framed) = &mut self.framed else {
            return Vec::new();
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(framed.waiting.len());
        let rest = framed.waiting.split_off(count);
        std::mem::replace(&mut framed.waiting, rest)
    }

    fn unit(&mut self, bytes: Vec<u8>, kind: Option<Kind>, number: u64) -> Unit {
        let (counts, off) = (bytes.len(), self.off);
        self.off += counts as u64;
        let bytes = bytes.into();
        Unit { bytes, kind, number, off, counts, copy: false, noun: self.noun }
    }
}
