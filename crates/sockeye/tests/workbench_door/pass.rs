//! Codes, tokens and the password.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::harness::desk::{Desk, bearer, code, start};
use crate::harness::sockeye;

fn about(desk: &Desk, token: &str) -> u16 {
    desk.ask("GET", "/api/about", &bearer(token), "").status
}

fn secret(folder: &Path, text: &str, mode: u32) -> PathBuf {
    let path = folder.join("password.txt");
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
    path
}

#[test]
fn a_code_works_once_and_what_is_shared_may_only_look() {
    let desk = Desk::start();
    let code = desk.code();
    let act = desk.enter(&code);
    let again = desk.ask("POST", "/api/enter", "", &format!(r#"{{"code":"{code}"}}"#));
    assert_eq!((again.status, again.field("code").as_str()), (401, "E-enter"));
    let shared = desk.ask("POST", "/api/share", &bearer(&act), r#"{"may":"look"}"#);
    let link = shared.field("link");
    let (home, code) = link.split_once("/#").expect("a code");
    assert_eq!(home, format!("http://{}", desk.at));
    let look = desk.enter(code);
    let told = desk.ask("GET", "/api/about", &bearer(&look), "").json();
    assert_eq!(told["may"], serde_json::json!(["look"]));
    let told = desk.ask("GET", "/api/about", &bearer(&act), "").json();
    assert_eq!(told["may"], serde_json::json!(["look", "act"]));
    for (token, status) in [(&look, 403), (&act, 400)] {
        let told = desk.ask("POST", "/api/share", &bearer(token), r#"{"may":"act"}"#);
        assert_eq!(told.status, status, "{told:?}");
    }
}

#[test]
fn a_token_survives_kill_9_and_a_code_does_not() {
    let desk = Desk::start();
    let act = desk.enter(&desk.code());
    let shared = desk.ask("POST", "/api/share", &bearer(&act), r#"{"may":"look"}"#);
    let unused = shared.field("link").split_once("/#").expect("a code").1.to_owned();
    let instance = desk.ask("GET", "/api/about", &bearer(&act), "").field("instance");
    let Desk { running, folder, .. } = desk;
    // Its drop is SIGKILL.
    drop(running);
    let running = start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let at = running.at();
    let desk = Desk { running, at, folder };
    let told = desk.ask("GET", "/api/about", &bearer(&act), "");
    assert_eq!(told.status, 200);
    assert_ne!(told.field("instance"), instance);
    let told = desk.ask("POST", "/api/enter", "", &format!(r#"{{"code":"{unused}"}}"#));
    assert_eq!(told.status, 401);
    let text = desk.folder.path().join("workbench/tokens");
    for entry in fs::read_dir(text).expect("read") {
        let path = entry.expect("an entry").path();
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(!path.to_string_lossy().contains(&act));
    }
}

#[test]
fn after_ten_wrong_passwords_none_is_tried_for_a_minute_and_codes_go_on() {
    let place = tempfile::tempdir().expect("a folder");
    let path = secret(place.path(), "correct horse battery\n", 0o600);
    let desk = Desk::with(&["--login", path.to_str().expect("text")]);
    let (wrong, right) = (r#"{"password":"wrong"}"#, r#"{"password":"correct horse battery"}"#);
    for _ in 0..10 {
        assert_eq!(desk.ask("POST", "/api/enter", "", wrong).status, 401);
        assert_eq!(desk.ask("POST", "/api/enter", "", r#"{"code":"wrong"}"#).status, 401);
    }
    let told = desk.ask("POST", "/api/enter", "", right);
    assert_eq!((told.status, told.header("retry-after")), (429, Some("60")));
    // Of 128 bits none is guessed: nobody is kept out by those of others.
    let (act, _) = desk.tokens();
    assert_eq!(about(&desk, &act), 200);
}

#[test]
fn a_token_that_is_given_back_is_good_no_more() {
    let desk = Desk::start();
    let (act, look) = desk.tokens();
    assert_eq!(desk.ask("POST", "/api/leave", &bearer(&look), "").status, 204);
    assert_eq!((about(&desk, &look), about(&desk, &act)), (401, 200));
    assert_eq!(desk.ask("POST", "/api/leave", "", "").status, 401);
}

#[test]
fn a_password_lets_in_if_its_file_is_ours_alone_and_it_is_long_enough() {
    let place = tempfile::tempdir().expect("a folder");
    let path = secret(place.path(), "correct horse battery\nand a second line\n", 0o600);
    let path = path.to_str().expect("text");
    let desk = Desk::with(&["--login", path]);
    for (body, status) in [
        (r#"{"password":"correct horse battery"}"#, 200),
        (r#"{"password":"correct horse battery"}"#, 200),
        (r#"{"password":"correct horse"}"#, 401),
        (r#"{"password":""}"#, 401),
        (r#"{"password":"correct horse battery","code":"x"}"#, 400),
        (r#"{"passwort":"correct horse battery"}"#, 400),
        ("{}", 400),
        ("", 400),
        ("[]", 400),
    ] {
        let told = desk.ask("POST", "/api/enter", "", body);
        assert_eq!(told.status, status, "{body}: {told:?}");
    }
    for (text, mode, code, exit) in [
        ("correct horse battery", 0o644, "E-denied", 3),
        ("correct horse battery", 0o640, "E-denied", 3),
        ("eleven char", 0o600, "E-usage", 2),
        ("", 0o600, "E-usage", 2),
    ] {
        secret(place.path(), text, mode);
        let ended = sockeye(["workbench", "--no-open", "--login", path]).run();
        ended.exits(exit).fails_clearly(code);
    }
}

#[test]
fn n67_n68_a_folder_is_one_workbenchs_and_without_one_nothing_is_kept() {
    let desk = Desk::start();
    let data = desk.folder.path().to_str().expect("text");
    desk.enter(&desk.code());
    let second = sockeye(["workbench", "--no-open", "--listen", "127.0.0.1:0", "--data", data]);
    let ended = second.run().exits(1).fails_clearly("E-in-use");
    let told = ended.told(&format!("http://{}", desk.at));
    // The first one gives it a new link, for who has lost theirs.
    let link = told.err.split_once("/#").expect("a link").1;
    desk.enter(link.lines().next().expect("a code"));
    let unkept = start(Path::new("/proc/none"), &["--listen", "127.0.0.1:0"]);
    unkept.says("warning: nothing is kept after this run");
    let (at, folder) = (unkept.at(), tempfile::tempdir().expect("a folder"));
    let desk = Desk { running: unkept, at, folder };
    let act = desk.enter(&code(&desk.running));
    let told = desk.ask("GET", "/api/about", &bearer(&act), "").json();
    assert!(told["kept"].is_null(), "{told}");
}

#[test]
fn what_is_kept_for_the_page_is_not_overwritten_unawares() {
    let desk = Desk::start();
    let (act, look) = desk.tokens();
    let path = "/api/keepsakes";
    assert_eq!(desk.ask("GET", path, &bearer(&look), "").status, 403, "what others sent");
    let first = desk.ask("GET", path, &bearer(&act), "");
    assert_eq!((first.status, first.body.as_str()), (200, "{}"));
    let tag = first.header("etag").expect("a tag").to_owned();
    let put = |of: &str, body: &str| {
        let headers = format!("{}If-Match: {of}\r\n", bearer(&act));
        desk.ask("PUT", path, &headers, body)
    };
    let told = put(&tag, r#"{"quick":["你好"]}"#);
    assert_eq!((told.status, Some(told.field("etag").as_str())), (200, told.header("etag")));
    let late = put(&tag, "{}");
    assert_eq!((late.status, late.field("code").as_str()), (412, "E-changed"));
    for body in ["[]", "7", "", "{", "{\"a\":1}x"] {
        assert_eq!(put("*", body).status, 400, "{body}");
    }
    assert_eq!(desk.ask("PUT", path, &bearer(&act), "{}").status, 400);
    assert_eq!(desk.ask("GET", path, &bearer(&act), "").body, r#"{"quick":["你好"]}"#);
}

#[test]
fn a_file_is_handed_over_piece_by_piece() {
    let desk = Desk::start();
    let (act, look) = desk.tokens();
    let act = bearer(&act);
    let new = r#"{"name":"a.bin","size":1500000}"#;
    assert_eq!(desk.ask("POST", "/api/files", &bearer(&look), new).status, 403);
    let told = desk.ask("POST", "/api/files", &act, new);
    assert_eq!((told.status, told.json()["file"].as_u64()), (201, Some(1)));
    let piece = "x".repeat(1024 * 1024);
    let told = desk.ask("PUT", "/api/files/1?off=0", &act, &piece);
    assert_eq!(told.json()["have"].as_u64(), Some(1_048_576), "{told:?}");
    assert_eq!(desk.ask("PUT", "/api/files/1?off=1048576", &act, &piece).status, 413);
    assert_eq!(desk.ask("PUT", "/api/files/1?off=1048577", &act, "x").status, 409);
    assert_eq!(desk.ask("PUT", "/api/files/1?off=-1", &act, "x").status, 400);
    assert_eq!(desk.ask("PUT", "/api/files/1", &act, "x").status, 400);
    assert_eq!(desk.ask("PUT", "/api/files/2?off=0", &act, "x").status, 404);
    let told = desk.ask("POST", "/api/files", &act, r#"{"name":"b","size":1073741825}"#);
    assert_eq!((told.status, told.field("field").as_str()), (413, "size"));
    assert_eq!(desk.ask("DELETE", "/api/files/1", &act, "").status, 204);
    assert_eq!(desk.ask("DELETE", "/api/files/1", &act, "").status, 404);
}
