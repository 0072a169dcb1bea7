//! The report as `JUnit` XML, for a CI that shows it: a test case for each kind of cases.

use std::fmt::Write as _;

use sockeye_text::markup::escape;
use sockeye_workbench::shake::report::Told;
use sockeye_workbench::shake::search::Report;

/// The whole document.
pub(crate) fn xml(report: &Report, told: &Told) -> String {
    let failures = usize::from(report.found.is_some());
    let kinds = report.tried.len().max(1);
    let seconds = report.lasted.as_secs_f64();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tally = format!("tests=\"{kinds}\" failures=\"{failures}\" time=\"{seconds:.3}\"");
    // Writing to a string cannot fail.
    let _infallible = writeln!(out, "<testsuites {tally}>\n<testsuite name=\"shake\" {tally}>");
    for (place, kind) in report.tried.iter().enumerate() {
        let name = escaped(&kind.phase.to_string());
        let _infallible = write!(out, "<testcase classname=\"shake\" name=\"{name}\"");
        let last = place + 1 == report.tried.len();
        match report.found.as_ref().filter(|_| last) {
            None => out.push_str("/>\n"),
            Some(found) => {
                let what = escaped(&format!("{}: {}", found.case, found.why));
                let text = escaped(&format!("{}\n{}", found.case.told(&told.talk), found.said));
                let _infallible =
                    writeln!(out, "><failure message=\"{what}\">{text}</failure></testcase>");
            }
        }
    }
    if let Some(found) = report.found.as_ref().filter(|_| report.tried.is_empty()) {
        let (case, why) = (escaped(&found.case.to_string()), escaped(&found.why));
        let _infallible = writeln!(
            out,
            "<testcase classname=\"shake\" name=\"{case}\"><failure message=\"{why}\"/></testcase>"
        );
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}
