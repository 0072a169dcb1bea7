//! The floors: what stands higher uses what stands lower, never the other way round.
//! Holds the order of the crates in the root `Cargo.toml`, the order of the `mod` lines
//! inside each crate, and the few rules of form that a machine can see.
//!
//! Reads source text, not compiled code: macros are not expanded. Each law is shown a
//! made-up tree that breaks it, as a law that nothing can break would hold nothing.

#[path = "floors/tokens.rs"]
mod tokens;
#[path = "floors/tree.rs"]
mod tree;
#[path = "floors/laws.rs"]
mod laws;

use std::path::Path;

use crate::tree::Tree;

const ROOT: &str = "[workspace]\nmembers = [\"crates/low\", \"crates/high\"]\n";
const LOW: &str = "[package]\nname = \"low\"\n";
const HIGH: &str = "[package]\nname = \"high\"\n[dependencies]\nlow = { workspace = true }\n";

/// The project itself.
fn project() -> Tree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    Tree::load(root)
}

/// Two crates in order, with these files besides or instead.
fn made_up(files: &[(&str, &str)]) -> Tree {
    let sound = [
        ("Cargo.toml", ROOT),
        ("crates/low/Cargo.toml", LOW),
        ("crates/low/src/lib.rs", "//! Low.\n"),
        ("crates/high/Cargo.toml", HIGH),
        ("crates/high/src/lib.rs", "//! High.\n"),
    ];
    Tree::of(sound.iter().chain(files))
}

fn assert_one(complaints: &[String], expected: &str) {
    assert!(matches!(complaints, [one] if one == expected), "{complaints:#?}");
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn the_made_up_tree_is_sound_before_it_is_broken() {
    let tree = made_up(&[]);
    for law in
        [laws::crates, laws::modules, laws::groups, laws::sizes, laws::openings, laws::unsafes]
    {
        assert_none(&law(&tree));
    }
}

// The crates.

#[test]
fn every_crate_uses_only_crates_below_it() {
    assert_none(&laws::crates(&project()));
}

#[test]
fn a_dependency_on_a_crate_above_is_seen() {
    let manifest = "[package]\nname = \"low\"\n[dependencies]\nhigh = { path = \"../high\" }\n";
    let tree = made_up(&[("crates/low/Cargo.toml", manifest)]);
    assert_one(
        &laws::crates(&tree),
        "crates/low/Cargo.toml: `low` uses `high`, which is not below it",
    );
}

#[test]
fn a_dependency_for_tests_a_target_or_under_another_name_is_seen() {
    for table in [
        "[dev-dependencies]\nhigh = { workspace = true }",
        "[build-dependencies.high]\nworkspace = true",
        "[target.'cfg(unix)'.dependencies]\nhigh = { workspace = true }",
        "[dependencies]\nother = { path = \"../high\", package = \"high\" }",
    ] {
        let manifest = format!("{LOW}{table}\n");
        let tree = made_up(&[("crates/low/Cargo.toml", &manifest)]);
        assert_one(
            &laws::crates(&tree),
            "crates/low/Cargo.toml: `low` uses `high`, which is not below it",
        );
    }
}

#[test]
fn a_member_without_a_manifest_is_seen() {
    let tree = Tree::of(&[("Cargo.toml", ROOT), ("crates/low/Cargo.toml", LOW)]);
    assert_one(&laws::crates(&tree), "crates/high/Cargo.toml: not there, or names no package");
}

// The modules.

#[test]
fn every_module_uses_only_modules_above_it_in_the_list() {
    assert_none(&laws::modules(&project()));
}

/// What the law says of `first` and `second`, listed in this order.
fn modules(first: &str, second: &str) -> Vec<String> {
    laws::modules(&made_up(&[
        ("crates/low/src/lib.rs", "//! Low.\npub mod first;\npub(crate) mod second;\n"),
        ("crates/low/src/first.rs", first),
        ("crates/low/src/second.rs", second),
    ]))
}

#[test]
fn a_module_that_uses_a_later_one_is_seen() {
    let later = "crates/low/src/first.rs:2: `first` uses `second`, which is not listed above it";
    assert_one(&modules("//!\nuse crate::second::Thing;\n", "//!\n"), later);
    assert_one(&modules("//!\nfn f() { crate :: second::f() }\n", "//!\n"), later);
    assert_one(&modules("//!\nmacro_rules! m { () => { $crate::second::f() } }\n", "//!\n"), later);
}

#[test]
fn a_module_may_use_an_earlier_one_and_itself() {
    assert_none(&modules(
        "//!\nuse crate::first::A;\n",
        "//!\nuse crate::first::B;\nuse crate::second::C;\n",
    ));
}

#[test]
fn a_module_that_names_what_the_root_file_holds_is_seen() {
    let seen = "crates/low/src/second.rs:2: `second` uses `Thing`, which is not listed above it";
    assert_one(&modules("//!\n", "//!\nuse crate::Thing;\n"), seen);
}

#[test]
fn an_arrow_up_through_super_is_seen() {
    let later = "crates/low/src/first.rs:2: `first` uses `second`, which is not listed above it";
    assert_one(&modules("//!\nuse super::second::Thing;\n", "//!\n"), later);
    assert_one(&modules("//!\nmod tests { use super::super::second::Thing; }\n", "//!\n"), later);
    assert_none(&modules("//!\nmod tests { use super::second; }\nmod second {}\n", "//!\n"));
    assert_none(&modules("//!\n", "//!\nuse super::first::Thing;\n"));
}

#[test]
fn a_nested_file_is_held_to_the_place_of_its_topmost_module() {
    let tree = made_up(&[
        ("crates/low/src/main.rs", "//! Low.\nmod first;\nmod second;\n"),
        ("crates/low/src/first.rs", "//!\nmod deep;\n"),
        (
            "crates/low/src/first/deep.rs",
            "//!\nuse crate::first::A;\nuse super::B;\nuse super::super::second::C;\n",
        ),
        ("crates/low/src/second/mod.rs", "//!\nuse crate::first::deep::A;\n"),
    ]);
    let seen =
        "crates/low/src/first/deep.rs:4: `first` uses `second`, which is not listed above it";
    assert_one(&laws::modules(&tree), seen);
}

#[test]
fn comments_strings_and_characters_name_no_module() {
    let text = r##"//! Below `crate::second`.
/* crate::second /* crate::second */ crate::second */
const A: &str = "crate::second \" crate::second";
const B: &str = r#"crate::second " crate::second"#;
const C: [char; 3] = ['"', '\'', '"'];
fn f<'a>(a: &'a str) -> &'a str { a } // crate::second
"##;
    assert_none(&modules(text, "//!\n"));
    let after = format!("{text}use crate::second::Thing;\n");
    let seen = "crates/low/src/first.rs:7: `first` uses `second`, which is not listed above it";
    assert_one(&modules(&after, "//!\n"), seen);
}

