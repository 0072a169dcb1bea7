//! `sockeye tape convert`: a tape as a capture file, a page, text or a diagram.

use std::path::Path;
use std::process::ExitCode;

use sockeye_tape::contents::Contents;
use sockeye_tape::diagram::{Choice, MOST};
use sockeye_tape::draft::{Draft, Over};
use sockeye_tape::error::TapeError;
use sockeye_tape::export::{ENDINGS, Export, Form, Given};
use sockeye_tape::keylog::KeyLog;
use sockeye_tape::pcapng::LeftOut;
use sockeye_tape::reader::Tape;

use crate::args::see::Convert;
use crate::command::recorded;
use crate::command::tape::{is_read_again, no_such, tell_rest};
use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// Runs the command.
pub(crate) fn run(args: &Convert) -> ExitCode {
    match convert(args) {
        Ok(exit) => exit,
        Err(failed) => stage::fail(&failed, false),
    }
}

fn convert(args: &Convert) -> Result<ExitCode, Failed> {
    let form = form(args)?;
    let secrets = args.secrets.as_deref().map(KeyLog::open).transpose()?;
    let contents = match form {
        Form::Html => contents(&args.tape)?,
        _ => Contents::default(),
    };
    let encoding = args.encoding.unwrap_or_default();
    let conversation = args.conversation;
    let choice = Choice { conversation, most: args.most.unwrap_or(MOST), encoding };
    let given = Given { encoding, contents, secrets, choice };
    let mut tape = Tape::open(&args.tape)?;
    let over = if args.overwrite { Over::Replaced } else { Over::Refused };
    let draft = Draft::begin(&args.out, over)?;
    let failed = |source| TapeError::Put { path: args.out.clone(), source };
    let mut export = Export::begin(form, draft, tape.header(), &given).map_err(failed)?;
    let (mut damaged, mut found) = (false, conversation.is_none());
    for event in &mut tape {
        match event {
            Ok(event) => {
                found |= conversation == Some(event.c);
                export.event(&event).map_err(failed)?;
            }
            Err(error) => {
                damaged = true;
                printer::say(&format!("warning: {error}"));
            }
        }
    }
    if let Some(number) = conversation.filter(|_| !found) {
        return Err(no_such(number));
    }
    let (draft, left_out) = export.end().map_err(failed)?;
    draft.place()?;
    tell_rest(&tape, None);
    tell_left_out(left_out);
    Ok(if damaged { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// What is asked for, if it makes sense.
fn form(args: &Convert) -> Result<Form, Failed> {
    let shown = |path: &Path| sockeye_text::safe::one_line(&path.to_string_lossy()).into_owned();
    let Some(form) = Form::of(&args.out) else {
        return Err(Failed::usage(
            format!("cannot convert to `{}`: its ending says nothing", shown(&args.out)),
            format!("give OUT one of the endings {ENDINGS}"),
        ));
    };
    if form != Form::Pcapng && args.secrets.is_some() {
        return Err(Failed::usage("`--secrets` is for `.pcapng` alone", "leave it out"));
    }
    if form == Form::Pcapng && args.encoding.is_some() {
        return Err(Failed::usage(
            "`--encoding` is not for `.pcapng`: it has bytes",
            "leave it out",
        ));
    }
    let is_drawn = matches!(form, Form::Svg | Form::Mermaid);
    if !is_drawn && (args.conversation.is_some() || args.most.is_some()) {
        return Err(Failed::usage(
            "`--conversation` and `--most` are for `.svg` and `.mmd` alone",
            "leave them out",
        ));
    }
    if recorded::same(&args.tape, &args.out) {
        return Err(Failed::usage(
            format!("cannot convert `{}` to itself", shown(&args.tape)),
            "give OUT another name",
        ));
    }
    if form == Form::Html && !is_read_again(&args.tape) {
        return Err(Failed::usage(
            format!("cannot convert `{}`: it is no regular file", shown(&args.tape)),
            "a tape is read twice for a page: save it to a file first",
        ));
    }
    Ok(form)
}

/// The tape read once, for the head of a page. Damage is told when it is read again.
fn contents(path: &Path) -> Result<Contents, Failed> {
    let mut contents = Contents::default();
    for event in Tape::open(path)?.flatten() {
        contents.add(&event);
    }
    Ok(contents)
}

fn tell_left_out(left_out: LeftOut) {
    let LeftOut { conversations, strays, datagrams } = left_out;
    for (count, what) in [
        (conversations, "conversations without IP addresses"),
        (strays, "reads and writes of conversations that are not open on the tape"),
        (datagrams, "datagrams longer than UDP has them"),
    ] {
        if count > 0 {
            printer::say(&format!("note: left out: {count} {what}"));
        }
    }
}
