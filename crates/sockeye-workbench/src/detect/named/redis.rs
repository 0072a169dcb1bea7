//! The protocol of Redis, RESP 2 and 3: each value begins with its type and ends at a CR LF.

use crate::detect::candidate::Candidate;
use crate::detect::named::steps::{Step, candidate as named, line, number, walk};
use crate::detect::subject::Subject;

/// The deepest that values stand in each other.
const DEEPEST: usize = 16;

/// The most values in one message.
const VALUES: usize = 1 << 16;

/// Values, one after the other.
pub(crate) fn candidate(subject: &Subject<'_>) -> Option<Candidate> {
    let found = walk(subject, |rest| {
        let mut left = VALUES;
        match value(rest, DEEPEST, &mut left) {
            Ok((size, told)) => Step::Message(size, told),
            Err(step) => step,
        }
    });
    named(subject, "Redis (RESP)", found)
}

/// A value's size and what it tells, in bits.
fn value(rest: &[u8], depth: usize, left: &mut usize) -> Result<(usize, f64), Step> {
    const BAD: Step = Step::Bad("a value of Redis");
    if !matches!(
        rest.first(),
        None | Some(
            b'+' | b'-'
                | b':'
                | b'$'
                | b'*'
                | b'_'
                | b','
                | b'#'
                | b'('
                | b'='
                | b'!'
                | b'%'
                | b'~'
                | b'>'
        )
    ) {
        return Err(BAD);
    }
    *left = left.checked_sub(1).ok_or(Step::Bad("fewer values in a message"))?;
    let (head, after) = line(rest.get(..65_536).unwrap_or(rest)).ok_or(Step::Unfinished)?;
    let Some((kind, words)) = head.split_first() else {
        return Err(BAD);
    };
    let plain = words.iter().all(|byte| !byte.is_ascii_control());
    match kind {
        b'+' | b'-' | b'(' | b',' if plain => Ok((after, 12.0)),
        b'_' if words.is_empty() => Ok((after, 20.0)),
        b'#' if matches!(words, b"t" | b"f") => Ok((after, 20.0)),
        b':' if number(words).is_some() => Ok((after, 16.0)),
        b'$' | b'=' | b'!' => bulk(rest, words, after),
        b'*' | b'%' | b'~' | b'>' => {
            let count = number(words).ok_or(BAD)?;
            let each = if *kind == b'%' { 2 } else { 1 };
            let count = usize::try_from(count).unwrap_or(0).saturating_mul(each);
            let depth = depth.checked_sub(1).ok_or(Step::Bad("values less deep"))?;
            let (mut at, mut told) = (after, 16.0);
            for _ in 0..count {
                let (size, more) = value(rest.get(at..).unwrap_or_default(), depth, left)?;
                at += size;
                told += more;
            }
            Ok((at, told))
        }
        _ => Err(BAD),
    }
}

fn bulk(rest: &[u8], words: &[u8], after: usize) -> Result<(usize, f64), Step> {
    let length = number(words).ok_or(Step::Bad("the length of a string"))?;
    let Ok(length) = usize::try_from(length) else {
        return Ok((after, 16.0));
    };
    let end = after.saturating_add(length);
    match rest.get(end..end.saturating_add(2)) {
        Some(b"\r\n") => Ok((end + 2, 32.0)),
        Some(_) => Err(Step::Bad("CR LF after a string")),
        None => Err(Step::Unfinished),
    }
}
