//! What there is to see of a run: rows, bytes, what it said, how much goes over, and all of it
//! as a file.

use std::collections::HashSet;
use std::fmt::Write as _;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sockeye_tape::event::Dir;
use sockeye_tape::export::Form;
use sockeye_tape::reel::entry::Kind;
use sockeye_workbench::sieve::{Find, Sieve};
use tokio::task::spawn_blocking;

use crate::workbench::inquest;
use crate::workbench::lesson;
use crate::workbench::meaning;
use crate::workbench::opening::replaying::script;
use crate::workbench::posted::At;
use crate::workbench::query::Query;
use crate::workbench::refusal::{Refusal, asked};
use crate::workbench::routes::Shared;
use crate::workbench::rows;
use crate::workbench::run::Run;
use crate::workbench::save::{self, Manner, Wanted};
use crate::workbench::seconds::Second;
use crate::workbench::views::{By, Choice, Meant};

/// The bytes of one event or of a stream that are given at once.
const BYTES: u64 = 1024 * 1024;

/// How long the whole of an event is, where a part of it is given.
const LENGTH: HeaderName = HeaderName::from_static("sockeye-length");

pub(super) async fn rows(desk: Shared, At(id): At<u64>, target: Uri) -> Result<Response, Refusal> {
    let (run, query) = (desk.run(id)?, Query::of(&target));
    let from = match query.text("from")? {
        None => Some(0),
        Some("tail") => None,
        Some(_) => query.number("from")?,
    };
    let count = query.number("count")?.unwrap_or(200);
    let part = blocking(move || {
        let choice = choice(&query)?;
        let view = desk.views.view(id, choice, || read_view(&run, &query))?;
        let mut view = view.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = run.now();
        let reading = run.parts.reel.reading();
        view.follow(&reading, now)?;
        Ok(rows::part(&view, &reading, from, count))
    });
    asked(part.await)
}

/// The view that a query asks for.
fn choice(query: &Query) -> Result<Choice, Refusal> {
    let by = match query.text("by")? {
        None | Some("reads") => By::Reads,
        Some("frames") => By::Frames,
        Some(_) => return Err(Refusal::usage("rows are by reads or frames").field("by")),
    };
    let mut sought = String::new();
    for name in ["dir", "c", "kind", "find", "encoding"] {
        for value in query.all(name) {
            // A string takes all that is written to it.
            let _ = writeln!(sought, "{name}={value:?}");
        }
    }
    Ok(Choice { by, frame: query.text("frame")?.map(str::to_owned), sought })
}

fn read_view(run: &Run, query: &Query) -> Result<Meant, Refusal> {
    let asked = query.text("frame")?;
    let framing = meaning::framing("frame", asked)?;
    // Without a framing there are frames where the run told of them itself, unless the page
    // wants none.
    let marked = framing.is_some() || (asked.is_none() && run.parts.composer.framing.is_some());
    let encoding = match query.text("encoding")? {
        None => run.parts.composer.encoding,
        Some(text) => {
            text.parse().map_err(|error| Refusal::usage(format!("{error}")).field("encoding"))?
        }
    };
    let find = query.text("find")?.filter(|text| !text.is_empty()).map(|text| {
        Find::read(text, encoding).map_err(|error| {
            Refusal::usage(error.to_string()).hint("text, hex:… or re:…").field("find")
        })
    });
    let mut kinds = Vec::new();
    for name in query.all("kind") {
        kinds.extend(kind(name)?);
    }
    let conversations = query.all("c").map(|text| {
        text.parse::<u64>().map_err(|_| Refusal::usage("a conversation is a number").field("c"))
    });
    let sieve = Sieve {
        dir: direction(query)?,
        conversations: conversations.collect::<Result<HashSet<_>, _>>()?,
        kinds,
        find: find.transpose()?,
    };
    Ok(Meant { sieve, framing, marked })
}

fn kind(name: &str) -> Result<Vec<Kind>, Refusal> {
    Ok(match name {
        "data" => vec![Kind::In, Kind::Out],
        "open" => vec![Kind::Open],
        "close" => vec![Kind::Close],
        "note" => vec![Kind::Note],
        "fault" => vec![Kind::Fault],
        "error" => vec![Kind::Error],
        _ => {
            return Err(Refusal::usage("there is no such kind of event")
                .hint("data, open, close, note, fault or error")
                .field("kind"));
        }
    })
}

fn direction(query: &Query) -> Result<Option<Dir>, Refusal> {
    match query.text("dir")? {
        None | Some("") => Ok(None),
        Some("in") => Ok(Some(Dir::In)),
        Some("out") => Ok(Some(Dir::Out)),
        Some(_) => Err(Refusal::usage("a direction is in or out").field("dir")),
    }
}

/// The conversation and the direction that a query names.
fn way(query: &Query) -> Result<(u64, Dir), Refusal> {
    match (query.number("c")?, direction(query)?) {
        (Some(c), Some(dir)) => Ok((c, dir)),
        _ => {
            Err(Refusal::usage("which direction of which conversation?").hint("give `c` and `dir`"))
        }
    }
}

