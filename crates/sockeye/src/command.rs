//! The commands, one file each, and the one match that picks one.

mod open;
mod connect;
mod listen;
mod send;
mod relay;
mod tape;
mod demo;
mod papers;
mod classic_protocols;

use std::process::ExitCode;

use crate::args::see::Tape;
use crate::args::{Args, Command};
use crate::failure::Failed;
use crate::stage;

/// Runs the command to its end.
pub(crate) fn run(args: Args) -> ExitCode {
    match args.command {
        Command::Connect(args) => block_on(connect::run(*args)),
        Command::Listen(args) => block_on(listen::run(*args)),
        Command::Send(args) => block_on(send::run(*args)),
        Command::Relay(args) => block_on(relay::run(*args)),
        Command::Tape(Tape::Show(args)) => tape::show(&args),
        Command::Classic(args) => block_on(classic_protocols::run(args)),
        Command::Demo(args) => block_on(demo::run(args)),
        Command::Completions(args) => papers::completions(&args),
        Command::Man(args) => papers::man(&args),
    }
}

/// One thread runs every conversation: they wait far more than they work, and share
/// their state without locks that wait. Threads of the blocking pool (stdin, names,
/// files) are not waited for at the end.
fn block_on(command: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(command);
            runtime.shutdown_background();
            exit
        }
        Err(error) => stage::fail(&Failed::io("cannot start", &error), false),
    }
}
