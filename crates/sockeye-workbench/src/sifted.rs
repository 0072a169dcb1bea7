//! What of a reel passes a sieve, gone through step by step while the reel grows: by reads, or
//! by frames that a lens finds. It reads the reel; when it goes on is decided above.

use std::ops::Range;
use std::time::Duration;

use sockeye_tape::error::TapeError;
use sockeye_tape::event::Event;
use sockeye_tape::reel::entry::Entry;
use sockeye_tape::reel::reading::Reading;

use crate::hits::{Frame, Hit, Hits};
use crate::lens::{Found, Lens};
use crate::sieve::{Judged, Sieve};

/// What has passed so far. Hits are numbered from 0 on, each keeps its number, and those of
/// events that the reel has forgotten are dropped from the front.
#[derive(Debug)]
pub struct Sifted {
    sieve: Sieve,
    lens: Option<Lens>,
    searched: u64,
    hits: Hits,
}

impl Sifted {
    /// The reads, writes and other events that pass.
    pub fn by_reads(sieve: Sieve) -> Self {
        Self { sieve, lens: None, searched: 0, hits: Hits::of_events() }
    }

    /// The frames that the lens finds and that pass, in place of the reads and writes.
    pub fn by_frames(sieve: Sieve, lens: Lens) -> Self {
        let lens = Some(lens.forgetful());
        Self { lens, hits: Hits::of_frames(), ..Self::by_reads(sieve) }
    }

    /// How many events have been looked at, the forgotten ones included.
    pub fn searched(&self) -> u64 {
        self.searched
    }

    /// How many have passed so far: the number of the next hit.
    pub fn total(&self) -> u64 {
        self.hits.total()
    }

    /// The lowest number of a hit that is kept.
    pub fn first(&self) -> u64 {
        self.hits.first()
    }

    /// The hits of these numbers that are kept.
    pub fn hits(&self, range: Range<u64>) -> impl Iterator<Item = (u64, Hit)> {
        self.hits.range(range)
    }

    /// The lens, where it goes by frames.
    pub fn lens(&self) -> Option<&Lens> {
        self.lens.as_ref()
    }

    /// Goes on with the next events, at most so many as [`Reading::events`] gives at once.
    /// True: there may be more to go on with.
    pub fn advance(&mut self, reading: &Reading) -> Result<bool, TapeError> {
        self.forget(reading.first());
        let (first, entries) = reading.entries(self.searched..reading.len());
        if entries.is_empty() {
            return Ok(false);
        }
        self.searched = first;
        // Most sieves are decided by the index, which costs a hundredth of reading.
        if self.lens.is_none() && self.sieve.find.is_none() {
            for (number, entry) in (first..).zip(&entries) {
                if self.sieve.judge(entry) == Judged::Passes {
                    self.hits.event(number);
                }
            }
            self.searched += entries.len() as u64;
            return Ok(true);
        }
        let events = match reading.events(first..first + entries.len() as u64) {
            // Gone meanwhile: the next call goes on with what is kept.
            Err(TapeError::Forgotten { .. }) => return Ok(true),
            events => events?,
        };
        for ((number, entry), event) in (first..).zip(&entries).zip(&events) {
            self.look(number, entry, event, reading);
            self.searched = number + 1;
        }
        Ok(true)
    }

    /// It is `at` on the reel's clock, and every event before it has been looked at: frames that
    /// a silence ends may be whole. No framing but `gap` wants it.
    pub fn tick(&mut self, at: Duration, reading: &Reading) {
        let Some(lens) = &mut self.lens else {
            return;
        };
        let (sieve, hits) = (&self.sieve, &mut self.hits);
        lens.tick(at, &mut |found, bytes| {
            if passes(sieve, &found, bytes, reading) {
                hits.frame(kept(&found));
            }
        });
    }

    fn look(&mut self, number: u64, entry: &Entry, event: &Event<'_>, reading: &Reading) {
        let Some(lens) = &mut self.lens else {
            if self.sieve.passes(event) {
                self.hits.event(number);
            }
            return;
        };
        let (sieve, hits) = (&self.sieve, &mut self.hits);
        lens.take(number, entry, event, &mut |found, bytes| {
            if passes(sieve, &found, bytes, reading) {
                hits.frame(kept(&found));
            }
        });
        if !entry.kind.has_bytes() && self.sieve.passes(event) {
            self.hits.event(number);
        }
    }

    fn forget(&mut self, first: u64) {
        if self.searched < first {
            self.searched = first;
        }
        self.hits.forget(first);
        if let Some(lens) = self.lens.as_mut().filter(|_| first > 0) {
            lens.forget(first);
        }
    }
}