pub(super) async fn event(
    desk: Shared,
    At((id, number)): At<(u64, u64)>,
    target: Uri,
) -> Result<Response, Refusal> {
    let (run, query) = (desk.run(id)?, Query::of(&target));
    let off: u64 = query.number("off")?.unwrap_or_default();
    let len = query.number("len")?.unwrap_or(64 * 1024).min(BYTES);
    blocking(move || {
        let event = run.parts.reel.reading().event(number)?;
        let bytes = event.as_ref().and_then(|event| event.what.bytes());
        let Some(bytes) = bytes else {
            return Err(Refusal::none(format!("event {number} has no bytes")));
        };
        let from = usize::try_from(off).unwrap_or(usize::MAX).min(bytes.len());
        let end = usize::try_from(off.saturating_add(len)).unwrap_or(usize::MAX).min(bytes.len());
        let part = bytes.get(from..end).unwrap_or_default().to_vec();
        Ok(octets(part, bytes.len() as u64))
    })
    .await
}

pub(super) async fn bytes(desk: Shared, At(id): At<u64>, target: Uri) -> Result<Response, Refusal> {
    let (run, query) = (desk.run(id)?, Query::of(&target));
    let (c, dir) = way(&query)?;
    let off = query.number("off")?.unwrap_or_default();
    let len = query.number("len")?.unwrap_or(64 * 1024).min(BYTES);
    blocking(move || {
        let reading = run.parts.reel.reading();
        let total = reading.span(c, dir).map_or(0, |span| span.end);
        Ok(octets(reading.bytes(c, dir, off, len)?, total))
    })
    .await
}

fn octets(bytes: Vec<u8>, total: u64) -> Response {
    ([(LENGTH, HeaderValue::from(total))], bytes).into_response()
}

pub(super) async fn said(desk: Shared, At(id): At<u64>, target: Uri) -> Result<Response, Refusal> {
    let from = Query::of(&target).number("from")?.unwrap_or_default();
    Ok(Json(desk.run(id)?.said.from(from)).into_response())
}

pub(super) async fn rates(desk: Shared, At(id): At<u64>) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    let rates = blocking(move || {
        let (second, series) = run.follow(|pulse| pulse.rates.series());
        let series: Vec<Second> = series.iter().map(Second::of).collect();
        Ok(json!({ "second": second, "series": series }))
    });
    rates.await.map(Json)
}

pub(super) async fn saved(desk: Shared, At(id): At<u64>, target: Uri) -> Result<Response, Refusal> {
    let (run, query) = (desk.run(id)?, Query::of(&target));
    let conversation = query.number("c")?;
    let wanted =
        Wanted::read(query.text("as")?.unwrap_or("tape"), conversation, direction(&query)?)?;
    let manner =
        Manner { conversation, most: query.number("most")?, encoding: run.parts.composer.encoding };
    let folder = desk.setting.folder.clone();
    let saved =
        blocking(move || save::save((id, &run.parts.reel.reading()), wanted, manner, &folder));
    Ok(saved.await?.into_response())
}

/// What reads files, on a thread that may wait for them.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Refusal::failed("E-io", format!("the question broke off: {error}"))),
    }
}

pub(super) async fn look(
    desk: Shared,
    At(id): At<u64>,
    target: Uri,
) -> Result<Json<Value>, Refusal> {
    let (run, query) = (desk.run(id)?, Query::of(&target));
    let (c, dir) = way(&query)?;
    let off = query.number("off")?.unwrap_or_default();
    let len = query.number::<u64>("len")?.unwrap_or_default().min(inquest::SUMMED);
    blocking(move || Ok(inquest::checksums(&run.parts.reel.reading().bytes(c, dir, off, len)?)))
        .await
        .map(Json)
}

pub(super) async fn info(desk: Shared, At(id): At<u64>) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    Ok(Json(inquest::fares(&run.parts.journal.inquiry().gather().await)))
}

pub(super) async fn diagram(
    desk: Shared,
    At(id): At<u64>,
    target: Uri,
) -> Result<Response, Refusal> {
    let (run, query) = (desk.run(id)?, Query::of(&target));
    let manner = Manner {
        conversation: query.number("c")?,
        most: query.number("most")?,
        encoding: run.parts.composer.encoding,
    };
    let folder = desk.setting.folder.clone();
    let drawn = blocking(move || {
        save::save((id, &run.parts.reel.reading()), Wanted::Converted(Form::Svg), manner, &folder)
    });
    Ok(drawn.await?.into_response())
}

pub(super) async fn lesson(desk: Shared, At(id): At<u64>) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    let (taught, runs) = run.lesson()?;
    Ok(Json(lesson::show(taught, runs)))
}

pub(super) async fn detect(
    desk: Shared,
    At(id): At<u64>,
    target: Uri,
) -> Result<Json<Value>, Refusal> {
    let (run, query) = (desk.run(id)?, Query::of(&target));
    let conversation = query.number("c")?;
    blocking(move || Ok(inquest::framings(&script(&run, conversation)?))).await.map(Json)
}

pub(super) async fn shake(desk: Shared, At(id): At<u64>) -> Result<Response, Refusal> {
    Ok(Json(desk.run(id)?.shaken()?).into_response())
}

pub(super) async fn rulers(desk: Shared, At(id): At<u64>) -> Result<Json<Value>, Refusal> {
    let captured = desk.run(id)?.captured()?;
    blocking(move || Ok(captured.rulers())).await.map(Json)
}
