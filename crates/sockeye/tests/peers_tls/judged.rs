//! FAULTS.md, 20: who is accepted and who is refused, each refusal with its own code, and a
//! hint that then works.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::harness::{Ended, Running, Start, ports, sockeye};
use crate::papers::{HERE, Papers};
use crate::python;
use crate::talk::listener;

/// An echo server of ours that shows that certificate.
fn echo(papers: &Papers, name: &str) -> Running {
    let at = format!("tls://127.0.0.1:0?{}", papers.shows(name));
    sockeye(["listen", at.as_str(), "--reply", "echo"]).start()
}

fn send(endpoint: &str, more: &[&str]) -> Ended {
    sockeye(["send", endpoint, "hi"]).args(more).run()
}

/// The endpoint that a hint says to dial.
fn pinned(ended: &Ended) -> String {
    let hint = ended.err.lines().find(|line| line.starts_with("hint: ")).expect("a hint");
    let endpoint = hint.split_once("dial ").expect("what to dial").1;
    endpoint.split(';').next().expect("an endpoint").to_owned()
}

/// Refused with that code, nothing sent; and the pin of the hint is then accepted.
fn refused_until_pinned(server: &Running, ended: Ended, code: &str) {
    let dial = pinned(&ended);
    ended.exits(3).fails_clearly(code).prints("");
    assert!(dial.contains("pin=sha256:"), "{dial}");
    send(&dial, &[]).exits(0).prints("hi");
    assert!(server.err.shown().contains("E-tls-alert"), "{}", server.err.shown());
}

#[test]
fn n20_an_expired_certificate_is_refused() {
    let papers = Papers::new().signs_for("old", HERE, "20200101000000Z", "20240101000000Z");
    let server = echo(&papers, "old");
    let ended = send(&format!("tls://{}", server.at()), &["--ca", &papers.path("ca.pem")]);
    assert!(ended.err.contains("has expired ("), "{}", ended.err);
    refused_until_pinned(&server, ended, "E-tls-expired");
}

#[test]
fn n20_a_certificate_that_is_not_valid_yet_is_refused() {
    let papers = Papers::new().signs_for("new", HERE, "20980101000000Z", "20990101000000Z");
    let server = echo(&papers, "new");
    let ended = send(&format!("tls://{}", server.at()), &["--ca", &papers.path("ca.pem")]);
    assert!(ended.err.contains("not valid yet"), "{}", ended.err);
    refused_until_pinned(&server, ended, "E-tls-expired");
}

#[test]
fn n20_a_certificate_for_another_name_is_refused_saying_for_which() {
    let papers = Papers::new().signs("other", "DNS:other.example,DNS:*.wild.example,IP:10.9.8.7");
    let server = echo(&papers, "other");
    let ca = papers.path("ca.pem");
    let ended = send(&format!("tls://{}", server.at()), &["--ca", &ca]);
    let text = "the certificate is not for `127.0.0.1`, it is for `other.example`, \
                `*.wild.example`, `10.9.8.7`\n";
    assert!(ended.err.contains(text), "{}", ended.err);
    refused_until_pinned(&server, ended, "E-tls-name");
    for (name, code) in [("other.example", 0), ("a.wild.example", 0), ("a.b.wild.example", 3)] {
        send(&format!("tls://{}?sni={name}", server.at()), &["--ca", &ca]).exits(code);
    }
}

#[test]
fn n20_a_certificate_of_a_thousand_names_makes_no_endless_error() {
    let names: Vec<String> = (0..1000).map(|n| format!("DNS:n{n}.example")).collect();
    let papers = Papers::new().signs("many", &names.join(","));
    let server = echo(&papers, "many");
    let ended = send(&format!("tls://{}", server.at()), &["--ca", &papers.path("ca.pem")]);
    let ended = ended.exits(3).fails_clearly("E-tls-name").told("`n2.example`, 997 more");
    assert!(ended.err.len() < 2000, "{}", ended.err);
}

#[test]
fn n20_an_authority_that_is_not_trusted_is_refused() {
    let papers = Papers::here();
    let server = echo(&papers, "here");
    let at = format!("tls://{}", server.at());
    refused_until_pinned(&server, send(&at, &[]), "E-tls-unknown");
    // An authority of the same name is not the same authority.
    let stranger = Papers::new();
    send(&at, &["--ca", &stranger.path("ca.pem")]).exits(3).fails_clearly("E-tls-unknown");
    let ended = send(&at, &["--ca", &papers.path("ca.pem")]);
    ended.exits(0).prints("hi");
}

