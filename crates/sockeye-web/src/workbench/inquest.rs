//! Questions about a run whose answers are worked out when they are asked: how its connections
//! fare, checksums of its bytes, what its framing may be, its diagram.

use serde_json::{Value, json};
use sockeye_net::tcp_info::TcpInfo;
use sockeye_wire::algorithm::Algorithm;
use sockeye_workbench::fares::Fares;

/// So many bytes have their checksums taken at once.
pub const SUMMED: u64 = 64 * 1024;

/// How the open conversations stand.
pub fn fares(all: &[Fares]) -> Value {
    let shown = all.iter().map(|fares| {
        let ends = [("local", fares.local.clone()), ("peer", fares.peer.clone())];
        let rows: Vec<Value> =
            ends.iter().chain(&fares.rows).map(|(name, value)| json!([name, value])).collect();
        let tcp = fares.tcp.as_ref().map(TcpInfo::rows).unwrap_or_default();
        let tcp: Vec<Value> = tcp.iter().map(|(name, value)| json!([name, value])).collect();
        let rtt = fares.tcp.as_ref().map(|tcp| tcp.rtt.as_micros());
        json!({ "c": fares.c, "proto": fares.proto, "rows": rows, "tcp": tcp, "rtt": rtt })
    });
    json!({ "conversations": shown.collect::<Vec<_>>() })
}

/// Every checksum of some bytes, in both orders.
pub fn checksums(bytes: &[u8]) -> Value {
    let each = Algorithm::ALL.into_iter().map(|algorithm| {
        let width = algorithm.width() * 2;
        let sum = format!("{:0width$X}", algorithm.of(bytes));
        let little: String = (0..algorithm.width())
            .rev()
            .filter_map(|place| sum.get(place * 2..place * 2 + 2))
            .collect();
        json!({ "name": algorithm.name(), "be": sum, "le": little })
    });
    json!({ "checksums": each.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_given_in_both_orders() {
        let all = checksums(b"123456789");
        let of = |name: &str| {
            let list = all["checksums"].as_array().expect("a list");
            list.iter().find(|one| one["name"] == name).expect("it is there").clone()
        };
        assert_eq!(of("crc16-modbus")["be"], "4B37");
        assert_eq!(of("crc16-modbus")["le"], "374B");
        assert_eq!(of("crc32")["le"], "2639F4CB");
        assert_eq!(of("sum8")["be"], of("sum8")["le"]);
    }
}
