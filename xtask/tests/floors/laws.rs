//! The laws. Each takes a tree and gives back its complaints, one a line; none: the law
//! holds.

use toml::Table;
use toml::Value;

use crate::tokens::Kind;
use crate::tokens::Token;
use crate::tokens::tokens;
use crate::tree::Member;
use crate::tree::Tree;

/// The longest a file may be, in lines.
const LONGEST: usize = 500;

/// The one module with unsafe code: its file, and its folder.
const UNSAFE: &str = "crates/sockeye-net/src/sys";

/// A crate depends only on crates that the root manifest lists above it.
pub(crate) fn crates(tree: &Tree) -> Vec<String> {
    let members = tree.members();
    let names: Vec<_> = members.iter().filter_map(Member::name).collect();
    let mut complaints = Vec::new();
    let mut below = Vec::new();
    for member in &members {
        let manifest = format!("{}/Cargo.toml", member.folder);
        let (Some(name), Some(table)) = (member.name(), &member.manifest) else {
            complaints.push(format!("{manifest}: not there, or names no package"));
            continue;
        };
        for used in dependencies(table) {
            if names.contains(&used) && !below.contains(&used) {
                complaints
                    .push(format!("{manifest}: `{name}` uses `{used}`, which is not below it"));
            }
        }
        below.push(name);
    }
    complaints
}

/// The packages that a manifest asks for: always, for tests, to build, on some targets.
fn dependencies(manifest: &Table) -> Vec<&str> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let tables = targets.chain([manifest]).flat_map(|table| {
        ["dependencies", "dev-dependencies", "build-dependencies"].map(|key| table.get(key))
    });
    let listed = tables.flatten().filter_map(Value::as_table).flatten();
    listed.map(|(key, value)| value.get("package").and_then(Value::as_str).unwrap_or(key)).collect()
}

/// A module uses only modules whose `mod` line stands above its own in the root file.
pub(crate) fn modules(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for member in tree.members() {
        let src = format!("{}/src/", member.folder);
        let sources = tree.sources(&src);
        let files: Vec<_> = sources
            .map(|(path, text)| (path.strip_prefix(&src).unwrap_or(path), tokens(text)))
            .collect();
        let (roots, files): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| is_root(path));
        let orders: Vec<_> = roots.iter().map(|(_, tokens)| declared(tokens)).collect();
        for (path, tokens) in files {
            let found = arrows_up(&Place::of(path), &orders, tokens);
            complaints
                .extend(found.into_iter().map(|complaint| format!("{src}{path}:{complaint}")));
        }
    }
    complaints
}

/// What one file uses that is not listed above it, in each root file that lists the file.
fn arrows_up(place: &Place<'_>, orders: &[Vec<&str>], tokens: &[Token<'_>]) -> Vec<String> {
    let own = place.top;
    let homes: Vec<_> = orders.iter().filter(|order| order.contains(&own)).collect();
    if homes.is_empty() {
        return vec![format!(" no `mod` line of the crate's root names `{own}`")];
    }
    let used = used(tokens, place.depth);
    let mut complaints = Vec::new();
    for order in homes {
        let allowed: Vec<_> = order.iter().take_while(|name| **name != own).collect();
        let forbidden = used.iter().filter(|(name, _)| *name != own && !allowed.contains(&name));
        complaints.extend(forbidden.map(|(name, line)| {
            format!("{line}: `{own}` uses `{name}`, which is not listed above it")
        }));
    }
    complaints
}

fn is_root(path: &str) -> bool {
    path == "lib.rs" || path == "main.rs" || path.starts_with("bin/")
}

/// Where a file stands in its crate.
struct Place<'a> {
    /// The topmost module that it belongs to.
    top: &'a str,
    /// How many modules deep it is: 1 for the topmost.
    depth: usize,
}

impl<'a> Place<'a> {
    /// Of a path relative to `src/`.
    fn of(path: &'a str) -> Self {
        let module = path.strip_suffix(".rs").unwrap_or(path);
        let module = module.strip_suffix("/mod").unwrap_or(module);
        let top = module.split('/').next().unwrap_or(module);
        Self { top, depth: module.split('/').count() }
    }
}

