//! What an echo came to: a table for people, an object for programs.

use sockeye_net::error::Code;
use sockeye_text::safe::one_line;
use sockeye_text::units::Grouped;

use crate::bench::echo::{Connect, Outcome};
use crate::bench::figures::{object, per_second, rate, times, times_json};
use crate::closing::Failure;

/// The table of an echo.
pub fn text(outcome: &Outcome) -> String {
    let Outcome { load, count, .. } = outcome;
    let total = count.times.total();
    let each = match load.connect {
        Connect::Once => "",
        Connect::Each => ", a new connection for each",
    };
    let mut lines = vec![
        format!(
            "{}: {} clients, {} bytes there, {} back{each}, {:.3} s{}",
            one_line(&outcome.endpoint),
            load.clients,
            load.request.size(),
            load.request.answer_size(),
            outcome.lasted.as_secs_f64(),
            if outcome.interrupted { " (ended early)" } else { "" },
        ),
        format!(
            "answers        {}, {}",
            Grouped(total),
            rate(per_second(total, outcome.lasted), Grouped)
        ),
        format!("of one client  {} to {}", Grouped(count.fewest()), Grouped(count.most())),
    ];
    let bad = [
        ("wrong answers", count.wrong),
        ("lost", count.lost),
        ("doubled", count.doubled),
        ("unanswered", outcome.unanswered),
        ("failed", count.failed),
        ("starved", count.starved()),
    ];
    for (what, count) in bad.into_iter().filter(|(_, count)| *count > 0) {
        lines.push(format!("{what:<15}{}", Grouped(count)));
    }
    lines.extend(times(&count.times));
    lines.push(String::new());
    lines.join("\n")
}

/// The object of an echo, on one line.
pub fn json(outcome: &Outcome) -> String {
    let Outcome { load, count, .. } = outcome;
    let total = count.times.total();
    let mut fields = vec![
        ("e", "bench".into()),
        ("what", "echo".into()),
        ("endpoint", outcome.endpoint.as_str().into()),
        ("clients", load.clients.into()),
        ("connect_each", (load.connect == Connect::Each).into()),
        ("request_bytes", load.request.size().into()),
        ("answer_bytes", load.request.answer_size().into()),
        ("seconds", outcome.lasted.as_secs_f64().into()),
        ("interrupted", outcome.interrupted.into()),
        ("requests", total.into()),
        ("requests_per_second", per_second(total, outcome.lasted).into()),
        ("fewest_of_one_client", count.fewest().into()),
        ("most_of_one_client", count.most().into()),
        ("starved_clients", count.starved().into()),
        ("wrong_answers", count.wrong.into()),
        ("lost_datagrams", count.lost.into()),
        ("duplicated_datagrams", count.doubled.into()),
        ("unanswered_requests", outcome.unanswered.into()),
        ("failed_connections", count.failed.into()),
        ("first_failure", count.why.clone().into()),
    ];
    fields.extend(failure(outcome).map(|failure| ("failed", failure.text.into())));
    fields.extend(times_json(&count.times));
    format!("{}\n", object(fields))
}

/// What makes the bench fail: an answer that is wrong or missing.
pub fn failure(outcome: &Outcome) -> Option<Failure> {
    let count = &outcome.count;
    if outcome.interrupted {
        return None;
    }
    let first = count.why.as_deref().map(|why| format!(" (first: {})", one_line(why)));
    let first = first.unwrap_or_default();
    let (code, text, hint) = if count.wrong > 0 {
        (
            Code::Integrity,
            format!("{} wrong answers{first}", Grouped(count.wrong)),
            "an echo gives back what it gets; `--answer` says what else is right",
        )
    } else if count.failed > 0 {
        (
            Code::Io,
            format!("{} connections failed{first}", Grouped(count.failed)),
            "the server may allow fewer clients: `--clients`",
        )
    } else if count.starved() > 0 {
        (
            Code::Timeout,
            format!("{} of {} clients got no answer", count.starved(), outcome.load.clients),
            "the server may serve fewer at a time, or answer something else: `--answer`",
        )
    } else if count.lost > 0 {
        (
            Code::Timeout,
            format!("{} datagrams were not answered within a second", Grouped(count.lost)),
            "datagrams may be lost: fewer `--clients`, or more room there (`?rcvbuf=4MiB`)",
        )
    } else if outcome.unanswered > 0 {
        (
            Code::Timeout,
            format!(
                "{} requests got no whole answer within a second of the end",
                outcome.unanswered
            ),
            "the server may have lost some of it; look at the talk with `relay --view both`",
        )
    } else {
        return None;
    };
    let text = format!("`{}`: {text}", one_line(&outcome.endpoint));
    let hint = more_files(&text).unwrap_or_else(|| hint.to_owned());
    Some(Failure { code, text, hint: Some(hint) })
}

/// The next step where a connection failed for want of descriptors on our side (EMFILE).
pub(crate) fn more_files(why: &str) -> Option<String> {
    why.contains("too many open files")
        .then(|| "this process may hold no more: `ulimit -n`, or fewer `--clients`".to_owned())
}
