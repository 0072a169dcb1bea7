//! How the examples of the browser workbench are run. No test is in here.

use crate::rows::{Row, Then};

const HOME: (&str, &str) = ("workbench", "workbench --json --data {dir}/data");

pub(crate) const ROWS: &[Row] = &[
    Row {
        line: "sockeye workbench",
        peer: "",
        puts: &[HOME],
        then: Then::Begins(r#"{"e":"listening","endpoint":"http://127.0.0.1:"#),
    },
    Row {
        line: "sockeye workbench --no-open",
        peer: "",
        puts: &[HOME],
        then: Then::Begins(r#"{"e":"listening","endpoint":"http://127.0.0.1:"#),
    },
    Row {
        line: "sockeye workbench --listen 127.0.0.1:8000 --allow-exec",
        peer: "",
        puts: &[HOME, ("8000", "0")],
        then: Then::Begins(r#"{"e":"listening","endpoint":"http://127.0.0.1:"#),
    },
    Row {
        line: "sockeye workbench --listen tls://0.0.0.0:7626 --login password.txt",
        peer: "",
        puts: &[HOME, ("7626", "0")],
        then: Then::Begins(r#"{"e":"listening","endpoint":"https://"#),
    },
];
