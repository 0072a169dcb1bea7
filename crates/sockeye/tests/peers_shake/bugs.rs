//! Each classic bug is found in a server and in a client, and its mended twin passes.

use crate::finds;
use crate::finds_client;

const WORDS: [&str; 4] = ["hello", "how are you", "你好，冯", "bye"];

#[test]
fn a_server_that_takes_one_recv_for_one_message() {
    finds("recv_once", "lf", &WORDS, &["cut=", "glue="]);
}

#[test]
fn a_server_that_reads_its_header_once() {
    finds("header_once", "u32", &WORDS, &["cut="]);
}

#[test]
fn a_server_that_looks_for_the_delimiter_in_each_buffer_by_itself() {
    finds("delimiter_edge", "crlf", &WORDS, &["cut=6", "cut=19"]);
}

#[test]
fn a_server_that_cuts_characters_in_half() {
    finds("utf8_cut", "lf", &["hello", "温度 21°", "bye"], &["cut="]);
}

#[test]
fn a_server_that_reads_the_length_in_two_parts() {
    finds("length_in_parts", "u16", &WORDS, &["cut="]);
}

#[test]
fn a_server_with_a_limit_of_1024_bytes() {
    let long = "x".repeat(600);
    finds("limit_1024", "lf", &["short", &long, &long, "bye"], &["cut=", "glue="]);
}

#[test]
fn a_server_that_forgets_the_second_of_two_messages() {
    finds("two_in_one", "lf", &WORDS, &["glue="]);
}

#[test]
fn a_server_with_something_left_over_after_an_error() {
    let long = "y".repeat(40);
    finds("left_over", "u8", &["hello", &long, "feng", "bye"], &["glue="]);
}

#[test]
fn a_client_that_takes_one_recv_for_one_message() {
    finds_client("recv_once", "lf", &["one", "two", "three"], &["cut=", "glue="]);
}

#[test]
fn a_client_that_reads_its_header_once() {
    finds_client("header_once", "u32", &["one", "two"], &["cut="]);
}

#[test]
fn a_client_that_looks_for_the_delimiter_in_each_buffer_by_itself() {
    finds_client("delimiter_edge", "crlf", &["one", "two"], &["cut="]);
}

#[test]
fn a_client_that_cuts_characters_in_half() {
    finds_client("utf8_cut", "lf", &["温度", "ok"], &["cut="]);
}

#[test]
fn a_client_that_reads_the_length_in_two_parts() {
    finds_client("length_in_parts", "u16", &["one", "two"], &["cut="]);
}

#[test]
fn a_client_with_a_limit_of_1024_bytes() {
    let long = "x".repeat(600);
    finds_client("limit_1024", "lf", &["short", &long, &long], &["cut=", "glue="]);
}

#[test]
fn a_client_that_forgets_the_second_of_two_messages() {
    finds_client("two_in_one", "lf", &["one", "two", "three"], &["glue="]);
}

#[test]
fn a_client_with_something_left_over_after_an_error() {
    let long = "y".repeat(40);
    finds_client("left_over", "u8", &["one", &long, "two"], &["glue="]);
}
