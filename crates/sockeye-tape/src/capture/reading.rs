//! Reads capture files: pcapng (draft-ietf-opsawg-pcapng) and pcap
//! (draft-ietf-opsawg-pcap). The file may come from anyone: each block is bounded before it
//! is taken in, and no memory is taken for a length that was only claimed. A file that is
//! cut is served to its last whole packet.

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use pcap_parser::Block;
use pcap_parser::InterfaceDescriptionBlock;
use pcap_parser::PcapHeader;
use pcap_parser::parse_block_be;
use pcap_parser::parse_block_le;
use pcap_parser::parse_pcap_frame;
use pcap_parser::parse_pcap_frame_be;
use pcap_parser::parse_pcap_header;
use pcap_parser::traits::PcapNGPacketBlock;

use crate::capture::Captured;
use crate::error::TapeError;

/// The most bytes of a block: of others' captures the longest packet, many times over.
const LARGEST: u32 = 16 << 20;

/// The most interfaces of one section.
const MOST: usize = 65_536;

/// The first bytes of a pcapng file, and of each section in it; the same in either order.
const SECTION: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

/// A capture file being read: an iterator of its packets, in the order of the file. After an
/// error it ends.
#[derive(Debug)]
pub struct Capture<R> {
    path: PathBuf,
    input: R,
    form: Form,
    /// Where the block in hand begins.
    at: u64,
    block: Vec<u8>,
    /// The last packet's time, for blocks that have none.
    last: Duration,
    torn: Option<u64>,
    strays: u64,
    ended: bool,
}

#[derive(Debug)]
enum Form {
    Pcapng { big: bool, interfaces: Vec<Interface> },
    Pcap { header: PcapHeader, link: u16 },
}

/// What a pcapng file says of an interface.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    snap: u32,
    /// Units of time in a second.
    units: u64,
    /// Seconds to be added.
    offset: i64,
}

/// A block or a packet's record.
enum Came {
    Whole,
    /// So many bytes of one, and the end.
    Cut(u64),
    End,
}

impl Capture<BufReader<File>> {
    /// Opens a capture file.
    pub fn open(path: &Path) -> Result<Self, TapeError> {
        let file = File::open(path)
            .map_err(|source| TapeError::Capture { path: path.to_owned(), source })?;
        Self::new(path, BufReader::with_capacity(256 * 1024, file))
    }
}

impl<R: Read> Capture<R> {
    /// Reads what stands before the packets; `path` is for messages.
    pub fn new(path: &Path, mut input: R) -> Result<Self, TapeError> {
        let failed = |source| TapeError::Capture { path: path.to_owned(), source };
        let no = |why| TapeError::NotACapture { path: path.to_owned(), why };
        let mut block = Vec::new();
        take(&mut input, 4, &mut block).map_err(failed)?;
        let form = if block == SECTION {
            Form::Pcapng { big: false, interfaces: Vec::new() }
        } else {
            take(&mut input, 20, &mut block).map_err(failed)?;
            match (block.len(), parse_pcap_header(&block)) {
                (0, _) => return Err(no("it is empty")),
                (24, Ok((_, header))) if header.is_modified_format() => {
                    return Err(no("a variant of pcap that is not read here"));
                }
                (24, Ok((_, header))) => {
                    // The upper half says how packets end, not what they are.
                    let [low, high, ..] = header.network.0.to_le_bytes();
                    let link = u16::from_le_bytes([low, high]);
                    Form::Pcap { header, link }
                }
                (_, Err(pcap_parser::nom::Err::Incomplete(_))) => {
                    return Err(no("it is cut within its header"));
                }
                _ => return Err(no("it begins with neither pcapng's nor pcap's mark")),
            }
        };
        let at = match form {
            Form::Pcapng { .. } => 0,
            Form::Pcap { .. } => {
                block.clear();
                24
            }
        };
        Ok(Self {
            path: path.to_owned(),
            input,
            form,
            at,
            block,
            last: Duration::ZERO,
            torn: None,
            strays: 0,
            ended: false,
        })
    }

