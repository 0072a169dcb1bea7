//! Line 56: names and texts that would draw on the terminal.

use crate::harness::{shell, sockeye, words};

fn is_harmless(text: &str) -> bool {
    let bad = |c: char| {
        (c.is_control() && c != '\n') || ('\u{202A}'..='\u{202E}').contains(&c) || c == '\u{200B}'
    };
    !text.contains(bad)
}

#[test]
fn n56_escapes_in_names_errors_and_logs_are_visible_marks() {
    let evil = "\u{1B}[2J\u{9B}31m\u{202E}\u{200B}";
    for args in [
        vec!["connect".to_owned(), format!("host{evil}:80")],
        vec!["connect".to_owned(), format!("unix:/tmp/{evil}")],
        vec!["connect".to_owned(), format!("exec:/nowhere/{evil}")],
        vec!["connect".to_owned(), format!("file:/nowhere/{evil}")],
        vec!["send".to_owned(), "127.0.0.1:1".to_owned(), format!("file:/nowhere/{evil}")],
        vec!["connect".to_owned(), "127.0.0.1:1".to_owned(), "--frame".to_owned(), evil.to_owned()],
        vec!["tape".to_owned(), "show".to_owned(), format!("/nowhere/{evil}")],
        vec![
            "connect".to_owned(),
            "127.0.0.1:1".to_owned(),
            "--tape".to_owned(),
            format!("/nowhere/{evil}"),
        ],
        vec![
            "connect".to_owned(),
            "127.0.0.1:1".to_owned(),
            "--log".to_owned(),
            format!("/nowhere/{evil}"),
        ],
    ] {
        let ended = sockeye(&args).run();
        assert_ne!(ended.code, Some(0), "{args:?}");
        assert!(is_harmless(&ended.err), "{args:?}: {:?}", ended.err);
    }
}

#[test]
fn n56_escapes_in_a_peers_bytes_are_visible_marks_in_view_and_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let server = words("listen 127.0.0.1:0 --reply hex:1B5B324AE280AE0DC29B").start();
    let args = ["send", &server.at(), "x", "--view", "text", "--log", log.to_str().expect("ours")];
    let ended = sockeye(args).run().exits(0);
    assert!(is_harmless(&ended.text()), "{:?}", ended.text());
    let log = std::fs::read_to_string(log).expect("the log");
    assert!(is_harmless(&log), "{log:?}");
    assert!(log.contains('␛') && log.contains("202E"), "{log:?}");
}

#[test]
fn a_failure_is_told_in_chinese_too_where_that_is_the_language() {
    let refused = |language: &str| {
        shell(&format!("{language} \"$S\" connect 127.0.0.1:1 < /dev/null"))
            .run()
            .exits(1)
            .fails_clearly("E-refused")
    };
    refused("LC_ALL=zh_CN.UTF-8").told("说明：连接被拒绝");
    let english = refused("LC_ALL=C LANG=zh_CN.UTF-8");
    assert!(!english.err.contains("说明"), "{}", english.err);
}
