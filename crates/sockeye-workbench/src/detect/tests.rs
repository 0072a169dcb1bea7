//! Talks made by our own framers, and streams in which nothing is to be found.

use std::time::Duration;

use sockeye_wire::enframe::Enframer;

use super::*;
use crate::detect::stream::LOOK;

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

/// A stream in reads of their own, so many milliseconds apart.
fn talk(reads: &[&[u8]], millis: u64) -> Stream {
    let mut stream = Stream::default();
    for (number, read) in reads.iter().enumerate() {
        stream.push(Duration::from_millis(millis * number as u64), read);
    }
    stream
}

fn best(stream: &Stream) -> String {
    let found = likely(stream);
    println!("{}", told(&found));
    found.first().map_or("not sure".to_owned(), |first| {
        first.flag().map_or(first.what.clone(), |flag| format!("{}, {flag}", first.what))
    })
}

#[test]
fn what_says_nothing_is_not_sure() {
    let feeds = vec![b'\n'; LOOK];
    for bytes in [&b""[..], b"x", b"\n", b"\0", b"ab", &[0; 5000], &[0xFF; 300], &feeds] {
        let found = likely(&stream(bytes, 65_536));
        assert!(found.is_empty(), "{} bytes of {:?}: {}", bytes.len(), bytes.first(), told(&found));
    }
}

#[test]
fn a_last_frame_that_is_cut_is_the_counter_example() {
    let mut enframer = Enframer::new("len:u16be".parse().unwrap());
    let mut bytes = Vec::new();
    for payload in random_payloads(12, 5, 40) {
        bytes.extend(enframer.encode(&payload, None).unwrap());
    }
    let whole = bytes.len() as u64;
    bytes.extend([0, 40, 1, 2, 3]);
    let found = likely(&stream(&bytes, 100));
    let first = found.first().unwrap();
    assert_eq!(first.flag().as_deref(), Some("--frame len:u16be"));
    let counter = first.counter.clone().unwrap();
    assert_eq!((counter.offset, counter.there), (whole, vec![0, 40, 1, 2, 3]));
    assert_eq!(counter.why, "the last frame is cut");
    assert!(first.share < 100.0, "{}", first.share);
}

#[test]
fn the_first_thing_that_does_not_fit_is_told_with_its_place() {
    let mut sentences = b"$GPGGA,1,2*7B\r\n".repeat(3);
    let good = |words: &str| {
        let sum = words.bytes().fold(0, |xor, byte| xor ^ byte);
        format!("${words}*{sum:02X}\r\n").into_bytes()
    };
    let place = sentences.len() as u64;
    sentences.clear();
    for number in 0..9 {
        let line = good(&format!("GPRMC,{number},A"));
        sentences.extend(if number == 4 { b"$GPRMC,4,A*00\r\n".to_vec() } else { line });
    }
    let found = likely(&stream(&sentences, 1000));
    let first = found.first().unwrap();
    let counter = first.counter.clone().unwrap();
    assert_eq!(first.what, "NMEA 0183", "{}", told(&found));
    assert_eq!(counter.offset, 4 * 15, "{counter:?} {place}");
    assert_eq!(counter.why, "expected a sentence with its checksum");
}

