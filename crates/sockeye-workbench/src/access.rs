//! Who may call: address ranges allowed and denied, and how many at once.

use std::net::IpAddr;

use sockeye_net::cidr::Cidr;

/// The door: who is let in.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// If any are given, only these may call.
    pub allow: Vec<Cidr>,
    /// The flag that they were given by, as refused callers are told of it.
    pub allowed_by: &'static str,
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
                return Err(format!("not in any range of `{}`", self.allowed_by));
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
            allowed_by: "--allow-from",
            deny: vec!["127.0.0.2".parse().unwrap()],
            most: Some(1),
        };
        assert!(access.admit("127.0.0.1".parse().ok(), 0).is_ok());
        assert!(access.admit("127.0.0.2".parse().ok(), 0).is_err());
        let refused = access.admit("10.0.0.1".parse().ok(), 0);
        assert_eq!(refused, Err("not in any range of `--allow-from`".to_owned()));
        assert!(access.admit("127.0.0.1".parse().ok(), 1).is_err());
    }
}
