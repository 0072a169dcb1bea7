//! The page's files: in a release they lie in the binary, packed by gzip; a debug build reads them
//! from the sources, so that who works on the page reloads and sees.

use std::borrow::Cow;

/// Name and packed bytes of each, by name.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Before the data of a packed file, and behind it (RFC 1952, 2.2), as `build.rs` writes it.
const HEAD: usize = 10;
const TAIL: usize = 8;

/// The largest file, unpacked.
const MOST: usize = 4 * 1024 * 1024;

/// A file.
#[derive(Debug)]
pub(super) enum File {
    /// Packed by gzip.
    Packed(&'static [u8]),
    /// As it is.
    Plain(Vec<u8>),
}

/// The file of that name: no name but those that were there when this was built is looked for.
pub(super) fn file(name: &str) -> Option<File> {
    let place = FILES.binary_search_by(|(own, _)| (*own).cmp(name)).ok()?;
    let (own, packed) = FILES.get(place)?;
    if !cfg!(debug_assertions) && !packed.is_empty() {
        return Some(File::Packed(packed));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/");
    std::fs::read(format!("{path}{own}")).ok().map(File::Plain)
}

impl File {
    /// Its bytes as they are, and whether they are packed: they are for who `takes` that.
    pub(super) fn bytes(self, takes: impl FnOnce() -> bool) -> (Cow<'static, [u8]>, bool) {
        match self {
            Self::Packed(packed) if takes() => (packed.into(), true),
            Self::Packed(packed) => (unpacked(packed).into(), false),
            Self::Plain(plain) => (plain.into(), false),
        }
    }
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let data = packed.get(HEAD..packed.len().saturating_sub(TAIL)).unwrap_or_default();
    miniz_oxide::inflate::decompress_to_vec_with_limit(data, MOST).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let text = "a page, a page, a page".repeat(100);
        let mut packed = vec![0; HEAD];
        packed.extend(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 9));
        packed.extend([0; TAIL]);
        let packed: &'static [u8] = packed.leak();
        assert_eq!(File::Packed(packed).bytes(|| false), (text.as_bytes().into(), false));
        assert_eq!(File::Packed(packed).bytes(|| true), (packed.into(), true));
    }

    #[test]
    fn names_that_are_not_on_the_list_are_not_looked_for() {
        assert!(file("index.html").is_some());
        for name in ["", "../Cargo.toml", "/index.html", "core/../index.html", "jsconfig.json"] {
            assert!(file(name).is_none(), "{name}");
        }
    }
}