#[test]
fn protocols_are_called_by_their_names() {
    let ping = b"*1\r\n$4\r\nPING\r\n";
    let set = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello\r\n";
    assert_eq!(best(&talk(&[ping, set, ping], 5)), "Redis (RESP)");
    let http = b"GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
    assert_eq!(best(&talk(&[http], 5)), "HTTP/1");
    let upgrade = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
    let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    assert_eq!(best(&talk(&[upgrade, masked], 5)), "HTTP, then WebSocket");
    let said = b"\x81\x05Hello";
    assert_eq!(best(&talk(&[said, b"\x81\x0bhello again", said, said], 5)), "WebSocket frames");
    let tls = [&[22, 3, 3, 0, 40][..], &[7; 40], &[23, 3, 3, 0, 9], &[5; 9]].concat();
    assert_eq!(best(&talk(&[&tls], 5)), "TLS, --frame len:u16be,offset=3");
    let connect = b"\x10\x0f\0\x04MQTT\x04\x02\0\x3c\0\x03abc";
    let publish = b"\x30\x0b\0\x04roomhello";
    assert_eq!(best(&talk(&[connect, publish, publish], 5)), "MQTT");
    let modbus = [b"\0\x01\0\0\0\x06\x01\x03\0\0\0\x02", b"\0\x02\0\0\0\x06\x01\x03\0\0\0\x02"];
    assert_eq!(best(&talk(&[modbus[0], modbus[1]], 5)), "Modbus TCP, --frame modbus-tcp");
    let mail: [&[u8]; 4] = [b"EHLO me\r\n", b"MAIL FROM:<a@b>\r\n", b"DATA\r\n", b"hi\r\n.\r\n"];
    assert_eq!(best(&talk(&mail, 5)), "SMTP, --frame crlf");
    let query = b"\0\x17\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x03org\0\0\x01\0\x01";
    assert_eq!(best(&talk(&[query], 5)), "DNS over TCP, --frame len:u16be");
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let twice = [&chunks[..], chunks].concat();
    assert_eq!(
        (best(&talk(&[&twice], 5)), likely(&talk(&[&twice], 5))[0].frames),
        ("HTTP/1".into(), 2)
    );
    let ssh = [&b"SSH-2.0-x\r\n"[..], b"\0\0\0\x0c\x0a\x14", &[0; 10]].concat();
    assert_eq!(best(&talk(&[&ssh], 5)), "SSH");
}

#[test]
fn modbus_rtu_is_known_by_its_silence_and_its_checksum() {
    let frame = |said: &[u8]| {
        let mut frame = said.to_vec();
        "crc16-modbus".parse::<sockeye_wire::checksum::Checksum>().unwrap().append(&mut frame);
        frame
    };
    let one = frame(&[1, 3, 0, 0, 0, 2]);
    let other = frame(&[1, 6, 0, 1, 0, 9]);
    let (head, tail) = other.split_at(3);
    let mut stream = Stream::default();
    for turn in 0..4 {
        stream.push(Duration::from_millis(turn * 50), &one);
        stream.push(Duration::from_millis(turn * 50 + 25), head);
        stream.push(Duration::from_millis(turn * 50 + 26), tail);
    }
    assert_eq!(best(&stream), "Modbus RTU, --frame gap:10ms");
    let summed = checksums::of(&stream, &"gap:10ms".parse().unwrap()).unwrap();
    assert_eq!(summed.flag().as_deref(), Some("--checksum crc16-modbus"));
}

#[test]
fn encodings_are_told_apart() {
    let of = |label: &str, text: &str| {
        let encoding: sockeye_text::encoding::Encoding = label.parse().unwrap();
        encoding::of(&encoding.encode(text).unwrap()).unwrap_or("binary")
    };
    let chinese = "温度报警\n你好，设备已连接，当前温度正常\n";
    let traditional = "溫度警報\n你好，設備已經連接，目前溫度正常\n";
    let japanese = "温度警報です\nこんにちは、センサーは正常に動作しています\n";
    assert_eq!(of("utf-8", chinese), "utf-8");
    assert_eq!(of("gbk", chinese), "gbk");
    assert_eq!(of("big5", traditional), "big5");
    assert_eq!(of("shift_jis", japanese), "shift_jis");
    assert_eq!(of("gb18030", "温度𠀀\n"), "gb18030");
    assert_eq!(of("utf-8", "plain\n"), "ascii");
    assert_eq!(encoding::of(&[1, 2, 3, 0xFF]), None);
    assert_eq!(encoding::of(&Noise(3).bytes(300)), None);
}