#[test]
fn a_file_that_no_mod_line_names_is_seen() {
    let tree = made_up(&[("crates/low/src/stray.rs", "//!\n")]);
    assert_one(
        &laws::modules(&tree),
        "crates/low/src/stray.rs: no `mod` line of the crate's root names `stray`",
    );
}

// The form.

#[test]
fn no_import_is_grouped_at_the_crate() {
    assert_none(&laws::groups(&project()));
}

#[test]
fn a_grouped_import_is_seen() {
    let tree =
        made_up(&[("crates/low/src/lib.rs", "//! Low.\nmod a;\nuse crate::{a::A, a::B};\n")]);
    assert_one(
        &laws::groups(&tree),
        "crates/low/src/lib.rs:3: `crate::{…}` groups what should be a line each",
    );
}

#[test]
fn no_file_is_longer_than_500_lines() {
    assert_none(&laws::sizes(&project()));
}

#[test]
fn a_file_of_501_lines_is_seen() {
    let (full, over) = ("//!\n".repeat(500), "//!\n".repeat(501));
    assert_none(&laws::sizes(&made_up(&[("crates/low/tests/long.rs", &full)])));
    let tree = made_up(&[("crates/low/tests/long.rs", &over), ("xtask/src/long.rs", &full)]);
    assert_one(&laws::sizes(&tree), "crates/low/tests/long.rs: 501 lines, more than 500");
}

#[test]
fn every_file_opens_with_what_it_is() {
    assert_none(&laws::openings(&project()));
}

#[test]
fn a_file_that_opens_with_code_is_seen() {
    let tree = made_up(&[("crates/low/tests/bare.rs", "use std::fs;\n//! Late.\n")]);
    assert_one(&laws::openings(&tree), "crates/low/tests/bare.rs: does not open with `//!`");
}

#[test]
fn unsafe_is_in_one_module_alone() {
    assert_none(&laws::unsafes(&project()));
}

#[test]
fn unsafe_anywhere_else_is_seen() {
    let block = "//!\n// unsafe\nfn f() { unsafe { g() } }\n";
    let allowed = ["crates/sockeye-net/src/sys.rs", "crates/sockeye-net/src/sys/mmsg.rs"];
    let allowed = allowed.map(|path| (path, block));
    for path in [
        "crates/low/src/sys.rs",
        "crates/low/src/sys/mmsg.rs",
        "crates/sockeye-net/src/system.rs",
        "crates/sockeye-net/src/socket/sys.rs",
    ] {
        let [file, inside] = allowed;
        let outside = "`unsafe` outside crates/sockeye-net/src/sys.rs and its folder";
        assert_one(
            &laws::unsafes(&made_up(&[file, inside, (path, block)])),
            &format!("{path}:3: {outside}"),
        );
    }
}

#[test]
fn an_attribute_about_unsafe_code_is_no_unsafe_code() {
    let text = "//! Never \"unsafe\".\n#![forbid(unsafe_code)]\nconst A: &str = \"unsafe\";\n";
    assert_none(&laws::unsafes(&made_up(&[("crates/low/src/lib.rs", text)])));
}
