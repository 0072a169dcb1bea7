//! Questions about a run whose answers are worked out when they are asked: how its connections
//! fare, checksums of its bytes, what its framing may be, its diagram.

use serde_json::{Value, json};
use sockeye_net::tcp_info::TcpInfo;
use sockeye_wire::algorithm::Algorithm;
use sockeye_workbench::detect::candidate::Candidate;
use sockeye_workbench::detect::{Talk, detect, told};
use sockeye_workbench::fares::Fares;
use sockeye_workbench::script::Script;

/// So many bytes have their checksums taken at once.
pub const SUMMED: u64 = 64 * 1024;

/// So many candidates are told of.
const CANDIDATES: usize = 5;

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

/// What speaks for a candidate, and the first place that speaks against it.
fn why(candidate: &Candidate) -> String {
    let told = format!("{} frames, {:.0} bits against chance", candidate.frames, candidate.bits);
    match &candidate.counter {
        Some(counter) => format!("{told}; at byte {}: {}", counter.offset, counter.why),
        None => told,
    }
}

/// What a talk may be framed by: candidates, the best first, of both directions where they
/// agree, else of the one that tells most.
pub fn framings(script: &Script) -> Value {
    let report = detect(&Talk::of(script));
    let (one, other) = (&report.acceptor, &report.dialler);
    let findings = if one.candidates.is_empty() { other } else { one };
    let all = if report.agrees() { &report.both } else { &findings.candidates };
    let candidates = all.iter().take(CANDIDATES).map(|candidate| {
        json!({
            "frame": candidate.framing.as_ref().map(ToString::to_string),
            "what": candidate.what,
            "share": candidate.share / 100.0,
            "why": why(candidate),
        })
    });
    let encoding = [other, one].into_iter().find_map(|findings| findings.encoding);
    let summed = [other, one].into_iter().find_map(|findings| findings.checksum.as_ref());
    json!({
        "unsure": report.is_unsure(),
        "candidates": candidates.collect::<Vec<_>>(),
        "encoding": encoding,
        "checksum": summed.map(|summed| summed.checksum.to_string()),
        "text": told::text(Some(script.number), &report, CANDIDATES),
    })
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
