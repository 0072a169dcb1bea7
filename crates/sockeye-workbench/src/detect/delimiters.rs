//! Frames that end at a mark of one or two bytes. A mark stands in any stream by chance: what
//! counts is that turns and the stream end with it, and that frames are alike.

use std::collections::BTreeMap;

use sockeye_wire::framing::{Framing, Rule};

use crate::detect::candidate::{Candidate, empties, unended};
use crate::detect::evidence::{COLUMNS, columns, ends, real, sizes};
use crate::detect::stream::Stream;
use crate::detect::subject::{Subject, of_text};
use crate::detect::trial::run;

/// Marks that are tried because turns, reads or the stream end with them.
const SEEN_MOST: usize = 8;

/// Every mark that is worth a try.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let bytes = subject.stream.bytes();
    let mut found = Vec::new();
    if bytes.contains(&b'\n') {
        found.extend(lines(subject));
    }
    let of_text = found.first().is_some_and(Candidate::is_likely);
    for (mark, price) in marks(subject.stream) {
        // In text a line's end is what ends, unless a control character does.
        let control = mark.iter().all(|byte| matches!(byte, 0..=8 | 0x0E..=0x1F));
        if (of_text && !control) || memchr::memmem::find(bytes, &mark).is_none() {
            continue;
        }
        found.extend(marked(subject, &mark, price));
    }
    found
}

/// Lines of text, by LF or by CR LF.
fn lines(subject: &Subject<'_>) -> Option<Candidate> {
    let stream = subject.stream;
    let bytes = stream.bytes();
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let crlf = memchr::memmem::find_iter(bytes, b"\r\n").count() == feeds;
    let rule = if crlf { Rule::Crlf } else { Rule::Lines };
    let framing = Framing::new(rule).ok()?;
    let mut trial = run(stream, &framing);
    if !bytes.ends_with(b"\n") && !stream.goes_on() {
        let from = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        trial.counter.get_or_insert_with(|| {
            crate::detect::trial::Counter::at(stream, from, "the last line has no end")
        });
    }
    if subject.text.is_none() || empties(&trial.cuts) > 0.6 {
        return None;
    }
    let text = of_text(bytes.len());
    let ended = if bytes.ends_with(b"\n") { 10.0 } else { 0.0 };
    let bits = text
        + ended
        + ends(stream, &trial.cuts, true)
        + sizes(&trial.cuts, &subject.chance, b"\n", 1)
        + columns(bytes, &trial.cuts, &subject.chance, COLUMNS);
    Some(Candidate::framed(framing, trial, bits))
}

fn marked(subject: &Subject<'_>, mark: &[u8], price: f64) -> Option<Candidate> {
    let stream = subject.stream;
    let framing = Framing::new(Rule::Delimiter(mark.to_vec())).ok()?;
    let trial = run(stream, &framing);
    if trial.cuts.len() < 2 || empties(&trial.cuts) > 0.3 {
        return None;
    }
    let mut bits = ends(stream, &trial.cuts, true) - price;
    if subject.text.is_none() || mark.iter().any(u8::is_ascii_control) {
        bits += sizes(&trial.cuts, &subject.chance, mark, mark.len());
        bits += columns(stream.bytes(), &trial.cuts, &subject.chance, COLUMNS);
    }
    let bodies =
        trial.cuts.iter().filter_map(|cut| stream.bytes().get(cut.start..cut.start + cut.payload));
    bits += subject.text_inside(bodies);
    if unended(stream, &trial) {
        bits *= 0.25;
    }
    Some(Candidate::framed(framing, trial, bits))
}

/// Marks with what it costs to believe in them, in bits.
fn marks(stream: &Stream) -> Vec<(Vec<u8>, f64)> {
    let known: [(&[u8], f64); 9] = [
        (b"\0", 3.0),
        (b"\r\n", 6.0),
        (b"\n", 6.0),
        (b"\r", 6.0),
        (&[3], 6.0),
        (&[4], 6.0),
        (&[0x1E], 6.0),
        (&[0x7E], 6.0),
        (&[0xFF], 8.0),
    ];
    let mut marks: Vec<(Vec<u8>, f64)> =
        known.into_iter().map(|(mark, price)| (mark.to_vec(), price)).collect();
    let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let bytes = stream.bytes();
    for read in stream.reads() {
        for size in [1, 2] {
            let mark = read.end.checked_sub(size).and_then(|from| bytes.get(from..read.end));
            if let Some(mark) = mark {
                let weight = if read.turn || read.end == bytes.len() { 4 } else { 1 };
                *seen.entry(mark.to_vec()).or_default() += weight;
            }
        }
    }
    let mut seen: Vec<(Vec<u8>, usize)> = seen.into_iter().collect();
    seen.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    for (mark, _) in seen.into_iter().take(SEEN_MOST) {
        let price = 10.0 * real(mark.len());
        if !marks.iter().any(|(known, _)| *known == mark) {
            marks.push((mark, price));
        }
    }
    marks
}
