//! Talks made by our own framers, and streams in which nothing is to be found.

use std::time::Duration;

use sockeye_wire::enframe::Enframer;

use super::*;

/// Numbers that look random, the same for the same seed.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

fn stream(bytes: &[u8], read: usize) -> Stream {
    let mut stream = Stream::default();
    for piece in bytes.chunks(read) {
        stream.push(Duration::ZERO, piece);
    }
    stream
}

fn likely(stream: &Stream) -> Vec<Candidate> {
    let mut found = all(stream);
    found.retain(Candidate::is_likely);
    found
}

fn told(found: &[Candidate]) -> String {
    let line = |one: &Candidate| {
        format!(
            "{:.0} bits {:.1}% {} {} {:?}\n",
            one.bits,
            one.share,
            one.frames,
            one.what,
            one.flag()
        )
    };
    found.iter().map(line).collect()
}

/// The first flag for payloads sent by our own framer, in one read.
fn first(framing: &str, payloads: &[Vec<u8>]) -> String {
    let mut enframer = Enframer::new(framing.parse().unwrap());
    let sent: Vec<u8> =
        payloads.iter().flat_map(|payload| enframer.encode(payload, None).unwrap()).collect();
    let found = likely(&stream(&sent, 65_536));
    let first = found.first().and_then(Candidate::flag);
    println!("{framing}:\n{}", told(&found));
    first.unwrap_or_else(|| told(&found))
}

fn random_payloads(count: usize, least: usize, most: usize) -> Vec<Vec<u8>> {
    let mut noise = Noise(7);
    (0..count)
        .map(|_| {
            let size = least + noise.below(most - least + 1);
            noise.bytes(size)
        })
        .collect()
}

fn texts() -> Vec<Vec<u8>> {
    let said =
        ["hello", "the quick brown fox", "set speed 40", "ok", "temperature 21.5", "bye now"];
    said.iter().cycle().take(18).map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn nothing_is_found_in_random_bytes() {
    let mut wrong = Vec::new();
    for seed in 0..200 {
        let mut noise = Noise(seed * 7919);
        for size in [64, 200, 1024, 4096, 16_384, 65_536] {
            if size > 4096 && seed % 10 != 0 {
                continue;
            }
            let bytes = noise.bytes(size);
            let mut stream = Stream::default();
            let mut from = 0;
            while from < size {
                let end = size.min(from + 1 + noise.below(if seed % 2 == 0 { 1448 } else { 100 }));
                stream.push(Duration::from_micros(noise.next() % 1000), &bytes[from..end]);
                if noise.below(3) == 0 {
                    stream.turn();
                }
                from = end;
            }
            let found = likely(&stream);
            if !found.is_empty() {
                wrong.push(format!("seed {seed} size {size}: {}", told(&found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[test]
fn our_own_framings_are_found_first() {
    let binary = random_payloads(30, 3, 60);
    let long = random_payloads(20, 3, 700);
    let same = random_payloads(20, 16, 16);
    let text = texts();
    let tables = [
        ("len:u16be", &binary),
        ("len:u16le", &binary),
        ("len:u8", &binary),
        ("len:u24be", &binary),
        ("len:u32be", &binary),
        ("len:u32le", &binary),
        ("len:u64le", &binary),
        ("len:u32le,offset=2,adjust=-4", &binary),
        ("len:u16be", &text),
        ("len:u32le", &text),
        ("len:varint", &long),
        ("len:ascii", &binary),
        ("len:ascii", &text),
        ("cobs", &binary),
        ("slip", &binary),
        ("crlf", &text),
        ("lines", &text),
        ("delim:00", &text),
        ("delim:03", &text),
        ("head:02,tail:03", &text),
        ("head:AA55,tail:0D0A", &binary),
    ];
    let mut wrong = Vec::new();
    for (framing, payloads) in tables {
        let found = first(framing, payloads);
        let meant: sockeye_wire::framing::Framing = framing.parse().unwrap();
        if found != format!("--frame {meant}") {
            wrong.push(format!("{framing}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let _ = same;
}
