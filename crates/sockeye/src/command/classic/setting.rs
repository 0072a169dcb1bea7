//! What both sides of a program do alike: their endpoint, what is shown, what is explained.

use sockeye_classics::catalogue::{Program, Transport};
use sockeye_classics::explain::{After, Explainer};
use sockeye_classics::preset::Choice;
use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_workbench::rules::Reply;
use sockeye_workbench::spoken::Spoken;

use crate::args::classic::Common;
use crate::args::values::ViewArg;
use crate::command::open;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// The endpoint that was typed, or the program's usual one. Of its transport, or of one that
/// behaves alike.
pub(crate) fn endpoint(
    program: Program,
    typed: Option<&str>,
    purpose: Purpose,
    common: &Common,
) -> Result<Endpoint, Failed> {
    let row = program.row();
    let wants_datagrams = row.transport == Transport::Udp;
    let bare = match common.reach.bare() {
        Bare::Tcp if wants_datagrams => Bare::Udp,
        Bare::Unix if wants_datagrams => Bare::Unixgram,
        bare => bare,
    };
    let usual = match purpose {
        Purpose::Listen => program.serves_at(),
        Purpose::Dial => program.calls(),
    };
    let text = typed.unwrap_or(&usual);
    let endpoint = match common.reach.bare() {
        Bare::Tcp => Endpoint::parse_usually(text, purpose, bare)?,
        _ => Endpoint::parse_with(text, purpose, bare)?,
    };
    if endpoint.is_datagram() != wants_datagrams {
        let (name, transport) = (row.name, row.transport);
        return Err(Failed::usage(
            format!("`{name}` does not go over `{endpoint}`"),
            format!("it wants {transport}, as in {usual}, or what behaves like {transport}"),
        ));
    }
    open::was_passed(&endpoint)?;
    Ok(endpoint)
}

/// Sets the stage: messages as lines, unless another view is asked for.
pub(crate) fn stage(program: Program, common: &Common, needs: Needs) -> Result<Stage, Failed> {
    let stage = Stage::set(&common.keep, &common.messages(), needs, common.reach.verbose)?;
    if common.keep.view == ViewArg::Auto && !stage::json(&common.keep) {
        stage.journal.show_lines(Spoken::new(common.encoding));
    }
    if common.explain {
        let after = if needs.input { After::Typed } else { After::Nobody };
        let mut explainer = Explainer::new(program, common.settle, after);
        stage.journal.explain(Box::new(move |event| explainer.event(event)));
    }
    Ok(stage)
}

/// What the flags choose.
pub(crate) fn choice(common: &Common, reply: Option<&Reply>) -> Choice {
    Choice {
        encoding: common.encoding,
        settle: common.settle,
        reply: reply.cloned(),
        greeting: None,
        idle_timeout: common.idle_timeout,
    }
}
