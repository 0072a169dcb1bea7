//! A relay: streams or datagrams, with faults that can be changed while it runs.

use std::sync::Arc;

use sockeye_net::datagram::Datagrams;
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::listen::Listener;
use sockeye_workbench::access::Access;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::relay::Guard;
use sockeye_workbench::relay::ends::{acts, refuse_itself};
use sockeye_workbench::relay_datagrams::{DatagramRelay, relay_datagrams};
use sockeye_workbench::server::{Server, Service, serve};

use crate::workbench::desk::Desk;
use crate::workbench::meaning::Relayed;
use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;

/// Relays until it is ended.
pub(super) async fn relay(
    desk: Arc<Desk>,
    run: Arc<Run>,
    relayed: Relayed,
) -> Result<Option<Closing>, Refusal> {
    let how = desk.setting.dialled(&relayed.how);
    let Relayed { left, right, plan, .. } = relayed;
    let (lookup, parts) = (how.lookup, &run.parts);
    if left.is_datagram() {
        let socket = Datagrams::bind(&left, lookup).await?;
        refuse_itself(socket.address_for(&right), &right, lookup)
            .await
            .map_err(|why| Refusal::from(&why))?;
        run.listens(socket.canonical(), socket.dialable());
        let terms = DatagramRelay {
            target: right,
            how,
            access: Access::default(),
            forget: plan.idle_timeout,
            faults: parts.faults.clone(),
            stop: parts.stop.clone(),
        };
        relay_datagrams(socket, terms, Arc::clone(&parts.journal)).await;
        return Ok(None);
    }
    let mut listener = Listener::bind(&left, lookup).await?;
    refuse_itself(listener.address_for(&right), &right, lookup)
        .await
        .map_err(|why| Refusal::from(&why))?;
    let guard = if acts(&right) { Guard::NoBrowser } else { Guard::Open };
    if guard == Guard::NoBrowser {
        listener.bar_browsers();
    }
    run.listens(listener.canonical(), listener.dialable());
    // A serial port has one user at a time: the next caller waits for it.
    let serial = matches!(right.target, Target::Serial(_));
    let service = match right.target {
        Target::Exec(argv) => Service::Child(argv, guard),
        target => Service::Relay(Box::new(Endpoint { target, options: right.options }), how, guard),
    };
    let server = Arc::new(Server {
        service,
        plan: Arc::new(Plan { faults: parts.faults.clone(), ..plan }),
        access: Access::default(),
        serial,
        operated: false,
        closed: run.closed.clone(),
        stop: parts.stop.clone(),
    });
    serve(listener, server, Arc::clone(&parts.journal), Arc::clone(&run.roster)).await;
    Ok(None)
}
