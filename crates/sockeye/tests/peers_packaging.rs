//! What comes along with the program: the systemd units and the manual pages, tried with
//! the programs that read them.

mod harness;

use std::path::{Path, PathBuf};

use harness::{SOCKEYE, Start, ports, sockeye, words};

fn unit(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd").join(name)
}

/// The service as it is shipped, with the binary under test in the place of the installed one.
fn service_with_our_binary(folder: &Path) -> PathBuf {
    let shipped = std::fs::read_to_string(unit("sockeye-relay.service")).expect("the unit");
    let ours = shipped
        .replace("/usr/bin/sockeye", SOCKEYE)
        // The page is not installed either.
        .replace("Documentation=man:sockeye-relay(1)\n", "");
    assert!(ours.contains(SOCKEYE));
    let path = folder.join("sockeye-relay.service");
    std::fs::write(&path, ours).expect("a file of ours");
    std::fs::copy(unit("sockeye-relay.socket"), folder.join("sockeye-relay.socket"))
        .expect("copied");
    path
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service_with_our_binary(folder.path());
    let socket = folder.path().join("sockeye-relay.socket");
    let verified = Start::program("systemd-analyze").args([
        "verify".as_ref(),
        service.as_os_str(),
        socket.as_os_str(),
    ]);
    let verified = verified.run().exits(0);
    assert_eq!(verified.err, "", "{}", verified.text());
}

#[test]
fn the_service_has_few_rights() {
    let service = unit("sockeye-relay.service");
    let arguments = [
        "security".as_ref(),
        "--offline=true".as_ref(),
        "--threshold=20".as_ref(),
        service.as_os_str(),
    ];
    Start::program("systemd-analyze").args(arguments).run().exits(0);
}

#[test]
fn a_socket_that_systemd_passes_on_is_served() {
    let server = words("listen 127.0.0.1:0 --reply upper").open().start();
    let port = ports::free();
    let activate = Start::program("systemd-socket-activate").args([
        "-l",
        &format!("127.0.0.1:{port}"),
        SOCKEYE,
        "relay",
        "fd:3",
        &server.at(),
    ]);
    let relay = activate.start();
    ports::await_tcp(port);
    words(&format!("send 127.0.0.1:{port} hi")).run().exits(0).prints("HI");
    assert_eq!(relay.endpoint(), format!("tcp://127.0.0.1:{port}"));
}

#[test]
fn a_child_gets_neither_the_socket_nor_the_words_about_it() {
    let port = ports::free();
    let command = "sh -c 'ls /proc/self/fd | tr \"\\n\" \" \"; echo \"${LISTEN_FDS-none}\"'";
    let activate = Start::program("systemd-socket-activate").args([
        "-l",
        &format!("127.0.0.1:{port}"),
        SOCKEYE,
        "listen",
        "fd:3",
        "--exec",
        command,
    ]);
    let _server = activate.start();
    ports::await_tcp(port);
    // `ls` has its three, and the folder that it reads.
    words(&format!("send 127.0.0.1:{port} x")).run().exits(0).prints("0 1 2 3 none\n");
}

#[test]
fn a_descriptor_that_was_not_passed_on_is_refused() {
    words("listen fd:3").run().exits(2).fails_clearly("E-usage").told("LISTEN_FDS");
    words("relay fd:3 127.0.0.1:1").run().exits(2).fails_clearly("E-usage");
    let told = words("listen fd:9").env("LISTEN_FDS", "1").env("LISTEN_PID", "1").run();
    told.exits(2).fails_clearly("E-usage");
}

#[test]
fn every_manual_page_is_read_without_a_complaint() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a plain path");
    sockeye(["man", "--out", out]).run().exits(0);
    let pages: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert!(pages.iter().any(|page| page.ends_with("sockeye-connect.1")), "{pages:?}");
    for page in pages {
        let path = page.to_str().expect("a plain path");
        let read = Start::program("groff")
            .args(["-Kutf8", "-man", "-Tutf8", "-P-cbou", "-ww", path])
            .run()
            .exits(0);
        assert_eq!(read.err, "", "{path}");
        assert!(read.text().contains("SYNOPSIS"), "{path}");
    }
}

#[test]
fn bash_reads_its_completions_and_completes_a_command() {
    let script = "source <(\"$S\" completions bash); COMP_WORDS=(sockeye con); COMP_CWORD=1; \
                  _sockeye sockeye con sockeye; echo \"${COMPREPLY[*]}\"";
    let completed = Start::program("bash").args(["-c", script]).env("S", SOCKEYE).run();
    completed.exits(0).prints("connect\n");
}

#[test]
fn a_page_or_a_shell_that_there_is_not_is_refused() {
    words("man nothing").run().exits(2).fails_clearly("E-usage");
    let ended = words("man --out /nowhere/at/all").run().exits(1);
    ended.told("cannot write `/nowhere/at/all").told("hint: there is no such folder: `mkdir -p");
    words("completions tcsh").run().exits(2).told("E-usage");
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(words(&format!("completions {shell}")).run().exits(0).out.len() > 1000);
    }
}

#[test]
fn the_papers_put_the_program_where_the_units_look_for_it() {
    let papers = unit("").join("../README.md");
    let papers = std::fs::read_to_string(papers).expect("the papers");
    let service = std::fs::read_to_string(unit("sockeye-relay.service")).expect("the unit");
    let start = service.lines().find_map(|line| line.strip_prefix("ExecStart="));
    let program = start.and_then(|start| start.split(' ').next()).expect("a program");
    let install = format!("install -m 755 target/release/sockeye {program}\n");
    assert!(papers.contains(&install), "the papers lack: {install}");
}
