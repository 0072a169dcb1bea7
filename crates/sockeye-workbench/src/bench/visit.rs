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
use crate::bench::protocol::{Answer, Job, LONGEST};
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
        hear(line, &self.endpoint).await
    }
}

async fn ask(line: &mut Line, job: Job, endpoint: &str) -> Result<Answer, Failure> {
    let sent = line.outgoing.send(job.to_string().as_bytes()).await;
    sent.map_err(|error| broken(endpoint, &plain(&error)))?;
    hear(line, endpoint).await
}

async fn hear(line: &mut Line, endpoint: &str) -> Result<Answer, Failure> {
    let heard = match timeout(PATIENCE, line.incoming.line(LONGEST)).await {
        Ok(heard) => heard.map_err(|error| broken(endpoint, &plain(&error)))?,
        Err(_) => return Err(unexpected(endpoint, "")),
    };
    let text = heard.map_err(|other| unexpected(endpoint, &String::from_utf8_lossy(&other)))?;
    match Answer::read(&text) {
        Ok(Answer::Refused(why)) => Err(Failure {
            code: Code::Denied,
            text: format!("`{endpoint}` refuses it: {}", one_line(&why)),
            hint: Some("both ends are to be of one version".to_owned()),
        }),
        Ok(answer) => Ok(answer),
        Err(_) => Err(unexpected(endpoint, &String::from_utf8_lossy(&text))),
    }
}

/// It answers, and not as a `bench serve` does.
fn unexpected(endpoint: &str, said: &str) -> Failure {
    let said: String = one_line(said).chars().take(60).collect();
    let said = if said.is_empty() { "nothing".to_owned() } else { format!("`{said}`") };
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
    Failure { code: error.code(), text: error.to_string(), hint: error.hint() }
}
