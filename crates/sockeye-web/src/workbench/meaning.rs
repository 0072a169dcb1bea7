//! What a draft means: each of its texts read by the type that reads the command line's flag of
//! that name. Nothing is opened here.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::StatusCode;
use sockeye_classics::catalogue::{Program, ROWS};
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_text::encoding::Encoding;
use sockeye_text::units::parse_duration;
use sockeye_wire::framing::{Framing, Rule as FrameRule};
use sockeye_workbench::access::Access;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::fault::Fault;
use sockeye_workbench::fault::read::Spec;
use sockeye_workbench::message::{Composer, Eol};
use sockeye_workbench::plan::{Plan, READ_SIZE};
use sockeye_workbench::relay::ends;
use sockeye_workbench::rules::{Reply, Rule};

use crate::workbench::draft::{Does, Draft};
use crate::workbench::refusal::Refusal;

/// The largest recv that may be asked for, in bytes.
const MOST_READ: usize = 4 * READ_SIZE;

/// So many rules answer by themselves.
const MOST_RULES: usize = 100;

/// The longest name of a run, in characters.
const MOST_NAME: usize = 100;

/// What a page may have opened on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// What is on the network, and serial ports.
    #[default]
    Network,
    /// Commands and files of this machine as well (`--allow-exec`).
    Machine,
}

/// A client.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub endpoint: Endpoint,
    /// What is done with it.
    pub plan: Plan,
    /// How it is called.
    pub how: Dial,
    /// Called again so long after it has gone.
    pub reconnect: Option<Duration>,
}

/// A server.
#[derive(Clone, Debug)]
pub struct Serve {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What each caller gets instead of a talk.
    pub command: Option<Vec<String>>,
    /// What is done with its callers.
    pub plan: Plan,
    /// Who is let in.
    pub access: Access,
}

/// A relay.
#[derive(Clone, Debug)]
pub struct Relayed {
    /// Where it listens.
    pub left: Endpoint,
    /// What it calls.
    pub right: Endpoint,
    /// Framing, limits.
    pub plan: Plan,
    /// What it disturbs from the start.
    pub faults: Vec<Fault>,
    /// The seed of the draws, if one is given.
    pub seed: Option<u64>,
    /// How the right side is called.
    pub how: Dial,
}

/// What a draft of the talking kinds means; the others are read where they are started.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// A client.
    Call(Box<Call>),
    /// A server.
    Serve(Box<Serve>),
    /// A relay.
    Relay(Box<Relayed>),
    /// One side of a run's tape.
    Replay(Box<Call>),
    /// A search for cuts that break the endpoint.
    Shake(Box<Endpoint>),
    /// Packets of these endpoints.
    Capture(Vec<Endpoint>),
    /// A classic program.
    Lesson(Program),
    /// A tape that was uploaded.
    Tape(u64),
    /// The demo.
    Demo,
}

/// Reads a draft.
pub fn read(draft: &Draft, reach: Reach) -> Result<Meaning, Refusal> {
    name(draft.name.as_deref().unwrap_or_default())?;
    if draft.exec.is_some() && reach == Reach::Network {
        return Err(not_here("`exec`").field("exec"));
    }
    Ok(match draft.does {
        Does::Connect => Meaning::Call(Box::new(call(draft, reach)?)),
        Does::Listen => Meaning::Serve(Box::new(serve(draft, reach)?)),
        Does::Relay => Meaning::Relay(Box::new(relay(draft, reach)?)),
        Does::Replay => Meaning::Replay(Box::new(replay(draft, reach)?)),
        Does::Shake => Meaning::Shake(Box::new(shake(draft, reach)?)),
        Does::Capture => {
            let each = draft.endpoints.iter();
            let each = each.map(|text| endpoint("endpoints", Some(text), Purpose::Dial, reach));
            Meaning::Capture(each.collect::<Result<_, _>>()?)
        }
        Does::Lesson => Meaning::Lesson(program(draft)?),
        Does::Tape => {
            let missing = || Refusal::usage("no file is given").hint("choose a tape").field("file");
            Meaning::Tape(draft.file.ok_or_else(missing)?)
        }
        Does::Demo => Meaning::Demo,
    })
}

