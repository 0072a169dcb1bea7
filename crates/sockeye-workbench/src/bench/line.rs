//! An open stream with nothing around it: bytes out, bytes in, into a buffer that is used
//! again. What a transport tells beside them is not listened to.

use std::io;

use sockeye_net::came::Came;
use sockeye_net::stream::{Reader, Writer};
use tokio::io::AsyncReadExt;

/// Up to so much is sent before anything is read: any server takes it in.
const AT_ONCE: usize = 16 * 1024;

/// An open stream.
#[derive(Debug)]
pub(crate) struct Line {
    reader: Reader,
    writer: Writer,
    /// Of a message that did not fit into the buffer.
    left: Vec<u8>,
}

impl Line {
    /// A line over the two halves.
    pub(crate) fn of((reader, writer): (Reader, Writer)) -> Self {
        Self { reader, writer, left: Vec::new() }
    }

    /// What is sent goes out at once, however small.
    pub(crate) fn send_at_once(&self) -> io::Result<()> {
        self.writer.send_at_once()
    }

    /// Sends the request and reads until so much of the answer has come, or more; says how much
    /// has come, less than that at the other side's end. The buffer is longer than the answer:
    /// a read that fills it makes tokio ask the kernel once more.
    pub(crate) async fn ask(
        &mut self,
        request: &[u8],
        buffer: &mut [u8],
        answer: usize,
    ) -> io::Result<usize> {
        let Self { reader, writer, left } = self;
        if request.len() <= AT_ONCE {
            writer.send_all(request, None).await?;
            return read_until(reader, left, buffer, answer).await;
        }
        // Two full pipes would wait for each other for ever.
        let reading = read_until(reader, left, buffer, answer);
        let (count, ()) = tokio::try_join!(reading, writer.send_all(request, None))?;
        Ok(count)
    }
}

async fn read_until(
    reader: &mut Reader,
    left: &mut Vec<u8>,
    buffer: &mut [u8],
    enough: usize,
) -> io::Result<usize> {
    let mut count = 0;
    while count < enough {
        match read(reader, left, buffer.get_mut(count..).unwrap_or_default()).await? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}

/// What one recv brings; nothing at the other side's end.
async fn read(reader: &mut Reader, left: &mut Vec<u8>, buffer: &mut [u8]) -> io::Result<usize> {
    match reader {
        Reader::Tcp(half) => return half.read(buffer).await,
        Reader::Unix(half) => return half.read(buffer).await,
        _ => {}
    }
    while left.is_empty() {
        match reader.recv(buffer.len()).await? {
            Came::Bytes(bytes) | Came::Message(bytes, _) => *left = bytes,
            Came::Told(_) => {}
            Came::End(_) => return Ok(0),
        }
    }
    let count = left.len().min(buffer.len());
    if let (Some(place), Some(bytes)) = (buffer.get_mut(..count), left.get(..count)) {
        place.copy_from_slice(bytes);
    }
    left.drain(..count);
    Ok(count)
}
