//! `sockeye tape show`: what is on a tape.

use std::process::ExitCode;

use sockeye_tape::diagram::terminal::{self, Colour};
use sockeye_tape::diagram::{Choice, Diagrams, MOST};
use sockeye_tape::event::What;
use sockeye_tape::reader::Tape;
use sockeye_tape::view::{Style, View};

use crate::args::see::Show;
use crate::args::values::ViewArg;
use crate::command::tape::{no_such, tell_rest};
use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// Runs the command.
pub(crate) fn run(args: &Show) -> ExitCode {
    let shown = if args.form.is_some() { draw(args) } else { print(args) };
    match shown {
        Ok(exit) => exit,
        Err(failed) => stage::fail(&failed, args.view == ViewArg::Json),
    }
}

fn print(args: &Show) -> Result<ExitCode, Failed> {
    let mut tape = Tape::open(&args.file)?;
    let start = tape.header().started().unwrap_or_default();
    let style = args.view.show().map(|show| Style {
        show,
        time: args.time.into(),
        encoding: args.encoding,
        colour: printer::colour(),
        start: start.to_zoned(jiff::tz::TimeZone::system()),
        numbered: true,
        framed: tape.header().was_framed(),
    });
    let mut view = style.map(View::new);
    let mut damaged = false;
    let mut text = String::new();
    for event in &mut tape {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                damaged = true;
                printer::say(&format!("warning: {error}"));
                continue;
            }
        };
        if args.conversation.is_some_and(|chosen| chosen != event.c) {
            continue;
        }
        let open = match (&mut view, &event.what) {
            (Some(view), _) => {
                text.clear();
                view.event(&event, &mut text);
                write(text.as_bytes())?
            }
            (None, _) if args.view == ViewArg::Json => {
                let mut line = Vec::new();
                sockeye_tape::json::write(&event, &mut line);
                write(&line)?
            }
            (None, What::In { bytes, .. }) => write(bytes)?,
            (None, _) => true,
        };
        if !open {
            return Ok(ExitCode::SUCCESS);
        }
    }
    if let Some(view) = &mut view {
        text.clear();
        view.settle(&mut text);
        write(text.as_bytes())?;
    }
    tell_rest(&tape, None);
    Ok(if damaged { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// The tape as sequence diagrams.
fn draw(args: &Show) -> Result<ExitCode, Failed> {
    let mut tape = Tape::open(&args.file)?;
    let (conversation, encoding) = (args.conversation, args.encoding);
    let choice = Choice { conversation, most: args.most.unwrap_or(MOST), encoding };
    let mut diagrams = Diagrams::new(choice);
    let mut damaged = false;
    for event in &mut tape {
        match event {
            Ok(event) => diagrams.event(&event),
            Err(error) => {
                damaged = true;
                printer::say(&format!("warning: {error}"));
            }
        }
    }
    let drawing = diagrams.finish();
    if let Some(number) = conversation.filter(|_| drawing.charts.is_empty()) {
        return Err(no_such(number));
    }
    let colour = if printer::colour() { Colour::On } else { Colour::Off };
    write(terminal::draw(&drawing, colour).as_bytes())?;
    tell_rest(&tape, None);
    Ok(if damaged { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn write(bytes: &[u8]) -> Result<bool, Failed> {
    printer::write(bytes).map_err(|error| Failed::io("cannot write to stdout", &error))
}