/// Fails where a name is too long.
pub fn name(name: &str) -> Result<(), Refusal> {
    if name.chars().count() <= MOST_NAME {
        return Ok(());
    }
    let text = format!("a name has at most {MOST_NAME} characters");
    Err(Refusal::usage(text).hint("a shorter one").field("name"))
}

fn call(draft: &Draft, reach: Reach) -> Result<Call, Refusal> {
    let endpoint = endpoint("endpoint", draft.endpoint.as_deref(), Purpose::Dial, reach)?;
    let mut plan = plan(draft, reach)?;
    fit(&mut plan, &endpoint);
    let wait = time("wait", draft.wait.as_ref())?;
    Ok(Call {
        endpoint,
        plan,
        how: Dial { within: wait, ..Dial::default() },
        reconnect: time("reconnect", draft.reconnect.as_ref())?,
    })
}

fn serve(draft: &Draft, reach: Reach) -> Result<Serve, Refusal> {
    let mut endpoint = endpoint("endpoint", draft.endpoint.as_deref(), Purpose::Listen, reach)?;
    let mut plan = plan(draft, reach)?;
    plan.keep_open = true;
    fit(&mut plan, &endpoint);
    let command = match draft.exec.as_deref().filter(|text| !text.trim().is_empty()) {
        None => None,
        Some(text) => match Endpoint::parse(&format!("exec:{text}"), Purpose::Dial) {
            Ok(Endpoint { target: Target::Exec(argv), .. }) => Some(argv),
            Ok(_) => None,
            Err(error) => return Err(Refusal::from(error).field("exec")),
        },
    };
    if command.is_some() || plan.answers.gives_a_file() {
        endpoint.narrow();
    }
    Ok(Serve { endpoint, command, plan, access: access(draft)? })
}

fn relay(draft: &Draft, reach: Reach) -> Result<Relayed, Refusal> {
    let mut left = endpoint("a", draft.a.as_deref(), Purpose::Listen, reach)?;
    let right = endpoint("b", draft.b.as_deref(), Purpose::Dial, reach)?;
    ends::suit(&left, &right).and_then(|()| ends::prepare(&mut left, &right)).map_err(
        |failure| Refusal { status: StatusCode::BAD_REQUEST, ..Refusal::from(&failure) }.field("b"),
    )?;
    let faults = draft.fault.as_deref().unwrap_or_default();
    Ok(Relayed {
        left,
        right,
        plan: plan(draft, reach)?,
        faults: self::faults("fault", faults)?,
        seed: value("seed", draft.seed.as_ref(), "a number, as in 7")?,
        how: Dial { file: sockeye_net::dial::FileUse::Target, ..Dial::default() },
    })
}

fn replay(draft: &Draft, reach: Reach) -> Result<Call, Refusal> {
    let purpose = if draft.as_server { Purpose::Listen } else { Purpose::Dial };
    let endpoint = endpoint("endpoint", draft.endpoint.as_deref(), purpose, reach)?;
    let mut plan = plan(draft, reach)?;
    fit(&mut plan, &endpoint);
    plan.after_our_end = sockeye_workbench::plan::AfterOurEnd::Part;
    Ok(Call { endpoint, plan, how: Dial::default(), reconnect: None })
}

fn shake(draft: &Draft, reach: Reach) -> Result<Endpoint, Refusal> {
    if draft.as_server {
        let hint = "`sockeye shake --as-server --client CMD` does it in a terminal";
        return Err(Refusal::usage("a client is tested by starting it")
            .hint(hint)
            .field("as-server"));
    }
    endpoint("endpoint", draft.endpoint.as_deref(), Purpose::Dial, reach)
}