/// The modules that a root file declares, in order.
fn declared<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    let mut depth = 0_usize;
    let mut names = Vec::new();
    for pair in tokens.windows(2) {
        let [first, second] = pair else { continue };
        match (first.kind, second.kind) {
            (Kind::Open, _) => depth += 1,
            (Kind::Close, _) => depth = depth.saturating_sub(1),
            (Kind::Word("mod"), Kind::Word(name)) if depth == 0 => names.push(name),
            _ => {}
        }
    }
    names
}

/// The names directly below the crate that a file reaches, by `crate::` or by as many
/// `super::` as it takes, and their lines. `depth`: how deep the file is.
fn used<'a>(tokens: &[Token<'a>], depth: usize) -> Vec<(&'a str, usize)> {
    let mut names = Vec::new();
    let mut inline = Inline::default();
    let mut supers = 0;
    for (at, token) in tokens.iter().enumerate() {
        let next = |n: usize| tokens.get(at + n).map(|token| token.kind);
        inline.see(token.kind, next(1), next(2));
        let reaches_the_root = match token.kind {
            Kind::Word("crate") => true,
            Kind::Word("super") => {
                supers += 1;
                supers == depth + inline.depth()
            }
            Kind::Path => continue,
            _ => {
                supers = 0;
                continue;
            }
        };
        if let (true, Some(Kind::Path), Some(Kind::Word(name))) =
            (reaches_the_root, next(1), next(2))
        {
            names.push((name, token.line));
        }
    }
    names
}

/// The modules written out inside a file, each of which is one more level.
#[derive(Default)]
struct Inline {
    /// For every open brace, whether it opens a module.
    braces: Vec<bool>,
    opens_next: bool,
}

impl Inline {
    fn see(&mut self, kind: Kind<'_>, next: Option<Kind<'_>>, after: Option<Kind<'_>>) {
        match (kind, next, after) {
            (Kind::Word("mod"), Some(Kind::Word(_)), Some(Kind::Open)) => self.opens_next = true,
            (Kind::Open, ..) => self.braces.push(std::mem::take(&mut self.opens_next)),
            (Kind::Close, ..) => {
                self.braces.pop();
            }
            _ => {}
        }
    }

    fn depth(&self) -> usize {
        self.braces.iter().filter(|is_module| **is_module).count()
    }
}

/// No `use crate::{…}`.
pub(crate) fn groups(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in tree.sources("") {
        for window in tokens(text).windows(3) {
            let [first, second, third] = window else {
                continue;
            };
            if (first.kind, second.kind, third.kind)
                == (Kind::Word("crate"), Kind::Path, Kind::Open)
            {
                let line = first.line;
                complaints.push(format!(
                    "{path}:{line}: `crate::{{…}}` groups what should be a line each"
                ));
            }
        }
    }
    complaints
}

/// No file under `crates/` and `xtask/src/` is too long.
pub(crate) fn sizes(tree: &Tree) -> Vec<String> {
    let sources = tree.sources("crates/").chain(tree.sources("xtask/src/"));
    let sizes = sources.map(|(path, text)| (path, text.lines().count()));
    sizes
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines, more than {LONGEST}"))
        .collect()
}

/// Every file says first what it is.
pub(crate) fn openings(tree: &Tree) -> Vec<String> {
    let bare = tree.sources("").filter(|(_, text)| !text.starts_with("//!"));
    bare.map(|(path, _)| format!("{path}: does not open with `//!`")).collect()
}

/// Unsafe code is in one module alone.
pub(crate) fn unsafes(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    let allowed = |path: &str| {
        path.strip_prefix(UNSAFE).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    };
    for (path, text) in tree.sources("").filter(|(path, _)| !allowed(path)) {
        let found = tokens(text).into_iter().filter(|token| token.kind == Kind::Word("unsafe"));
        complaints.extend(found.map(|token| {
            format!("{path}:{}: `unsafe` outside {UNSAFE}.rs and its folder", token.line)
        }));
    }
    complaints
}