#[test]
fn what_the_machine_trusts_is_enough_by_itself() {
    let papers = Papers::here();
    let server = echo(&papers, "here");
    let at = format!("tls://{}", server.at());
    let ended = sockeye(["send", &at, "hi"]).env("SSL_CERT_FILE", &papers.path("ca.pem")).run();
    ended.exits(0).prints("hi");
}

#[test]
fn a_self_signed_certificate_is_trusted_as_its_own_authority_and_only_for_its_name() {
    let papers = Papers::new().self_signed("own", HERE).self_signed("away", "DNS:away.example");
    let server = echo(&papers, "own");
    let at = format!("tls://{}", server.at());
    refused_until_pinned(&server, send(&at, &[]), "E-tls-unknown");
    send(&at, &["--ca", &papers.path("own.pem")]).exits(0).prints("hi");
    let ended = send(&format!("{at}?sni=b.example"), &["--ca", &papers.path("own.pem")]);
    ended.exits(3).fails_clearly("E-tls-name");
    send(&at, &["--ca", &papers.path("away.pem")]).exits(3).fails_clearly("E-tls-unknown");
    let away = echo(&papers, "away");
    let ended = send(&format!("tls://{}", away.at()), &["--ca", &papers.path("away.pem")]);
    ended.exits(3).fails_clearly("E-tls-name");
}

#[test]
fn a_self_signed_certificate_whose_time_is_over_is_refused_by_its_own_file_too() {
    let papers = Papers::new();
    // The authority's own key, self-signed again with dates in the past.
    let script = "openssl req -new -key ca.key -out own.csr -subj /CN=own && \
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:TRUE\n' > names && \
        openssl ca -batch -notext -selfsign -config ca.conf -keyfile ca.key -in own.csr \
        -out own.pem -startdate 20200101000000Z -enddate 20240101000000Z -extfile names && \
        cp ca.key own.key";
    Start::program("sh").folder(papers.folder()).args(["-c", script]).run().exits(0);
    let server = echo(&papers, "own");
    let ended = send(&format!("tls://{}", server.at()), &["--ca", &papers.path("own.pem")]);
    ended.exits(3).fails_clearly("E-tls-expired").prints("");
}

#[test]
fn a_certificate_may_come_through_a_pipe() {
    let papers = Papers::new().self_signed("own", HERE);
    let server = echo(&papers, "own");
    let script = format!(
        "cat {} | \"$S\" send tls://{} hi --ca /dev/stdin",
        papers.path("own.pem"),
        server.at()
    );
    crate::harness::shell(&script).run().exits(0).prints("hi");
}

#[test]
fn n20_a_pin_is_openssls_fingerprint_and_accepts_that_one_alone() {
    let papers = Papers::here().signs("other", HERE);
    let server = echo(&papers, "here");
    let right = papers.fingerprint("here");
    let plain = right.replace(':', "").to_lowercase();
    for pin in [&right, &plain] {
        send(&format!("tls://{}?pin=sha256:{pin}", server.at()), &[]).exits(0).prints("hi");
    }
    let wrong = papers.fingerprint("other");
    let at = format!("tls://{}?pin=sha256:{wrong}", server.at());
    // Whoever vouches for it: a pin is a pin.
    let ended = sockeye(["send", &at, "hi"]).env("SSL_CERT_FILE", &papers.path("ca.pem")).run();
    let ended = ended.exits(3).fails_clearly("E-tls-unknown").prints("");
    let ended = ended.told("not the one that was pinned").told(&plain);
    ended.told(&wrong.replace(':', "").to_lowercase());
    for bad in ["sha256:12", "sha1:00", "12"] {
        let ended = send(&format!("tls://{}?pin={bad}", server.at()), &[]);
        ended.exits(2).told("error[E-usage]").told("64 hex digits");
    }
}