#[test]
fn both_directions_are_told_together_where_they_agree() {
    let mut talk = Talk::default();
    let mut enframer = Enframer::new("len:u16le".parse().unwrap());
    for (number, payload) in random_payloads(24, 4, 30).iter().enumerate() {
        let side = if number % 2 == 0 { Side::Dialler } else { Side::Acceptor };
        let sent = enframer.encode(payload, None).unwrap();
        talk.hear(Duration::from_millis(number as u64), side, &sent);
    }
    let report = detect(&talk);
    assert!(report.agrees());
    assert_eq!(report.both[0].flag().as_deref(), Some("--frame len:u16le"));
    assert_eq!((report.both[0].frames, report.both[0].counter.is_none()), (24, true));
    assert!(!report.is_unsure() && detect(&Talk::default()).is_unsure());
}

#[test]
fn nothing_is_found_in_random_bytes_of_a_small_alphabet_or_in_equal_reads() {
    for alphabet in [2, 10, 95, 256] {
        for seed in 0..60 {
            let mut noise = Noise(seed * 104_729 + alphabet as u64);
            let size = [64, 100, 256, 700, 1500, 4096][noise.below(6)];
            let bytes: Vec<u8> =
                (0..size).map(|_| u8::try_from(noise.below(alphabet)).unwrap()).collect();
            let read = [size, 16, 1448, 7][noise.below(4)];
            let mut stream = Stream::default();
            for (number, piece) in bytes.chunks(read).enumerate() {
                let at = Duration::from_micros(number as u64 * 10 + noise.next() % 2 * 50_000);
                stream.push(at, piece);
            }
            let found = likely(&stream);
            assert!(found.is_empty(), "{alphabet}, {seed}, {size}, {read}: {}", told(&found));
        }
    }
}

/// The candidate with this flag, whatever else there is.
fn flagged(stream: &Stream, flag: &str) -> Candidate {
    let found = likely(stream);
    let shown = told(&found);
    let one = found.into_iter().find(|one| one.flag().as_deref() == Some(flag));
    one.unwrap_or_else(|| panic!("no {flag}: {shown}"))
}

#[test]
fn each_family_tells_the_first_place_that_it_does_not_explain() {
    let counter = |bytes: &[u8], flag: &str| {
        let counter = flagged(&stream(bytes, 65_536), flag).counter.unwrap();
        (counter.offset, counter.why)
    };
    let cut = "the last frame is cut".to_owned();
    let text = [b"one line\ntwo lines\nthree and more\n".repeat(3), b"no end".to_vec()].concat();
    assert_eq!(counter(&text, "--frame lines"), (102, "the last line has no end".to_owned()));
    let sealed = |framing: &str, payloads: &[Vec<u8>]| {
        let mut enframer = Enframer::new(framing.parse().unwrap());
        let sent = payloads.iter().map(|payload| enframer.encode(payload, None).unwrap());
        sent.collect::<Vec<_>>().concat()
    };
    let mut ascii = sealed("len:ascii", &texts());
    let end = ascii.len() as u64;
    ascii.extend(b"x");
    let (offset, why) = counter(&ascii, "--frame len:ascii");
    assert_eq!((offset, why.as_str()), (end, "expected a length in decimal digits"));
    let mut cobs = sealed("cobs", &random_payloads(30, 3, 60));
    let end = cobs.len() as u64;
    cobs.extend([9, 1, 0]);
    assert_eq!(counter(&cobs, "--frame cobs"), (end, "no whole frame".to_owned()));
    let mut json = b"{\"id\":1,\"on\":true}\n".repeat(4);
    let end = json.len() as u64;
    json.extend(b"{\"id\":");
    assert_eq!(counter(&json, "--frame json"), (end, cut.clone()));
    let mut heads = sealed("head:02,tail:03", &texts());
    let place = heads.len() as u64;
    heads.extend(b"noise");
    heads.extend(sealed("head:02,tail:03", &texts()));
    let noise = "bytes that belong to no frame".to_owned();
    assert_eq!(counter(&heads, "--frame head:02,tail:03"), (place, noise));
    let row = |n: u8| [0xA5, 1, n.wrapping_mul(7), 0, 0x5A, n ^ 0x33, 9];
    let mut rows = (0..40).map(row).collect::<Vec<_>>().concat();
    rows.extend([0xA5, 1, 3]);
    assert_eq!(counter(&rows, "--frame fixed:7"), (280, cut));
}

