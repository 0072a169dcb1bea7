//! Rust source cut into the few tokens that the laws look at. Comments, strings and
//! characters give none. Not a whole lexer: numbers come out as words, and of
//! punctuation only `::`, `$` and braces are told apart.

/// A token, and the line it is on (from 1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    Word(&'a str),
    /// `::`
    Path,
    Open,
    Close,
    Other,
}

/// All tokens of a source text, in order.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut rest = text;
    let mut line = 1;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (length, kind) = match silent(rest) {
            Some(length) => (length, None),
            None => spoken(rest, first),
        };
        let (taken, left) = rest.split_at(length);
        tokens.extend(kind.map(|kind| Token { kind, line }));
        line += taken.matches('\n').count();
        rest = left;
    }
    tokens
}

/// A token's length in bytes; white space has no kind.
fn spoken(rest: &str, first: char) -> (usize, Option<Kind<'_>>) {
    if is_word(first) {
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        return (length, rest.get(..length).map(Kind::Word));
    }
    let kind = match first {
        '{' => Kind::Open,
        '}' => Kind::Close,
        _ if rest.starts_with("::") => return (2, Some(Kind::Path)),
        _ if first.is_whitespace() => return (first.len_utf8(), None),
        _ => Kind::Other,
    };
    (first.len_utf8(), Some(kind))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment, string or character that `rest` begins with.
fn silent(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    string(rest)
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// `'a'`, `'\n'`, `'\u{4F60}'`; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.get(1..)?;
    if inner.starts_with('\\') {
        return inner.get(2..)?.find('\'').map(|end| end + 4);
    }
    let only = inner.chars().next()?.len_utf8();
    inner.get(only..)?.starts_with('\'').then_some(only + 2)
}

/// `"…"`, `b"…"`, `c"…"`, `r"…"`, `br##"…"##`.
fn string(rest: &str) -> Option<usize> {
    let prefix = rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len();
    let (letters, quoted) =
        rest.split_at_checked(prefix).filter(|(letters, _)| letters.len() <= 2)?;
    if letters.ends_with('r') {
        let fences = quoted.len() - quoted.trim_start_matches('#').len();
        let inner = quoted.get(fences..)?.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(fences));
        let length = inner.find(&end).map_or(inner.len(), |at| at + end.len());
        return Some(prefix + fences + 1 + length);
    }
    let inner = quoted.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(prefix + 1 + end.map_or(inner.len(), |at| at + 1))
}