fn kept(found: &Found) -> Frame {
    Frame { number: found.number, off: found.off, len: found.len, whole: found.whole }
}

/// Whether a frame passes. Where the lens did not hold its bytes they are read once more.
fn passes(sieve: &Sieve, found: &Found, bytes: Option<&[u8]>, reading: &Reading) -> bool {
    if sieve.find.is_none() || !sieve.meets_frame(found) {
        return sieve.meets_frame(found);
    }
    if let Some(bytes) = bytes {
        return sieve.passes_frame(found, bytes);
    }
    let bytes = reading.bytes(found.c, found.dir, found.off, found.len);
    bytes.is_ok_and(|bytes| sieve.passes_frame(found, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sieve::Find;
    use sockeye_tape::event::What;
    use sockeye_tape::header::Header;
    use sockeye_tape::reel::{Limit, Reel};
    use sockeye_text::encoding::Encoding;
    use tempfile::TempDir;

    fn reel(events: u64) -> (TempDir, Reel) {
        let folder = tempfile::tempdir().unwrap();
        let header = Header { start: String::new(), argv: Vec::new(), sockeye: "0".into() };
        let limit = Limit { bytes: u64::MAX, events };
        let reel = Reel::create(&folder.path().join("a.tape"), &header, limit).unwrap();
        (folder, reel)
    }

    fn record(reel: &mut Reel, what: What<'_>) {
        reel.record(&Event { t: Duration::ZERO, c: 1, what }).unwrap();
        reel.flush().unwrap();
    }

    fn came(bytes: &str) -> What<'_> {
        What::In { bytes: bytes.as_bytes().into(), from: None }
    }

    fn all(sifted: &mut Sifted, reel: &Reel) -> Vec<Hit> {
        let reading = reel.reading();
        while sifted.advance(&reading).unwrap() {}
        assert_eq!(sifted.searched(), reading.len());
        sifted.hits(0..u64::MAX).map(|(_, hit)| hit).collect()
    }

    fn looking_for(text: &str) -> Sieve {
        Sieve { find: Some(Find::read(text, Encoding::Auto).unwrap()), ..Sieve::default() }
    }

    #[test]
    fn what_passes_is_found_as_the_reel_grows() {
        let (_folder, mut reel) = reel(u64::MAX);
        let mut sifted = Sifted::by_reads(looking_for("hot"));
        record(&mut reel, came("hot"));
        record(&mut reel, came("cold"));
        assert_eq!(all(&mut sifted, &reel), [Hit::Event(0)]);
        record(&mut reel, What::Note { text: "a hot note".into() });
        assert_eq!(all(&mut sifted, &reel), [Hit::Event(0), Hit::Event(2)]);
        let mut every = Sifted::by_reads(Sieve::default());
        assert_eq!(all(&mut every, &reel).len(), 3);
    }

    #[test]
    fn a_match_across_two_reads_is_found_in_its_frame() {
        let (_folder, mut reel) = reel(u64::MAX);
        for bytes in ["one\nh", "ot\n", "two\n"] {
            record(&mut reel, came(bytes));
        }
        let mut reads = Sifted::by_reads(looking_for("hot"));
        assert_eq!(all(&mut reads, &reel), []);
        let lens = Lens::new(Some("lines".parse().unwrap()));
        let mut frames = Sifted::by_frames(looking_for("hot"), lens);
        let hits = all(&mut frames, &reel);
        let [Hit::Frame(found)] = hits[..] else { panic!("{hits:?}") };
        assert_eq!((found.number, found.off, found.len), (1, 4, 4));
    }

    #[test]
    fn hits_keep_their_numbers_when_the_oldest_are_forgotten() {
        let (_folder, mut reel) = reel(100);
        let mut sifted = Sifted::by_reads(Sieve::default());
        for number in 0..1000 {
            record(&mut reel, came("x"));
            if number % 10 == 0 {
                while sifted.advance(&reel.reading()).unwrap() {}
            }
        }
        while sifted.advance(&reel.reading()).unwrap() {}
        assert_eq!((sifted.total(), sifted.first()), (1000, reel.first()));
        let hits: Vec<_> = sifted.hits(0..u64::MAX).collect();
        let kept: Vec<_> =
            (reel.first()..1000).map(|number| (number, Hit::Event(number))).collect();
        assert_eq!(hits, kept);
        assert_eq!(sifted.hits(999..1000).collect::<Vec<_>>(), [(999, Hit::Event(999))]);
    }
}
