//! What was found, for people as tables and as one JSON object.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sockeye_text::safe::one_line;

use crate::detect::candidate::Candidate;
use crate::detect::checksums::{Place, Summed};
use crate::detect::trial::Counter;
use crate::detect::{FEW, Findings, Report};

/// The most characters of a name in a table.
const WIDE: usize = 48;

/// Tables for people; `number` is the conversation's on its tape, none: it was live. At `most`
/// so many candidates of each direction are told.
pub fn text(number: Option<u64>, report: &Report, most: usize) -> String {
    let mut text = String::new();
    let live = number.is_none();
    let sides = [
        ("dialling side", &report.dialler),
        (if live { "what came" } else { "accepting side" }, &report.acceptor),
    ];
    let spoken = || sides.iter().filter(|(_, findings)| findings.bytes.0 > 0);
    if report.datagrams {
        text.push_str("datagrams: each is a message already\n");
    }
    if report.agrees() {
        let bytes = report.dialler.bytes.0 + report.acceptor.bytes.0;
        section(&mut text, &format!("both directions: {bytes} B"), &report.both, most);
        for (side, findings) in spoken() {
            if let Some(counter) = findings.candidates.first().and_then(|it| it.counter.as_ref()) {
                line(&mut text, &format!("     {side}: {}", place(counter)));
            }
        }
        for (side, findings) in spoken() {
            rest(&mut text, findings, &format!(" of the {side}"));
        }
        return text;
    }
    for (side, findings) in spoken() {
        let title = format!("{side}: {}", size(findings));
        if report.datagrams {
            line(&mut text, &title);
        } else {
            section(&mut text, &title, &findings.candidates, most);
        }
        for (rank, candidate) in findings.candidates.iter().take(most).enumerate() {
            if let Some(counter) = &candidate.counter {
                line(&mut text, &format!("  {}  {}", rank + 1, place(counter)));
            }
        }
        rest(&mut text, findings, "");
    }
    if text.is_empty() {
        text.push_str("not sure: nothing was said\n");
    }
    text
}

fn line(text: &mut String, what: &str) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(text, "{what}");
}

fn size(findings: &Findings) -> String {
    match findings.bytes {
        (all, looked) if all > looked as u64 => {
            format!("{all} B, of which the first {looked} are looked at")
        }
        (all, _) => format!("{all} B"),
    }
}

fn section(text: &mut String, title: &str, candidates: &[Candidate], most: usize) {
    let few = candidates.first().map(|first| first.frames).filter(|frames| *frames < FEW);
    match few {
        _ if candidates.is_empty() => line(text, &format!("{title}: not sure")),
        Some(1) => line(text, &format!("{title} (1 message: little to go by)")),
        Some(few) => line(text, &format!("{title} ({few} messages: little to go by)")),
        None => line(text, title),
    }
    let shown = || candidates.iter().take(most).enumerate();
    let name =
        |candidate: &Candidate| one_line(&candidate.what).chars().take(WIDE).collect::<String>();
    let width = shown().map(|(_, one)| name(one).chars().count()).max().unwrap_or(0);
    if width > 0 {
        line(text, &format!("  #  {:width$}  share  frames  flag", "what"));
    }
    for (rank, candidate) in shown() {
        let flag = candidate.flag().unwrap_or_default();
        let row = format!(
            "  {}  {:width$}  {:>5}  {:>6}  {flag}",
            rank + 1,
            name(candidate),
            percent(candidate.share),
            candidate.frames,
        );
        line(text, row.trim_end());
    }
    if candidates.len() > most {
        line(text, &format!("  and {} more (`--most`)", candidates.len() - most));
    }
}

/// Only what is whole is 100 %.
fn percent(share: f64) -> String {
    if share < 100.0 { format!("{:.0}%", share.floor()) } else { "100%".to_owned() }
}

fn place(counter: &Counter) -> String {
    format!(
        "not at offset {} ({}): {}",
        counter.offset,
        hex(&counter.there),
        one_line(&counter.why)
    )
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    if digits.is_empty() { "the end".to_owned() } else { digits.join(" ") }
}

fn rest(text: &mut String, findings: &Findings, whose: &str) {
    let encoding = findings.encoding.unwrap_or("binary");
    line(text, &format!("  encoding{whose}: {encoding}"));
    if let Some(summed) = &findings.checksum {
        line(text, &format!("  checksum{whose}: {}", checksum(summed)));
    }
}

fn checksum(summed: &Summed) -> String {
    let place = match summed.place {
        Place::Payload => "at the end of each frame".to_owned(),
        Place::Before(less) => format!("before the last {less} bytes of each frame"),
        Place::Frame => "at the end of each frame, over its header too".to_owned(),
    };
    let right = format!("right in {} of {} different frames", summed.right, summed.of);
    let flag = summed.flag().map(|flag| format!("  {flag}")).unwrap_or_default();
    format!("{}, {place}, {right}{flag}", summed.checksum)
}

/// One JSON object, of the same.
pub fn json(number: Option<u64>, report: &Report, most: usize) -> Value {
    json!({
        "e": "detect",
        "conversation": number,
        "datagrams": report.datagrams,
        "sure": !report.is_unsure(),
        "agree": report.agrees(),
        "both": candidates(&report.both, most),
        "dial": findings(&report.dialler, most),
        "accept": findings(&report.acceptor, most),
    })
}

fn findings(findings: &Findings, most: usize) -> Value {
    let summed = findings.checksum.as_ref().map(|summed| {
        let place = match summed.place {
            Place::Payload => "payload",
            Place::Before(_) => "before-tail",
            Place::Frame => "frame",
        };
        json!({
            "checksum": summed.checksum.to_string(),
            "place": place,
            "flag": summed.flag(),
            "right": summed.right,
            "of": summed.of,
        })
    });
    json!({
        "bytes": findings.bytes.0,
        "looked": findings.bytes.1,
        "candidates": candidates(&findings.candidates, most),
        "encoding": (findings.bytes.0 > 0).then(|| findings.encoding.unwrap_or("binary")),
        "checksum": summed,
    })
}

fn candidates(candidates: &[Candidate], most: usize) -> Vec<Value> {
    let told = |candidate: &Candidate| {
        let counter = candidate.counter.as_ref().map(|counter| {
            json!({ "offset": counter.offset, "hex": hex(&counter.there), "why": counter.why })
        });
        json!({
            "what": candidate.what,
            "flag": candidate.flag(),
            "share": (candidate.share * 10.0).floor() / 10.0,
            "frames": candidate.frames,
            "bits": candidate.bits.round(),
            "counter": counter,
        })
    };
    candidates.iter().take(most).map(told).collect()
}
