//! The tokens that are good, kept by their hashes, so that a page stays whole over a restart.
//!
//! On disk: a folder (0700) with a file (0600) for each, named by the hash in hex, in it the
//! scope; its time of change is when the token was last used, at most an hour late.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::workbench::scope::Scope;
use crate::workbench::secret::Hash;

/// So many are good at once; the one that was not used for longest makes way.
const MOST: usize = 64;

/// How long an unused one is good.
const LIFE: Duration = Duration::from_hours(7 * 24);

/// How often its use is written down.
const NOTED: Duration = Duration::from_hours(1);

/// The longest content of a file that is read, in bytes.
const CONTENT: u64 = 16;

/// The tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    folder: Option<PathBuf>,
    all: Vec<Token>,
}

#[derive(Debug)]
struct Token {
    hash: Hash,
    scope: Scope,
    used: SystemTime,
}

impl Token {
    fn is_over(&self, now: SystemTime) -> bool {
        // A clock that was set back makes nothing old.
        now.duration_since(self.used).is_ok_and(|unused| unused >= LIFE)
    }
}

impl Tokens {
    /// Tokens that live as long as the process.
    pub(super) fn in_memory() -> Self {
        Self { folder: None, all: Vec::new() }
    }

    /// Reads those of the folder, which is made if it is not there. What is not ours is left
    /// alone; what is too old is removed.
    pub(super) fn of_folder(folder: PathBuf, now: SystemTime) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        let mut tokens = Self { folder: None, all: Vec::new() };
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            // A file that cannot be read is no token.
            if let Some(token) = read(&path) {
                tokens.all.push(token);
            }
        }
        tokens.folder = Some(folder);
        tokens.sweep(now);
        Ok(tokens)
    }

    /// Takes a new one in.
    pub(super) fn add(&mut self, token: &str, scope: Scope, now: SystemTime) -> io::Result<()> {
        self.sweep(now);
        while self.all.len() >= MOST {
            let oldest = self.all.iter().enumerate().min_by_key(|(_, token)| token.used);
            let Some(place) = oldest.map(|(place, _)| place) else { break };
            let gone = self.all.swap_remove(place);
            self.remove(&gone);
        }
        let hash = Hash::of(token.as_bytes());
        if let Some(folder) = &self.folder {
            let path = folder.join(hash.hex());
            let mut open = OpenOptions::new();
            let mut file = open.write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(format!("{}\n", scope.name()).as_bytes())?;
        }
        self.all.push(Token { hash, scope, used: now });
        Ok(())
    }

    /// The token is good no more.
    pub(super) fn forget(&mut self, token: &str) {
        let hash = Hash::of(token.as_bytes());
        if let Some(place) = self.all.iter().position(|token| token.hash.is(&hash)) {
            let gone = self.all.swap_remove(place);
            self.remove(&gone);
        }
    }

    /// What the token may, if it is good; this is a use of it.
    pub(super) fn scope(&mut self, token: &str, now: SystemTime) -> Option<Scope> {
        let hash = Hash::of(token.as_bytes());
        let found = self.all.iter_mut().find(|token| token.hash.is(&hash))?;
        if found.is_over(now) {
            self.sweep(now);
            return None;
        }
        if now.duration_since(found.used).is_ok_and(|unused| unused >= NOTED) {
            found.used = now;
            if let Some(folder) = &self.folder {
                // A folder that has gone keeps nothing; the token is good all the same.
                let file = File::options().write(true).open(folder.join(hash.hex()));
                drop(file.and_then(|file| file.set_modified(now)));
            }
        }
        Some(found.scope)
    }

    fn sweep(&mut self, now: SystemTime) {
        let (over, good): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.all).into_iter().partition(|token| token.is_over(now));
        self.all = good;
        for token in over {
            self.remove(&token);
        }
    }

    fn remove(&self, token: &Token) {
        if let Some(folder) = &self.folder {
            // It may have gone already.
            drop(fs::remove_file(folder.join(token.hash.hex())));
        }
    }
}

