//! The golden vectors of `tests/golden/*.txt`: bytes that were written down once,
//! by hand or from a specification, and have to stay as they are.

mod stream;

use sockeye_text::escape::unescape;
use sockeye_text::hex;
use sockeye_wire::checksum::Checksum;
use sockeye_wire::checksum::Verdict;
use sockeye_wire::enframe::Enframer;
use sockeye_wire::error::FrameError;
use sockeye_wire::frame::Frame;
use sockeye_wire::framing::Framing;

/// One entry: its lines, each a word and what stands after it.
type Entry<'a> = Vec<(&'a str, &'a str)>;

/// The entries of a file, which have blank lines between them.
fn entries(text: &str) -> Vec<Entry<'_>> {
    let entries = text.split("\n\n").map(entry);
    entries.filter(|entry| !entry.is_empty()).collect()
}

fn entry(text: &str) -> Entry<'_> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let words = lines.map(|line| line.split_once(' ').unwrap_or((line, "")));
    words.map(|(word, rest)| (word, rest.trim())).collect()
}

/// The value of the line that begins with `word`.
fn line<'a>(entry: &Entry<'a>, word: &str) -> &'a str {
    let found = entry.iter().find(|line| line.0 == word);
    found.unwrap_or_else(|| panic!("no `{word}` in {entry:?}")).1
}

/// The bytes that are written with escapes.
fn bytes(text: &str) -> Vec<u8> {
    unescape(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Frames and how they ended, as the golden file has them.
fn written(frames: &[Frame], error: Option<&FrameError>) -> Vec<String> {
    let frame = |frame: &Frame| {
        let word = if frame.whole { "frame" } else { "piece" };
        let tag = frame.tag.map(|tag| format!("#{tag}")).unwrap_or_default();
        let payload = frame.payload.escape_ascii();
        format!("{word} {}+{}{tag} {payload}", frame.off, frame.len)
    };
    let end = error.map_or("end ".to_owned(), |error| format!("error {error}"));
    frames.iter().map(frame).chain([end]).collect()
}

/// The same from the golden file, its escapes made the same.
fn expected(entry: &Entry<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (word, rest) in entry {
        match *word {
            "frame" | "piece" => {
                let (place, payload) = rest.split_once(' ').unwrap_or((rest, ""));
                lines.push(format!("{word} {place} {}", bytes(payload).escape_ascii()));
            }
            "error" | "end" => lines.push(format!("{word} {rest}")),
            _ => {}
        }
    }
    lines
}

#[test]
fn each_stream_gives_its_frames_however_it_is_cut() {
    let entries = entries(include_str!("golden/deframe.txt"));
    assert!(entries.len() > 40, "the file was read");
    for entry in &entries {
        let framing: Framing = line(entry, "framing").parse().unwrap();
        let stream = bytes(line(entry, "stream"));
        let expected = expected(entry);
        let check = |pieces: Vec<&[u8]>, how: &str| {
            let (frames, error) = stream::read(&framing, pieces);
            let found = written(&frames, error.as_ref());
            assert_eq!(found, expected, "{framing}, {how}");
        };
        check(vec![&stream], "in one piece");
        check(stream.chunks(1).collect(), "byte by byte");
        for cut in 0..=stream.len() {
            let (before, after) = stream.split_at(cut);
            check(vec![before, after], &format!("cut at {cut}"));
        }
    }
}

#[test]
fn each_payload_is_carried_by_its_bytes_or_refused() {
    let entries = entries(include_str!("golden/encode.txt"));
    assert!(entries.len() > 30, "the file was read");
    for entry in &entries {
        let framing: Framing = line(entry, "framing").parse().unwrap();
        let payload = bytes(line(entry, "payload"));
        let refused = entry.iter().find(|line| line.0 == "refused");
        let expected = match refused {
            Some((_, message)) => Err((*message).to_owned()),
            None => Ok(bytes(line(entry, "bytes"))),
        };
        let found = Enframer::new(framing).encode(&payload, None);
        assert_eq!(found.map_err(|error| error.to_string()), expected, "{entry:?}");
    }
}

#[test]
fn each_checksum_has_its_value_and_its_bytes() {
    let text = include_str!("golden/checksum.txt");
    let lines: Vec<_> = entries(text).into_iter().flatten().collect();
    assert!(lines.len() > 20, "the file was read");
    for (spelling, rest) in lines {
        let (message, rest) = rest.split_once(' ').unwrap();
        let (value, appended) = rest.trim().split_once(' ').unwrap();
        let checksum: Checksum = spelling.parse().unwrap();
        let mut message = bytes(message);
        let value = u32::from_str_radix(value, 16).unwrap();
        assert_eq!(checksum.of(&message), value, "{spelling}");
        let size = message.len();
        checksum.append(&mut message);
        assert_eq!(message[size..], hex::decode(appended.trim()).unwrap(), "{spelling}");
        assert_eq!(checksum.verify(&message), Verdict::Good, "{spelling}");
        message[size] ^= 1;
        assert!(matches!(checksum.verify(&message), Verdict::Bad { .. }), "{spelling}");
    }
}
