//! The project's Rust files and manifests, as a map from path to text: loaded from a
//! folder, or made up. Knows no law.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::Table;

/// Folders of what was built.
const BUILT: [&str; 2] = ["target", "fuzz/target"];

/// Paths are relative to the workspace's root, with `/`.
#[derive(Debug)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

/// A crate of the workspace.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its folder.
    pub(crate) folder: String,
    /// Its manifest, if it is there and can be read.
    pub(crate) manifest: Option<Table>,
}

impl Member {
    /// The package's name.
    pub(crate) fn name(&self) -> Option<&str> {
        self.manifest.as_ref()?.get("package")?.get("name")?.as_str()
    }
}

impl Tree {
    /// Every `.rs` file and `Cargo.toml` under this folder, but what was built.
    pub(crate) fn load(root: &Path) -> Self {
        let mut tree = Self { files: BTreeMap::new() };
        tree.take(root, "");
        tree
    }

    /// Of paths and texts; a later text takes the place of an earlier one.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> Self {
        let files = files.into_iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self { files: files.collect() }
    }

    fn take(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).expect("a folder of the project") {
            let entry = entry.expect("an entry of a folder of the project");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            let path = format!("{prefix}{name}");
            if entry.file_type().expect("an entry's type").is_dir() {
                if !BUILT.contains(&path.as_str()) && !name.starts_with('.') {
                    self.take(&entry.path(), &format!("{path}/"));
                }
            } else if name == "Cargo.toml"
                || Path::new(&name).extension().is_some_and(|it| it == "rs")
            {
                let text = fs::read_to_string(entry.path()).expect("a file of the project");
                self.files.insert(path, text);
            }
        }
    }

    /// The crates in the order of the root manifest.
    pub(crate) fn members(&self) -> Vec<Member> {
        let root = self.manifest("Cargo.toml").expect("the root Cargo.toml");
        let listed = root.get("workspace").and_then(|workspace| workspace.get("members"));
        let listed =
            listed.and_then(toml::Value::as_array).expect("the root Cargo.toml lists members");
        let folders = listed.iter().filter_map(toml::Value::as_str);
        folders
            .map(|folder| Member {
                folder: folder.to_owned(),
                manifest: self.manifest(&format!("{folder}/Cargo.toml")),
            })
            .collect()
    }

    fn manifest(&self, path: &str) -> Option<Table> {
        self.files.get(path)?.parse().ok()
    }

    /// The `.rs` files whose path begins so.
    pub(crate) fn sources<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let sources = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        sources.filter(move |(path, _)| path.starts_with(prefix) && !path.ends_with("Cargo.toml"))
    }
}
