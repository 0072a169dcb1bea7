//! What the page's sources must be, read as text: every word that they ask for is in the
//! catalogue and none is there in vain; nothing reads HTML; each file is short and says what it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The areas of the catalogue that the page alone uses; the others the server names.
const AREAS: [&str; 8] =
    ["shell", "open", "stream", "inspector", "composer", "conversations", "tools", "lessons"];

/// What makes elements of text, or code: never from the wire, so never at all.
const FORBIDDEN: [&str; 9] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "setAttribute(\"style\"",
    "DOMParser",
    "srcdoc",
];

/// Lines of a file at most.
const LONGEST: usize = 300;

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

/// The files under a folder with one of these endings, and what they hold.
fn files(folder: &Path, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if endings.iter().any(|ending| path.extension().is_some_and(|own| own == *ending)) {
            let text = fs::read_to_string(&path).expect("text");
            found.push((path.display().to_string(), text));
        }
    }
    found
}

/// The keys of the page's own areas.
fn catalogue() -> BTreeSet<String> {
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sockeye-text/words/en");
    let mut keys = BTreeSet::new();
    for area in AREAS {
        let text = fs::read_to_string(words.join(format!("{area}.json"))).expect("an area");
        let all: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).expect("JSON");
        keys.extend(all.keys().cloned());
    }
    keys
}

/// What the sources name: whole keys, and patterns of keys that are put together.
#[derive(Default)]
struct Named {
    whole: BTreeSet<String>,
    /// The pieces between what is put in; the first one is empty where a key goes in first.
    patterns: BTreeSet<Vec<String>>,
}

impl Named {
    fn read(&mut self, source: &str) {
        for quote in ['"', '`'] {
            let mut rest = source;
            while let Some(at) = rest.find(quote) {
                rest = rest.get(at + 1..).expect("after a quote");
                if let Some(text) = rest.split(quote).next().filter(|text| !text.contains('\n')) {
                    self.take(text, quote);
                }
            }
        }
    }

    fn take(&mut self, text: &str, quote: char) {
        if quote == '"' || !text.contains("${") {
            self.whole.insert(text.to_owned());
            return;
        }
        let mut pieces = text.split("${");
        let mut pattern = vec![pieces.next().unwrap_or_default().to_owned()];
        pattern.extend(pieces.map(|piece| {
            piece.split_once('}').map_or(String::new(), |(_, after)| after.to_owned())
        }));
        self.patterns.insert(pattern);
    }

    fn names(&self, key: &str) -> bool {
        if self.whole.contains(key) {
            return true;
        }
        // `{n: 1}` asks for the singular where there is one.
        if let Some(base) = key.strip_suffix(".one") {
            return self.names(base);
        }
        self.patterns.iter().any(|pattern| self.composes(pattern, key)) || self.takes_all(key)
    }

    /// Whether every key that begins so is taken: `startsWith("area.group.")`.
    fn takes_all(&self, key: &str) -> bool {
        let Some((_, rest)) = key.split_once('.') else { return false };
        let Some((group, _)) = rest.split_once('.') else { return false };
        let area = key.strip_suffix(rest).unwrap_or_default();
        self.whole.contains(&format!("{area}{group}."))
    }

    fn composes(&self, pattern: &[String], key: &str) -> bool {
        let Some((first, others)) = pattern.split_first() else { return false };
        if first.is_empty() {
            // A key with something after it: `${key}.what`.
            let [after] = others else { return false };
            let base = key.strip_suffix(after.as_str()).filter(|_| after.starts_with('.'));
            return base.is_some_and(|base| self.names(base));
        }
        if !is_of_an_area(first) {
            return false;
        }
        let Some(mut rest) = key.strip_prefix(first.as_str()) else { return false };
        for piece in others {
            // What goes in is one word of the key.
            let word = rest.find('.').unwrap_or(rest.len());
            let found = if piece.is_empty() { Some(word) } else { rest.find(piece.as_str()) };
            let Some(found) = found.filter(|found| *found > 0 && *found <= word) else {
                return false;
            };
            rest = rest.get(found + piece.len()..).unwrap_or_default();
        }
        rest.is_empty()
    }
}

fn is_of_an_area(text: &str) -> bool {
    AREAS.iter().any(|area| text.strip_prefix(area).is_some_and(|rest| rest.starts_with('.')))
}

fn is_key(text: &str) -> bool {
    let letter =
        |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || ".-…".contains(one);
    let file = Path::new(text).extension().is_some_and(|ending| ending == "js");
    is_of_an_area(text) && !text.ends_with('.') && !file && text.chars().all(letter)
}

fn named() -> Named {
    let mut named = Named::default();
    for (_, source) in files(&ui(), &["js"]) {
        named.read(&source);
    }
    named
}

#[test]
fn every_word_that_the_page_asks_for_is_in_the_catalogue() {
    let keys = catalogue();
    let named = named();
    let asked: Vec<_> = named.whole.iter().filter(|text| is_key(text)).collect();
    assert!(asked.len() > 200, "{} keys", asked.len());
    let missing: Vec<_> = asked.into_iter().filter(|key| !keys.contains(*key)).collect();
    assert!(missing.is_empty(), "not in the catalogue: {missing:#?}");
}

#[test]
fn no_word_of_the_page_is_in_the_catalogue_in_vain() {
    let named = named();
    let unused: Vec<_> = catalogue().into_iter().filter(|key| !named.names(key)).collect();
    assert!(unused.is_empty(), "used nowhere: {unused:#?}");
    for area in AREAS {
        assert!(
            !named.names(&format!("{area}.such.words.are.not")),
            "everything of {area} counts as used"
        );
    }
}

#[test]
fn no_file_of_the_page_makes_elements_or_code_of_text() {
    let mut looked = 0;
    for (path, source) in files(&ui(), &["js", "html"]) {
        for forbidden in FORBIDDEN {
            assert!(!source.contains(forbidden), "{path} has {forbidden}");
        }
        looked += 1;
    }
    assert!(looked > 100, "{looked} files");
}

#[test]
fn every_file_of_the_page_is_short_and_says_first_what_it_is() {
    for (ending, head) in [("js", "/**"), ("ts", "/**"), ("css", "/*")] {
        let all = files(&ui(), &[ending]);
        assert!(!all.is_empty(), "no file ends in {ending}");
        for (path, source) in all {
            let lines = source.lines().count();
            assert!(lines <= LONGEST, "{path} has {lines} lines");
            assert!(source.starts_with(head), "{path} does not say what it is");
        }
    }
}
