//! `sockeye completions` and `sockeye man`.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap_mangen::Man as Page;

use crate::args;
use crate::args::papers::{Completions, Man};
use crate::command::print::printed;
use crate::failure::Failed;
use crate::stage;

/// Prints the completions of a shell.
pub(crate) fn completions(args: &Completions) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::declared(), "sockeye", &mut script);
    printed(&script)
}

/// Prints a manual page, or writes them all.
pub(crate) fn man(args: &Man) -> ExitCode {
    let mut root = args::declared();
    // Gives each command its full name.
    root.build();
    let written = match &args.out {
        Some(folder) => return done(write_all(&root, folder)),
        None => page_of(&root, &args.command),
    };
    match written {
        Ok(page) => printed(&page),
        Err(failed) => stage::fail(&failed, false),
    }
}

fn page_of(root: &clap::Command, words: &[String]) -> Result<Vec<u8>, Failed> {
    let mut command = root;
    for word in words {
        command = command.find_subcommand(word).ok_or_else(|| {
            Failed::usage(
                format!("there is no command `{}`", words.join(" ")),
                "`sockeye --help` lists the commands",
            )
        })?;
    }
    rendered(command).map_err(|error| Failed::io("cannot make the page", &error))
}

fn rendered(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Page::new(command.clone()).title(name(command)).source("sockeye").render(&mut page)?;
    Ok(page)
}

/// `sockeye-tape-show`, as the page of `sockeye tape show` is called.
fn name(command: &clap::Command) -> String {
    command.get_bin_name().unwrap_or("sockeye").replace(' ', "-")
}

fn write_all(command: &clap::Command, folder: &Path) -> Result<(), Failed> {
    let path = folder.join(format!("{}.1", name(command)));
    rendered(command)
        .and_then(|page| fs::write(&path, page))
        .map_err(|error| unwritten(&path, folder, &error))?;
    command.get_subcommands().try_for_each(|command| write_all(command, folder))
}

fn unwritten(path: &Path, folder: &Path, error: &io::Error) -> Failed {
    let mut failed = Failed::io(format!("cannot write `{}`", path.display()), error);
    if error.kind() == io::ErrorKind::NotFound {
        let folder = folder.display();
        failed.hint = Some(format!("there is no such folder: `mkdir -p {folder}` makes it"));
    }
    failed
}

fn done(result: Result<(), Failed>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => stage::fail(&failed, false),
    }
}
