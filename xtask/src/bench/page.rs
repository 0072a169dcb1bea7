//! docs/BENCHMARKS.md: a head, then a section for each kind of work. A run replaces the
//! sections that it took and leaves the others, each with the line that says when and where
//! it was taken.

use std::path::Path;

use anyhow::Context as _;

/// What stands above the sections.
const HEAD: &str = include_str!("head.md");
/// What did not pay.
const TRIED: &str = include_str!("tried.md");
/// What begins a section.
const MARK: &str = "\n## ";

/// A section: its title and the text under it.
pub(crate) type Section = (String, String);

/// Writes the page again, with these sections in place of those of the same titles.
pub(crate) fn write(file: &Path, order: &[&str], taken: Vec<Section>) -> anyhow::Result<()> {
    let before = std::fs::read_to_string(file).unwrap_or_default();
    std::fs::write(file, merged(&before, order, taken))
        .with_context(|| format!("cannot write `{}`", file.display()))
}

/// The sections as text.
pub(crate) fn text(sections: &[Section]) -> String {
    let mut page = String::new();
    for (title, text) in sections {
        page.extend([MARK, title, "\n\n", text.trim(), "\n"]);
    }
    page
}

fn merged(before: &str, order: &[&str], taken: Vec<Section>) -> String {
    let mut sections = taken;
    for (title, text) in read(before) {
        if !sections.iter().any(|(other, _)| *other == title) {
            sections.push((title, text));
        }
    }
    // What is in no order any more is dropped with its section of the program.
    sections.retain(|(title, _)| order.contains(&title.as_str()));
    sections.sort_by_key(|(title, _)| order.iter().position(|other| other == title));
    format!("{}\n{}\n{}\n", HEAD.trim(), text(&sections).trim_end(), TRIED.trim())
}

fn read(page: &str) -> Vec<Section> {
    let sections = page.split(MARK).skip(1);
    let parted = sections.filter_map(|section| section.split_once('\n'));
    parted.map(|(title, text)| (title.trim().to_owned(), text.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &str, text: &str) -> Section {
        (title.to_owned(), text.to_owned())
    }

    #[test]
    fn a_section_that_was_not_taken_stays_as_it_was() {
        let order = ["First", "Second"];
        let before =
            merged("", &order, vec![section("Second", "old two"), section("First", "old")]);
        let after = merged(&before, &order, vec![section("First", "| new |")]);
        assert_eq!(after, before.replace("old\n", "| new |\n"));
        assert!(after.contains("\n## First\n\n| new |\n\n## Second\n\nold two\n"), "{after}");
    }

    #[test]
    fn a_section_that_is_taken_no_more_is_dropped() {
        let before = merged("", &["Old"], vec![section("Old", "text")]);
        assert!(before.contains("## Old"), "{before}");
        assert!(!merged(&before, &["New"], Vec::new()).contains("## Old"));
    }
}