    /// Once the iterator has ended: how many bytes at the end were left out because the file
    /// is cut.
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// How many packets were passed over because the file does not say what they are of.
    pub fn strays(&self) -> u64 {
        self.strays
    }

    fn advance(&mut self) -> Result<Option<Captured>, TapeError> {
        loop {
            let came = match &self.form {
                Form::Pcapng { big, .. } => self.block_of_pcapng(*big)?,
                Form::Pcap { header, .. } => self.record_of_pcap(header.is_bigendian())?,
            };
            match came {
                Came::Whole => {}
                Came::Cut(bytes) => {
                    self.torn = Some(bytes);
                    return Ok(None);
                }
                Came::End => return Ok(None),
            }
            let found = self.read()?;
            self.at = self.at.saturating_add(self.block.len() as u64);
            self.block.clear();
            if let Some(captured) = found {
                self.last = captured.at;
                return Ok(Some(captured));
            }
        }
    }

    /// Takes a whole block in: its kind, its length, its body, its length again.
    fn block_of_pcapng(&mut self, mut big: bool) -> Result<Came, TapeError> {
        self.fill(8)?;
        if self.block.is_empty() {
            return Ok(Came::End);
        }
        if self.block.starts_with(&SECTION) {
            self.fill(12)?;
            big = match self.block.get(8..12) {
                Some([0x1A, 0x2B, 0x3C, 0x4D]) => true,
                Some([0x4D, 0x3C, 0x2B, 0x1A]) => false,
                Some(_) => return Err(self.damaged("a section without pcapng's byte order mark")),
                None => return Ok(self.cut()),
            };
            if let Form::Pcapng { big: kept, interfaces } = &mut self.form {
                *kept = big;
                interfaces.clear();
            }
        }
        let Some(length) = word(&self.block, 4, big) else { return Ok(self.cut()) };
        if length < 12 || !length.is_multiple_of(4) || length > LARGEST {
            return Err(self.damaged(&format!("a block that claims to have {length} bytes")));
        }
        self.fill(length)?;
        Ok(if self.block.len() < length as usize { self.cut() } else { Came::Whole })
    }

    /// Takes a packet's record in: sixteen bytes and the packet.
    fn record_of_pcap(&mut self, big: bool) -> Result<Came, TapeError> {
        self.fill(16)?;
        if self.block.is_empty() {
            return Ok(Came::End);
        }
        let Some(length) = word(&self.block, 8, big) else { return Ok(self.cut()) };
        if length > LARGEST {
            return Err(self.damaged(&format!("a packet that claims to have {length} bytes")));
        }
        self.fill(length + 16)?;
        Ok(if self.block.len() < length as usize + 16 { self.cut() } else { Came::Whole })
    }

    /// What the block in hand is.
    fn read(&mut self) -> Result<Option<Captured>, TapeError> {
        match &mut self.form {
            Form::Pcap { header, link } => {
                let parse =
                    if header.is_bigendian() { parse_pcap_frame_be } else { parse_pcap_frame };
                let Ok((_, frame)) = parse(&self.block) else {
                    return Err(self.damaged("a packet that is none"));
                };
                let part = u64::from(frame.ts_usec);
                let part = if header.is_nanosecond_precision() {
                    Duration::from_nanos(part)
                } else {
                    Duration::from_micros(part)
                };
                Ok(Some(Captured {
                    at: Duration::from_secs(u64::from(frame.ts_sec)) + part,
                    link: *link,
                    interface: 0,
                    length: frame.origlen.max(frame.caplen),
                    bytes: frame.data.to_vec(),
                }))
            }
            Form::Pcapng { big, interfaces } => {
                let parse = if *big { parse_block_be } else { parse_block_le };
                let Ok((_, block)) = parse(&self.block) else {
                    return Err(self.damaged("a block that contradicts itself"));
                };
                if let Block::InterfaceDescription(about) = &block {
                    let Some(interface) = Interface::of(about, *big) else {
                        return Err(self.damaged("an interface whose times cannot be read"));
                    };
                    if interfaces.len() >= MOST {
                        return Err(self.damaged("more interfaces than are taken"));
                    }
                    interfaces.push(interface);
                    return Ok(None);
                }
                let found = captured(&block, interfaces, self.last);
                if found.is_none() && block.is_data_block() {
                    self.strays += 1;
                }
                Ok(found)
            }
        }
    }

