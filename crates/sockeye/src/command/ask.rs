//! `sockeye connect -z`: which ports are open; with `--retry`, until they are.

use std::process::ExitCode;

use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_net::ports::parse_ports;
use sockeye_workbench::scan::{self, Heard, Question};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::talk::Connect;
use crate::command::open;
use crate::command::print::print;
use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// Runs the command. Exit 0 if all are open.
pub(crate) async fn run(args: &Connect) -> ExitCode {
    let fail = |failed: &Failed| stage::fail(failed, stage::json(&args.keep));
    let signals = signal(SignalKind::interrupt())
        .and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)));
    let (mut interrupt, mut terminate) = match signals {
        Ok(signals) => signals,
        Err(error) => return fail(&Failed::io("cannot take signals", &error)),
    };
    let (host, question) = match question(args) {
        Ok(asked) => asked,
        Err(failed) => return fail(&failed),
    };
    tokio::select! {
        asked = ask(args, &host, &question) => match asked {
            Ok(all_open) => ExitCode::from(u8::from(!all_open)),
            Err(failed) => fail(&failed),
        },
        _ = interrupt.recv() => ExitCode::from(130),
        _ = terminate.recv() => ExitCode::from(143),
    }
}

/// The host as it was written, and what is asked of it.
fn question(args: &Connect) -> Result<(String, Question), Failed> {
    let bare = args.reach.bare();
    let (endpoint, ports) = match args.endpoint.as_slice() {
        [host, ports] => {
            let ports = parse_ports(ports)?;
            (Endpoint::from_words(host, "0", Purpose::Dial, bare)?, Some(ports))
        }
        words => (open::endpoint(words, Purpose::Dial, &args.reach)?, None),
    };
    let Target::Tcp(at) = endpoint.target else {
        return Err(not_asked(&endpoint));
    };
    let host = match (args.endpoint.as_slice(), at.to_string().rsplit_once(':')) {
        ([host, _], _) => host.clone(),
        (_, Some((host, _))) => host.to_owned(),
        (_, None) => String::new(),
    };
    let within = args.wait.unwrap_or(scan::WITHIN);
    let how = args.reach.dial(Some(within), FileUse::Source);
    let ports = ports.unwrap_or_else(|| vec![at.port]);
    Ok((host, Question { host: at.host, ports, how, options: endpoint.options }))
}

/// Why nothing is asked of an endpoint that is no TCP port by itself.
fn not_asked(endpoint: &Endpoint) -> Failed {
    let hint = match (&endpoint.target, endpoint.at()) {
        (Target::Udp(_) | Target::Unixgram(_), _) => "UDP has no answer to rely on".to_owned(),
        (_, Some(at)) => format!(
            "its port is one: `connect -z {at}`; `send {endpoint} ''` tries what speaks there too"
        ),
        (_, None) => format!("`send {endpoint} ''` tries whether it opens"),
    };
    Failed::usage(format!("only TCP ports can be asked, and `{endpoint}` is none"), hint)
}

/// Asks and prints the answers; whether all ports are open.
async fn ask(args: &Connect, host: &str, question: &Question) -> Result<bool, Failed> {
    let json = stage::json(&args.keep);
    // Of many ports the closed ones are what is usual, unless all are waited for.
    let each = args.reach.verbose || question.ports.len() == 1 || args.retry.is_some();
    let mut all_open = true;
    let mut waits = false;
    let mut printed = Ok(());
    let mut say = |text: String| {
        if printed.is_ok() {
            printed = print(text.as_bytes());
        }
    };
    let told = |heard| match heard {
        Heard::Open(port, peer) if json => {
            let object = serde_json::json!({
                "e": "port", "host": host, "port": port, "open": true, "peer": peer,
            });
            say(format!("{object}\n"));
        }
        Heard::Open(port, _) => say(format!("{host} {port} open\n")),
        Heard::NotYet(port, why) => {
            // One line says that it waits; with -v one for each port.
            if !waits || args.reach.verbose {
                let text = format!("{host} {port} is not open yet: {why}; asking again");
                printer::say(&sockeye_text::safe::one_line(&text));
            }
            waits = true;
        }
        Heard::Closed(_, error) => {
            all_open = false;
            if each {
                stage::fail(&Failed::from(error), json);
            }
        }
    };
    match args.retry {
        None => scan::scan(question, told).await,
        Some(patience) => scan::scan_until_open(question, patience, told).await,
    }
    printed.map(|()| all_open)
}
