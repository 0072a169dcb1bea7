//! Bytes by the block, as `protocol.rs` has them: made at one end, compared at the other, while
//! they are in the processor's cache: about a tenth of what receiving costs.

use std::io;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sockeye_text::cause::plain;

use crate::bench::line::{Incoming, Outgoing};
use crate::clock::Clock;

/// A length and a number.
const HEAD: usize = 8;
/// The largest block, its head included, and the most bytes in one.
const LARGEST: usize = 128 * 1024;
const MOST: usize = LARGEST - HEAD;
/// The first block, its head included; what goes quickly doubles, what goes slowly halves, so
/// that the end is not missed by long.
const FIRST: usize = 8 * 1024;
const SMALLEST: usize = 64;
/// Quick and slow.
const QUICK: Duration = Duration::from_millis(10);
const SLOW: Duration = Duration::from_millis(200);
/// What one recv takes.
const READ: usize = 128 * 1024;

/// What every block holds, from its first byte on.
static NOISE: LazyLock<Vec<u8>> = LazyLock::new(noise);

/// xorshift64 (Marsaglia, 2003) from a fixed seed.
fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = Vec::with_capacity(MOST + 8);
    while bytes.len() < MOST {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(MOST);
    bytes
}

/// Why blocks did not all come, as they were sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The connection.
    #[error("the connection broke: {}", plain(.0))]
    Io(#[from] io::Error),
    /// It was closed.
    #[error("the other side closed in the middle")]
    Closed,
    /// Its end came at once.
    #[error("it ended at once, with nothing in it")]
    Nothing,
    /// A length that no block has.
    #[error("a block of {0} bytes came")]
    Length(u32),
    /// Another block than the next.
    #[error("block {0} came in place of block {1}")]
    Number(u32, u32),
    /// Other bytes.
    #[error("block {0} is not as it was sent")]
    Bytes(u32),
}

/// Whether a direction has its stream alone, or shares it with the other one, in one task:
/// then they take turns, a block each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turns {
    /// Alone.
    Alone,
    /// Shared.
    Shared,
}

impl Turns {
    async fn pass(self) {
        if self == Self::Shared {
            tokio::task::yield_now().await;
        }
    }
}

/// Sends blocks until `end`, then the end; counts what of them is sent, and says how much it
/// was.
pub(crate) async fn pour(
    to: &mut Outgoing,
    (clock, end): (Clock, Duration),
    turns: Turns,
    sent: &AtomicU64,
) -> io::Result<u64> {
    let mut block = vec![0; HEAD];
    block.extend_from_slice(&NOISE);
    let (mut number, mut whole, mut all) = (0_u32, FIRST, 0);
    let mut now = clock.now();
    while now < end {
        let size = whole - HEAD;
        to.send(headed(&mut block, size, number)).await?;
        sent.fetch_add(size as u64, Ordering::Relaxed);
        all += size as u64;
        turns.pass().await;
        number = number.wrapping_add(1);
        let before = std::mem::replace(&mut now, clock.now());
        whole = match now.saturating_sub(before) {
            took if took < QUICK => (whole * 2).min(LARGEST),
            took if took > SLOW => (whole / 2).max(SMALLEST),
            _ => whole,
        };
    }
    to.send(headed(&mut block, 0, number)).await?;
    Ok(all)
}

/// The block of that size and number.
fn headed(block: &mut [u8], size: usize, number: u32) -> &[u8] {
    let length = u32::try_from(size).unwrap_or(0).to_le_bytes();
    let head = length.into_iter().chain(number.to_le_bytes());
    for (place, byte) in block.iter_mut().zip(head) {
        *place = byte;
    }
    block.get(..HEAD + size).unwrap_or_default()
}

/// Takes blocks in to their end; counts what of them came, and says how much it was. What
/// follows them stays.
pub(crate) async fn drain(
    from: &mut Incoming,
    turns: Turns,
    came: &AtomicU64,
) -> Result<u64, Broken> {
    let mut buffer = vec![0; READ];
    let mut sink = Sink::default();
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Err(Broken::Closed);
        }
        let bytes = buffer.get(..count).unwrap_or_default();
        let before = sink.came;
        let after = sink.take(bytes)?;
        came.fetch_add(sink.came - before, Ordering::Relaxed);
        if let Some(after) = after {
            from.put_back(after);
            return Ok(sink.came);
        }
        turns.pass().await;
    }
}