    /// Takes in as much as the block is to have in all; less at the end of the file.
    fn fill(&mut self, whole: u32) -> Result<(), TapeError> {
        let wanted = (whole as usize).saturating_sub(self.block.len());
        take(&mut self.input, wanted as u64, &mut self.block)
            .map_err(|source| TapeError::Capture { path: self.path.clone(), source })
    }

    fn cut(&self) -> Came {
        Came::Cut(self.block.len() as u64)
    }

    fn damaged(&self, why: &str) -> TapeError {
        TapeError::Block { path: self.path.clone(), at: self.at, why: why.to_owned() }
    }
}

impl<R: Read> Iterator for Capture<R> {
    type Item = Result<Captured, TapeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let found = self.advance().transpose();
        self.ended = !matches!(found, Some(Ok(_)));
        found
    }
}

impl Interface {
    /// None for units of time that no number of 64 bits has.
    fn of(about: &InterfaceDescriptionBlock<'_>, big: bool) -> Option<Self> {
        let value = |code: u16| {
            let found = about.options.iter().find(|option| option.code.0 == code)?;
            found.as_bytes().ok()
        };
        let units = match value(9).and_then(|bytes| bytes.first()) {
            None => 1_000_000,
            Some(power) if power & 0x80 == 0 => 10_u64.checked_pow(u32::from(*power))?,
            Some(power) => 1_u64.checked_shl(u32::from(power & 0x7F))?,
        };
        let offset = value(14).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        let order = if big { i64::from_be_bytes } else { i64::from_le_bytes };
        Some(Self {
            link: u16::try_from(about.linktype.0).ok()?,
            snap: about.snaplen,
            units,
            offset: offset.map_or(0, order),
        })
    }

    fn time(&self, high: u32, low: u32) -> Duration {
        let units = (u64::from(high) << 32) | u64::from(low);
        let seconds = (units / self.units).saturating_add_signed(self.offset);
        let part = u128::from(units % self.units) * 1_000_000_000 / u128::from(self.units);
        Duration::new(seconds, u32::try_from(part).unwrap_or_default())
    }
}

/// The packet in a block; none where it has none, or is of no interface that was described.
fn captured(block: &Block<'_>, interfaces: &[Interface], last: Duration) -> Option<Captured> {
    let (number, whole, bytes, time) = match block {
        Block::EnhancedPacket(packet) => {
            let time = Some((packet.ts_high, packet.ts_low));
            (packet.if_id, packet.origlen, packet.data.get(..packet.caplen as usize)?, time)
        }
        Block::SimplePacket(packet) => (0, packet.origlen, packet.raw_packet_data(), None),
        _ => return None,
    };
    let interface = interfaces.get(number as usize)?;
    // A simple packet's padding is told by the interface's limit alone.
    let limit = if interface.snap == 0 { u32::MAX } else { interface.snap };
    let kept = match time {
        Some(_) => bytes,
        None => bytes.get(..whole.min(limit) as usize).unwrap_or(bytes),
    };
    Some(Captured {
        at: time.map_or(last, |(high, low)| interface.time(high, low)),
        link: interface.link,
        interface: number,
        length: whole.max(u32::try_from(kept.len()).unwrap_or(u32::MAX)),
        bytes: kept.to_vec(),
    })
}

/// Takes so many bytes more, or what there is.
fn take(input: &mut impl Read, count: u64, into: &mut Vec<u8>) -> io::Result<()> {
    input.take(count).read_to_end(into).map(drop)
}

fn word(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let word = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
}

#[cfg(test)]
mod tests;
