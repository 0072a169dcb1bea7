//! The figures of the workbench: what it takes in while pages look, what a page costs, how it
//! scrolls. They are taken by the modules in `xtask/workbench`, in a real browser.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Reads of the long run, each a frame.
const EVENTS: &str = "1000000";

/// Takes the figures, and writes the section.
pub(crate) fn figures(ours: &Path, root: &Path, page: &mut String) -> anyhow::Result<()> {
    let output = Command::new("node")
        .arg(root.join("xtask/workbench/figures.mjs"))
        .args([ours, &root.join("target/node/node_modules")])
        .arg(EVENTS)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("`node` is missing")?;
    if !output.status.success() {
        bail!("the figures of the workbench failed: {}", output.status);
    }
    let figures: Value = serde_json::from_slice(&output.stdout)?;
    let number = |path: &str| figures.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let text = |path: &str| figures.pointer(path).and_then(Value::as_str).unwrap_or("?");
    writeln!(
        page,
        "\nChromium {}, headless, without a graphics card; Node {}. A server reads 16 bytes at a \
         time, each read an event; who sends, the server and the browser share the machine.\n",
        text("/chromium"),
        text("/node")
    )?;
    writeln!(page, "| | min | median | max |\n|---|---|---|---|")?;
    for (name, path, unit) in ROWS {
        let value = |which: &str| number(&format!("{path}/{which}")) / unit;
        let (least, middle, most) = (value("min"), value("median"), value("max"));
        writeln!(page, "| {name} | {least:.2} | {middle:.2} | {most:.2} |")?;
    }
    writeln!(page, "\n| | | limit |\n|---|---|---|")?;
    for (name, path, unit, limit) in SINGLE {
        writeln!(page, "| {name} | {:.1} | {limit} |", number(path) / unit)?;
    }
    Ok(())
}

const THOUSAND: f64 = 1000.0;
const KIB: f64 = 1024.0;

/// What is taken several times: a name, where it stands, and what it is counted in.
const ROWS: [(&str, &str, f64); 14] = [
    ("first paint, nothing kept (ms; limit 300)", "/paint/cold/first", 1.0),
    ("first paint, again (ms)", "/paint/warm/first", 1.0),
    ("all drawn, nothing kept (ms)", "/paint/cold/drawn", 1.0),
    ("all drawn, again (ms)", "/paint/warm/drawn", 1.0),
    ("thousand events/s, nobody looks", "/rate/alone", THOUSAND),
    ("thousand events/s, a page looks", "/rate/watched", THOUSAND),
    ("thousand events/s, a frozen page", "/rate/frozen", THOUSAND),
    ("of those sent at 100 thousand/s, a page looks", "/rate/paced", THOUSAND),
    ("rate with a page to without", "/rate/watchedToAlone", 1.0),
    ("rate with a frozen page to without", "/rate/frozenToAlone", 1.0),
    ("talk's own µs an event, nobody looks", "/work/alone", THOUSAND),
    ("talk's own µs an event, a page looks", "/work/watched", THOUSAND),
    ("talk's own time with a page to without", "/work/watchedToAlone", 1.0),
    ("talk's own time with a frozen page to without", "/work/frozenToAlone", 1.0),
];

/// What is taken once, with its limit.
const SINGLE: [(&str, &str, f64, &str); 16] = [
    ("page's heap with a million reads (MiB)", "/long/page/heap", 1.0, "300"),
    ("its process (MiB)", "/long/page/renderer", 1.0, ""),
    ("server with a million reads and their frames (MiB)", "/long/server/after", 1.0, ""),
    ("server, after scrolling (MiB)", "/long/server/looked", 1.0, ""),
    ("server, an event (bytes)", "/long/server/perEvent", 1.0, ""),
    ("flung: frames/s asked for", "/long/scroll/flung/perSecond", 1.0, "30"),
    ("flung: frames/s drawn", "/long/scroll/flung/drawnPerSecond", 1.0, "30"),
    ("flung: 95 of 100 within (ms)", "/long/scroll/flung/p95", 1.0, ""),
    ("dragged: frames/s asked for", "/long/scroll/dragged/perSecond", 1.0, "30"),
    ("dragged: frames/s drawn", "/long/scroll/dragged/drawnPerSecond", 1.0, "30"),
    ("dragged: 95 of 100 within (ms)", "/long/scroll/dragged/p95", 1.0, ""),
    ("told to a page of one caller (KiB/s)", "/traffic/one/bytesPerSecond", KIB, ""),
    ("told of 10,000 callers (KiB/s)", "/traffic/crowd/bytesPerSecond", KIB, ""),
    ("largest message (KiB)", "/traffic/crowd/largest", KIB, "48"),
    ("told while they come (KiB/s)", "/traffic/crowd/opening/bytesPerSecond", KIB, ""),
    ("largest message then (KiB)", "/traffic/crowd/opening/largest", KIB, "48"),
];