#[test]
fn n20_insecure_is_said_aloud_each_time_and_undoes_no_pin() {
    let papers =
        Papers::new().signs_for("old", "DNS:no.example", "20200101000000Z", "20240101000000Z");
    let server = echo(&papers, "old");
    let at = format!("tls://{}", server.at());
    for args in
        [["send", at.as_str(), "hi", "--insecure"], ["send", &format!("{at}?insecure"), "hi", "-v"]]
    {
        let ended = sockeye(args).run().exits(0).prints("hi");
        ended.told("warning: insecure: ").told("anybody could be at the other end");
    }
    let pin = format!("{at}?pin=sha256:{}", "00".repeat(32));
    send(&pin, &["--insecure"]).exits(2).fails_clearly("E-usage").prints("");
    let ended = send(&format!("{at}?insecure"), &["--ca", &papers.path("ca.pem")]);
    ended.exits(2).fails_clearly("E-usage").prints("");
}

#[test]
fn options_of_the_other_side_are_refused_and_not_ignored() {
    let papers = Papers::here();
    let ca = papers.path("ca.pem");
    for at in [format!("tls://127.0.0.1:0?ca={ca}"), "tls://127.0.0.1:0?insecure".to_owned()] {
        let ended = sockeye(["listen", &at, "--reply", "echo"]).run();
        ended.exits(2).fails_clearly("E-usage").told("client-ca");
    }
    let ended = send(&format!("tls://127.0.0.1:1?client-ca={ca}"), &[]);
    ended.exits(2).fails_clearly("E-usage");
}

#[test]
fn n20_an_old_server_is_refused() {
    let papers = Papers::here();
    // It refuses us by an alert: it was never offered what it has.
    let old = "c = server_side(); c.set_ciphers('DEFAULT@SECLEVEL=0')\n\
        c.minimum_version = ssl.TLSVersion.TLSv1; c.maximum_version = ssl.TLSVersion.TLSv1_1\n\
        try: serve(c)\nexcept ssl.SSLError: pass";
    // It answers by a ServerHello of TLS 1.1, whatever it was offered.
    let deaf = "c = bound().accept()[0]; c.recv(65536)\n\
        hello = b'\\x03\\x02' + bytes(32) + b'\\0' + b'\\xc0\\x13' + b'\\0'\n\
        hello = b'\\x02' + len(hello).to_bytes(3, 'big') + hello\n\
        c.sendall(b'\\x16\\x03\\x02' + len(hello).to_bytes(2, 'big') + hello)\nc.recv(65536)";
    for text in [old, deaf] {
        for more in [vec!["--ca", "ca.pem"], vec!["--insecure"]] {
            let (server, port) = python::server(&papers, text);
            let ours = sockeye(["send", &format!("tls://127.0.0.1:{port}"), "hi"]).args(more);
            let ended = ours.folder(papers.folder()).run();
            ended.exits(3).fails_clearly("E-tls-version").prints("");
            server.wait().exits(0);
        }
    }
}

#[test]
fn n20_an_old_client_is_refused_and_told_of() {
    let papers = Papers::here();
    let server = echo(&papers, "here");
    let old = Start::program("openssl").args([
        "s_client",
        "-connect",
        &server.at(),
        "-tls1_1",
        "-cipher",
        "DEFAULT@SECLEVEL=0",
    ]);
    let ended = old.run();
    assert_ne!(ended.code, Some(0));
    assert!(ended.err.contains(" alert "), "{}", ended.err);
    server.says("error[E-tls-version]: cannot accept on `127.0.0.1:");
    send(&format!("tls://{}", server.at()), &["--ca", &papers.path("ca.pem")]).exits(0);
}

#[test]
fn alpn_is_agreed_upon_or_refused() {
    let papers = Papers::here();
    let at = format!("tls://127.0.0.1:0?alpn=h2,proto%2F1&{}", papers.shows("here"));
    let server = sockeye(["listen", at.as_str(), "--reply", "echo"]).start();
    let ca = papers.path("ca.pem");
    let dial = |alpn: &str| {
        let at = format!("tls://{}?alpn={alpn}", server.at());
        sockeye(["connect", &at, "--ca", &ca, "-v"]).input("x").run()
    };
    dial("proto%2F1,h9").exits(0).prints("x").told("alpn proto/1");
    dial("h9").exits(3).fails_clearly("E-tls-alert").prints("");
    let openssl = Start::program("openssl").args([
        "s_client",
        "-connect",
        &server.at(),
        "-alpn",
        "h2",
        "-CAfile",
        &ca,
    ]);
    assert!(openssl.run().text().contains("ALPN protocol: h2"));
}

