//! What holds for every file that is read as a tape, and for every line of it.

use std::io::Write;

use sockeye_tape::json;
use sockeye_tape::reader::Tape;

/// Takes one file; panics where a promise is broken.
pub(crate) fn check(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    for line in lines.iter().filter_map(|line| std::str::from_utf8(line).ok()) {
        event(line);
    }
    file(data, lines.len());
}

/// What an event is written as reads back as the same event, on one line.
fn event(line: &str) {
    let Ok(event) = json::parse(line) else {
        return;
    };
    let mut written = Vec::new();
    json::write(&event, &mut written);
    let Some((b'\n', text)) = written.split_last() else {
        panic!("`{line}` is written without a line end");
    };
    assert!(!text.contains(&b'\n'), "`{line}` is written on two lines");
    let again = std::str::from_utf8(text).ok().and_then(|text| json::parse(text).ok());
    assert_eq!(again, Some(event), "`{line}` reads back as something else");
}

/// The reader comes to an end, with at most one item a line.
fn file(data: &[u8], lines: usize) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    file.write_all(data).expect("a temporary file can be written");
    let Ok(mut tape) = Tape::open(file.path()) else {
        return;
    };
    let items = tape.by_ref().take(lines + 1).count();
    assert!(items < lines, "{items} items of {lines} lines, the header among them");
    let torn = tape.torn().unwrap_or_default();
    assert!(torn <= data.len() as u64, "{torn} bytes torn off {}", data.len());
}
