//! What a port is: its range, its service, whether this machine gives it out, who listens.

use sockeye_net::services::{self, Range};

use serde_json::{Value, json};

use super::Rows;
use crate::failure::Failed;

/// The rows of the command.
pub(super) fn facts(text: &str) -> Result<Rows, Failed> {
    let list = services::list();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        let number = text.parse().map_err(|_| {
            Failed::usage(format!("port {text} is more than 65535"), "a port has 16 bits")
        })?;
        return Ok(of_number(number, &list));
    }
    let found = services::ports(text, &list);
    let Some((number, _)) = found.first() else {
        return Err(Failed {
            code: "E-name".to_owned(),
            text: format!("no service is called `{}`", sockeye_text::safe::one_line(text)),
            hint: Some("/etc/services lists the names that this machine knows".to_owned()),
        });
    };
    Ok(of_number(*number, &list))
}

fn of_number(port: u16, list: &str) -> Rows {
    let mut rows = Rows::default();
    rows.say_as("port", vec![port.to_string()], port.into());
    let (name, text) = range(port);
    rows.say_as("range", vec![text.to_owned()], name.into());
    let names = services::names(port, list);
    let data: Vec<Value> = names
        .iter()
        .map(|(name, transport)| json!({ "name": name, "transport": transport }))
        .collect();
    let mut lines: Vec<String> =
        names.iter().map(|(name, transport)| format!("{name} ({transport})")).collect();
    if lines.is_empty() {
        lines.push("none in /etc/services".to_owned());
    }
    rows.say_as("service", lines, data.into());
    if let Some(given) = services::given_out() {
        let (low, high) = (given.start(), given.end());
        let within = if given.contains(&port) {
            "this one is among them: a client may hold it"
        } else {
            "this one is not among them"
        };
        let data = json!({ "first": low, "last": high, "this_one": given.contains(&port) });
        let text = format!("{low} to {high} by this machine's kernel: {within}");
        rows.say_as("given out", vec![text], data);
    }
    if let Some(from) = services::unprivileged_from() {
        let who = if port < from && port > 0 {
            "root, or who has CAP_NET_BIND_SERVICE"
        } else {
            "anybody"
        };
        let data = json!({ "right_needed": port < from && port > 0, "unprivileged_from": from });
        let text = format!("{who} (ports below {from} take a right on this machine)");
        rows.say_as("bound by", vec![text], data);
    }
    let owner = services::owner(port);
    let data: Vec<Value> =
        owner.iter().map(|owner| json!({ "name": owner.name, "pid": owner.pid })).collect();
    let text = owner.map(|owner| owner.to_string());
    let text = text.unwrap_or_else(|| "nobody, as far as this user may see".to_owned());
    rows.say_as("listening", vec![text], data.into());
    rows
}

/// The range's name, and what it is.
fn range(port: u16) -> (&'static str, &'static str) {
    match services::range(port) {
        Range::Any => ("any", "no port: to a bind, 0 means `choose one for me`"),
        Range::System => ("system", "1 to 1023, system ports: assigned by IANA"),
        Range::User => ("user", "1024 to 49151, user ports: registered with IANA"),
        Range::Dynamic => ("dynamic", "49152 to 65535, dynamic ports: nobody's, for a while"),
    }
}
