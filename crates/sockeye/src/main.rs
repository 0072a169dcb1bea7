//! The `sockeye` binary: arguments in, one command run, an exit code out.

mod failure;
mod printer;
mod editor;
mod args;
mod stage;
mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(shown) => return shown,
    };
    command::run(args)
}
