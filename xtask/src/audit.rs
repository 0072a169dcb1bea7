//! `cargo xtask audit`: the crates of Cargo.lock against a folder of `RustSec` advisories.
//! Reads files alone: no network, and nothing is fetched or updated.

use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use anyhow::ensure;
use jiff::civil::Date;
use rustsec::Database;
use rustsec::Lockfile;
use rustsec::Vulnerability;
use rustsec::database::Query;

/// Where the database lies, seen from the workspace's root: beside the checkout.
const DATABASE: &str = "../shared/advisory-db";

/// A database whose newest advisory is older than this is warned of.
const STALE_AFTER_DAYS: i32 = 180;

/// What was asked for on the command line.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Asked {
    /// The advisory database: a folder as in github.com/RustSec/advisory-db
    /// [default: ../shared/advisory-db, beside the checkout]
    #[arg(long, value_name = "DIR")]
    db: Option<PathBuf>,
}

/// Audits the lock file under this root. Fails on a vulnerability; warns of crates that
/// are unsound or unmaintained; only says so where there is no database.
pub(crate) fn run(asked: &Asked, root: &Path) -> anyhow::Result<ExitCode> {
    let folder = asked.db.clone().unwrap_or_else(|| root.join(DATABASE));
    if !folder.exists() {
        let shown = folder.display();
        writeln!(std::io::stderr(), "WARNING: no advisory database at `{shown}`: NOT AUDITED")?;
        return Ok(ExitCode::SUCCESS);
    }
    let database = Database::open(&folder)
        .with_context(|| format!("cannot read the advisory database `{}`", folder.display()))?;
    let lock = root.join("Cargo.lock");
    let lock =
        Lockfile::load(&lock).with_context(|| format!("cannot read `{}`", lock.display()))?;
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let report = Report::of(&database, &lock, today)?;
    write!(std::io::stdout(), "{report}")?;
    Ok(report.code())
}

/// What the audit found.
struct Report {
    packages: usize,
    advisories: usize,
    newest: Date,
    /// Days since the newest advisory.
    age: i32,
    vulnerabilities: Vec<Vulnerability>,
    /// Unsound or unmaintained crates, and notices.
    warnings: Vec<Vulnerability>,
}

impl Report {
    fn of(database: &Database, lock: &Lockfile, today: Date) -> anyhow::Result<Self> {
        let dates = database.iter().map(|advisory| advisory.metadata.date.as_str());
        let newest = dates.max().context("the advisory database holds no advisory")?;
        let newest: Date = newest.parse().context("an advisory's date is no date")?;
        let age = newest.until(today).context("the newest advisory has no age")?.get_days();
        ensure!(!lock.packages.is_empty(), "Cargo.lock names no package");
        Ok(Self {
            packages: lock.packages.len(),
            advisories: database.iter().count(),
            newest,
            age,
            vulnerabilities: database.vulnerabilities(lock),
            warnings: database
                .query_vulnerabilities(lock, &Query::crate_scope().informational(true)),
        })
    }

    fn code(&self) -> ExitCode {
        if self.vulnerabilities.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for found in &self.vulnerabilities {
            writeln!(f, "VULNERABLE: {}", Found(found))?;
        }
        for found in &self.warnings {
            writeln!(f, "warning: {}", Found(found))?;
        }
        if self.age > STALE_AFTER_DAYS {
            let Self { newest, age, .. } = self;
            writeln!(
                f,
                "warning: the newest advisory is of {newest}, {age} days ago: the database is stale"
            )?;
        }
        let Self { packages, advisories, newest, .. } = self;
        let (vulnerabilities, warnings) = (self.vulnerabilities.len(), self.warnings.len());
        writeln!(
            f,
            "audited {packages} packages against {advisories} advisories (newest of {newest}): \
             {vulnerabilities} vulnerabilities, {warnings} warnings"
        )
    }
}

/// One advisory that a locked package falls under, as one line.
struct Found<'a>(&'a Vulnerability);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Vulnerability { advisory, versions, package, .. } = self.0;
        write!(f, "{} {} {}", advisory.id, package.name, package.version)?;
        if let Some(kind) = &advisory.informational {
            write!(f, " ({kind})")?;
        }
        write!(f, ": {}", advisory.title)?;
        let patched: Vec<_> = versions.patched().iter().map(ToString::to_string).collect();
        if patched.is_empty() {
            write!(f, "; no version is patched")
        } else {
            write!(f, "; patched: {}", patched.join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAWED: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"flawed\"\n\
        date = \"2026-03-01\"\n\n[versions]\npatched = [\">= 1.2.0\"]\n```\n\n# It breaks\n\nBadly.\n";
    const LEFT: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2026-0002\"\npackage = \"left\"\n\
        date = \"2026-04-01\"\ninformational = \"unmaintained\"\n\n[versions]\npatched = []\n```\n\n\
        # It is left alone\n\nFor years.\n";

    fn report(packages: &[(&str, &str)], today: &str) -> Report {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (package, number, text) in [("flawed", 1, FLAWED), ("left", 2, LEFT)] {
            let place = folder.path().join("crates").join(package);
            std::fs::create_dir_all(&place).expect("a folder of our own");
            let file = place.join(format!("RUSTSEC-2026-000{number}.md"));
            std::fs::write(file, text).expect("a file of our own");
        }
        let database = Database::open(folder.path()).expect("a database of two");
        let packages = packages.iter().map(|(name, version)| {
            let source = "registry+https://github.com/rust-lang/crates.io-index";
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n"
            )
        });
        let lock = format!("version = 4\n{}", packages.collect::<String>());
        let lock = lock.parse().expect("a lock file");
        Report::of(&database, &lock, today.parse().expect("a date")).expect("a report")
    }

    #[test]
    fn fails_on_a_vulnerable_version() {
        let report = report(&[("flawed", "1.1.9"), ("sound", "0.1.0")], "2026-05-01");
        assert_eq!(report.code(), ExitCode::FAILURE);
        let shown = report.to_string();
        assert!(
            shown.contains(
                "VULNERABLE: RUSTSEC-2026-0001 flawed 1.1.9: It breaks; patched: >=1.2.0"
            ),
            "{shown}"
        );
        assert!(shown.ends_with(": 1 vulnerabilities, 0 warnings\n"), "{shown}");
    }

    #[test]
    fn passes_a_patched_version() {
        let report = report(&[("flawed", "1.2.0")], "2026-05-01");
        assert_eq!(report.code(), ExitCode::SUCCESS);
        assert!(report.vulnerabilities.is_empty());
    }

    #[test]
    fn warns_of_an_unmaintained_crate_without_failing() {
        let report = report(&[("left", "0.3.0")], "2026-05-01");
        assert_eq!(report.code(), ExitCode::SUCCESS);
        let shown = report.to_string();
        assert!(shown.contains("warning: RUSTSEC-2026-0002 left 0.3.0 (unmaintained)"), "{shown}");
    }

    #[test]
    fn warns_of_a_database_older_than_180_days() {
        let stale = |today| report(&[("sound", "1.0.0")], today).to_string().contains("stale");
        assert!(!stale("2026-09-28"));
        assert!(stale("2026-09-29"));
    }
}
