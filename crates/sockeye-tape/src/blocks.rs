//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian, one interface.
//! What is in the packets is not looked at.

/// Raw IP: the packet begins with its IPv4 or IPv6 header (`LINKTYPE_RAW`).
pub(crate) const RAW: u16 = 101;

/// The longest packet: IPv6 with the largest payload length and its header.
pub(crate) const SNAP: u32 = 65_575;

/// TLS key log (section 4.7).
const TLS_KEY_LOG: u32 = 0x544c_534b;

const COMMENT: u16 = 1;
const APPLICATION: u16 = 4;
const RESOLUTION: u16 = 9;
const NAME: u16 = 2;
const FILTER_ACCEPT: u16 = 6;
const OS_DROP: u16 = 7;

/// The Section Header Block; its length is not told.
pub(crate) fn section(out: &mut Vec<u8>, comment: &str, application: &str) {
    block(out, 0x0A0D_0D0A, |out| {
        out.extend_from_slice(&0x1A2B_3C4D_u32.to_le_bytes());
        out.extend_from_slice(&1_u16.to_le_bytes());
        out.extend_from_slice(&0_u16.to_le_bytes());
        out.extend_from_slice(&u64::MAX.to_le_bytes());
        option(out, COMMENT, comment.as_bytes());
        option(out, APPLICATION, application.as_bytes());
        option(out, 0, b"");
    });
}

/// The Interface Description Block: the link, the most bytes of a packet, times in
/// nanoseconds; an empty name is left out.
pub(crate) fn interface(out: &mut Vec<u8>, link: u16, snap: u32, name: &str) {
    block(out, 1, |out| {
        out.extend_from_slice(&link.to_le_bytes());
        out.extend_from_slice(&0_u16.to_le_bytes());
        out.extend_from_slice(&snap.to_le_bytes());
        if !name.is_empty() {
            option(out, NAME, name.as_bytes());
        }
        option(out, RESOLUTION, &[9]);
        option(out, 0, b"");
    });
}

/// A Decryption Secrets Block with a TLS key log of less than 4 GiB.
pub(crate) fn secrets(out: &mut Vec<u8>, log: &[u8]) {
    block(out, 10, |out| {
        out.extend_from_slice(&TLS_KEY_LOG.to_le_bytes());
        out.extend_from_slice(&length(log).to_le_bytes());
        out.extend_from_slice(log);
        pad(out, log.len());
    });
}

/// An Enhanced Packet Block, `time` nanoseconds after 1970, of a packet that is there whole;
/// an empty comment is left out.
pub(crate) fn packet(out: &mut Vec<u8>, time: u64, packet: &[u8], comment: &str) {
    cut_packet(out, time, packet, length(packet), comment);
}

/// The same of a packet that was `whole` bytes long.
pub(crate) fn cut_packet(out: &mut Vec<u8>, time: u64, packet: &[u8], whole: u32, comment: &str) {
    block(out, 6, |out| {
        out.extend_from_slice(&0_u32.to_le_bytes());
        put_time(out, time);
        out.extend_from_slice(&length(packet).to_le_bytes());
        out.extend_from_slice(&whole.to_le_bytes());
        out.extend_from_slice(packet);
        pad(out, packet.len());
        if !comment.is_empty() {
            option(out, COMMENT, comment.as_bytes());
            option(out, 0, b"");
        }
    });
}

/// An Interface Statistics Block: how many packets came, and how many of them were dropped.
pub(crate) fn statistics(out: &mut Vec<u8>, time: u64, came: u64, dropped: u64) {
    block(out, 5, |out| {
        out.extend_from_slice(&0_u32.to_le_bytes());
        put_time(out, time);
        option(out, FILTER_ACCEPT, &came.to_le_bytes());
        option(out, OS_DROP, &dropped.to_le_bytes());
        option(out, 0, b"");
    });
}

/// Nanoseconds after 1970, the upper half first.
fn put_time(out: &mut Vec<u8>, time: u64) {
    let time = time.to_le_bytes();
    let (low, high) = time.split_at(4);
    out.extend_from_slice(high);
    out.extend_from_slice(low);
}

fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::new();
    body(&mut inner);
    // Kind, and the length twice.
    let whole = length(&inner).saturating_add(12);
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&whole.to_le_bytes());
    out.extend_from_slice(&inner);
    out.extend_from_slice(&whole.to_le_bytes());
}

fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    // Every text that comes here has been cut to less.
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    let value = value.get(..usize::from(length)).unwrap_or_default();
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(value);
    pad(out, value.len());
}

fn pad(out: &mut Vec<u8>, length: usize) {
    out.extend(std::iter::repeat_n(0, length.next_multiple_of(4) - length));
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
