//! The caller's side of `protocol.rs`: a bench begun at a server, and jobs asked of it, each on
//! a connection of its own.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::calls::Calls;
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::{Code, NetError};
use sockeye_text::cause::plain;
use sockeye_text::safe::one_line;
use tokio::time::timeout;

use crate::bench::line::Line;
use crate::bench::protocol::{Answer, FULL, Job, LONGEST, Unfit};
use crate::bench::report::more_files;
use crate::closing::Failure;

/// How long an answer of one line is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A bench at a server, for as long as this is held.
#[derive(Debug)]
pub struct Visit {
    calls: Arc<Calls>,
    endpoint: String,
    run: u64,
    /// Its end is the bench's.
    _control: Line,
}

impl Visit {
    /// Calls the server and begins. What answers and is no `bench serve` is told of.
    pub async fn begin(endpoint: &Endpoint, how: Dial) -> Result<Self, Failure> {
        let (calls, stream) = Calls::first(endpoint, how).await.map_err(|error| failure(&error))?;
        let mut control = Line::of((stream.reader, stream.writer));
        let endpoint = endpoint.to_string();
        match ask(&mut control, Job::Begin, &endpoint).await? {
            Answer::Run(run) => {
                Ok(Self { calls: Arc::new(calls), endpoint, run, _control: control })
            }
            answer => Err(unexpected(&endpoint, answer.to_string().trim_end())),
        }
    }

    /// The number that the server gave it.
    pub(crate) fn run(&self) -> u64 {
        self.run
    }

    /// Whom it is at.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The way there.
    pub(crate) fn calls(&self) -> &Arc<Calls> {
        &self.calls
    }

    /// Asks for a job on a new connection, which is returned once the server goes along.
    pub(crate) async fn start(&self, job: Job) -> Result<Line, Failure> {
        let mut line = Line::of(self.calls.again().await.map_err(|error| failure(&error))?);
        match ask(&mut line, job, &self.endpoint).await? {
            Answer::Fine => Ok(line),
            answer => Err(unexpected(&self.endpoint, answer.to_string().trim_end())),
        }
    }

    /// What the server says next.
    pub(crate) async fn hear(&self, line: &mut Line) -> Result<Answer, Failure> {
        hear(line).await.map_err(|unheard| unheard.told(&self.endpoint))
    }
}

/// Why no answer was heard.
enum Unheard {
    /// None came in time.
    Late,
    /// The connection ended before it.
    Closed(String),
    /// The server says why not.
    Refused(String),
    /// Another version.
    Version(Unfit),
    /// Something else came.
    Other(String),
}

async fn ask(line: &mut Line, job: Job, endpoint: &str) -> Result<Answer, Failure> {
    let heard = match line.outgoing.send(job.to_string().as_bytes()).await {
        Ok(()) => hear(line).await,
        Err(error) => Err(Unheard::Closed(plain(&error))),
    };
    heard.map_err(|unheard| {
        match unheard {
        Unheard::Late => unexpected(endpoint, ""),
        Unheard::Closed(why) => Failure {
            code: Code::Io,
            text: format!("`{endpoint}` answered nothing: {why}"),
            hint: Some(
                "it may be full or refuse us (there: `--max-conns`, `--allow`, `--deny`), or be no \
                 `bench serve`"
                    .to_owned(),
            ),
        },
        other => other.told(endpoint),
    }
    })
}

async fn hear(line: &mut Line) -> Result<Answer, Unheard> {
    let heard = timeout(PATIENCE, line.incoming.line(LONGEST)).await.map_err(|_| Unheard::Late)?;
    let text = match heard {
        Ok(Ok(text)) => text,
        Ok(Err(nothing)) if nothing.is_empty() => {
            return Err(Unheard::Closed("it closed without a word".to_owned()));
        }
        Ok(Err(other)) => return Err(Unheard::Other(String::from_utf8_lossy(&other).into_owned())),
        Err(error) => return Err(Unheard::Closed(plain(&error))),
    };
    match Answer::read(&text) {
        Ok(Answer::Refused(why)) => Err(Unheard::Refused(why)),
        Ok(answer) => Ok(answer),
        Err(unfit @ Unfit::Version(_)) => Err(Unheard::Version(unfit)),
        Err(_) => Err(Unheard::Other(String::from_utf8_lossy(&text).into_owned())),
    }
}

impl Unheard {
    /// Of a server that had gone along until then.
    fn told(self, endpoint: &str) -> Failure {
        match self {
            Self::Late => Failure {
                code: Code::Timeout,
                text: format!("`{endpoint}` did not report within {PATIENCE:?}"),
                hint: Some("it hangs, or what was sent is still on its way".to_owned()),
            },
            Self::Closed(why) => broken(endpoint, &why),
            Self::Refused(why) => {
                let full = why.ends_with(FULL);
                let hint = if full { "try again once others are done" } else { "it says why" };
                Failure {
                    code: if full { Code::Limit } else { Code::Denied },
                    text: format!("`{endpoint}` refuses it: {}", one_line(&why)),
                    hint: Some(hint.to_owned()),
                }
            }
            Self::Version(unfit) => Failure {
                code: Code::Denied,
                text: format!("`{endpoint}` speaks {unfit}"),
                hint: Some("both ends are to be of one version of sockeye".to_owned()),
            },
            Self::Other(said) => unexpected(endpoint, &said),
        }
    }
}

/// It answers, and not as a `bench serve` does.
fn unexpected(endpoint: &str, said: &str) -> Failure {
    let said: String = one_line(said).chars().take(60).collect();
    let said =
        if said.is_empty() { format!("nothing within {PATIENCE:?}") } else { format!("`{said}`") };
    Failure {
        code: Code::Frame,
        text: format!("`{endpoint}` is no `sockeye bench serve`: it said {said}"),
        hint: Some(
            "start `sockeye bench serve` there; `bench echo` measures any server that answers"
                .to_owned(),
        ),
    }
}

/// A connection that broke, and why.
pub(crate) fn broken(endpoint: &str, why: &str) -> Failure {
    Failure {
        code: Code::Io,
        text: format!("the bench at `{endpoint}` broke off: {}", one_line(why)),
        hint: Some("`bench serve` says on its stderr what it saw".to_owned()),
    }
}

/// What could not be called.
fn failure(error: &NetError) -> Failure {
    let text = error.to_string();
    Failure { code: error.code(), hint: more_files(&text).or_else(|| error.hint()), text }
}
