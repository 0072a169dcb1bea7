//! A relay: streams or datagrams, with faults that can be changed while it runs.

use std::sync::Arc;

use sockeye_workbench::access::Access;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::relaying::{Relaying, Terms};

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
    let Relayed { left, right, plan, how, .. } = relayed;
    let parts = &run.parts;
    let terms = Terms {
        how: desk.setting.dialled(&how),
        access: Access::default(),
        plan: Arc::new(Plan { faults: parts.faults.clone(), ..plan }),
        closed: run.closed.clone(),
        stop: parts.stop.clone(),
    };
    let relaying = Relaying::bind(&left, right, terms).await.map_err(|why| Refusal::from(&why))?;
    run.listens(relaying.canonical(), relaying.dialable());
    relaying.run(Arc::clone(&parts.journal), Arc::clone(&run.roster)).await;
    Ok(None)
}
