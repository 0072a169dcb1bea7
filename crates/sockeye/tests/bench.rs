//! `sockeye bench`: what is measured is what went over, and what is wrong makes it fail. How
//! fast it is, is for `cargo xtask bench`.

mod harness;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use harness::{Ended, Running, shell, sockeye, words};
use rustix::process::Signal;
use serde_json::Value;

const ECHO: &str = "listen 127.0.0.1:0 --reply echo";
const SERVE: &str = "bench serve 127.0.0.1:0";

/// The object of `--json`, which is all of stdout.
fn object(ended: &Ended) -> Value {
    let text = ended.text();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A number of it, by its name, or its path of names with `/` between.
fn number(object: &Value, name: &str) -> u64 {
    let found = object.pointer(&format!("/{name}")).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no number `{name}` in {object}"))
}

fn echo(at: &str, flags: &str) -> Ended {
    words(&format!("bench echo {at} --clients 4 --time 200ms --json {flags}")).run()
}

/// A plain server that does the same with each caller, on threads of its own.
fn plain(each: impl Fn(TcpStream) + Send + Sync + Copy + 'static) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let at = listener.local_addr().expect("loopback").to_string();
    let serving = std::thread::spawn(move || {
        while let Ok((caller, _)) = listener.accept() {
            std::thread::spawn(move || each(caller));
        }
    });
    (at, serving)
}

/// A server that answers the first line of each caller in these words, then sends the bytes and
/// waits for the caller's end.
fn pretends(answer: fn(&str) -> Vec<u8>) -> String {
    let (at, _) = plain(move |mut caller| {
        let mut line = String::new();
        BufReader::new(caller.try_clone().expect("loopback"))
            .read_line(&mut line)
            .expect("loopback");
        caller.write_all(&answer(line.trim_end())).expect("loopback");
        drop(std::io::copy(&mut caller, &mut std::io::sink()));
    });
    at
}

#[test]
fn an_echo_is_counted_and_its_times_are_in_order() {
    let server = words(ECHO).start();
    let told = echo(&server.at(), "").exits(0);
    let object = object(&told);
    let requests = number(&object, "requests");
    assert!(requests > 0);
    assert_eq!(object["e"], "bench");
    assert_eq!(object["what"], "echo");
    let (fewest, most) =
        (number(&object, "fewest_of_one_client"), number(&object, "most_of_one_client"));
    assert!(0 < fewest && fewest <= most && most <= requests, "{fewest} to {most}");
    for bad in ["wrong_answers", "unanswered_requests", "failed_connections", "starved_clients"] {
        assert_eq!(number(&object, bad), 0, "{bad}");
    }
    let times = ["min_ns", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns"];
    let times = times.map(|name| number(&object, name));
    assert!(times.is_sorted() && times[0] > 0, "{times:?}");
    let buckets = object["histogram"].as_array().unwrap();
    assert_eq!(buckets.iter().map(|bucket| number(bucket, "count")).sum::<u64>(), requests);
}

#[test]
fn every_kind_of_stream_is_echoed() {
    let folder = tempfile::tempdir().unwrap();
    let unix = format!("unix:{}/echo.sock", folder.path().display());
    for (listens, flags) in [
        (unix.as_str(), ""),
        ("unix:@sockeye-bench-test", ""),
        ("tls://127.0.0.1:0", "--insecure"),
        ("ws://127.0.0.1:0/echo", ""),
        ("127.0.0.1:0", "--size 100KiB"),
        ("127.0.0.1:0", "--size 1"),
    ] {
        let server = sockeye(["listen", listens, "--reply", "echo"]).start();
        let told = echo(&server.endpoint(), flags).exits(0);
        assert!(number(&object(&told), "requests") > 0, "{listens}");
    }
}

#[test]
fn a_new_connection_for_each_request_is_counted_too() {
    let server = words(ECHO).start();
    let told = echo(&server.at(), "--connect-each").exits(0);
    let object = object(&told);
    assert_eq!(object["connect_each"], true);
    assert!(number(&object, "requests") >= 4);
    assert_eq!(number(&object, "failed_connections"), 0);
}

#[test]
fn a_server_that_answers_something_else_is_compared_with_that() {
    let server = words("listen 127.0.0.1:0 --frame crlf --reply text:+PONG").start();
    let at = server.at();
    let ping = ["bench", "echo", &at, "--send", r"PING\r\n", "--time", "100ms", "--clients", "2"];
    for answer in [r"+PONG\r\n", "7", "hex:2B 50 4F 4E 47 0D 0A"] {
        sockeye(ping.into_iter().chain(["--answer", answer])).run().exits(0);
    }
    let wrong = sockeye(ping.into_iter().chain(["--answer", r"+PING\r\n"])).run();
    wrong.exits(1).fails_clearly("E-integrity").told("an answer is wrong: it differs at byte 2");
    let more = sockeye(ping.into_iter().chain(["--answer", "3"])).run();
    more.exits(1).fails_clearly("E-integrity").told("it has 4 bytes more");
}

#[test]
fn a_wrong_answer_makes_it_fail_and_is_counted() {
    let server = words("listen 127.0.0.1:0 --reply upper").start();
    let told = echo(&server.at(), "").exits(1).fails_clearly("E-integrity");
    let object = object(&told);
    assert!(number(&object, "wrong_answers") > 0);
    assert_eq!(number(&object, "requests"), 0);
    let failed = object["failed"].as_str().unwrap();
    assert!(failed.contains("wrong answers (first: an answer is wrong"), "{failed}");
    let gone = format!("127.0.0.1:{}", harness::ports::free());
    for line in [format!("bench echo {gone} --json"), format!("bench connect {gone} --json")] {
        let told = words(&line).run().exits(1).fails_clearly("E-refused");
        let object = self::object(&told);
        assert_eq!((&object["e"], &object["code"]), (&"error".into(), &"E-refused".into()));
    }
}

#[test]
fn answers_of_another_client_are_wrong() {
    // Whoever asks gets what the first caller asked first.
    static FIRST: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let (at, _) = plain(|mut caller| {
        let mut asked = [0; 64];
        while caller.read_exact(&mut asked).is_ok() {
            let first = FIRST.get_or_init(|| asked.to_vec());
            if caller.write_all(first).is_err() {
                return;
            }
        }
    });
    let told = echo(&at, "").exits(1).fails_clearly("E-integrity");
    assert_eq!(number(&object(&told), "requests"), 1, "the first one's first alone is right");
}

#[test]
fn a_server_that_never_answers_starves_its_clients() {
    // The kernel accepts; nobody reads.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let told = echo(&at, "").exits(1).fails_clearly("E-timeout");
    let object = object(&told);
    assert_eq!(number(&object, "starved_clients"), 4);
    assert_eq!(number(&object, "unanswered_requests"), 4);
    told.told("4 of 4 clients got no answer");
}

#[test]
fn a_server_that_closes_in_mid_answer_is_told_of() {
    let (at, _) = plain(|mut caller| {
        let mut asked = [0; 64];
        if caller.read_exact(&mut asked).is_ok() {
            drop(caller.write_all(&asked[..32]));
        }
    });
    let told = echo(&at, "").exits(1).fails_clearly("E-io");
    assert_eq!(number(&object(&told), "failed_connections"), 4);
    told.told("the server closed after 32 of 64 bytes");
}

#[test]
fn who_is_not_there_is_told_of_at_once() {
    let port = harness::ports::free();
    echo(&format!("127.0.0.1:{port}"), "").exits(1).fails_clearly("E-refused");
    words("bench echo unixgram:/nowhere").run().exits(2).fails_clearly("E-usage");
    words("bench echo 127.0.0.1:9 --size 0").run().exits(2);
    for what in ["echo", "connect"] {
        let line = format!("bench {what} 127.0.0.1:9 --size 16MiB --clients 1000");
        words(&line).run().exits(2).fails_clearly("E-usage").told("more than 1 GiB");
    }
}

#[test]
fn ctrl_c_ends_it_early_and_prints_what_there_is() {
    let server = words(ECHO).start();
    let bench = words(&format!("bench echo {} --time 1h", server.at())).start();
    bench.says("/s  p99");
    bench.signal(Signal::INT);
    let told = bench.wait().exits(130).text();
    assert!(told.contains("(ended early)") && told.contains("answers"), "{told}");
}

/// Everything, in short.
fn whole(at: &str, flags: &str) -> Ended {
    words(&format!("bench connect {at} --time 150ms --json {flags}")).run()
}

fn moved(server: &Running, flags: &str) {
    let object = object(&whole(&server.endpoint(), flags).exits(0));
    assert_eq!(object.get("what").and_then(Value::as_str), Some("connect"));
    for flow in ["up", "down", "both/up", "both/down"] {
        assert!(number(&object, &format!("{flow}/bytes")) > 0, "{flow} in {object}");
        assert!(number(&object, &format!("{flow}/bytes_per_second")) > 0, "{flow} in {object}");
    }
    assert!(number(&object, "round_trips/round_trips_per_second") > 0);
    assert!(number(&object, "round_trips/p999_ns") > 0);
    assert!(number(&object, "connections/connections_per_second") > 0);
    server.says("bench of ");
}

#[test]
fn all_of_it_is_measured_over_every_kind_of_stream() {
    let folder = tempfile::tempdir().unwrap();
    let unix = format!("unix:{}/bench.sock", folder.path().display());
    for (listens, flags) in [
        ("127.0.0.1:0", ""),
        ("127.0.0.1:0", "--streams 3 --clients 5 --size 20KiB"),
        (unix.as_str(), ""),
        ("tls://127.0.0.1:0", "--insecure --clients 4"),
        ("ws://127.0.0.1:0/bench", "--clients 4"),
    ] {
        moved(&sockeye(["bench", "serve", listens]).start(), flags);
    }
}

#[test]
fn only_what_is_asked_for_is_measured() {
    let server = words(SERVE).start();
    let object = object(&whole(&server.at(), "--only down,round-trips").exits(0));
    let has =
        ["up", "down", "both", "round_trips", "connections"].map(|name| !object[name].is_null());
    assert_eq!(has, [false, true, false, true, false]);
}

#[test]
fn the_table_names_what_was_measured_and_the_server_tells_of_it() {
    let server = words(SERVE).start();
    let line = format!("bench connect {} --time 100ms", server.at());
    let told = words(&line).run().exits(0).text();
    for row in ["up  ", "down  ", "both: up", "both: down", "round trips", "connections", "p99.9"] {
        assert!(told.contains(row), "no `{row}` in {told}");
    }
    server.says("round trips, ");
    server.signal(Signal::INT);
    server.wait().exits(130).prints("");
}

#[test]
fn ctrl_c_ends_a_throughput_early_and_prints_what_there_is() {
    let server = words(SERVE).start();
    let bench = words(&format!("bench connect {} --only down --time 1h", server.at())).start();
    bench.says("iB/s");
    bench.signal(Signal::INT);
    let told = bench.wait().exits(130).text();
    assert!(told.contains("(ended early)") && told.contains("down"), "{told}");
    server.says("went, 0 round trips");
}

#[test]
fn ctrl_c_before_the_server_says_anything_prints_the_object_too() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let bench = words(&format!("bench connect {at} --json")).start();
    let (mut caller, _) = listener.accept().unwrap();
    caller.read_exact(&mut [0; 22]).unwrap();
    bench.signal(Signal::INT);
    let object = object(&bench.wait().exits(130));
    assert_eq!((&object["what"], &object["interrupted"]), (&"connect".into(), &true.into()));
}

#[test]
fn garbage_is_refused_and_the_next_bench_served() {
    let server = words(SERVE).start();
    let say = |text: &str| sockeye(["send", &server.at(), text]).run().exits(0).text();
    let refused = |why: &str| format!("sockeye-bench/1 refused {why}\n");
    assert_eq!(
        say("text:GET / HTTP/1.1\r\n\r\n"),
        refused("no line of a bench: `GET / HTTP/1.1␍`")
    );
    assert_eq!(
        say("text:sockeye-bench/2 begin\n"),
        refused("version 2 of the bench's protocol, and version 1 is spoken here")
    );
    assert_eq!(say("text:sockeye-bench/1 up 12345678\n"), refused("there is no bench 12345678"));
    let long = "x".repeat(100_000);
    assert!(say(&long).starts_with("sockeye-bench/1 refused no line of a bench: `xxx"));
    whole(&server.at(), "--only up").exits(0);
}

#[test]
fn blocks_that_are_not_as_they_were_sent_end_the_serving_of_their_stream_alone() {
    let server = words(SERVE).start();
    let call = |line: &str| {
        let mut caller = TcpStream::connect(server.at()).unwrap();
        caller.write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        BufReader::new(caller.try_clone().unwrap()).read_line(&mut answer).unwrap();
        (caller, answer)
    };
    let (control, begun) = call("sockeye-bench/1 begin\n");
    let run: u64 = begun.trim_end().strip_prefix("sockeye-bench/1 run ").unwrap().parse().unwrap();
    let (mut caller, answer) = call(&format!("sockeye-bench/1 up {run}\n"));
    assert_eq!(answer, "sockeye-bench/1 ok\n");
    // A block of 2^32 - 1 bytes.
    caller.write_all(&[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]).unwrap();
    assert_eq!(caller.read_to_end(&mut Vec::new()).unwrap(), 0, "it is closed");
    server.says("a block of 4294967295 bytes came");
    whole(&server.at(), "--only up").exits(0);
    drop(control);
    server.says("bench of 127.0.0.1");
}

#[test]
fn one_address_has_its_share_of_the_benches_and_empty_ones_are_told_seldom() {
    let server = words(SERVE).start();
    let mut benches = Vec::new();
    for number in 0..65 {
        let mut caller = TcpStream::connect(server.at()).unwrap();
        caller.write_all(b"sockeye-bench/1 begin\n").unwrap();
        let mut answer = String::new();
        BufReader::new(caller.try_clone().unwrap()).read_line(&mut answer).unwrap();
        let refused = "sockeye-bench/1 refused 64 benches of its address are at it already\n";
        assert_eq!(number == 64, answer == refused, "{number}: {answer}");
        benches.push(caller);
    }
    drop(benches);
    server.signal(Signal::TERM);
    let said = server.wait().exits(143).err;
    assert_eq!(said.matches("bench of ").count(), 10, "{said}");
}

#[test]
fn a_server_that_is_none_of_ours_is_told_of() {
    let server = words(ECHO).start();
    let told = whole(&server.at(), "").exits(1).fails_clearly("E-frame");
    told.told("is no `sockeye bench serve`: it said `sockeye-bench/1 begin`");
}

#[test]
fn a_server_that_sends_other_bytes_is_found_out() {
    let at = pretends(|line| match line {
        "sockeye-bench/1 begin" => b"sockeye-bench/1 run 1\n".to_vec(),
        // One block of three bytes, and the end.
        _ => b"sockeye-bench/1 ok\n\x03\0\0\0\0\0\0\0abc\0\0\0\0\x01\0\0\0".to_vec(),
    });
    let told = whole(&at, "--only down").exits(1).fails_clearly("E-integrity");
    told.told("block 0 is not as it was sent");
}

#[test]
fn a_server_that_sends_nothing_is_found_out() {
    let at = pretends(|line| match line {
        "sockeye-bench/1 begin" => b"sockeye-bench/1 run 1\n".to_vec(),
        _ => b"sockeye-bench/1 ok\n\0\0\0\0\0\0\0\0".to_vec(),
    });
    let told = words(&format!("bench connect {at} --only down --time 1m")).run();
    told.exits(1).fails_clearly("E-integrity").told("it ended at once, with nothing in it");
}

#[test]
fn a_server_that_got_less_than_was_sent_is_found_out() {
    let at = pretends(|line| match line {
        "sockeye-bench/1 begin" => b"sockeye-bench/1 run 1\n".to_vec(),
        _ => b"sockeye-bench/1 ok\nsockeye-bench/1 received 1 1\n".to_vec(),
    });
    let told = whole(&at, "--only up").exits(1).fails_clearly("E-integrity");
    told.told("got 1 of ");
}

/// Blocks of eight bytes, the first of the noise: slowly, and without an end.
fn floods(mut caller: &TcpStream) -> std::io::Result<()> {
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64;
    noise ^= noise << 13;
    noise ^= noise >> 7;
    noise ^= noise << 17;
    caller.write_all(b"sockeye-bench/1 ok\n")?;
    for number in 0_u32.. {
        caller.write_all(
            &[&8_u32.to_le_bytes()[..], &number.to_le_bytes(), &noise.to_le_bytes()].concat(),
        )?;
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

#[test]
fn what_hangs_or_goes_on_for_ever_is_given_up_with_what_there_is() {
    let (at, _) = plain(|mut caller| {
        let mut line = String::new();
        BufReader::with_capacity(1, &caller).read_line(&mut line).expect("loopback");
        match line.split([' ', '\n']).nth(1) {
            Some("begin") => caller.write_all(b"sockeye-bench/1 run 1\n").expect("loopback"),
            // Until the caller goes.
            Some("down") => return drop(floods(&caller)),
            _ => caller.write_all(b"sockeye-bench/1 ok\n").expect("loopback"),
        }
        // It reads no more, and says no more.
        std::thread::park();
    });
    let hung = ["down", "up", "both"].map(|part| {
        let time = if part == "down" { "200ms" } else { "1h" };
        let line = format!("bench connect {at} --only {part} --time {time} --json");
        (part, words(&line).start())
    });
    for (part, bench) in hung {
        let ended = bench.wait().exits(1).fails_clearly("E-timeout");
        let (why, flow) = match part {
            "down" => ("goes on 10s after its time", "down/bytes"),
            "up" => ("nothing moved for 10s", "up/bytes"),
            _ => ("nothing moved for 10s", "both/up/bytes"),
        };
        assert!(number(&object(&ended), flow) > 0, "{part}");
        ended.told(why);
    }
}

#[test]
fn a_server_that_does_not_go_along_is_told_of_by_what_it_did() {
    for (answer, code, why) in [
        ("", "E-io", "answered nothing: it closed without a word"),
        ("sockeye-bench/1 refused 1024 benches are at it already\n", "E-limit", "1024 benches"),
        ("sockeye-bench/9 refused it\n", "E-denied", "speaks version 9 of the bench's protocol"),
        ("SSH-2.0-x\n", "E-frame", "is no `sockeye bench serve`: it said `SSH-2.0-x`"),
    ] {
        let (at, _) = plain(move |mut caller| {
            let mut asked = [0; 22];
            caller.read_exact(&mut asked).expect("loopback");
            caller.write_all(answer.as_bytes()).expect("loopback");
        });
        let ended = whole(&at, "");
        let exit = if code == "E-denied" { 3 } else { 1 };
        ended.exits(exit).fails_clearly(code).told(why);
    }
}

#[test]
fn our_own_limit_of_open_files_is_told_as_ours() {
    let server = words(ECHO).start();
    let line = format!("ulimit -n 60; exec \"$S\" bench echo {} --clients 200", server.at());
    let ended = shell(&line).run().exits(1).fails_clearly("E-io");
    ended.told("too many open files").told("`ulimit -n`");
}

#[test]
fn who_may_not_call_is_not_served() {
    let server = words(&format!("{SERVE} --deny 127.0.0.0/8")).start();
    whole(&server.at(), "").exits(1).fails_clearly("E-io").told("there: `--max-conns`");
    server.says("`--deny 127.0.0.0/8`");
}
