//! Sequence diagrams in the language of Mermaid, as one `sequenceDiagram`: what it draws in
//! a page that is not ours. Of foreign text only letters and digits stand as they are;
//! every other character is an entity (`#59;`), so that none of it is an instruction.

use std::fmt::Write as _;
use std::io;
use std::io::Write;

use sockeye_text::safe;
use sockeye_text::units::Span;

use crate::diagram::Drawing;
use crate::diagram::PASSED_ON;
use crate::diagram::chart::Arrow;
use crate::diagram::chart::Chart;
use crate::diagram::chart::Happened;
use crate::diagram::chart::Step;
use crate::diagram::chart::Who;
use crate::diagram::chart::seconds;

/// Mermaid refuses a text of more than 50,000 characters (`maxTextSize`).
const ROOM: usize = 45_000;

/// Writes the diagrams, as far as Mermaid takes them.
pub fn write<W: Write>(drawing: &Drawing, out: &mut W) -> io::Result<()> {
    let mut text = String::from("sequenceDiagram\n");
    let mut left_out = drawing.more;
    for (index, chart) in drawing.charts.iter().enumerate() {
        let before = text.len();
        if before >= ROOM || !draw(index, chart, &mut text) {
            text.truncate(before);
            left_out = left_out.saturating_add(1);
        }
    }
    if drawing.charts.is_empty() || text.len() == "sequenceDiagram\n".len() {
        text.push_str("  participant n as nothing\n");
    }
    if left_out > 0 {
        let _ = writeln!(text, "  %% {left_out} more conversations: --conversation N");
    }
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Draws one diagram, without its later part where that has no room. False: not even its
/// head has.
fn draw(index: usize, chart: &Chart, out: &mut String) -> bool {
    let name = |who: Who| {
        let letter = match who {
            Who::First => 'p',
            Who::Us => 'u',
            Who::Second => 't',
        };
        format!("{letter}{index}")
    };
    for line in &chart.lifelines {
        let (id, name, address) = (name(line.who), line.name, escaped(&line.address));
        put(out, &format!("  participant {id} as {name}<br/>{address}"));
    }
    let ends = (chart.lifelines.first(), chart.lifelines.last());
    let (Some(left), Some(right)) = ends else { return false };
    let over = format!("{},{}", name(left.who), name(right.who));
    put(out, &format!("  Note over {over}: {}", escaped(&chart.title)));
    if chart.passes_on() {
        put(out, &format!("  Note over {over}: {}", escaped(PASSED_ON)));
    }
    for (done, step) in chart.steps.iter().enumerate() {
        if units(out) >= ROOM {
            let left = chart.steps.len() - done;
            let text = format!("… {left} more left out, as Mermaid takes no longer text");
            put(out, &format!("  Note over {over}: {}", escaped(&text)));
            return true;
        }
        draw_step(step, &over, name, out);
    }
    true
}

fn draw_step(step: &Step, over: &str, name: impl Fn(Who) -> String, out: &mut String) {
    let time = seconds(step.t);
    let line = |text: &str| format!("  Note over {over}: {time} s {}", escaped(text));
    match &step.what {
        Happened::Arrow(arrow) => {
            let Arrow { from, to, on, frames, .. } = arrow;
            let (from, to) = (name(*from), name(*to));
            let mut label = format!("{time} s {}", escaped(&arrow.label()));
            if !frames.is_empty() {
                label = format!("{label}<br/>{}", escaped(frames));
            }
            put(out, &format!("  {from}->>{to}: {label}"));
            if let Some(on) = on {
                put(out, &format!("  {to}-->>{}: {} B", name(*on), arrow.size));
            }
        }
        Happened::Mark(mark) if mark.loud => {
            put(out, &format!("  rect rgb(251, 235, 233)\n{}\n  end", line(&mark.text)));
        }
        Happened::Mark(mark) => put(out, &line(&mark.text)),
        Happened::Gap(silent) => {
            let text = escaped(&format!("⋯ {} later ⋯", Span(*silent)));
            put(out, &format!("  Note over {over}: {text}"));
        }
        Happened::Fold(fold) => put(out, &line(&fold.to_string())),
    }
}

fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// How long a text is for JavaScript.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Foreign text as entities. The letters that Mermaid itself marks its entities with
/// (`ﬂ°`, `¶ß`) are entities too.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for ch in safe::one_line(text).chars() {
        let plain = match ch {
            ' ' | '.' | ',' => true,
            'ﬂ' | 'ß' => false,
            _ if ch.is_ascii() => ch.is_ascii_alphanumeric(),
            _ => ch.is_alphabetic(),
        };
        if plain {
            out.push(ch);
        } else {
            // A write to a `String` cannot fail.
            let _ = write!(out, "#{};", u32::from(ch));
        }
    }
    out
}
