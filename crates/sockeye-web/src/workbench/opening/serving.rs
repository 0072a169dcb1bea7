//! A server: streams or datagrams, many callers at once, each of which can be told things.

use std::sync::Arc;

use sockeye_net::datagram::Datagrams;
use sockeye_net::listen::Listener;
use sockeye_net::resolve::Lookup;
use sockeye_tape::event::Role;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::relay::Guard;
use sockeye_workbench::roster::orders;
use sockeye_workbench::server::{self, Server, Service};

use crate::workbench::desk::Desk;
use crate::workbench::meaning::Serve;
use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;

/// Serves until it is ended.
pub(super) async fn serve(
    _desk: Arc<Desk>,
    run: Arc<Run>,
    serve: Serve,
) -> Result<Option<Closing>, Refusal> {
    if serve.endpoint.is_datagram() {
        return datagrams(&run, serve).await;
    }
    let mut listener = Listener::bind(&serve.endpoint, Lookup::default()).await?;
    let service = match serve.command {
        None => Service::Talk,
        Some(argv) => Service::Child(argv, Guard::NoBrowser),
    };
    if serve.plan.answers.gives_a_file() || matches!(service, Service::Child(..)) {
        listener.bar_browsers();
    }
    run.listens(listener.canonical(), listener.dialable());
    let server = Arc::new(Server {
        service,
        plan: Arc::new(serve.plan),
        access: serve.access,
        serial: false,
        operated: true,
        closed: run.closed.clone(),
        stop: run.parts.stop.clone(),
    });
    server::serve(listener, server, Arc::clone(&run.parts.journal), Arc::clone(&run.roster)).await;
    Ok(None)
}

async fn datagrams(run: &Run, serve: Serve) -> Result<Option<Closing>, Refusal> {
    let socket = Datagrams::bind(&serve.endpoint, Lookup::default()).await?;
    run.listens(socket.canonical(), socket.dialable());
    let (door, queue) = orders();
    let terms = DatagramTerms {
        role: Role::Accept,
        plan: Arc::new(serve.plan),
        orders: Some(queue),
        door: Some(door),
        access: serve.access,
        first_alone: false,
        stop: run.parts.stop.clone(),
    };
    converse_datagrams(socket, terms, &run.parts.journal, &run.roster).await;
    Ok(None)
}
