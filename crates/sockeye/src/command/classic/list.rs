//! `sockeye classic list`.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;
use sockeye_classics::catalogue::ROWS;

use crate::args::classic::List;
use crate::command::print::printed;

/// Runs the command.
pub(crate) fn run(args: &List) -> ExitCode {
    let mut text = String::new();
    for row in &ROWS {
        // Writing to a String cannot fail.
        let _infallible = if args.json {
            let object = json!({
                "number": row.number,
                "name": row.name,
                "transport": row.transport.to_string(),
                "port": row.port,
                "shows": row.shows,
                "serve": row.serve,
                "connect": row.connect,
            });
            writeln!(text, "{object}")
        } else {
            let (number, name, transport, port) =
                (row.number, row.name, row.transport.to_string(), row.port);
            writeln!(
                text,
                "{number:>2}  {name:<14}  {transport} {port}  {}\n    serve: {}\n    connect: {}",
                row.shows, row.serve, row.connect
            )
        };
    }
    printed(text.as_bytes())
}
