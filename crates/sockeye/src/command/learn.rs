//! The commands that tell what an address, a port, a name is: rows of a name and what there
//! is to say, for people or as a JSON object.

mod addr;
mod port;
mod resolve;

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Map, Value};

use crate::args::learn::{Addr, Port, Resolve};
use crate::command::print::printed;
use crate::failure::Failed;
use crate::stage;

/// `sockeye addr`.
pub(crate) fn addr(args: &Addr) -> ExitCode {
    told(addr::facts(args), args.json)
}

/// `sockeye port`.
pub(crate) fn port(args: &Port) -> ExitCode {
    told(port::facts(&args.port), args.json)
}

/// `sockeye resolve`.
pub(crate) async fn resolve(args: Resolve) -> ExitCode {
    told(resolve::facts(&args.name).await, args.json)
}

/// What there is to say, in order: a name, lines for people, and the same as data.
#[derive(Debug, Default)]
struct Rows(Vec<(&'static str, Vec<String>, Value)>);

impl Rows {
    /// A text that is its own data.
    fn say(&mut self, name: &'static str, what: impl Into<String>) {
        let what = what.into();
        self.0.push((name, vec![what.clone()], what.into()));
    }

    /// Lines, which stand under each other, and what programs get instead.
    fn say_as(&mut self, name: &'static str, lines: Vec<String>, data: Value) {
        self.0.push((name, lines, data));
    }

    fn text(&self) -> String {
        let width = self.0.iter().map(|(name, ..)| name.len()).max().unwrap_or(0) + 2;
        let mut text = String::new();
        for (name, lines, _) in &self.0 {
            let mut name = *name;
            for line in lines {
                // Writing to a String cannot fail.
                let _infallible = writeln!(text, "{name:width$}{line}");
                name = "";
            }
        }
        text
    }

    fn json(self) -> String {
        let object: Map<String, Value> =
            self.0.into_iter().map(|(name, _, data)| (name.replace(' ', "_"), data)).collect();
        format!("{}\n", Value::Object(object))
    }
}

fn told(rows: Result<Rows, Failed>, json: bool) -> ExitCode {
    match rows {
        Ok(rows) => {
            let text = if json { rows.json() } else { rows.text() };
            printed(text.as_bytes())
        }
        Err(failed) => stage::fail(&failed, json),
    }
}
