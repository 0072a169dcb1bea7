//! An open stream with nothing around it: bytes out, bytes in, into a buffer that is used
//! again. What a transport tells beside them is not listened to.

use std::io;

use sockeye_net::came::{Came, Kind};
use sockeye_net::stream::{Reader, Writer};
use tokio::io::AsyncReadExt;

/// Up to so much is sent before anything is read: any server takes it in.
const AT_ONCE: usize = 16 * 1024;

/// An open stream.
#[derive(Debug)]
pub(crate) struct Line {
    /// What comes.
    pub(crate) incoming: Incoming,
    /// Where it goes.
    pub(crate) outgoing: Outgoing,
}

/// The half that bytes come from.
#[derive(Debug)]
pub(crate) struct Incoming {
    reader: Reader,
    /// What has come and was not asked for yet.
    left: Vec<u8>,
}

/// The half that bytes go to.
#[derive(Debug)]
pub(crate) struct Outgoing(Writer);

impl Line {
    /// A line over the two halves.
    pub(crate) fn of((reader, writer): (Reader, Writer)) -> Self {
        Self { incoming: Incoming { reader, left: Vec::new() }, outgoing: Outgoing(writer) }
    }

    /// What is sent goes out at once, however small.
    pub(crate) fn send_at_once(&self) -> io::Result<()> {
        self.outgoing.0.send_at_once()
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
        if request.len() <= AT_ONCE {
            self.outgoing.send(request).await?;
            return self.incoming.read_until(buffer, answer).await;
        }
        // Two full pipes would wait for each other for ever.
        let reading = self.incoming.read_until(buffer, answer);
        let (count, ()) = tokio::try_join!(reading, self.outgoing.send(request))?;
        Ok(count)
    }

    /// Closes it, with one call to the system where a socket's halves would take two.
    pub(crate) fn hang_up(self) {
        match self.outgoing.0 {
            Writer::Tcp(half) => half.forget(),
            Writer::Unix(half) => half.forget(),
            _ => {}
        }
    }
}

impl Outgoing {
    /// Sends all of it; over a transport that keeps messages apart, as one.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.send_all(bytes, Some(Kind::Binary)).await
    }

    /// Tells the other side that no more comes.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.0.finish().await
    }
}

impl Incoming {
    async fn read_until(&mut self, buffer: &mut [u8], enough: usize) -> io::Result<usize> {
        let mut count = 0;
        while count < enough {
            match self.read(buffer.get_mut(count..).unwrap_or_default()).await? {
                0 => break,
                more => count += more,
            }
        }
        Ok(count)
    }

    /// What one recv brings; nothing at the other side's end. Cancel-safe.
    pub(crate) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            match &mut self.reader {
                Reader::Tcp(half) => return half.read(buffer).await,
                Reader::Unix(half) => return half.read(buffer).await,
                _ => {}
            }
        }
        while self.left.is_empty() {
            match self.reader.recv(buffer.len()).await? {
                Came::Bytes(bytes) | Came::Message(bytes, _) => self.left = bytes,
                Came::Told(_) => {}
                Came::End(_) => return Ok(0),
            }
        }
        let count = self.left.len().min(buffer.len());
        if let (Some(place), Some(bytes)) = (buffer.get_mut(..count), self.left.get(..count)) {
            place.copy_from_slice(bytes);
        }
        self.left.drain(..count);
        Ok(count)
    }

    /// Takes bytes back that were read and not meant for the reader.
    pub(crate) fn put_back(&mut self, bytes: &[u8]) {
        self.left.splice(..0, bytes.iter().copied());
    }

    /// A line without its end, of at most so many bytes with it. Where it has no end within them,
    /// or none before the other side's, an error with what came instead. Cancel-safe.
    pub(crate) async fn line(&mut self, most: usize) -> io::Result<Result<Vec<u8>, Vec<u8>>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.left).filter(|end| *end < most) {
                let mut line: Vec<u8> = self.left.drain(..=end).collect();
                line.pop();
                return Ok(Ok(line));
            }
            if self.left.len() >= most {
                return Ok(Err(self.left.drain(..most).collect()));
            }
            match self.reader.recv(most).await? {
                Came::Bytes(bytes) | Came::Message(bytes, _) => self.left.extend(bytes),
                Came::Told(_) => {}
                Came::End(_) => return Ok(Err(std::mem::take(&mut self.left))),
            }
        }
    }
}