fn program(draft: &Draft) -> Result<Program, Refusal> {
    let name = draft.program.as_deref().unwrap_or_default();
    let found = ROWS.iter().find(|row| row.name == name);
    found.map(|row| row.program).ok_or_else(|| {
        let shown = sockeye_text::safe::one_line(name).into_owned();
        Refusal::usage(format!("there is no classic `{shown}`"))
            .hint("see the list")
            .field("program")
    })
}

/// An endpoint of the form.
pub fn endpoint(
    field: &'static str,
    text: Option<&str>,
    purpose: Purpose,
    reach: Reach,
) -> Result<Endpoint, Refusal> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let missing = || Refusal::usage("no endpoint is given").hint("as in tcp://127.0.0.1:8888");
    let text = text.ok_or_else(missing).map_err(|refusal| refusal.field(field))?;
    let endpoint =
        Endpoint::parse(text, purpose).map_err(|error| Refusal::from(error).field(field))?;
    match endpoint.target {
        Target::Stdio | Target::Fd(_) => {
            let text = format!("`{endpoint}` is for the command line: a page has none");
            Err(Refusal::usage(text).hint("tcp, udp, tls, ws, unix, serial").field(field))
        }
        Target::Exec(_) | Target::File(_) if reach == Reach::Network => {
            Err(not_here(&format!("`{}:`", endpoint.scheme())).field(field))
        }
        _ if reach == Reach::Network && files(&endpoint).any(|path| !path.is_file()) => {
            let text = "`ca`, `cert`, `key` and `client-ca` each name a file of this machine";
            Err(Refusal::usage(text).hint("is the path right?").field(field))
        }
        // Its content goes to whoever the proxy is said to be.
        _ if endpoint.options.via_auth.is_some() && reach == Reach::Network => {
            Err(not_here("`via-auth`, a file of this machine,").field(field))
        }
        _ => Ok(endpoint),
    }
}

/// The files that an endpoint has read. A pipe among them would be waited for.
fn files(endpoint: &Endpoint) -> impl Iterator<Item = &PathBuf> {
    let options = &endpoint.options;
    [&options.ca, &options.cert, &options.key, &options.client_ca].into_iter().flatten()
}

/// A refusal of what only `--allow-exec` allows.
pub fn not_here(what: &str) -> Refusal {
    Refusal::denied(format!("{what} acts on this machine: this workbench was started without that"))
        .hint("`sockeye workbench --allow-exec` lets its pages do so")
}

/// How messages are put together.
pub fn composer(draft: &Draft) -> Result<Composer, Refusal> {
    let encoding: Option<Encoding> = value("encoding", draft.encoding.as_ref(), "as in gbk")?;
    Ok(Composer {
        encoding: encoding.unwrap_or_default(),
        checksum: value("checksum", draft.checksum.as_ref(), "as in crc16-modbus,le")?,
        eol: value::<Eol, _>("eol", draft.eol.as_ref(), "none, lf, crlf or cr")?,
        framing: framing("frame", draft.frame.as_deref())?,
    })
}

/// A framing; `raw` and nothing are none.
pub fn framing(field: &'static str, text: Option<&str>) -> Result<Option<Framing>, Refusal> {
    let framing: Option<Framing> =
        value(field, text.map(str::to_owned).as_ref(), "as in lines, or len:u16be")?;
    Ok(framing.filter(|framing| !matches!(framing.rule(), FrameRule::Raw)))
}

/// Faults, written as on the command line.
pub fn faults(field: &'static str, text: &str) -> Result<Vec<Fault>, Refusal> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let spec: Spec =
        text.parse().map_err(|error: sockeye_workbench::fault::read::FaultError| {
            Refusal::usage(error.to_string()).hint("as in `delay=100ms; split=1`").field(field)
        })?;
    Ok(spec.0)
}