#[test]
fn the_name_asked_for_reaches_the_server_and_an_address_does_not() {
    let papers = Papers::here();
    let text = "c = server_side(); c.sni_callback = lambda s, n, _: print(n, flush=True)\ns = serve(c); all_of(s)";
    for (endpoint, name) in [
        ("tls://localhost:PORT", "localhost"),
        ("tls://127.0.0.1:PORT", "None"),
        ("tls://127.0.0.1:PORT?sni=localhost", "localhost"),
    ] {
        let (server, port) = python::server(&papers, text);
        let at = endpoint.replace("PORT", &port.to_string());
        sockeye(["connect", "-4", &at, "--ca", &papers.path("ca.pem")]).run().exits(0);
        server.wait().exits(0).prints(format!("{port}\n{name}\n"));
    }
    // And a caller's reaches our tape.
    let tape = papers.path("tape");
    let server = listener(&papers, &["--tape", &tape]).open().start();
    let openssl = Start::program("openssl");
    let openssl = openssl.args([
        "s_client",
        "-connect",
        &server.at(),
        "-servername",
        "asked.example",
        "-quiet",
        "-no_ign_eof",
    ]);
    openssl.input("x").run().exits(0);
    server.wait().exits(0);
    let notes = crate::harness::tape::notes(&crate::harness::tape::read(Path::new(&tape)));
    assert!(notes.iter().any(|note| note.contains("asked for asked.example")), "{notes:?}");
}

#[test]
fn a_client_certificate_that_is_demanded_is_checked() {
    let papers = Papers::here().signs("client", "DNS:client").signs_for(
        "late",
        "DNS:late",
        "20200101000000Z",
        "20240101000000Z",
    );
    let strangers = Papers::new().signs("stranger", "DNS:stranger");
    let ca = papers.path("ca.pem");
    let at = format!("tls://127.0.0.1:0?client-ca={ca}&{}", papers.shows("here"));
    let server = sockeye(["listen", at.as_str(), "--reply", "echo", "-v"]).start();
    let at = format!("tls://{}", server.at());
    let pair = papers.shows("client");
    send(&format!("{at}?{pair}"), &["--ca", &ca]).exits(0).prints("hi");
    for (endpoint, code) in [
        (at.clone(), "E-denied"),
        (format!("{at}?{}", papers.shows("late")), "E-tls-expired"),
        (format!("{at}?{}", strangers.shows("stranger")), "E-tls-unknown"),
    ] {
        let ended = send(&endpoint, &["--ca", &ca]);
        ended.exits(3).fails_clearly("E-tls-alert").told("by the alert `").prints("");
        server.says(&format!("error[{code}]: cannot accept on"));
    }
    // TLS 1.2 refuses in the handshake, TLS 1.3 after it.
    for version in ["-tls1_2", "-tls1_3"] {
        let ours = Start::program("openssl").folder(papers.folder()).args([
            "s_client",
            "-connect",
            &server.at(),
            version,
            "-cert",
            "client.pem",
            "-key",
            "client.key",
            "-quiet",
            "-ign_eof",
        ]);
        let mut ours = ours.open().start();
        ours.write("x");
        ours.sees("x");
    }
}

#[test]
fn a_self_signed_certificate_is_taken_where_it_is_named_and_told_of_where_not() {
    let papers = Papers::new().self_signed("own", HERE).self_signed("me", "DNS:me");
    let me = papers.path("me.pem");
    let at = format!("tls://127.0.0.1:0?client-ca={me}&{}", papers.shows("own"));
    let server = sockeye(["listen", at.as_str(), "--reply", "echo"]).start();
    let at = format!("tls://{}", server.at());
    let named = send(&format!("{at}?{}", papers.shows("me")), &["--ca", &papers.path("own.pem")]);
    named.exits(0).prints("hi");
    let ended = send(&at, &["--ca", &me]).exits(3).fails_clearly("E-tls-unknown");
    ended.told("an authority's own certificate (CA:TRUE");
}

#[test]
fn a_refused_client_certificate_is_told_as_that_and_not_as_a_reset() {
    let papers = Papers::here();
    let ca = papers.path("ca.pem");
    let at = format!("tls://127.0.0.1:0?client-ca={ca}&{}", papers.shows("here"));
    let server = sockeye(["listen", at.as_str(), "--reply", "echo"]).start();
    let at = format!("tls://{}", server.at());
    for _ in 0..20 {
        // Our writes race with its alert and its RST.
        let ended = sockeye(["connect", &at, "--ca", &ca]).input(vec![0; 300_000]).run();
        ended.exits(3).fails_clearly("E-tls-alert").prints("");
    }
}

