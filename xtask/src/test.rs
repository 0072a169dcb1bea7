//! `cargo xtask test`: every test of the workspace, with the programs they talk to or
//! without, and one line that sums them up. What the tests check is their own business.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::cargo;
use crate::cargo::Outcome;
use crate::node;
use crate::peers;
use crate::python;
use crate::tally::Tally;
use crate::targets::Targets;

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Asked {
    /// Install the programs that tests talk to with apt-get, as root, where they are missing
    #[arg(long, conflicts_with = "without_peers")]
    install: bool,
    /// Leave out the tests that talk to other programs (the test binaries `peers_*`), and count them
    #[arg(long)]
    without_peers: bool,
    /// Run the long tests too, which are ignored otherwise
    #[arg(long)]
    long: bool,
}

/// Runs the tests under this root; the exit code is the worst of cargo's.
pub(crate) fn run(asked: Asked, root: &Path) -> anyhow::Result<ExitCode> {
    if asked.install {
        peers::install()?;
        python::install(root)?;
        node::install(root)?;
    } else if !asked.without_peers {
        peers::require()?;
        python::require(root)?;
        node::require(root)?;
    }
    let targets = Targets::of(root)?;
    let mut sum = Tally::default();
    let mut worst = 0;
    for arguments in [tests(asked, &targets), documentation()] {
        let outcome = cargo::test(root, &arguments)?;
        worst = worst.max(code(&outcome)?);
        sum += outcome.tally;
    }
    let mut stdout = std::io::stdout();
    if asked.without_peers {
        match count(root, &targets.with_peers) {
            Ok(left_out) => {
                sum.skipped += left_out;
                writeln!(stdout, "left out: {left_out} tests that need peers")?;
            }
            Err(error) => {
                worst = worst.max(1);
                writeln!(
                    std::io::stderr(),
                    "error: cannot count the tests that need peers: {error:#}"
                )?;
            }
        }
    }
    writeln!(stdout, "\n{sum}")?;
    Ok(ExitCode::from(worst))
}

const WHOLE: [&str; 4] = ["test", "--workspace", "--locked", "--no-fail-fast"];

/// Unit and integration tests.
fn tests(asked: Asked, targets: &Targets) -> Vec<&str> {
    let mut arguments = WHOLE.to_vec();
    if asked.without_peers {
        arguments.extend(["--lib", "--bins"]);
        arguments.extend(selected(&targets.alone));
    } else {
        arguments.push("--tests");
    }
    if asked.long {
        arguments.extend(["--", "--include-ignored"]);
    }
    arguments
}

/// Documentation tests: a run of their own, as an ignored example is no long test but
/// one that cannot be run.
fn documentation() -> Vec<&'static str> {
    let mut arguments = WHOLE.to_vec();
    arguments.push("--doc");
    arguments
}

fn selected(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().flat_map(|name| ["--test", name.as_str()])
}

fn code(outcome: &Outcome) -> anyhow::Result<u8> {
    if !outcome.status.success() && outcome.tally.failed == 0 {
        let mut stderr = std::io::stderr();
        writeln!(stderr, "error: `cargo test` failed with no failed test: {}", outcome.status)?;
        writeln!(
            stderr,
            "hint: a build error, or a test binary that died before its closing line"
        )?;
    }
    // A child ended by a signal has no code.
    let code = outcome.status.code().unwrap_or(1);
    Ok(u8::try_from(code).unwrap_or(1))
}

/// How many tests these binaries hold, long ones included. Builds them, runs none.
fn count(root: &Path, names: &[String]) -> anyhow::Result<u64> {
    if names.is_empty() {
        return Ok(0);
    }
    let mut arguments = WHOLE.to_vec();
    arguments.extend(selected(names));
    arguments.extend(["--", "--list"]);
    let printed = cargo::output(root, &arguments)?;
    let listed = String::from_utf8_lossy(&printed);
    let tests = listed.lines().filter(|line| line.ends_with(": test"));
    Ok(u64::try_from(tests.count())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(without_peers: bool, long: bool) -> Asked {
        Asked { install: false, without_peers, long }
    }

    fn targets() -> Targets {
        Targets {
            alone: vec!["golden".into(), "stories".into()],
            with_peers: vec!["peers_ncat".into()],
        }
    }

    #[test]
    fn runs_every_test_binary_by_default() {
        let expected = "test --workspace --locked --no-fail-fast --tests";
        assert_eq!(tests(asked(false, false), &targets()).join(" "), expected);
    }

    #[test]
    fn leaves_out_the_binaries_that_need_peers_and_no_other() {
        let expected =
            "test --workspace --locked --no-fail-fast --lib --bins --test golden --test stories";
        assert_eq!(tests(asked(true, false), &targets()).join(" "), expected);
    }

    #[test]
    fn runs_ignored_tests_only_when_asked_and_never_ignored_examples() {
        assert!(tests(asked(false, true), &targets()).ends_with(&["--", "--include-ignored"]));
        assert!(!documentation().contains(&"--include-ignored"));
    }
}