/// Rules and the reply to all, as they answer by themselves.
pub fn answers(
    rules: &[String],
    reply: Option<&String>,
    reach: Reach,
) -> Result<(Vec<Rule>, Option<Reply>), Refusal> {
    if rules.len() > MOST_RULES {
        let text = format!("{} rules: {MOST_RULES} are the most", rules.len());
        return Err(Refusal::usage(text).hint("one `re:` may stand for many").field("on"));
    }
    let read = |text: &String| {
        text.parse::<Rule>().map_err(|error| {
            Refusal::usage(error.to_string()).hint("as in `ping => pong`").field("on")
        })
    };
    let rules: Vec<Rule> = rules.iter().map(read).collect::<Result<_, _>>()?;
    let reply: Option<Reply> = value("reply", reply, "echo, upper, text:… or hex:…")?;
    let replies = rules.iter().map(|rule| ("on", &rule.reply));
    let all = replies.chain(reply.iter().map(|reply| ("reply", reply)));
    for (field, reply) in all {
        if reply.gives_a_file() && reach == Reach::Network {
            return Err(not_here("a reply of `file:`").field(field));
        }
        reply.check().map_err(|error| {
            Refusal::usage(error.to_string()).hint("is the path right?").field(field)
        })?;
    }
    Ok((rules, reply))
}

fn plan(draft: &Draft, reach: Reach) -> Result<Plan, Refusal> {
    let (rules, reply) = answers(&draft.on, draft.reply.as_ref(), reach)?;
    Ok(Plan {
        composer: composer(draft)?,
        answers: Answers::new(rules, reply),
        close_after_reply: draft.close_after_reply,
        until: draft.until.clone().filter(|text| !text.is_empty()),
        idle_timeout: time("idle-timeout", draft.idle_timeout.as_ref())?,
        read_sizes: read_sizes(draft.read_size.as_deref())?,
        forgiving: true,
        ..Plan::default()
    })
}

fn access(draft: &Draft) -> Result<Access, Refusal> {
    let read = |field: &'static str, texts: &[String]| {
        let each = texts.iter().map(|text| {
            text.parse().map_err(|error| told(&error, "as in 192.168.0.0/16").field(field))
        });
        each.collect::<Result<Vec<_>, _>>()
    };
    Ok(Access {
        allow: read("allow", &draft.allow)?,
        allowed_by: "--allow",
        deny: read("deny", &draft.deny)?,
        most: value("max-conns", draft.max_conns.as_ref(), "a number, as in 10")?,
    })
}

fn read_sizes(text: Option<&str>) -> Result<Vec<usize>, Refusal> {
    let parts = text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    let each = parts.map(|part| {
        let size = sockeye_text::units::parse_size(part);
        let size = size.ok().and_then(|size| usize::try_from(size).ok());
        size.filter(|size| (1..=MOST_READ).contains(size)).ok_or_else(|| {
            let text = format!("a read is of 1 to {MOST_READ} bytes");
            Refusal::usage(text).hint("as in 2,10").field("read-size")
        })
    });
    each.collect()
}

fn time(field: &'static str, text: Option<&String>) -> Result<Option<Duration>, Refusal> {
    let text = text.map(|text| text.trim()).filter(|text| !text.is_empty());
    text.map(|text| parse_duration(text).map_err(|error| told(&error, "as in 5s").field(field)))
        .transpose()
}

/// A text as the value of its type; none where the field is empty.
fn value<T, E>(field: &'static str, text: Option<&String>, hint: &str) -> Result<Option<T>, Refusal>
where
    T: FromStr<Err = E>,
    E: Display,
{
    let text = text.map(|text| text.trim()).filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|error: E| told(&error, hint).field(field))).transpose()
}

fn told(error: &impl Display, hint: &str) -> Refusal {
    Refusal::usage(error.to_string()).hint(hint)
}

fn fit(plan: &mut Plan, endpoint: &Endpoint) {
    let text = matches!(endpoint.target, Target::Ws(_)) && !endpoint.options.binary;
    if text && plan.composer.framing.is_none() && plan.composer.eol.is_none() {
        plan.composer.eol = Some(Eol::None);
    }
}
