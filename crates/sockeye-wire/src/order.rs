//! The order of the bytes of a number. Nothing here knows what a number is for.

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The most significant: network order.
    Big,
    /// The least significant.
    Little,
}

impl Order {
    /// The number that `bytes` say; of more than 8 the 8 least significant count.
    pub fn number(self, bytes: &[u8]) -> u64 {
        let add = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
        match self {
            Self::Big => bytes.iter().fold(0, add),
            Self::Little => bytes.iter().rev().fold(0, add),
        }
    }

    /// Appends the `width` least significant bytes of `number`; `width` is at
    /// most 8.
    pub fn append(self, number: u64, width: usize, out: &mut Vec<u8>) {
        match self {
            Self::Big => {
                out.extend(number.to_be_bytes().iter().skip(8_usize.saturating_sub(width)));
            }
            Self::Little => out.extend(number.to_le_bytes().iter().take(width)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn big_endian_puts_the_most_significant_byte_first() {
        let mut out = Vec::new();
        Order::Big.append(0x0102, 3, &mut out);
        assert_eq!(out, [0, 1, 2]);
        assert_eq!(Order::Big.number(&out), 0x0102);
    }

    #[test]
    fn little_endian_puts_the_least_significant_byte_first() {
        let mut out = Vec::new();
        Order::Little.append(0x0102, 3, &mut out);
        assert_eq!(out, [2, 1, 0]);
        assert_eq!(Order::Little.number(&out), 0x0102);
    }

    #[test]
    fn eight_bytes_hold_the_largest_number() {
        for order in [Order::Big, Order::Little] {
            let mut out = Vec::new();
            order.append(u64::MAX, 8, &mut out);
            assert_eq!(order.number(&out), u64::MAX);
        }
    }
}
