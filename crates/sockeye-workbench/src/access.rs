//! Who may call: address ranges allowed and denied, and how many at once.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The bits before an IPv4 address that is mapped into IPv6 (RFC 4291, 2.5.5.2).
const MAPPED: u8 = 96;

/// A range of addresses (RFC 4632; RFC 4291, 2.3): `10.0.0.0/8`, `::1`, `fe80::/10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
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
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr =
            address.parse().map_err(|_| fail("write it as 10.0.0.0/8 or ::1/128"))?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(text) => text.parse().map_err(|_| fail("what follows `/` is a number of bits"))?,
        };
        if prefix > width {
            return Err(fail("IPv4 has 32 bits, IPv6 has 128"));
        }
        // A mapped range means the IPv4 range that callers are measured by.
        match (network, network.to_canonical()) {
            (IpAddr::V6(_), v4 @ IpAddr::V4(_)) if prefix >= MAPPED => {
                Ok(Self { network: v4, prefix: prefix - MAPPED })
            }
            (IpAddr::V6(_), IpAddr::V4(_)) => Err(fail("write IPv4 ranges as IPv4")),
            _ => Ok(Self { network, prefix }),
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl Cidr {
    /// Whether the address lies in the range; a mapped IPv4 address counts as IPv4.
    pub fn holds(&self, ip: IpAddr) -> bool {
        match (self.network, ip.to_canonical()) {
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
}

/// The door: who is let in.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// If any are given, only these may call.
    pub allow: Vec<Cidr>,
    /// These may not, even if allowed.
    pub deny: Vec<Cidr>,
    /// At most so many at once.
    pub most: Option<usize>,
}

impl Access {
    /// Refuses a caller, with the reason. A caller without an address (a Unix socket)
    /// is measured by the count alone.
    pub fn admit(&self, ip: Option<IpAddr>, open: usize) -> Result<(), String> {
        if let Some(ip) = ip {
            if let Some(range) = self.deny.iter().find(|range| range.holds(ip)) {
                return Err(format!("`--deny {range}`"));
            }
            if !self.allow.is_empty() && !self.allow.iter().any(|range| range.holds(ip)) {
                return Err("not in any range of `--allow`".to_owned());
            }
        }
        match self.most {
            Some(most) if open >= most => Err(format!("{open} are open (`--max-conns {most}`)")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, ip: &str) -> bool {
        range.parse::<Cidr>().unwrap().holds(ip.parse().unwrap())
    }

    #[test]
    fn holds_what_the_prefix_says() {
        assert!(holds("10.0.0.0/8", "10.200.3.4"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4"));
        assert!(!holds("0.0.0.0/0", "::1"));
        assert!(holds("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(holds("::ffff:127.0.0.0/104", "127.0.0.1"));
        assert!(holds("fe80::/10", "fe80::1"));
        assert!(!holds("fe80::/10", "fec0::1"));
    }

    #[test]
    fn refuses_a_prefix_that_is_too_long() {
        assert!("10.0.0.0/33".parse::<Cidr>().is_err());
        assert!("nonsense".parse::<Cidr>().is_err());
    }

    #[test]
    fn deny_goes_before_allow_and_fails_closed() {
        let access = Access {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            deny: vec!["127.0.0.2".parse().unwrap()],
            most: Some(1),
        };
        assert!(access.admit("127.0.0.1".parse().ok(), 0).is_ok());
        assert!(access.admit("127.0.0.2".parse().ok(), 0).is_err());
        assert!(access.admit("10.0.0.1".parse().ok(), 0).is_err());
        assert!(access.admit("127.0.0.1".parse().ok(), 1).is_err());
    }
}