/// The token of a file, if it is one of ours.
fn read(path: &Path) -> Option<Token> {
    let hash = Hash::from_hex(path.file_name()?.to_str()?)?;
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let file = File::open(path).ok()?;
    let used = file.metadata().ok()?.modified().ok()?;
    let mut content = String::new();
    file.take(CONTENT).read_to_string(&mut content).ok()?;
    Some(Token { hash, scope: Scope::named(content.trim_end())?, used })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_token_is_good_after_a_restart_and_is_not_on_the_disk_itself() {
        let (place, now) = (folder(), SystemTime::now());
        let path = place.path().join("deep/tokens");
        let mut tokens = Tokens::of_folder(path.clone(), now).expect("made");
        tokens.add("secret", Scope::Look, now).expect("kept");
        drop(tokens);
        let mut tokens = Tokens::of_folder(path.clone(), now).expect("read");
        assert_eq!(tokens.scope("secret", now), Some(Scope::Look));
        assert_eq!(tokens.scope("Secret", now), None);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        for entry in fs::read_dir(&path).expect("read") {
            let path = entry.expect("an entry").path();
            assert_eq!(mode(&path), 0o600);
            assert!(!path.to_string_lossy().contains("secret"));
            assert_eq!(fs::read_to_string(path).expect("read"), "look\n");
        }
    }

    #[test]
    fn an_unused_token_is_good_for_seven_days_and_a_used_one_for_longer() {
        let (place, now) = (folder(), SystemTime::now());
        let mut tokens = Tokens::of_folder(place.path().to_owned(), now).expect("made");
        tokens.add("used", Scope::Act, now).expect("kept");
        tokens.add("unused", Scope::Act, now).expect("kept");
        assert_eq!(tokens.scope("used", now + 6 * DAY), Some(Scope::Act));
        drop(tokens);
        let mut tokens = Tokens::of_folder(place.path().to_owned(), now + 8 * DAY).expect("read");
        assert_eq!(tokens.scope("unused", now + 8 * DAY), None);
        assert_eq!(tokens.scope("used", now + 8 * DAY), Some(Scope::Act));
        assert_eq!(fs::read_dir(place.path()).expect("read").count(), 1);
        assert_eq!(tokens.scope("used", now + 15 * DAY), None);
        assert_eq!(fs::read_dir(place.path()).expect("read").count(), 0);
    }

    #[test]
    fn of_more_than_64_the_one_that_was_not_used_for_longest_makes_way() {
        let (place, now) = (folder(), SystemTime::now());
        let mut tokens = Tokens::of_folder(place.path().to_owned(), now).expect("made");
        let at = |number: usize| now + Duration::from_secs(number as u64);
        for number in 0..=MOST {
            tokens.add(&number.to_string(), Scope::Act, at(number)).expect("kept");
        }
        assert_eq!(tokens.scope("0", at(100)), None);
        assert_eq!(tokens.scope("1", at(100)), Some(Scope::Act));
        assert_eq!(fs::read_dir(place.path()).expect("read").count(), MOST);
    }

    #[test]
    fn what_is_no_token_is_left_alone() {
        let (place, now) = (folder(), SystemTime::now());
        let hash = Hash::of(b"x").hex();
        for (name, content) in [("README", "look\n"), (hash.as_str(), "everything\n")] {
            fs::write(place.path().join(name), content).expect("written");
        }
        let link = place.path().join(Hash::of(b"y").hex());
        std::os::unix::fs::symlink(place.path().join("README"), link).expect("linked");
        let mut tokens = Tokens::of_folder(place.path().to_owned(), now).expect("read");
        assert_eq!(tokens.scope("x", now), None);
        assert_eq!(tokens.scope("y", now), None);
        assert_eq!(fs::read_dir(place.path()).expect("read").count(), 3);
    }
}
