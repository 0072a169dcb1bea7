//! `sockeye bench serve`: the other end of a bench.

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_net::datagram::Datagrams;
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_net::listen::Listener;
use sockeye_workbench::bench::datagrams::serve::serve_datagrams;
use sockeye_workbench::bench::serve::{Terms, serve};

use crate::args::bench::Serve;
use crate::command::bench::{make_room, stage};
use crate::command::open;
use crate::failure::Failed;
use crate::stage::{self, Stage};

/// Connections for which there is room if the system lets us.
const ROOM: u64 = 16_384;

/// Runs the command.
pub(crate) async fn run(args: Serve) -> ExitCode {
    let endpoint = match prepared(&args) {
        Ok(endpoint) => endpoint,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let stage = match stage(args.json, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let result = listen(&args, &endpoint, &stage).await;
    stage.end(result.map(|()| None)).await
}

fn prepared(args: &Serve) -> Result<Endpoint, Failed> {
    let mut endpoint = Endpoint::parse_with(&args.endpoint, Purpose::Listen, args.reach.bare())?;
    open::was_passed(&endpoint)?;
    args.tls.apply(&mut endpoint)?;
    Ok(endpoint)
}

async fn listen(args: &Serve, endpoint: &Endpoint, stage: &Stage) -> Result<(), Failed> {
    make_room(ROOM);
    let terms = Terms {
        access: args.callers.access(),
        journal: Arc::clone(&stage.journal),
        stop: stage.stop.clone(),
    };
    if matches!(endpoint.target, Target::Udp(_)) {
        let socket = Datagrams::bind(endpoint, args.reach.lookup()).await?;
        stage.ready(socket.canonical(), socket.dialable()).await;
        serve_datagrams(socket, terms).await;
        return Ok(());
    }
    let listener = Listener::bind(endpoint, args.reach.lookup()).await?;
    stage.ready(listener.canonical(), listener.dialable()).await;
    serve(listener, terms).await;
    Ok(())
}
