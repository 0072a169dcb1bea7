//! The algorithms of checksums: bytes to a number. Where the number stands in a
//! message is not known here.

use crc::Crc;

use crate::order::Order;

static SMBUS: Crc<u8> = Crc::<u8>::new(&crc::CRC_8_SMBUS);
static MODBUS: Crc<u16> = Crc::<u16>::new(&crc::CRC_16_MODBUS);
static CCITT_FALSE: Crc<u16> = Crc::<u16>::new(&crc::CRC_16_IBM_3740);
static XMODEM: Crc<u16> = Crc::<u16>::new(&crc::CRC_16_XMODEM);
static KERMIT: Crc<u16> = Crc::<u16>::new(&crc::CRC_16_KERMIT);
static ISO_HDLC: Crc<u32> = Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// What is computed. The CRCs are those of the `RevEng` catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// CRC-8/SMBUS: polynomial 07.
    Crc8,
    /// CRC-16/MODBUS.
    Crc16Modbus,
    /// CRC-16/IBM-3740, known as CCITT-FALSE.
    Crc16CcittFalse,
    /// CRC-16/XMODEM.
    Crc16Xmodem,
    /// CRC-16/KERMIT.
    Crc16Kermit,
    /// CRC-32/ISO-HDLC: that of Ethernet, gzip and zip.
    Crc32,
    /// The sum of the bytes, modulo 2^8.
    Sum8,
    /// The sum of the bytes, modulo 2^16.
    Sum16,
    /// The exclusive or of the bytes.
    Xor8,
    /// The two's complement of the sum, modulo 2^8 (MODBUS over Serial Line
    /// V1.02, 6.2.1).
    Lrc,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Crc8,
        Self::Crc16Modbus,
        Self::Crc16CcittFalse,
        Self::Crc16Xmodem,
        Self::Crc16Kermit,
        Self::Crc32,
        Self::Sum8,
        Self::Sum16,
        Self::Xor8,
        Self::Lrc,
    ];

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc8 => "crc8",
            Self::Crc16Modbus => "crc16-modbus",
            Self::Crc16CcittFalse => "crc16-ccitt-false",
            Self::Crc16Xmodem => "crc16-xmodem",
            Self::Crc16Kermit => "crc16-kermit",
            Self::Crc32 => "crc32",
            Self::Sum8 => "sum8",
            Self::Sum16 => "sum16",
            Self::Xor8 => "xor8",
            Self::Lrc => "lrc",
        }
    }

    /// How many bytes it has.
    pub fn width(self) -> usize {
        match self {
            Self::Crc8 | Self::Sum8 | Self::Xor8 | Self::Lrc => 1,
            Self::Crc16Modbus
            | Self::Crc16CcittFalse
            | Self::Crc16Xmodem
            | Self::Crc16Kermit
            | Self::Sum16 => 2,
            Self::Crc32 => 4,
        }
    }

    /// The order it has unless told otherwise: big endian, but `crc16-modbus`
    /// little endian, as Modbus RTU sends it (MODBUS over Serial Line V1.02,
    /// 2.5.1.2).
    pub fn usual_order(self) -> Order {
        match self {
            Self::Crc16Modbus => Order::Little,
            _ => Order::Big,
        }
    }

    /// The checksum of all `bytes`.
    pub fn of(self, bytes: &[u8]) -> u32 {
        match self {
            Self::Crc8 => SMBUS.checksum(bytes).into(),
            Self::Crc16Modbus => MODBUS.checksum(bytes).into(),
            Self::Crc16CcittFalse => CCITT_FALSE.checksum(bytes).into(),
            Self::Crc16Xmodem => XMODEM.checksum(bytes).into(),
            Self::Crc16Kermit => KERMIT.checksum(bytes).into(),
            Self::Crc32 => ISO_HDLC.checksum(bytes),
            Self::Sum8 => sum(bytes) & 0xFF,
            Self::Sum16 => sum(bytes) & 0xFFFF,
            Self::Xor8 => bytes.iter().fold(0, |xor, byte| xor ^ u32::from(*byte)),
            Self::Lrc => sum(bytes).wrapping_neg() & 0xFF,
        }
    }
}

fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(u32::from(*byte)))
}