#[test]
fn bursts_that_begin_alike_are_told_where_nothing_else_is() {
    let mut noise = Noise(5);
    let mut stream = Stream::default();
    for number in 0..30 {
        let size = 5 + noise.below(20);
        let burst = [vec![0xA5, 0x17], noise.bytes(size)].concat();
        let (one, other) = burst.split_at(3);
        stream.push(Duration::from_millis(number * 100), one);
        stream.push(Duration::from_millis(number * 100 + 1), other);
    }
    let found = likely(&stream);
    let first = found.last().unwrap();
    assert_eq!((first.flag().as_deref(), first.frames), (Some("--frame gap:20ms"), 30));
}

#[test]
fn of_datagrams_only_what_is_in_them_is_told() {
    let mut talk = Talk { datagrams: true, ..Talk::default() };
    let checksum: sockeye_wire::checksum::Checksum = "crc16-xmodem".parse().unwrap();
    for number in 0..9 {
        let mut said = format!("reading {number}: {}", number * 7919).into_bytes();
        checksum.append(&mut said);
        talk.hear(Duration::from_millis(number), Side::Dialler, &said);
    }
    let report = detect(&talk);
    assert!(report.datagrams && report.dialler.candidates.is_empty());
    let summed = report.dialler.checksum.unwrap();
    assert_eq!(summed.flag().as_deref(), Some("--checksum crc16-xmodem"));
}

#[test]
fn what_one_direction_is_the_other_need_not_be() {
    let mut talk = Talk::default();
    let mut noise = Noise(11);
    let mut enframer = Enframer::new("len:u8".parse().unwrap());
    for (number, payload) in random_payloads(40, 4, 30).iter().enumerate() {
        let at = Duration::from_millis(number as u64);
        talk.hear(at, Side::Dialler, &enframer.encode(payload, None).unwrap());
        let size = 1 + noise.below(60);
        talk.hear(at, Side::Acceptor, &noise.bytes(size));
    }
    let report = detect(&talk);
    assert_eq!(report.dialler.candidates[0].flag().as_deref(), Some("--frame len:u8"));
    assert!(report.both.is_empty() && report.acceptor.candidates.is_empty(), "{report:?}");
}

#[test]
fn a_broken_message_of_any_protocol_does_no_harm() {
    let samples: [&[u8]; 9] = [
        b"*2\r\n$3\r\nGET\r\n$99999999999999999\r\n:-1\r\n%1\r\n+a\r\n#t\r\n",
        b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nContent-Length: 99999999999999999999\r\n\r\n\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x10\xff\xff\xff\x7f\0\x04MQTT\x30\x02\xff\xff",
        b"\x16\x03\x03\xff\xff\x01\x17\x03\x03\0\0",
        b"SSH-2.0-x\r\n\0\0\0\x0c\x0a\x15\0\0\0\0\0\0\0\0\0\0rest",
        b"$GP*00\r\n$*\r\n*\r\n$GPGGA,1*ZZ\r\n220 x SMTP\r\nDATA\r\n",
        b"18446744073709551615:abc\xff\xff\xff\xff\xff\xff\xff\xff\x01\xc0\xdb\xdd\xc0",
    ];
    let mut noise = Noise(17);
    for sample in samples {
        for round in 0..60 {
            let mut bytes = sample.to_vec();
            bytes.truncate(1 + noise.below(sample.len()));
            if round % 2 == 0 {
                let at = noise.below(bytes.len());
                bytes[at] = noise.bytes(1)[0];
            }
            let found = all(&stream(&bytes, 1 + noise.below(9)));
            assert!(found.iter().all(|one| (0.0..=100.0).contains(&one.share)), "{bytes:?}");
        }
    }
}
