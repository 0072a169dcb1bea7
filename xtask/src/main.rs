//! The chores of this workspace: `cargo xtask …`. Not part of what users get, and
//! nothing here is needed to build the binary.

mod out;
mod tally;
mod cargo;
mod peers;
mod python;
mod node;
mod targets;
mod test;
mod audit;
mod bench;
mod screenshots;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::Subcommand;

/// The chores of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Run the tests of every crate, and sum them up in one line
    Test(test::Asked),
    /// Check Cargo.lock against the known security advisories
    Audit(audit::Asked),
    /// Take the figures, ours and the peers' in one run
    Bench(bench::Asked),
    /// Take the pictures of docs/images anew, of the page in a real browser
    Screenshots,
}

fn main() -> ExitCode {
    let root = workspace_root();
    let done = match Arguments::parse().chore {
        Chore::Test(asked) => test::run(asked, &root),
        Chore::Audit(asked) => audit::run(&asked, &root),
        Chore::Bench(asked) => bench::run(&asked, &root),
        Chore::Screenshots => screenshots::run(&root),
    };
    done.unwrap_or_else(|error| {
        // Nowhere is left to say it where stderr is closed.
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}

/// The folder that holds the root `Cargo.toml`.
fn workspace_root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
