//! What a name is: every address, and where it came from.

use std::fs;
use std::net::IpAddr;

use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_net::machine;
use sockeye_net::resolve::{Lookup, resolve};

use serde_json::json;

use super::Rows;
use crate::failure::Failed;

/// The rows of the command.
pub(super) async fn facts(name: &str) -> Result<Rows, Failed> {
    if name.is_empty() {
        return Err(Failed::usage("an empty name has no address", "as in example.org"));
    }
    let mut rows = Rows::default();
    rows.say("name", sockeye_text::safe::one_line(name).into_owned());
    if let Ok(address) = name.parse::<IpAddr>() {
        let text = format!("{address}  an address already: nothing to look up");
        let data = json!([{ "address": address.to_string(), "source": null }]);
        rows.say_as("addresses", vec![text], data);
        return Ok(rows);
    }
    let endpoint = Endpoint::from_words(name, "0", Purpose::Dial, Bare::Tcp)?;
    let Some(at) = endpoint.at() else {
        return Err(Failed::usage("this is no name", "as in example.org"));
    };
    let listed = machine::in_hosts(name, &fs::read_to_string("/etc/hosts").unwrap_or_default());
    let found = resolve(at, Lookup::default()).await?;
    let servers = machine::name_servers().join(", ");
    let mut lines: Vec<String> = Vec::new();
    let mut data = Vec::new();
    for address in found {
        let ip = address.ip();
        let (source, text) = if listed.contains(&ip) {
            ("hosts", "/etc/hosts".to_owned())
        } else {
            ("resolver", format!("the system's resolver (name servers: {servers})"))
        };
        let line = format!("{ip}  {text}");
        if !lines.contains(&line) {
            lines.push(line);
            data.push(json!({ "address": ip.to_string(), "source": source }));
        }
    }
    rows.say_as("addresses", lines, data.into());
    let text = "as a connect tries them: families in turn, 250 ms apart (RFC 8305)".to_owned();
    rows.say_as("order", vec![text], "RFC 8305".into());
    Ok(rows)
}
