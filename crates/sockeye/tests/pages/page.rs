//! A page, the commands on it, and a command about to be run. No test is in here.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::harness::{Running, Start, shell};

/// A file under `docs/classics`.
pub struct Page {
    /// Its path there.
    pub name: String,
    pub text: String,
}

/// A command as a page has it.
#[derive(Clone)]
pub struct Command {
    pub text: String,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All pages, in both languages.
pub fn pages() -> Vec<Page> {
    let mut names = Vec::new();
    for under in ["", "zh-CN/"] {
        let folder = root().join("docs/classics").join(under);
        for entry in fs::read_dir(folder).expect("the pages") {
            let name = entry.expect("an entry").file_name();
            let name = name.to_str().expect("a name of ours");
            if Path::new(name).extension().is_some_and(|ending| ending == "md") {
                names.push(format!("{under}{name}"));
            }
        }
    }
    names.sort();
    names.iter().map(|name| Page::read(name)).collect()
}

/// A folder in which the pages' commands can be run: it holds `docs`.
pub fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    symlink(root().join("docs"), folder.path().join("docs")).expect("a link");
    folder
}

impl Page {
    pub fn read(name: &str) -> Self {
        let path = root().join("docs/classics").join(name);
        let text = fs::read_to_string(&path);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { name: name.to_owned(), text }
    }

    /// The fenced blocks of a language.
    pub fn blocks(&self, language: &str) -> Vec<Vec<String>> {
        let (mut found, mut fence) = (Vec::new(), None);
        for line in self.text.lines() {
            match (line.strip_prefix("```"), fence) {
                (Some(_), Some(_)) => fence = None,
                (Some(kind), None) => {
                    fence = Some(kind);
                    if kind == language {
                        found.push(Vec::new());
                    }
                }
                (None, Some(kind)) if kind == language => {
                    found.last_mut().expect("a block").push(line.to_owned());
                }
                (None, _) => {}
            }
        }
        found
    }

    /// What stands between backticks outside of the blocks.
    pub fn spans(&self) -> Vec<String> {
        let (mut found, mut fenced) = (Vec::new(), false);
        for line in self.text.lines() {
            if line.starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
            }
        }
        found
    }

    /// All its commands: the lines of `sh` blocks, and those in its sentences.
    pub fn commands(&self) -> Vec<Command> {
        let spans = self.spans().into_iter();
        let spans =
            spans.filter(|span| span.starts_with("sockeye ") || span.starts_with("python3 "));
        let lines = self.blocks("sh").into_iter().flatten();
        lines.chain(spans).map(|text| Command { text }).collect()
    }

    /// The commands for the server and for the client: the page's first two blocks.
    pub fn sides(&self) -> [Vec<Command>; 2] {
        let mut blocks = self.blocks("sh").into_iter();
        [(); 2].map(|()| {
            let block = blocks.next().unwrap_or_else(|| panic!("{} lacks a side", self.name));
            block.into_iter().map(|text| Command { text }).collect()
        })
    }
}

impl Command {
    pub fn is_classic(&self) -> bool {
        self.text.starts_with("sockeye classic ")
    }

    pub fn is_python(&self) -> bool {
        self.text.starts_with("python3 ")
    }

    /// The command, run by the shell, with other words in it.
    pub fn start(&self, swaps: &[(&str, &str)], folder: &Path) -> Start {
        let mut script = self.text.clone();
        for (usual, ours) in swaps {
            assert!(script.contains(usual), "`{script}` has no {usual}");
            script = script.replace(usual, ours);
        }
        let script = match script.strip_prefix("sockeye ") {
            Some(rest) => format!(r#"exec "$S" {rest}"#),
            None if self.is_python() => format!("exec {script}"),
            None => script.replace("| sockeye ", r#"| "$S" "#),
        };
        shell(&script)
            .folder(folder)
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
    }

    /// A server on a port of its own choice instead of the usual one, with its stdin open;
    /// and its port, of which Python's tell as ours do.
    pub fn serve(&self, usual: u16, folder: &Path) -> (Running, u16) {
        let [usual, ours] = [usual, 0].map(|port| self.port(port));
        let server = self.start(&[(&usual, &ours)], folder).open().start();
        let port = server.port();
        (server, port)
    }

    /// A client of the server on `port`; `further` are other words to be swapped.
    pub fn call(&self, (usual, port): (u16, u16), further: &[(&str, &str)], at: &Path) -> Start {
        let [usual, port] = [usual, port].map(|port| self.port(port));
        let swaps = [(usual.as_str(), port.as_str())];
        self.start(&[&swaps[..], further].concat(), at)
    }

    /// A port as this command writes it behind the host.
    fn port(&self, port: u16) -> String {
        format!("{}{port}", if self.is_python() { ' ' } else { ':' })
    }
}
