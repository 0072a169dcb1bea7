//! A list of ports: `20-30,80`.

use std::collections::BTreeSet;

use crate::endpoint_error::EndpointError;
use crate::host::port;

/// The ports of the list, in order, each once.
pub fn parse_ports(text: &str) -> Result<Vec<u16>, EndpointError> {
    let mut ports = BTreeSet::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let listed = |error: EndpointError| error.of(text).hinting("as in 20-30,80");
        let first = port(first).map_err(listed)?;
        let last = port(last).map_err(listed)?;
        if first > last {
            return Err(EndpointError::new(text, format!("`{part}` runs backwards"))
                .hinting(format!("write {last}-{first}")));
        }
        ports.extend(first..=last);
    }
    Ok(ports.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges_and_single_ports_in_order_each_once() {
        assert_eq!(parse_ports("80,20-22,21").unwrap(), [20, 21, 22, 80]);
    }

    #[test]
    fn refuses_what_is_no_port_and_a_range_that_runs_backwards() {
        for bad in ["", "80,", "30-20", "x", "65536", "1-", "-1"] {
            assert!(parse_ports(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn quotes_the_whole_list_and_shows_one_that_is_right() {
        let error = parse_ports("80,").unwrap_err();
        assert_eq!(error.to_string(), "`80,`: the port is missing");
        assert_eq!(error.hint().as_deref(), Some("as in 20-30,80"));
        let error = parse_ports("80,30-20").unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("write 20-30"));
    }
}
