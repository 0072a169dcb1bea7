//! Where the workbench listens, and who may: this machine alone, unless TLS and a password
//! stand before it.

use std::net::{IpAddr, SocketAddr};

use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_net::error::{Code, NetError};
use sockeye_net::host::Host;
use sockeye_net::interfaces;
use sockeye_net::listen::Listener;
use sockeye_net::resolve::{Lookup, resolve};
use sockeye_web::workbench::own::Own;
use sockeye_workbench::journal::Journal;

use crate::args::workbench::Workbench;
use crate::failure::Failed;

/// Where it is looked for.
const USUAL: &str = "tcp://127.0.0.1:7626";
/// Where it is if that is taken.
const FREE: &str = "tcp://127.0.0.1:0";

/// Binds where the arguments say, if that may be.
pub(super) async fn bind(args: &Workbench, journal: &Journal) -> Result<Listener, Failed> {
    let Some(place) = &args.listen else {
        return match Listener::bind(&parse(USUAL)?, Lookup::default()).await {
            Err(error) if error.code() == Code::InUse => {
                journal.say(format!("note: {}: taking a free port", taken(&error)));
                Ok(Listener::bind(&parse(FREE)?, Lookup::default()).await?)
            }
            bound => Ok(bound?),
        };
    };
    let endpoint = parse(place)?;
    if let Some(at) = endpoint.at() {
        let all = resolve(at, Lookup::default()).await?;
        let inside = at.host != Host::Any && all.iter().all(is_loopback);
        check(inside, &endpoint, args)?;
    }
    let listener = Listener::bind(&endpoint, Lookup::default()).await?;
    // A name may have been another's by then.
    let inside = listener.address().as_ref().is_some_and(is_loopback);
    check(inside, &endpoint, args)?;
    Ok(listener)
}

fn taken(error: &NetError) -> String {
    let owner = error.hint().and_then(|hint| Some(hint.split_once(" has it")?.0.to_owned()));
    owner.map_or_else(|| "port 7626 is taken".to_owned(), |who| format!("{who} has port 7626"))
}

fn parse(place: &str) -> Result<Endpoint, Failed> {
    let endpoint = Endpoint::parse(place, Purpose::Dial)?;
    match endpoint.target {
        Target::Tcp(_) | Target::Tls(_) => Ok(endpoint),
        _ => Err(Failed::usage(
            format!("`{endpoint}` cannot carry the workbench: it is HTTP, over TCP or TLS"),
            "as in `--listen 127.0.0.1:7626` or `--listen tls://0.0.0.0:7626 --login FILE`",
        )),
    }
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// Whoever comes in can do what we can: beyond loopback nothing may be overheard, and a
/// password stands before it.
fn check(inside: bool, endpoint: &Endpoint, args: &Workbench) -> Result<(), Failed> {
    let secure = endpoint.speaks_tls();
    if inside || (secure && args.login.is_some()) {
        return Ok(());
    }
    let lacks = match (secure, args.login.is_some()) {
        (false, true) => "tls://",
        (true, _) => "--login",
        (false, false) => "tls:// and --login",
    };
    Err(Failed {
        code: Code::Denied.to_string(),
        text: format!(
            "`{endpoint}` is beyond loopback and lacks {lacks}: whoever comes in can do here \
             what you can do with sockeye"
        ),
        hint: Some(
            "as in `--listen tls://0.0.0.0:7626 --login FILE`; or stay on 127.0.0.1 and reach it by \
             `ssh -L 7626:127.0.0.1:7626 HOST`"
                .to_owned(),
        ),
    })
}

/// What the server is called.
pub(super) fn own(listener: &Listener, args: &Workbench) -> Result<Own, Failed> {
    for name in &args.names {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if name.is_empty() || !name.chars().all(is_part) {
            return Err(Failed::usage(
                format!("`{}` is no host name", sockeye_text::safe::one_line(name)),
                "as in `--name bench.example.org`, without a port",
            ));
        }
    }
    let Some(bound) = listener.address() else {
        return Err(Failed::usage("the workbench needs a port", "as in `--listen 127.0.0.1:7626`"));
    };
    let addresses: Vec<IpAddr> =
        if bound.ip().is_unspecified() { interfaces::all(None) } else { Vec::new() };
    let secure = listener.canonical().starts_with("tls:");
    Ok(Own { bound, secure, names: args.names.clone(), addresses })
}