/// Blocks on their way in, however they are cut.
#[derive(Debug, Default)]
struct Sink {
    head: [u8; HEAD],
    /// How much of the head has come.
    headed: usize,
    /// The block's length, once its head is there, and how much of it has come.
    length: usize,
    inside: usize,
    number: u32,
    /// Bytes of blocks.
    came: u64,
}

impl Sink {
    /// Takes in what came; what stands after the end, once that is there.
    fn take<'b>(&mut self, mut bytes: &'b [u8]) -> Result<Option<&'b [u8]>, Broken> {
        while !bytes.is_empty() {
            if self.headed < HEAD {
                let (head, rest) = bytes.split_at((HEAD - self.headed).min(bytes.len()));
                for (place, byte) in self.head.iter_mut().skip(self.headed).zip(head) {
                    *place = *byte;
                }
                (self.headed, bytes) = (self.headed + head.len(), rest);
                if self.headed == HEAD && self.begin()? == 0 {
                    return Ok(Some(bytes));
                }
                continue;
            }
            let (part, rest) = bytes.split_at((self.length - self.inside).min(bytes.len()));
            let wanted = NOISE.get(self.inside..self.inside + part.len());
            if wanted != Some(part) {
                return Err(Broken::Bytes(self.number));
            }
            self.inside += part.len();
            self.came += part.len() as u64;
            if self.inside == self.length {
                (self.headed, self.number) = (0, self.number.wrapping_add(1));
            }
            bytes = rest;
        }
        Ok(None)
    }

    /// Reads the head; how long the block is.
    fn begin(&mut self) -> Result<usize, Broken> {
        let read = |half: Option<&[u8; 4]>| half.map_or(0, |half| u32::from_le_bytes(*half));
        let (length, number) = (read(self.head.first_chunk()), read(self.head.last_chunk()));
        if number != self.number {
            return Err(Broken::Number(number, self.number));
        }
        let size = usize::try_from(length).ok().filter(|size| *size <= MOST);
        self.length = size.ok_or(Broken::Length(length))?;
        self.inside = 0;
        Ok(self.length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::*;

    /// Blocks of these sizes and their end.
    fn blocks(sizes: &[usize]) -> Vec<u8> {
        let mut block = [vec![0; HEAD], NOISE.clone()].concat();
        let numbered = sizes.iter().chain(&[0]).zip(0..);
        numbered.flat_map(|(size, number)| headed(&mut block, *size, number).to_vec()).collect()
    }

    fn taken(bytes: &[u8], cuts: usize) -> Result<(u64, Option<Vec<u8>>), Broken> {
        let mut sink = Sink::default();
        let mut pieces = bytes.chunks(cuts);
        while let Some(piece) = pieces.next() {
            if let Some(after) = sink.take(piece)? {
                let after = [after.to_vec(), pieces.flatten().copied().collect()].concat();
                return Ok((sink.came, Some(after)));
            }
        }
        Ok((sink.came, None))
    }

    #[test]
    fn a_block_that_is_lost_doubled_or_changed_is_found_out() {
        let sent = blocks(&[10, 20]);
        let lost = &sent[18..];
        assert!(matches!(taken(lost, 64), Err(Broken::Number(1, 0))));
        let doubled = [&sent[..18], &sent[..]].concat();
        assert!(matches!(taken(&doubled, 64), Err(Broken::Number(0, 1))));
        let mut changed = sent.clone();
        changed[12] ^= 1;
        assert!(matches!(taken(&changed, 64), Err(Broken::Bytes(0))));
        let mut long = sent;
        long[2] = 0xFF;
        assert!(matches!(taken(&long, 64), Err(Broken::Length(_))));
    }

    proptest! {
        #[test]
        fn blocks_are_the_same_however_they_are_cut_and_what_follows_stays(
            sizes in prop::collection::vec(1_usize..5000, 0..8),
            cuts in 1_usize..9000,
            after in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let sent = [blocks(&sizes), after.clone()].concat();
            let (came, rest) = taken(&sent, cuts).unwrap();
            prop_assert_eq!(came, sizes.iter().sum::<usize>() as u64);
            prop_assert_eq!(rest, Some(after));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            drop(taken(&bytes, 7));
        }
    }
}
