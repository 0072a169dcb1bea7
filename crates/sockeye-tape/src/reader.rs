//! The reading side of a tape. The file may come from anyone: memory is bounded, a torn
//! tail and corrupt lines are told and the rest is served. What an event names (an
//! endpoint, say) is only text here.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::str;

use crate::error::FirstLine;
use crate::error::TapeError;
use crate::event::Event;
use crate::header::Header;
use crate::json;
use crate::lines::Found;
use crate::lines::Lines;

/// The most bytes that a line of a tape may have: 64 MiB.
pub const LINE_LIMIT: usize = 64 * 1024 * 1024;

/// What is read at once.
pub(crate) const BUFFER: usize = 256 * 1024;

/// The reading side of a tape: an iterator of its events, in the order of the file.
///
/// A line that is no event is an error ([`TapeError::Line`]) after which the iterator
/// goes on; after [`TapeError::Read`] it ends. Blank lines are passed over, and so are
/// events of unknown kind, which are counted. A last line that a crash has cut is no
/// error: [`Tape::torn`] tells it.
#[derive(Debug)]
pub struct Tape {
    path: PathBuf,
    header: Header,
    lines: Lines<BufReader<File>>,
    torn: Option<u64>,
    unknown: u64,
    ended: bool,
}

impl Tape {
    /// Opens a tape and reads its header. A file with another first line is
    /// [`TapeError::NotATape`].
    pub fn open(path: &Path) -> Result<Self, TapeError> {
        let file =
            File::open(path).map_err(|source| TapeError::Open { path: path.to_owned(), source })?;
        let mut lines = Lines::new(BufReader::with_capacity(BUFFER, file), LINE_LIMIT);
        let found =
            lines.first().map_err(|source| TapeError::Read { path: path.to_owned(), source })?;
        let header = header(path, found, &lines.text)?;
        Ok(Self { path: path.to_owned(), header, lines, torn: None, unknown: 0, ended: false })
    }

    /// The first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Once the iterator has ended: how many bytes of a last line were left out because
    /// it is cut.
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// How many events of unknown kind were passed over so far.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// The event of the next line; none if that line has none to serve.
    fn serve(&mut self, found: Found) -> Option<Result<Event<'static>, TapeError>> {
        let cause = match found {
            Found::TooLong => TapeError::TooLong { limit: LINE_LIMIT },
            Found::Whole | Found::Cut if is_blank(&self.lines.text) => return None,
            Found::Whole | Found::Cut => match event(&self.lines.text) {
                Ok(event) => return Some(Ok(event)),
                Err(TapeError::Unknown { .. }) => {
                    self.unknown += 1;
                    return None;
                }
                Err(_) if found == Found::Cut => {
                    self.torn = Some(self.lines.length);
                    return None;
                }
                Err(cause) => cause,
            },
            Found::TooLongCut => {
                self.torn = Some(self.lines.length);
                return None;
            }
            Found::End => {
                self.ended = true;
                return None;
            }
        };
        let (path, line) = (self.path.clone(), self.lines.number);
        Some(Err(TapeError::Line { path, line, cause: Box::new(cause) }))
    }
}

impl Iterator for Tape {
    type Item = Result<Event<'static>, TapeError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.lines.advance() {
                Ok(found) => {
                    if let Some(served) = self.serve(found) {
                        return Some(served);
                    }
                }
                Err(source) => {
                    self.ended = true;
                    return Some(Err(TapeError::Read { path: self.path.clone(), source }));
                }
            }
        }
        None
    }
}

/// The header of a first line, or what stands there instead.
pub(crate) fn header(path: &Path, found: Found, line: &[u8]) -> Result<Header, TapeError> {
    let parsed = text(line).and_then(Header::parse);
    let first = match parsed {
        Ok(header) if matches!(found, Found::Whole | Found::Cut) => return Ok(header),
        Err(cause @ TapeError::Version { .. }) => {
            return Err(TapeError::Line { path: path.to_owned(), line: 1, cause: Box::new(cause) });
        }
        _ => match found {
            Found::End => FirstLine::Empty,
            Found::Cut if line.starts_with(b"{\"v\":") => FirstLine::Cut,
            Found::TooLong | Found::TooLongCut => FirstLine::TooLong { limit: LINE_LIMIT },
            Found::Whole | Found::Cut => FirstLine::other(line),
        },
    };
    Err(TapeError::NotATape { path: path.to_owned(), first })
}

/// The event of a line that may be anything.
pub(crate) fn event(line: &[u8]) -> Result<Event<'static>, TapeError> {
    text(line).and_then(json::parse)
}

