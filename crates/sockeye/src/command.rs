//! The commands, one file each, and the one match that picks one.

mod print;
mod open;
mod ask;
mod connect;
mod listen;
mod send;
mod relay;
mod recorded;
mod replay;
mod shake;
mod detect;
mod tape;
mod demo;
mod papers;
mod learn;
mod ports;
mod capture;
mod classic_protocols;
mod classic;
mod workbench;
mod bench;

use std::pin::Pin;
use std::process::ExitCode;

use tokio::runtime::{Builder, LocalOptions};

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
        Command::Replay(args) => block_on(replay::run(*args)),
        Command::Shake(args) => block_on(shake::run(*args)),
        Command::Detect(args) => block_on(detect::run(*args)),
        Command::Tape(args) => tape::run(&args),
        Command::Demo(args) => block_on(demo::run(args)),
        Command::Bench(args) => bench::run(args),
        Command::Workbench(args) => block_on(workbench::run(args)),
        Command::Capture(args) => block_on(capture::run(*args)),
        Command::Ports(args) => ports::run(&args),
        Command::Addr(args) => learn::addr(&args),
        Command::Port(args) => learn::port(&args),
        Command::Resolve(args) => block_on(learn::resolve(args)),
        Command::Classic(args) => classic::run(args),
        Command::Completions(args) => papers::completions(&args),
        Command::Man(args) => papers::man(&args),
    }
}

/// One thread runs every conversation: they wait far more than they work, and share
/// their state without locks that wait. Threads of the blocking pool (stdin, names,
/// files) are not waited for at the end.
fn block_on(command: impl Future<Output = ExitCode> + 'static) -> ExitCode {
    drive(Box::pin(command))
}

/// Compiled once, not for each command.
fn drive(command: Pin<Box<dyn Future<Output = ExitCode>>>) -> ExitCode {
    match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => {
            // A task of its own: who wakes the future that the runtime blocks on writes to an
            // eventfd each time, and the next wait for sockets returns for that alone.
            let exit = runtime.block_on(runtime.spawn_local(command));
            runtime.shutdown_background();
            exit.unwrap_or(ExitCode::FAILURE)
        }
        Err(error) => stage::fail(&Failed::io("cannot start", &error), false),
    }
}
