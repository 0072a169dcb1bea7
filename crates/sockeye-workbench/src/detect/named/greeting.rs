//! Protocols that greet: SSH.

use crate::detect::candidate::Candidate;
use crate::detect::named::steps::{Step, candidate as named, line, walk};
use crate::detect::subject::Subject;

/// The message after which all is encrypted (RFC 4253, 7.3).
const NEWKEYS: u8 = 21;

/// The banner, the packets until NEWKEYS, and all after that (RFC 4253, 4.2 and 6).
pub(crate) fn ssh(subject: &Subject<'_>) -> Option<Candidate> {
    #[derive(PartialEq)]
    enum At {
        Banner,
        Packets,
        Encrypted,
    }
    let mut at = At::Banner;
    let found = walk(subject, |rest| match at {
        At::Banner if rest.starts_with(b"SSH-2.0-") || rest.starts_with(b"SSH-1.99-") => {
            at = At::Packets;
            let end = line(rest).map(|(_, end)| end).filter(|end| *end <= 255);
            end.map_or(Step::Unfinished, |end| Step::Message(end, 64.0))
        }
        At::Banner => Step::Bad("a banner of SSH"),
        At::Packets => {
            let step = packet(rest);
            if matches!(step, Step::Message(..)) && rest.get(5) == Some(&NEWKEYS) {
                at = At::Encrypted;
            }
            step
        }
        At::Encrypted => Step::Message(rest.len(), 0.0),
    });
    named(subject, "SSH", found)
}

/// Length, padding, type.
fn packet(rest: &[u8]) -> Step {
    let [a, b, c, d, padding, _, ..] = rest else {
        return Step::Unfinished;
    };
    let length = u32::from_be_bytes([*a, *b, *c, *d]);
    if !(12..=35_000).contains(&length) || length % 8 != 4 || *padding < 4 {
        return Step::Bad("a packet of SSH");
    }
    match usize::try_from(length) {
        Ok(length) if length + 4 <= rest.len() => Step::Message(length + 4, 20.0),
        _ => Step::Unfinished,
    }
}
