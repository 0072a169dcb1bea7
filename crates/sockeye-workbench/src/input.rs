//! Our own input as orders: a pipe's bytes as they come, or its lines where a line is to
//! become a message.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc::Sender;

use crate::message::{Composer, MessageError};
use crate::roster::{Addressed, Order};

/// A line that becomes a message is at most so long, in bytes.
const LONGEST_LINE: usize = 16 << 20;

/// How an input ended.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It could not be read.
    #[error("cannot read stdin: {}", sockeye_text::cause::plain(.0))]
    Read(#[from] io::Error),
    /// A line that is longer than any message.
    #[error("line {line} of stdin is longer than {LONGEST_LINE} bytes")]
    Long {
        /// The line's number, from 1.
        line: u64,
    },
    /// A line that cannot be sent in the encoding asked for.
    #[error("line {line} of stdin: {error}")]
    Message {
        /// The line's number, from 1.
        line: u64,
        /// Why.
        error: MessageError,
    },
}

/// Reads the input to its end, gives it on as orders, and says at last that it ended.
/// `most` is the largest piece, in bytes. Waits while the conversation is behind.
pub async fn feed(
    mut input: impl AsyncRead + Unpin,
    composer: &Composer,
    most: usize,
    orders: &Sender<Addressed>,
) -> Result<(), InputError> {
    let mut space = vec![0; most];
    let mut line = Vec::new();
    let mut lines = 0;
    let mut empty = true;
    loop {
        let count = input.read(&mut space).await?;
        let bytes = space.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        empty = false;
        if composer.is_plain() {
            if orders.send((0, Order::Raw(bytes.to_vec()))).await.is_err() {
                return Ok(());
            }
            continue;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if line.len() > LONGEST_LINE {
                return Err(InputError::Long { line: lines + 1 });
            }
            if line.ends_with(b"\n") {
                lines += 1;
                if !give(&line, lines, composer, orders).await? {
                    return Ok(());
                }
                line.clear();
            }
        }
    }
    if !line.is_empty() && !give(&line, lines + 1, composer, orders).await? {
        return Ok(());
    }
    // The conversation may have ended before its input did.
    drop(orders.send((0, Order::Finish { empty })).await);
    Ok(())
}

/// Gives a line on; false once nobody takes orders any more.
async fn give(
    line: &[u8],
    number: u64,
    composer: &Composer,
    orders: &Sender<Addressed>,
) -> Result<bool, InputError> {
    let payload =
        composer.typed(line).map_err(|error| InputError::Message { line: number, error })?;
    Ok(orders.send((0, Order::Send(payload))).await.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Eol;
    use crate::roster::orders;

    async fn fed(composer: Composer, input: &'static [u8]) -> Vec<Order> {
        let (sender, mut receiver) = orders();
        let feeding = tokio::spawn(async move { feed(input, &composer, 4, &sender).await });
        let mut got = Vec::new();
        while let Some((_, order)) = receiver.recv().await {
            got.push(order);
        }
        feeding.await.unwrap().unwrap();
        got
    }

    #[tokio::test]
    async fn passes_bytes_on_unaltered_unless_asked() {
        let got = fed(Composer::default(), b"a\nbcd\n").await;
        let raw = |bytes: &[u8]| Order::Raw(bytes.to_vec());
        assert_eq!(got, [raw(b"a\nbc"), raw(b"d\n"), Order::Finish { empty: false }]);
    }

    #[tokio::test]
    async fn makes_a_message_of_each_line_over_any_cut() {
        let composer = Composer { eol: Some(Eol::CrLf), ..Composer::default() };
        let got = fed(composer, b"hello\nworld").await;
        let send = |bytes: &[u8]| Order::Send(bytes.to_vec());
        assert_eq!(got, [send(b"hello"), send(b"world"), Order::Finish { empty: false }]);
    }

    #[tokio::test]
    async fn says_that_an_input_never_held_a_byte() {
        assert_eq!(fed(Composer::default(), b"").await, [Order::Finish { empty: true }]);
    }
}
