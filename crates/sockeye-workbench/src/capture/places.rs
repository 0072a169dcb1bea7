//! What is watched, from the words that name it.

use std::net::IpAddr;

use crate::capture::watched::{Carrier, Place, Watched};
use crate::closing::Failure;
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::host::Host;
use sockeye_net::resolve::{Lookup, resolve_for};

/// What is watched, and where.
#[derive(Debug, Default)]
pub struct Places {
    /// The endpoints.
    pub watched: Watched,
    /// In their canonical form.
    pub names: Vec<String>,
    /// One interface.
    pub iface: Option<String>,
    /// One network namespace.
    pub netns: Option<String>,
}

/// What the endpoints are, whose names are looked up, on `iface` alone where one is given.
pub async fn places(
    endpoints: &[Endpoint],
    iface: Option<String>,
    lookup: Lookup,
) -> Result<Places, Failure> {
    let mut places = Places { iface, ..Places::default() };
    for (index, endpoint) in endpoints.iter().enumerate() {
        let options = &endpoint.options;
        if options.netns != places.netns && index > 0 {
            return Err(Failure::usage(
                "the endpoints are in different network namespaces",
                "capture each namespace by a command of its own",
            ));
        }
        places.netns.clone_from(&options.netns);
        if let Some(iface) = &options.iface {
            let one = places.iface.get_or_insert_with(|| iface.clone());
            if one != iface {
                return Err(Failure::usage(
                    format!("`{one}` and `{iface}` are two interfaces"),
                    "name one, or none for all of them",
                ));
            }
        }
        places.watched.places.push(place(endpoint, lookup).await?);
        places.names.push(endpoint.to_string());
    }
    Ok(places)
}

async fn place(endpoint: &Endpoint, lookup: Lookup) -> Result<Place, Failure> {
    let carrier = match endpoint.target {
        Target::Udp(_) => Carrier::Udp,
        _ => Carrier::Tcp,
    };
    let Some(at) = endpoint.at() else {
        return Err(Failure::usage(
            format!("cannot capture `{endpoint}`: nothing of it crosses a network"),
            "give an endpoint of TCP or UDP, as in 127.0.0.1:8888",
        ));
    };
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