fn text(line: &[u8]) -> Result<&str, TapeError> {
    str::from_utf8(line).map_err(|error| TapeError::NotUtf8 { at: error.valid_up_to() })
}

/// Whether a line says nothing.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::LINE_LIMIT;
    use super::Tape;
    use crate::error::TapeError;
    use crate::event::Event;
    use crate::event::What;
    use crate::header::Header;
    use crate::json;
    use proptest::prelude::any;
    use proptest::prelude::proptest;
    use std::fs;
    use std::fs::File;
    use std::io::Seek;
    use std::io::SeekFrom;
    use std::io::Write;
    use std::path::Path;
    use std::time::Duration;
    use tempfile::NamedTempFile;

    const HEADER: &str = "{\"v\":1,\"e\":\"tape\",\"start\":\"2025-01-01T00:00:00Z\",\"argv\":[],\"sockeye\":\"1\"}\n";

    fn file(content: &[u8]) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        file
    }

    fn note(text: &str) -> Event<'static> {
        Event { t: Duration::from_nanos(5), c: 1, what: What::Note { text: text.into() } }
    }

    fn line(text: &str) -> Vec<u8> {
        let mut line = Vec::new();
        json::write(&note(text), &mut line);
        line
    }

    fn refusal(content: &[u8]) -> String {
        let file = file(content);
        let told = Tape::open(file.path()).unwrap_err().to_string();
        told.replace(file.path().to_str().unwrap(), "F")
    }

    #[test]
    fn serves_the_events_after_the_header() {
        let file = file(&[HEADER.as_bytes(), &line("one"), b"\n \r\n", &line("two")].concat());
        let mut tape = Tape::open(file.path()).unwrap();
        assert_eq!(tape.header().sockeye, "1");
        assert_eq!(tape.next().unwrap().unwrap(), note("one"));
        assert_eq!(tape.next().unwrap().unwrap(), note("two"));
        assert!(tape.next().is_none());
        assert!(tape.next().is_none());
        assert_eq!((tape.torn(), tape.unknown()), (None, 0));
    }

    #[test]
    fn a_corrupt_line_in_the_middle_is_told_with_its_number_and_the_rest_served() {
        let flipped = b"{\"t\":1,\"c\":1,\"e\":\"note\",\"s\":\"\xE4\x00\"}\n";
        let middle = [HEADER.as_bytes(), &line("one"), b"rubbish\n", flipped, &line("two")];
        let file = file(&middle.concat());
        let mut tape = Tape::open(file.path()).unwrap();
        assert_eq!(tape.next().unwrap().unwrap(), note("one"));
        for (number, told) in [(3, "not an event"), (4, "not UTF-8 from byte 29 on")] {
            let error = tape.next().unwrap().unwrap_err();
            assert!(error.to_string().contains(&format!("line {number}: {told}")), "{error}");
        }
        assert_eq!(tape.next().unwrap().unwrap(), note("two"));
        assert!(tape.next().is_none());
        assert_eq!(tape.torn(), None);
    }

    #[test]
    fn events_of_unknown_kind_are_counted_and_passed_over() {
        let newer = b"{\"t\":1,\"c\":1,\"e\":\"smell\",\"s\":[1]}\n";
        let file = file(&[HEADER.as_bytes(), newer, &line("one"), newer].concat());
        let mut tape = Tape::open(file.path()).unwrap();
        assert_eq!(tape.by_ref().count(), 1);
        assert_eq!(tape.unknown(), 2);
    }

    #[test]
    fn refuses_what_is_not_a_tape_and_says_what_it_is() {
        for (content, told) in [
            (&b""[..], "`F` is not a tape: it is empty"),
            (b"\x7FELF\x02\x01\nx", "`F` is not a tape: the first line is `␡ELF␂␁`"),
            (b"hello", "`F` is not a tape: the first line is `hello`"),
            (b"{\"v\":1,\"e\":\"ta", "`F` is not a tape: its first line is cut off"),
            (
                b"{\"v\":2,\"e\":\"tape\"}\n",
                "`F` line 1: the tape is of version 2, and this sockeye reads version 1",
            ),
        ] {
            assert_eq!(refusal(content), told);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_told_with_its_path() {
        let error = Tape::open(Path::new("/nowhere/a.tape")).unwrap_err();
        assert!(error.to_string().starts_with("cannot open the tape `/nowhere/a.tape`: "));
        let error = Tape::open(&std::env::temp_dir()).unwrap_err();
        assert!(matches!(error, TapeError::Read { .. }), "{error}");
    }

    #[test]
    fn a_device_without_an_end_is_refused_at_the_limit() {
        let error = Tape::open(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(error.starts_with("`/dev/zero` is not a tape: "), "{error}");
    }

    /// A hole in a file: zeros that take no room on the disk.
    fn with_hole(file: &mut File, size: usize) {
        file.seek(SeekFrom::End(size.try_into().unwrap())).unwrap();
    }

    #[test]
    fn a_line_longer_than_the_limit_is_refused_and_the_rest_served() {
        let mut file = file(&[HEADER.as_bytes(), &line("one")].concat());
        with_hole(file.as_file_mut(), LINE_LIMIT + 1);
        file.write_all(&[b"\n", &line("two")[..]].concat()).unwrap();
        let mut tape = Tape::open(file.path()).unwrap();
        assert_eq!(tape.next().unwrap().unwrap(), note("one"));
        let error = tape.next().unwrap().unwrap_err();
        assert!(error.to_string().ends_with("line 3: longer than 67108864 bytes"), "{error}");
        assert_eq!(tape.next().unwrap().unwrap(), note("two"));
        assert!(tape.lines.text.capacity() < 1024);
        assert!(tape.next().is_none());
    }

    #[test]
    fn zeros_at_the_end_that_a_crash_left_are_a_torn_tail() {
        let mut file = file(&[HEADER.as_bytes(), &line("one")].concat());
        with_hole(file.as_file_mut(), LINE_LIMIT + 10);
        file.write_all(b"\0").unwrap();
        let mut tape = Tape::open(file.path()).unwrap();
        assert_eq!(tape.by_ref().map(Result::unwrap).collect::<Vec<_>>(), [note("one")]);
        assert_eq!(tape.torn(), Some(LINE_LIMIT as u64 + 11));
    }

    proptest! {
        #[test]
        fn a_tape_cut_anywhere_is_served_to_its_last_whole_line(
            texts in proptest::collection::vec(any::<String>(), 0..8),
            cut in any::<proptest::sample::Index>(),
        ) {
            let mut whole = HEADER.as_bytes().to_vec();
            for text in &texts {
                whole.extend_from_slice(&line(text));
            }
            let end = HEADER.len() + cut.index(whole.len() - HEADER.len() + 1);
            let kept = &whole[..end];
            // A line that lacks nothing but its end is whole too.
            let lines = kept.split_inclusive(|&byte| byte == b'\n');
            let is_whole = |line: &[u8]| line.ends_with(b"}\n") || line.ends_with(b"\"}");
            let last = lines.clone().next_back().filter(|line| json_is_cut(line));
            let expected = lines.filter(|line| is_whole(line) && !json_is_cut(line)).count() - 1;
            let file = file(kept);
            let mut tape = Tape::open(file.path()).unwrap();
            let served: Vec<_> = tape.by_ref().map(Result::unwrap).collect();
            let told: Vec<_> = texts.iter().take(expected).map(|text| note(text)).collect();
            assert_eq!(served, told);
            assert_eq!(tape.torn(), last.map(|line| line.len() as u64));
        }

        #[test]
        fn a_flipped_bit_never_costs_more_than_its_line_and_a_neighbour(
            texts in proptest::collection::vec("[ -~]{0,20}", 1..8),
            at in any::<proptest::sample::Index>(),
            bit in 0u8..8,
        ) {
            let mut whole = HEADER.as_bytes().to_vec();
            for text in &texts {
                whole.extend_from_slice(&line(text));
            }
            let at = HEADER.len() + at.index(whole.len() - HEADER.len());
            whole[at] ^= 1 << bit;
            let file = file(&whole);
            let mut tape = Tape::open(file.path()).unwrap();
            let served = tape.by_ref().flatten().count();
            assert!(served + 2 >= texts.len(), "{served} of {}", texts.len());
        }

        #[test]
        fn no_file_whatever_makes_the_reader_panic(content in any::<Vec<u8>>()) {
            let file = file(&[HEADER.as_bytes(), &content].concat());
            for served in Tape::open(file.path()).unwrap() {
                assert!(!matches!(served, Err(TapeError::Read { .. })));
            }
        }
    }

    fn json_is_cut(line: &[u8]) -> bool {
        serde_json::from_slice::<serde_json::Value>(line).is_err()
    }

    #[test]
    fn a_recorder_and_a_reader_agree() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let header = Header { start: "x".into(), argv: vec!["a".into()], sockeye: "1".into() };
        let mut recorder = crate::recorder::Recorder::create(&path, &header, false).unwrap();
        recorder.record(&note("one")).unwrap();
        drop(recorder);
        fs::metadata(&path).unwrap();
        let tape = Tape::open(&path).unwrap();
        assert_eq!(tape.header(), &header);
        assert_eq!(tape.map(Result::unwrap).collect::<Vec<_>>(), [note("one")]);
    }
}
