//! Protocols that one of our framings cuts: TLS, DNS over TCP, Modbus TCP, NMEA 0183, SMTP.

use sockeye_wire::framing::Framing;

use crate::detect::candidate::Candidate;
use crate::detect::evidence::{COLUMNS, columns, ends};
use crate::detect::subject::Subject;
use crate::detect::trial::{Counter, run};

/// A protocol: what it is called, the framing that cuts it, and what a whole frame tells, in
/// bits; none: it is no frame of this protocol.
struct Known {
    what: &'static str,
    framing: &'static str,
    expected: &'static str,
    read: fn(&[u8]) -> Option<f64>,
}

const KNOWN: [Known; 5] = [
    Known { what: "TLS", framing: "len:u16be,offset=3", expected: "a record of TLS", read: tls },
    Known { what: "DNS over TCP", framing: "len:u16be", expected: "a message of DNS", read: dns },
    Known {
        what: "Modbus TCP",
        framing: "modbus-tcp",
        expected: "a message of Modbus",
        read: modbus,
    },
    Known {
        what: "NMEA 0183",
        framing: "crlf",
        expected: "a sentence with its checksum",
        read: nmea,
    },
    Known {
        what: "NMEA 0183",
        framing: "lines",
        expected: "a sentence with its checksum",
        read: nmea,
    },
];

/// Those that fit.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> =
        KNOWN.iter().filter_map(|known| judged(subject, known, known.read)).collect();
    let mut smtp = Smtp::default();
    let known = Known {
        what: "SMTP",
        framing: "crlf",
        expected: "a command or a reply of SMTP",
        read: |_| None,
    };
    found.extend(judged(subject, &known, |line| smtp.read(line)));
    found.dedup_by(|later, first| later.what == first.what && later.bits <= first.bits + 1.0);
    found
}

fn judged(
    subject: &Subject<'_>,
    known: &Known,
    mut read: impl FnMut(&[u8]) -> Option<f64>,
) -> Option<Candidate> {
    let framing: Framing = known.framing.parse().ok()?;
    let stream = subject.stream;
    let bytes = stream.bytes();
    let mut trial = run(stream, &framing);
    let (mut bits, mut wrong) = (0.0, 0);
    let mut first: Option<usize> = None;
    trial.cuts.retain(|cut| {
        let frame = bytes.get(cut.start..cut.end).unwrap_or_default();
        let told = read(frame);
        if let Some(told) = told {
            bits += told;
        } else {
            wrong += 1;
            first.get_or_insert(cut.start);
        }
        told.is_some()
    });
    if trial.cuts.is_empty() || wrong > trial.cuts.len() / 5 {
        return None;
    }
    trial.covered = trial.cuts.iter().map(|cut| cut.end - cut.start).sum();
    if let Some(first) = first {
        trial.counter = Some(Counter::at(stream, first, format!("expected {}", known.expected)));
    }
    bits += ends(stream, &trial.cuts, true).max(0.0);
    bits += columns(bytes, &trial.cuts, &subject.chance, COLUMNS);
    let candidate = Candidate::framed(framing, trial, bits);
    Some(Candidate { what: known.what.to_owned(), ..candidate })
}

/// A type, a version, a length of at most 2^14 + 2048 (RFC 5246, 6.2.3).
fn tls(record: &[u8]) -> Option<f64> {
    match record {
        [20..=24, 3, 0..=4, high, low, ..] => {
            let length = u16::from_be_bytes([*high, *low]);
            (1..=16_384 + 2048).contains(&length).then_some(20.0)
        }
        _ => None,
    }
}

/// Length and header (RFC 1035, 4.1.1, and 4.2.2): one question, no reserved bit, and an
/// error that is known.
fn dns(message: &[u8]) -> Option<f64> {
    match message {
        [_, _, _, _, flags, code, 0, 1, _, 0..=1, _, 0..=1, _, 0..=1, ..]
            if flags & 0x78 == 0 && code & 0x40 == 0 && code & 0x0F <= 5 =>
        {
            Some(30.0)
        }
        // Answers may have many records.
        [_, _, _, _, flags, code, 0, 1, 0, _, 0, _, 0, _, ..]
            if flags & 0xF8 == 0x80 && code & 0x40 == 0 && code & 0x0F <= 5 =>
        {
            Some(30.0)
        }
        _ => None,
    }
}

/// Protocol 0, a length of one byte, a function that is known or an exception to one.
fn modbus(message: &[u8]) -> Option<f64> {
    match message {
        [_, _, 0, 0, 0, 2..=254, _, function, ..] if matches!(function & 0x7F, 1..=8 | 11 | 12 | 15..=17 | 20..=24 | 43) => {
            Some(16.0)
        }
        _ => None,
    }
}

/// `$` or `!`, a talker and its words, `*`, and the exclusive or of all between as two digits
/// (NMEA 0183, 5.3).
fn nmea(line: &[u8]) -> Option<f64> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let [b'$' | b'!', sentence @ ..] = line else {
        return None;
    };
    let at = sentence.len().checked_sub(3)?;
    let (words, [b'*', digits @ ..]) = sentence.split_at_checked(at)? else {
        return None;
    };
    let said = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    let talks = words.iter().take(5).all(u8::is_ascii_alphanumeric) && words.len() > 5;
    (talks && words.iter().fold(0, |xor, byte| xor ^ byte) == said).then_some(40.0)
}

/// One direction of SMTP (RFC 5321): commands, with the mail after DATA, or replies.
#[derive(Debug, Default)]
struct Smtp {
    /// Whether a greeting was seen: the first command, or the first reply.
    greeted: bool,
    /// Between DATA and the lone full stop.
    in_mail: bool,
}

impl Smtp {
    fn read(&mut self, line: &[u8]) -> Option<f64> {
        const VERBS: [&str; 11] = [
            "HELO", "EHLO", "MAIL", "RCPT", "DATA", "QUIT", "RSET", "NOOP", "AUTH", "STAR", "VRFY",
        ];
        let text = std::str::from_utf8(line).ok()?.trim_end();
        if self.in_mail {
            self.in_mail = text != ".";
            return Some(1.0);
        }
        let verb = text.get(..4).map(str::to_ascii_uppercase);
        let is_verb = verb.as_deref().is_some_and(|verb| VERBS.contains(&verb));
        let is_reply =
            matches!(line, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-' | b'\r', ..]);
        let greets = match verb.as_deref() {
            Some("HELO" | "EHLO") => true,
            _ => text.starts_with("220") && text.to_ascii_uppercase().contains("SMTP"),
        };
        if !self.greeted && !greets {
            return None;
        }
        self.greeted = true;
        self.in_mail = verb.as_deref() == Some("DATA");
        (is_verb || is_reply).then_some(20.0)
    }
}