#[test]
fn we_show_our_certificate_to_openssl() {
    let papers = Papers::here().signs("client", "DNS:client");
    let port = ports::free();
    let server = Start::program("openssl").folder(papers.folder()).args([
        "s_server",
        "-accept",
        &format!("127.0.0.1:{port}"),
        "-cert",
        "here.pem",
        "-key",
        "here.key",
        "-CAfile",
        "ca.pem",
        "-Verify",
        "1",
        "-verify_return_error",
        "-quiet",
    ]);
    let server = server.open().start();
    ports::await_tcp(port);
    let at = format!("tls://127.0.0.1:{port}");
    let (ca, cert, key) =
        (papers.path("ca.pem"), papers.path("client.pem"), papers.path("client.key"));
    let shown = sockeye(["connect", &at, "--ca", &ca, "--cert", &cert, "--key", &key]);
    shown.input("known").start().wait().exits(0);
    server.sees("known");
    let ended = send(&at, &["--ca", &ca]);
    ended.exits(3).fails_clearly("E-tls-alert").prints("");
}

#[test]
fn a_key_that_every_user_may_read_is_refused() {
    let papers = Papers::here();
    let mode = |mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(papers.file("here.key"), mode).expect("ours");
    };
    mode(0o644);
    let ended = listener(&papers, &[]).run().exits(3).fails_clearly("E-denied");
    ended.told("chmod 600 ").told("here.key");
    let (cert, key) = (papers.path("here.pem"), papers.path("here.key"));
    let ended = send("tls://127.0.0.1:1", &["--cert", &cert, "--key", &key]);
    ended.exits(3).fails_clearly("E-denied");
    mode(0o640);
    let server = listener(&papers, &["--reply", "echo"]).start();
    send(&format!("tls://{}", server.at()), &["--ca", &papers.path("ca.pem")]).exits(0);
}

#[test]
fn files_that_are_no_certificate_no_key_no_pair_or_not_there_are_told_of() {
    let papers = Papers::here().signs("other", HERE);
    std::fs::write(papers.file("noise"), crate::harness::noise(1000, 1)).expect("room");
    let broken = "-----BEGIN CERTIFICATE-----\nMIIB!!!!\n-----END CERTIFICATE-----\n";
    std::fs::write(papers.file("broken.pem"), broken).expect("room");
    let hollow = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    std::fs::write(papers.file("hollow.pem"), hollow).expect("room");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(papers.file("noise"), private).expect("ours");
    let file = |name: &str| papers.path(name);
    for (cert, key, why) in [
        ("here.pem", "other.key", "does not go with the key"),
        ("noise", "here.key", "BEGIN CERTIFICATE"),
        ("broken.pem", "here.key", "broken.pem"),
        ("hollow.pem", "here.key", "hollow.pem"),
        ("here.pem", "noise", "noise"),
        ("here.pem", "here.pem", "here.pem"),
        ("missing", "here.key", "no such file"),
        ("here.pem", "missing", "no such file"),
        ("here.pem", ".", "is a directory"),
    ] {
        if (cert, key) == ("here.pem", "here.pem") {
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(file(key), private).expect("ours");
        }
        let (cert, key) = (file(cert), file(key));
        let at = format!("tls://127.0.0.1:0?cert={cert}&key={key}");
        let ended = sockeye(["listen", at.as_str(), "--reply", "echo"]).run();
        ended.exits(1).fails_clearly("E-io").told(why);
        let ended = send("tls://127.0.0.1:1", &["--cert", &cert, "--key", &key]);
        ended.exits(1).fails_clearly("E-io").told(why);
    }
    for name in ["noise", "broken.pem", "hollow.pem", "missing", "here.key", "."] {
        let ended = send("tls://127.0.0.1:1", &["--ca", &file(name)]);
        ended.exits(1).fails_clearly("E-io");
    }
    // Endless, and nothing grows.
    send("tls://127.0.0.1:1", &["--ca", "/dev/zero"]).exits(1).fails_clearly("E-io");
}
