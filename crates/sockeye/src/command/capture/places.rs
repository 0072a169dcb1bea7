//! What is watched, from the words of the command line.

use std::net::IpAddr;

use sockeye_net::endpoint::{Bare, Endpoint, Purpose, Target};
use sockeye_net::host::Host;
use sockeye_net::resolve::{Lookup, resolve_for};
use sockeye_workbench::capture::watched::{Carrier, Place, Watched};

use crate::args::capture::Capture;
use crate::failure::Failed;

/// What is watched, and where.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) watched: Watched,
    /// In their canonical form.
    pub(super) names: Vec<String>,
    /// One interface.
    pub(super) iface: Option<String>,
    /// One network namespace.
    pub(super) netns: Option<String>,
}

/// Reads every endpoint and looks its name up.
pub(super) async fn places(args: &Capture) -> Result<Places, Failed> {
    let mut places = Places { iface: args.iface.clone(), ..Places::default() };
    let bare = if args.udp { Bare::Udp } else { Bare::Tcp };
    for (index, text) in args.endpoints.iter().enumerate() {
        let endpoint = Endpoint::parse_with(text, Purpose::Listen, bare)?;
        let options = &endpoint.options;
        if options.netns != places.netns && index > 0 {
            return Err(Failed::usage(
                "the endpoints are in different network namespaces",
                "capture each namespace by a command of its own",
            ));
        }
        places.netns.clone_from(&options.netns);
        if let Some(iface) = &options.iface {
            let one = places.iface.get_or_insert_with(|| iface.clone());
            if one != iface {
                return Err(Failed::usage(
                    format!("`{one}` and `{iface}` are two interfaces"),
                    "name one, or none for all of them",
                ));
            }
        }
        places.watched.places.push(place(&endpoint, args.numeric).await?);
        places.names.push(endpoint.to_string());
    }
    Ok(places)
}

async fn place(endpoint: &Endpoint, numeric: bool) -> Result<Place, Failed> {
    let carrier = match endpoint.target {
        Target::Udp(_) => Carrier::Udp,
        _ => Carrier::Tcp,
    };
    let Some(at) = endpoint.at() else {
        return Err(Failed::usage(
            format!("cannot capture `{endpoint}`: nothing of it crosses a network"),
            "give an endpoint of TCP or UDP, as in 127.0.0.1:8888",
        ));
    };
    let lookup = Lookup { numeric, ..Lookup::default() };
    let mut hosts: Vec<IpAddr> = Vec::new();
    if at.host != Host::Any {
        let found = resolve_for(at, lookup, endpoint.options.netns.as_deref()).await?;
        hosts.extend(found.iter().map(|address| address.ip().to_canonical()));
    }
    if hosts.iter().any(IpAddr::is_unspecified) {
        hosts.clear();
    }
    Ok(Place { carrier, hosts, port: (at.port != 0).then_some(at.port) })
}
