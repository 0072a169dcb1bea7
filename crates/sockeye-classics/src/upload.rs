//! `upload`: the client sends 4 bytes, the length of a header as a signed integer in this
//! machine's order; the header, in JSON: `filepath`, `filename`, `filesize`; then exactly
//! `filesize` bytes. The server saves them under `filename`.
//!
//! Every part has its length, so that the cuts do not matter. `filepath` would tell the
//! server about the sender's folders: ours sends it empty, and reads it never. What has not
//! come whole never gets its name. The protocol has no answer: that the server has closed,
//! and not cut, is all that a client learns.

use std::fmt::Write;
use std::future::Future;
use std::io;
use std::pin::Pin;

use serde::Deserialize;
use sockeye_net::error::Code;
use sockeye_text::cause::plain;
use sockeye_text::encoding::Encoding;
use sockeye_text::units::Size;
use sockeye_workbench::closing::{Closing, Failure};
use sockeye_workbench::led::{Ended, Lead, Led, Part};

use crate::name;
use crate::pour::pour;
use crate::progress::Progress;
use crate::share::{Present, Share, Source};

/// The longest header that is taken: a name of 4095 bytes, each as a `\u` escape, fits.
const LONGEST_HEADER: usize = 64 * 1024;
/// The most of one recv of a file.
const PIECE: usize = 256 * 1024;

/// The header.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Header {
    filename: String,
    filesize: u64,
}

/// The server's side.
#[derive(Debug)]
pub struct Server {
    /// Where files land.
    pub share: Share,
    /// What happens to a file that is there already.
    pub present: Present,
    /// The largest file that is taken, in bytes.
    pub most: u64,
    /// How headers are written.
    pub encoding: Encoding,
}

impl Lead for Server {
    fn lead(&self, mut led: Led) -> Pin<Box<dyn Future<Output = Closing> + Send + '_>> {
        Box::pin(async move {
            let taken = self.serve(&mut led).await;
            if taken.is_err() && !led.peer_has_ended() {
                // A clean end would look to the client as if its file was kept.
                led.abort("it was not kept");
            }
            led.close().await
        })
    }
}

impl Server {
    async fn serve(&self, led: &mut Led) -> Result<(), Ended> {
        let from = led.taken();
        // A person may still be choosing the file. Nothing at all is no upload, and no fault.
        let first = led.read_some(Part::whenever("a header's length"), 4).await?;
        if first.is_empty() {
            return Ok(());
        }
        let missing = 4 - first.len();
        let rest = led.read_exact(Part::at_once("a header's length"), missing).await?;
        let length = header_length(&[first, rest].concat()).map_err(|failure| led.fail(failure))?;
        let header = led.read_exact(Part::at_once("a header"), length).await?;
        let header = self.judge(&header).map_err(|failure| led.fail(failure))?;
        led.frame_in(from);
        let (name, size) = (header.filename.as_str(), header.filesize);
        led.step(|| format!("the header says `{name}`, {size} bytes"));
        self.land(led, name, size).await?;
        led.say(format!("{} kept as `{}`", Size(size), self.share.path().join(name).display()));
        let more = led.farewell().await;
        if more > 0 {
            let text = format!("`{name}`: {more} bytes came beyond the {size} of its header");
            let hint = Some("the file was kept as its header says".to_owned());
            led.fail(Failure { code: Code::Frame, text, hint });
        }
        Ok(())
    }

    /// Reads the header, and decides whether the file is wanted.
    fn judge(&self, bytes: &[u8]) -> Result<Header, Failure> {
        let text = self.encoding.decode(bytes);
        let text = text.ok_or_else(|| refused(Code::Frame, "the header is no text"))?;
        let header: Header = serde_json::from_str(&text)
            .map_err(|error| refused(Code::Frame, format!("the header is not sound: {error}")))?;
        let name = name::bare(&header.filename)
            .map_err(|error| refused(Code::Denied, format!("refused: {error}")))?;
        if Share::keeps_back(name) {
            let text = format!("refused: `{name}` is a name of files that are being written");
            return Err(refused(Code::Denied, text));
        }
        if header.filesize > self.most {
            let (size, most) = (Size(header.filesize), Size(self.most));
            let text = format!("refused: `{name}` has {size}, more than {most}");
            return Err(refused(Code::Limit, text));
        }
        if self.present == Present::Stays && self.share.holds(name) {
            let text = format!("refused: `{name}` is there already");
            return Err(refused(Code::Denied, text));
        }
        Ok(header)
    }

    async fn land(&self, led: &mut Led, name: &str, size: u64) -> Result<(), Ended> {
        let from = led.taken();
        let landing = self.share.landing().await;
        let mut file = landing.map_err(|error| unwritten(led, name, &error))?;
        let mut progress = Progress::new(led, Some(size));
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let piece = led.read_some(Part::moving("the file"), most).await?;
            if piece.is_empty() {
                let have = size - left;
                let text = format!(
                    "`{}` closed after {have} of {size} bytes of `{name}`, at offset {}: \
                     nothing of it was kept",
                    led.peer(),
                    led.taken()
                );
                return Err(led.fail(Failure::new(Code::Frame, text)));
            }
            left = left.saturating_sub(piece.len() as u64);
            file.write(&piece).await.map_err(|error| unwritten(led, name, &error))?;
            progress.at(led, size - left);
        }
        led.frame_in(from);
        file.land(name, self.present).await.map_err(|error| unwritten(led, name, &error))
    }
}

