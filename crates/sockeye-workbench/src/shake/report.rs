//! The report of a search, as text and as JSON.

use serde_json::json;
use sockeye_tape::event::Event;
use sockeye_tape::view::{Show, Style, TimeShown, View};
use sockeye_text::encoding::Encoding;
use sockeye_text::plural::counted;
use sockeye_text::safe::{one_line, shown};
use sockeye_text::width::{fill, width};

use crate::shake::baseline::Baseline;
use crate::shake::search::{CONFIRMED, Found, News, Report};
use crate::shake::talk::Talk;

/// How many rows of the two runs are shown, and how many alike before the first that differs.
const ROWS: usize = 24;
const ALIKE: usize = 3;
/// The widest a run is shown.
const COLUMNS: usize = 58;

/// What a report is told of beside itself.
#[derive(Debug)]
pub struct Told {
    /// What was said.
    pub talk: Talk,
    /// What the pairs were drawn from.
    pub seed: u64,
    /// How the two runs are shown.
    pub encoding: Encoding,
    /// Whether a framing told messages apart.
    pub framed: bool,
    /// One case alone was asked for.
    pub alone: bool,
}

/// What there is to say at a step of the search.
pub fn news(news: &News<'_>, told: &Told) -> Vec<String> {
    match news {
        News::Known(baseline) => known(baseline, told),
        News::Begins(phase) => vec![format!("trying {phase}")],
        News::Alone(case, why) => {
            let line = format!(
                "note: {} fails beside other runs and not alone ({why}): from here on each run is \
                 alone",
                case.told(&told.talk)
            );
            vec![one_line(&line).into_owned()]
        }
        News::Fails(case, why) => {
            let line = format!("fails: {}: {why}", case.told(&told.talk));
            vec![one_line(&line).into_owned()]
        }
    }
}

/// What the unshaken talk came to.
fn known(known: &Baseline, told: &Told) -> Vec<String> {
    let mut lines = vec![format!(
        "{} of {} bytes said, {} bytes back; slowest answer {:.1?}; {} at once",
        counted(told.talk.messages.len(), "message"),
        told.talk.len(),
        known.run.answers.len(),
        known.run.slowest,
        counted(known.jobs, "run"),
    )];
    lines.extend(known.notes.iter().map(|note| format!("note: {note}")));
    lines
}

/// The report for people; `again` is the command line that runs the case again.
pub fn text(report: &Report, told: &Told, again: Option<&str>) -> String {
    let mut lines = Vec::new();
    for tried in &report.tried {
        let short = match tried.cut_short {
            true if report.given_up => " (given up)",
            true => " (the time was up)",
            false => "",
        };
        lines.push(format!(
            "{:<26}{:>8}{short}",
            tried.phase.to_string(),
            counted(tried.cases, "case")
        ));
    }
    for unsteady in &report.unsteady {
        lines.push(format!(
            "unsteady: {}: {} ({} of {CONFIRMED} times more; {})",
            unsteady.case,
            one_line(&unsteady.why),
            unsteady.again,
            unsteady.case.told(&told.talk)
        ));
    }
    let seconds = report.lasted.as_secs_f64();
    match &report.found {
        None if told.alone && report.unsteady.is_empty() => {
            lines.push(format!("passes, {CONFIRMED} of {CONFIRMED} times"));
        }
        None if report.given_up => lines.push(format!(
            "given up in {seconds:.1} s: too much fails, and not each time (seed {})",
            told.seed
        )),
        None => lines.push(format!("nothing found in {seconds:.1} s (seed {})", told.seed)),
        Some(found) => {
            lines.push(format!(
                "found in {seconds:.1} s: {}: {} ({CONFIRMED} of {CONFIRMED} times)",
                found.case.told(&told.talk),
                one_line(&found.why)
            ));
            lines.extend(again.map(|again| format!("again: {again}")));
            lines.push(String::new());
            lines.extend(side_by_side(
                &drawn(&report.baseline.run.events, told),
                &drawn(&found.run.events, told),
            ));
            lines.extend(last_words(found));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The last that the program said, where it said something.
fn last_words(found: &Found) -> Vec<String> {
    const LINES: usize = 8;
    let all: Vec<&str> = found.said.lines().collect();
    let last = all.get(all.len().saturating_sub(LINES)..).unwrap_or_default();
    if last.is_empty() {
        return Vec::new();
    }
    let said = last.iter().map(|line| format!("  {}", one_line(line)));
    [String::new(), "its last words on stderr:".to_owned()].into_iter().chain(said).collect()
}

/// A run as the boundary view draws it, a line a row.
fn drawn(events: &[Event<'static>], told: &Told) -> Vec<String> {
    let mut view = View::new(Style {
        show: Show::Auto,
        time: TimeShown::Off,
        encoding: told.encoding,
        colour: false,
        // No time is shown.
        start: jiff::Zoned::default(),
        numbered: false,
        framed: told.framed,
    });
    let mut out = String::new();
    for event in events {
        view.event(event, &mut out);
    }
    view.settle(&mut out);
    out.lines().map(str::to_owned).collect()
}

/// Two runs beside each other, from shortly before they differ.
fn side_by_side(left: &[String], right: &[String]) -> Vec<String> {
    // The first row names the two ends, whose ports are never the same.
    let (left, right) = (left.get(1..).unwrap_or_default(), right.get(1..).unwrap_or_default());
    let alike = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let skipped = alike.saturating_sub(ALIKE);
    let widest = left.iter().chain(right).map(|line| width(line)).max().unwrap_or(0);
    let columns = widest.clamp(10, COLUMNS);
    let row = |a: &str, b: &str| format!("{} │ {}", fill(a, columns), fill(b, columns).trim_end());
    let mut lines =
        vec![row("unshaken", "shaken"), row(&"─".repeat(columns), &"─".repeat(columns))];
    if skipped > 0 {
        let text = format!("… {} alike", counted(skipped, "row"));
        lines.push(row(&text, &text));
    }
    let rows = left.len().max(right.len());
    let line = |of: &[String], place: usize| of.get(place).cloned().unwrap_or_default();
    for place in (skipped..rows).take(ROWS) {
        lines.push(row(&line(left, place), &line(right, place)));
    }
    let more = rows.saturating_sub(skipped + ROWS);
    if more > 0 {
        lines.push(format!("… {} more", counted(more, "row")));
    }
    lines
}

/// The report for programs.
pub fn json(report: &Report, told: &Told) -> serde_json::Value {
    let tried = report.tried.iter().map(|tried| {
        json!({ "what": tried.phase.to_string(), "cases": tried.cases, "cut_short": tried.cut_short })
    });
    let unsteady = report.unsteady.iter().map(|unsteady| {
        json!({ "case": unsteady.case.to_string(), "why": shown(&unsteady.why), "again": unsteady.again })
    });
    let found = report.found.as_ref().map(|found| {
        json!({
            "case": found.case.to_string(),
            "told": found.case.told(&told.talk),
            "why": shown(&found.why),
            "changes": found.case.changes.len(),
            "stderr": shown(&found.said),
        })
    });
    json!({
        "e": "shake",
        "messages": told.talk.messages.len(),
        "bytes": told.talk.len(),
        "answers": report.baseline.run.answers.len(),
        "jobs": report.baseline.jobs,
        "seed": told.seed,
        "seconds": report.lasted.as_secs_f64(),
        "tried": tried.collect::<Vec<_>>(),
        "unsteady": unsteady.collect::<Vec<_>>(),
        "given_up": report.given_up,
        "found": found,
    })
}
