//! What conversations are told: messages, files, ends, answers, faults.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sockeye_workbench::roster::Order;

use crate::workbench::lesson;
use crate::workbench::meaning;
use crate::workbench::posted::{At, Posted};
use crate::workbench::refusal::{Refusal, asked};
use crate::workbench::routes::{Shared, managing};
use crate::workbench::sequences::{self, Step};
use crate::workbench::telling::{self, Cut, Lines};
use crate::workbench::told::{Message, To};

/// What is to be sent, and to whom.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    to: To,
    message: Option<Message>,
    file: Option<u64>,
    piece: Option<String>,
    gap: Option<String>,
}

pub(super) async fn send(
    desk: Shared,
    At(id): At<u64>,
    Posted(send): Posted<Send>,
) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    if let Some(message) = &send.message {
        let sealed = telling::sealed(&run, message)?;
        let heard = telling::tell(&run, &send.to, &sealed.order)?;
        return Ok(Json(both(&heard, &sealed.preview())));
    }
    let Some(file) = send.file else {
        return Err(Refusal::usage("nothing is to be sent").hint("a message or a file"));
    };
    let cut = Cut::read(send.piece.as_deref(), send.gap.as_deref())?;
    let file = desk.files.whole(file)?;
    let sequence = telling::send_file(&run, send.to, file, cut)?;
    Ok(Json(json!({ "sequence": sequence })))
}

pub(super) async fn preview(
    desk: Shared,
    At(id): At<u64>,
    Posted(send): Posted<Send>,
) -> Result<Response, Refusal> {
    let run = desk.run(id)?;
    let Some(message) = &send.message else {
        return Err(Refusal::usage("only a message has a preview"));
    };
    asked(telling::sealed(&run, message).map(|sealed| sealed.preview()))
}

/// Two objects as one.
fn both(one: &impl Serialize, other: &impl Serialize) -> Value {
    let mut both = serde_json::to_value(one).unwrap_or_default();
    let other = serde_json::to_value(other).unwrap_or_default();
    if let (Value::Object(both), Value::Object(other)) = (&mut both, other) {
        both.extend(other);
    }
    both
}

/// Whom an order without words is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    to: To,
}

pub(super) async fn finish(
    desk: Shared,
    At(id): At<u64>,
    Posted(Whom { to }): Posted<Whom>,
) -> Result<Json<Value>, Refusal> {
    let heard = telling::tell(&*desk.run(id)?, &to, &Order::Finish { empty: false })?;
    Ok(Json(serde_json::to_value(heard).unwrap_or_default()))
}

pub(super) async fn kick(
    desk: Shared,
    At(id): At<u64>,
    Posted(Whom { to }): Posted<Whom>,
) -> Result<StatusCode, Refusal> {
    telling::kick(&*desk.run(id)?, &to)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn stop_accepting(desk: Shared, At(id): At<u64>) -> Result<StatusCode, Refusal> {
    let run = desk.run(id)?;
    run.closed.cancel();
    run.changed();
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn control(
    desk: Shared,
    At(id): At<u64>,
    Posted(lines): Posted<Lines>,
) -> Result<Json<Value>, Refusal> {
    let (to, order) = telling::control(&lines)?;
    let heard = telling::tell(&*desk.run(id)?, &to, &order)?;
    Ok(Json(serde_json::to_value(heard).unwrap_or_default()))
}

/// What is answered by itself from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answering {
    #[serde(default)]
    rules: Vec<String>,
    reply: Option<String>,
}

pub(super) async fn answers(
    desk: Shared,
    At(id): At<u64>,
    Posted(answering): Posted<Answering>,
) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    let reach = desk.setting.reach;
    let read = meaning::answers(&answering.rules, answering.reply.as_ref(), reach);
    let (rules, reply) = read.map_err(|refusal| match refusal.field.as_deref() {
        // What is `on` in a draft is `rules` here.
        Some("on") => refusal.field("rules"),
        _ => refusal,
    })?;
    run.parts.answers.set(rules, reply);
    run.changed();
    managing::shown(run).await
}

/// The faults in force from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Faulty {
    faults: String,
}

pub(super) async fn faults(
    desk: Shared,
    At(id): At<u64>,
    Posted(faulty): Posted<Faulty>,
) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    let Some(faults) = &run.parts.faults else {
        return Err(Refusal::conflict("only a relay disturbs what goes over it")
            .hint("open a relay in front of the server"));
    };
    faults.set(meaning::faults("faults", &faulty.faults)?);
    run.changed();
    managing::shown(run).await
}

/// Steps to be done over a while.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sequenced {
    to: To,
    steps: Vec<Step>,
    times: Option<u64>,
    every: Option<String>,
}

pub(super) async fn sequence(
    desk: Shared,
    At(id): At<u64>,
    Posted(sequenced): Posted<Sequenced>,
) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    let Sequenced { to, steps, times, every } = sequenced;
    let sequence = sequences::read(&run, &to, &steps, &sequences::Pace { times, every })?;
    Ok(Json(json!({ "sequence": sequences::begin(&run, sequence)? })))
}

pub(super) async fn stop_sequence(
    desk: Shared,
    At((id, sequence)): At<(u64, u64)>,
) -> Result<StatusCode, Refusal> {
    if desk.run(id)?.errands.stop(sequence) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::none(format!("run {id} has no sequence {sequence}")))
}

pub(super) async fn lesson(
    desk: Shared,
    At(id): At<u64>,
    Posted(asked): Posted<lesson::Asked>,
) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    let (taught, runs) = run.lesson()?;
    let state = lesson::act(taught, &asked, runs).await;
    state.map(Json).map_err(|error| lesson::refused(&error))
}