/// The length of the header, from its four bytes.
fn header_length(bytes: &[u8]) -> Result<usize, Failure> {
    let bytes = bytes.try_into().map_err(|_| refused(Code::Frame, "a length of four bytes"))?;
    let length = i32::from_ne_bytes(bytes);
    match usize::try_from(length) {
        Ok(length) if (1..=LONGEST_HEADER).contains(&length) => Ok(length),
        _ => {
            let text = format!("a header of {length} bytes: 1 to {LONGEST_HEADER} are taken");
            Err(refused(Code::Limit, text))
        }
    }
}

fn refused(code: Code, text: impl Into<String>) -> Failure {
    let hint = "an upload begins with the length of its header, 4 bytes in this machine's order";
    Failure { code, text: text.into(), hint: Some(hint.to_owned()) }
}

fn unwritten(led: &mut Led, name: &str, error: &io::Error) -> Ended {
    let text = format!("cannot keep `{name}`: {}; nothing of it was kept", plain(error));
    led.fail(Failure::new(Code::of(error), text))
}

/// The client's side: sends the file under its bare name.
pub async fn send(mut led: Led, mut source: Source, name: &str) -> Closing {
    let _over = give(&mut led, &mut source, name).await;
    led.close().await
}

async fn give(led: &mut Led, source: &mut Source, name: &str) -> Result<(), Ended> {
    let size = source.size;
    if i32::try_from(size).is_err() {
        led.say(format!(
            "note: `{name}` has {}: a server that counts in 32 bits would misread that",
            Size(size)
        ));
    }
    let head = head(name, size).map_err(|failure| led.fail(failure))?;
    let from = led.sent();
    // In one write: two would let a classic server's one recv take the length alone.
    led.write_all(&head).await?;
    led.frame_out(from);
    let from = led.sent();
    pour(led, source, name).await?;
    led.frame_out(from);
    led.finish().await;
    // Only its end says that it has taken everything.
    while !led.read_some(Part::moving("its end"), PIECE).await?.is_empty() {}
    if led.failure().is_none() {
        led.say(format!("`{name}`, {}, is sent, and the server has closed in order", Size(size)));
    }
    Ok(())
}

/// Length and header. Characters beyond ASCII are `\u` escapes, as a classic peer writes
/// and every peer reads them.
fn head(name: &str, size: u64) -> Result<Vec<u8>, Failure> {
    let mut header = String::from("{\"filepath\": \"\", \"filename\": \"");
    for ch in name.chars() {
        match ch {
            '"' | '\\' => header.extend(['\\', ch]),
            ' '..='~' => header.push(ch),
            ch => {
                for unit in ch.encode_utf16(&mut [0; 2]) {
                    // A write to a `String` cannot fail.
                    let _ = write!(header, "\\u{unit:04x}");
                }
            }
        }
    }
    let _ = write!(header, "\", \"filesize\": {size}}}");
    let length = i32::try_from(header.len()).ok().filter(|_| header.len() <= LONGEST_HEADER);
    let length = length.ok_or_else(|| refused(Code::Limit, "the name is too long"))?;
    Ok([length.to_ne_bytes().as_slice(), header.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> (tempfile::TempDir, Server) {
        let folder = tempfile::tempdir().unwrap();
        let share = Share::open(folder.path()).unwrap();
        let server =
            Server { share, present: Present::Stays, most: 1000, encoding: Encoding::Auto };
        (folder, server)
    }

    #[test]
    fn refuses_a_length_that_is_none() {
        for length in [0, -1, i32::MIN, i32::MAX, 65_537] {
            assert!(header_length(&length.to_ne_bytes()).is_err(), "{length}");
        }
        assert_eq!(header_length(&65_536_i32.to_ne_bytes()).unwrap(), 65_536);
        assert_eq!(header_length(&1_i32.to_ne_bytes()).unwrap(), 1);
    }

    #[test]
    fn refuses_a_header_that_lies_or_is_none() {
        let (_folder, server) = server();
        let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
        for text in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"filename": "a"}"#,
            r#"{"filename": "a", "filesize": -1}"#,
            r#"{"filename": "a", "filesize": 1.5}"#,
            r#"{"filename": "a", "filesize": "1"}"#,
            r#"{"filename": "a", "filesize": 1001}"#,
            r#"{"filename": "a", "filesize": 99999999999999999999}"#,
            r#"{"filename": "../a", "filesize": 1}"#,
            r#"{"filename": "/a", "filesize": 1}"#,
            r#"{"filename": "a\u0000b", "filesize": 1}"#,
            r#"{"filename": "a/b", "filesize": 1}"#,
            r#"{"filename": ".sockeye-1-0.part", "filesize": 1}"#,
            r#"{"filename": "a", "filesize": 1} x"#,
            deep.as_str(),
        ] {
            assert!(server.judge(text.as_bytes()).is_err(), "{text:.60}");
        }
        assert!(server.judge(b"\xFF\xFE\0").is_err());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (_folder, server) = server();
        for name in ["a", "报告 😀.txt", "\"quoted\"", "$(x);'"] {
            let head = head(name, 7).unwrap();
            let (length, header) = head.split_at(4);
            assert_eq!(header_length(length).unwrap(), header.len());
            assert!(header.is_ascii());
            let read = server.judge(header).unwrap();
            assert_eq!(read, Header { filename: name.to_owned(), filesize: 7 });
        }
    }

    #[test]
    fn reads_a_header_in_gbk() {
        let (_folder, mut server) = server();
        server.encoding = "gbk".parse().unwrap();
        let text = "{\"filepath\": \"D:\\\\\", \"filename\": \"温度.txt\", \"filesize\": 3}";
        let bytes = server.encoding.encode(text).unwrap();
        assert_eq!(server.judge(&bytes).unwrap().filename, "温度.txt");
    }
}
