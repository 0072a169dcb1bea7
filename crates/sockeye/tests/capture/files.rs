//! Capture files of others: made by dumpcap, cut, damaged, of links that nobody knows.

use std::fs;

use super::crafted::{begun, pcap, written};
use super::{folder, numbers, place, tshark};
use crate::harness::{Start, sockeye};

#[test]
fn a_file_of_dumpcap_is_read_with_the_numbers_that_tshark_reads() {
    let folder = folder();
    let file = place(&folder, "theirs.pcapng");
    let server = sockeye(["listen", "127.0.0.1:0", "--reply", "upper"]).start();
    let filter = format!("tcp port {}", server.port());
    let args = ["-q", "-i", "lo", "-f", &filter, "-c", "6", "-w", &file];
    let theirs = Start::program("dumpcap").args(args).start();
    theirs.says("File: ");
    sockeye(["send", &server.at(), "hello"]).run().exits(0).prints("HELLO");
    theirs.wait().exits(0);
    let text = sockeye(["capture", "--read", &file, &server.endpoint()]).run().exits(0).text();
    let seen = tshark(&file, "tcp", "tcp.seq_raw");
    assert_eq!((numbers(&text), seen.len()), (seen.clone(), 6), "{text}");
    assert!(text.contains("\"hello\""), "{text}");
}

#[test]
fn n22_a_file_that_is_cut_is_served_to_its_last_whole_packet() {
    let folder = folder();
    let (file, copy) = (place(&folder, "a.pcap"), place(&folder, "copy.pcapng"));
    written(&file, &begun());
    sockeye(["capture", "--read", &file, "--write", &copy]).run().exits(0).told("3 packets");
    for (file, name) in [(&file, "cut.pcap"), (&copy, "cut.pcapng")] {
        let whole = fs::read(file).expect("a file of ours");
        let cut = place(&folder, name);
        fs::write(&cut, &whole[..whole.len() - 9]).expect("a file of ours");
        let ended = sockeye(["capture", "--read", &cut]).run().exits(0);
        ended.told("2 packets").told("note: the file is cut (");
    }
}

#[test]
fn n21_a_block_that_cannot_be_ends_it_with_its_place_and_the_rest_is_served() {
    let folder = folder();
    let (file, copy) = (place(&folder, "a.pcap"), place(&folder, "copy.pcapng"));
    written(&file, &begun());
    sockeye(["capture", "--read", &file, "--write", &copy]).run().exits(0);
    let whole = fs::read(&copy).expect("a file of ours");
    for length in [0_u32, u32::MAX, 1 << 31] {
        let bad = [&whole[..], &6_u32.to_le_bytes(), &length.to_le_bytes(), &[0; 40]].concat();
        let name = place(&folder, "bad.pcapng");
        fs::write(&name, bad).expect("a file of ours");
        let ended = sockeye(["capture", "--read", &name]).run().exits(1).fails_clearly("E-io");
        ended.told("3 packets").told(&format!("claims to have {length} bytes"));
    }
}

#[test]
fn an_unknown_link_and_what_is_no_capture_are_told() {
    let folder = folder();
    let file = place(&folder, "a.pcap");
    fs::write(&file, pcap(147, &[vec![0; 60], vec![0; 60]])).expect("a file of ours");
    let ended = sockeye(["capture", "--read", &file]).run().exits(0).prints("");
    ended.told("note: left out: 2 packets (unknown link type 147)");
    fs::write(&file, "{\"v\":1}\n".repeat(9)).expect("a file of ours");
    let ended = sockeye(["capture", "--read", &file]).run().exits(1).fails_clearly("E-io");
    ended.told("is no capture file");
    let none = place(&folder, "none.pcap");
    sockeye(["capture", "--read", &none]).run().exits(1).fails_clearly("E-io");
}

#[test]
fn a_file_that_is_there_is_not_written_over_and_never_the_one_that_is_read() {
    let folder = folder();
    let (file, copy) = (place(&folder, "a.pcap"), place(&folder, "copy.pcapng"));
    written(&file, &begun());
    let args = ["capture", "--read", &file, "--write", &copy];
    sockeye(args).run().exits(0);
    sockeye(args).run().exits(1).told("it exists").told("--overwrite");
    sockeye(args.iter().chain(&["--overwrite"])).run().exits(0);
    let same = ["capture", "--read", &file, "--write", &file, "--overwrite"];
    sockeye(same).run().exits(2).fails_clearly("E-usage").told("while it is read");
    assert_eq!(sockeye(["capture", "--read", &file]).run().exits(0).text().lines().count(), 9);
}
