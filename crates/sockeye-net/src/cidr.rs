//! A range of addresses: the bits that name a network, and the rest.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The bits before an IPv4 address that is mapped into IPv6 (RFC 4291, 2.5.5.2).
const MAPPED: u8 = 96;

/// A range of addresses (RFC 4632; RFC 4291, 2.3): `10.0.0.0/8`, `::1`, `fe80::/10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// Any address of the range.
    pub address: IpAddr,
    /// How many of its bits name the network.
    pub prefix: u8,
}

/// A text that is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no range of addresses: {why}")]
pub struct CidrError {
    text: String,
    why: &'static str,
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let fail = |why| CidrError { text: text.to_owned(), why };
        let (written, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr =
            written.parse().map_err(|_| fail("write it as 10.0.0.0/8 or ::1/128"))?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(text) => match (text.parse(), address, text.parse::<Ipv4Addr>()) {
                (Ok(bits), ..) => bits,
                (_, IpAddr::V4(_), Ok(mask)) => bits_of(mask)
                    .ok_or_else(|| fail("a mask is ones, then zeros, as in 255.255.255.0"))?,
                _ => return Err(fail("what follows `/` is a number of bits")),
            },
        };
        if prefix > width {
            return Err(fail("IPv4 has 32 bits, IPv6 has 128"));
        }
        // A mapped range means the IPv4 range that callers are measured by.
        match (address, address.to_canonical()) {
            (IpAddr::V6(_), v4 @ IpAddr::V4(_)) if prefix >= MAPPED => {
                Ok(Self { address: v4, prefix: prefix - MAPPED })
            }
            (IpAddr::V6(_), IpAddr::V4(_)) => Err(fail("write IPv4 ranges as IPv4")),
            _ => Ok(Self { address, prefix }),
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Cidr {
    /// Whether the address lies in the range; a mapped IPv4 address counts as IPv4.
    pub fn holds(&self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.prefix);
                let top = |v: u32| v.checked_shr(shift).unwrap_or(0);
                top(network.to_bits()) == top(ip.to_bits())
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.prefix);
                let top = |v: u128| v.checked_shr(shift).unwrap_or(0);
                top(network.to_bits()) == top(ip.to_bits())
            }
            _ => false,
        }
    }

    /// The width of an address of the range, in bits.
    pub fn width(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// The bits that name the network as ones: an IPv4 mask, and its like for IPv6.
    pub fn mask(&self) -> IpAddr {
        self.of_family(self.ones())
    }

    /// The lowest address: that of the network.
    pub fn first(&self) -> IpAddr {
        self.of_family(bits(self.address) & self.ones())
    }

    /// The highest address: of IPv4 the broadcast address, where the range has more than two.
    pub fn last(&self) -> IpAddr {
        self.of_family(bits(self.address) | (self.all() ^ self.ones()))
    }

    /// How many bits are left for hosts: the range has two to their power of addresses.
    pub fn host_bits(&self) -> u8 {
        self.width() - self.prefix
    }

    /// The part of the address that names the host, as a number.
    pub fn host(&self) -> u128 {
        bits(self.address) & (self.all() ^ self.ones())
    }

    fn all(&self) -> u128 {
        if self.address.is_ipv4() { u128::from(u32::MAX) } else { u128::MAX }
    }

    fn ones(&self) -> u128 {
        let zeros = self.all().checked_shr(u32::from(self.prefix)).unwrap_or(0);
        self.all() ^ zeros
    }

    fn of_family(&self, bits: u128) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX)).into(),
            IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
        }
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// How many ones a mask has; none where a zero stands among them.
fn bits_of(mask: Ipv4Addr) -> Option<u8> {
    let bits = mask.to_bits();
    let ones = bits.leading_ones();
    (bits.count_ones() == ones).then(|| u8::try_from(ones).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_has_a_first_a_last_and_a_mask() {
        let net = read("192.168.5.6/24");
        assert_eq!(net.first().to_string(), "192.168.5.0");
        assert_eq!(net.last().to_string(), "192.168.5.255");
        assert_eq!(net.mask().to_string(), "255.255.255.0");
        assert_eq!((net.host_bits(), net.host()), (8, 6));
        let all = read("0.0.0.0/0");
        assert_eq!(
            (all.first().to_string(), all.last().to_string()),
            ("0.0.0.0".into(), "255.255.255.255".into())
        );
        let six = read("2001:db8::1/32");
        assert_eq!(six.last().to_string(), "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
        assert_eq!(read("::1").first().to_string(), "::1");
    }

    #[test]
    fn a_mask_may_be_written_out_but_not_with_holes() {
        assert_eq!(read("10.1.2.3/255.255.240.0").prefix, 20);
        assert_eq!(read("10.1.2.3/0.0.0.0").prefix, 0);
        assert!("10.0.0.0/255.0.255.0".parse::<Cidr>().is_err());
        assert!("::1/255.255.0.0".parse::<Cidr>().is_err());
    }
}
