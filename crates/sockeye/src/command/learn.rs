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

/// What there is to say, in order.
#[derive(Debug, Default)]
struct Rows(Vec<(&'static str, Value)>);

impl Rows {
    fn say(&mut self, name: &'static str, what: impl Into<Value>) {
        self.0.push((name, what.into()));
    }

    /// The rows of a list stand under each other.
    fn text(&self) -> String {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
        let mut text = String::new();
        for (name, what) in &self.0 {
            let mut name = *name;
            let parts = match what {
                Value::Array(parts) => parts.as_slice(),
                one => std::slice::from_ref(one),
            };
            for part in parts {
                let part = match part {
                    Value::String(part) => part.clone(),
                    other => other.to_string(),
                };
                // Writing to a String cannot fail.
                let _infallible = writeln!(text, "{name:width$}{part}");
                name = "";
            }
        }
        text
    }

    fn json(self) -> String {
        let object: Map<String, Value> =
            self.0.into_iter().map(|(name, what)| (name.replace(' ', "_"), what)).collect();
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
