//! What is to be shaken, and how: from what somebody asked for to a [`Search`].

use std::ffi::OsString;
use std::time::Duration;

use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::error::Code;
use sockeye_net::resolve::Lookup;
use sockeye_text::encoding::Encoding;
use sockeye_wire::enframe::Enframer;
use sockeye_wire::framing::{Framing, Rule};

use crate::closing::Failure;
use crate::message::{Composer, Data, MessageError};
use crate::script::{Script, Side};
use crate::shake::answer::{Compare, Normalise};
use crate::shake::case::Case;
use crate::shake::report::Told;
use crate::shake::run::Terms;
use crate::shake::search::{Report, Search, ShakeError};
use crate::shake::subject::{Client, Subject};
use crate::shake::talk::{Talk, TalkError};

/// Between two pieces, unless said otherwise.
pub const PAUSE: Duration = Duration::from_millis(2);
/// How long cases are tried, unless said otherwise.
pub const BUDGET: Duration = Duration::from_mins(1);
/// The most runs at once, unless said otherwise.
pub const JOBS: usize = 8;
/// A silence that makes an answer whole, while nobody knows its length.
const SETTLE: Duration = Duration::from_millis(100);
/// How long an answer may take at first, while nobody knows how long it takes.
const FIRST: Duration = Duration::from_secs(2);
/// How long a client may take beside the talk.
const CLIENT: Duration = Duration::from_secs(10);

/// How it is to be shaken.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where messages and answers end; `raw` and none: nobody knows.
    pub frame: Option<Framing>,
    /// How text is sent, and shown.
    pub encoding: Encoding,
    /// What is made alike in answers.
    pub normalise: Vec<Normalise>,
    /// This case alone.
    pub only: Option<Case>,
    /// How long cases are tried.
    pub budget: Duration,
    /// Between two pieces.
    pub pause: Duration,
    /// How long an answer is waited for; none: it is found out.
    pub patience: Option<Duration>,
    /// The most runs at once.
    pub jobs: usize,
    /// Draws the pairs.
    pub seed: u64,
}

impl Setting {
    /// What is usual.
    pub fn usual(seed: u64) -> Self {
        Self {
            frame: None,
            encoding: Encoding::Auto,
            normalise: Vec::new(),
            only: None,
            budget: BUDGET,
            pause: PAUSE,
            patience: None,
            jobs: JOBS,
            seed,
        }
    }

    /// Refuses a framing by time.
    pub fn check(&self) -> Result<(), Failure> {
        if matches!(self.frame.as_ref().map(Framing::rule), Some(Rule::Gap(_))) {
            return Err(Failure::usage(
                "`--frame gap:…` cuts by time, and shake changes the times",
                "leave it out: each answer is compared as a whole",
            ));
        }
        Ok(())
    }

    /// The talk in which this is said, each followed by an answer.
    pub fn said(&self, data: &[Data]) -> Result<Talk, Failure> {
        let composer =
            Composer { encoding: self.encoding, framing: self.framing(), ..Composer::default() };
        let mut enframer = composer.framing.clone().map(Enframer::new);
        let sealed = data.iter().map(|data| {
            let payload = data.bytes(self.encoding)?;
            composer.seal(payload, enframer.as_mut(), None)
        });
        let sealed: Result<Vec<_>, MessageError> = sealed.collect();
        let hint = "see `--frame` and `--encoding`";
        let sealed = sealed.map_err(|error| Failure::usage(error.to_string(), hint))?;
        self.fits(Talk::of_texts(sealed))
    }

    /// The talk of a tape, of which `side` is ours.
    pub fn taped(&self, script: &Script, side: Side) -> Result<Talk, Failure> {
        self.fits(Talk::of_script(script, side, self.framing().as_ref()))
    }

    /// The search. Whether it can be is checked by [`Setting::check`] and [`prepare`].
    pub fn search(&self, subject: Subject, talk: Talk) -> Search {
        Search {
            subject,
            terms: Terms {
                talk,
                pause: self.pause,
                patience: self.patience.unwrap_or(FIRST),
                settle: SETTLE,
                linger: self.pause,
                compare: Compare { framing: self.framing(), rules: self.normalise.clone() },
            },
            patience: self.patience,
            jobs: self.jobs,
            budget: self.budget,
            seed: self.seed,
            only: self.only.clone(),
        }
    }

    /// What its report is told of.
    pub fn told(&self, talk: Talk) -> Told {
        Told {
            talk,
            seed: self.seed,
            encoding: self.encoding,
            framed: self.framing().is_some(),
            alone: self.only.is_some(),
        }
    }

    /// The failure of a search that tried nothing: it found nothing, and that says nothing.
    pub fn untried(&self, report: &Report) -> Option<Failure> {
        let tried = self.only.is_some() || report.tried.iter().any(|tried| tried.cases > 0);
        (!tried && !report.tried.is_empty()).then(|| Failure {
            code: Code::Timeout,
            text: format!("not one case was tried within {:?}", self.budget),
            hint: Some("a longer `--budget`".to_owned()),
        })
    }

    /// The framing that tells messages apart; `raw` tells none.
    fn framing(&self) -> Option<Framing> {
        self.frame.clone().filter(|framing| !matches!(framing.rule(), Rule::Raw))
    }

    fn fits(&self, talk: Result<Talk, TalkError>) -> Result<Talk, Failure> {
        let talk = talk.map_err(of_talk)?;
        if let Some(case) = &self.only {
            case.suits(&talk)
                .map_err(|error| Failure::usage(error.to_string(), "is it the same talk?"))?;
        }
        Ok(talk)
    }
}

/// Makes an endpoint ready to be shaken as `side`: refuses what keeps messages whole, and what
/// nobody answers on.
pub fn prepare(endpoint: &mut Endpoint, side: Side) -> Result<(), Failure> {
    let listens = side == Side::Acceptor;
    let why = match endpoint.target {
        Target::Udp(_) | Target::Unixgram(_) | Target::Ws(_) => {
            Some("keeps each message whole: there is nothing to cut")
        }
        Target::File(_) | Target::Stdio => Some("answers nothing"),
        Target::Exec(_) | Target::Serial(_) if listens => Some("cannot be called"),
        _ => None,
    };
    if let Some(why) = why {
        return Err(Failure::usage(
            format!("`{endpoint}` {why}"),
            "shake tests streams: tcp, tls, unix, serial, exec",
        ));
    }
    if listens {
        // A client under test is on this machine.
        endpoint.narrow();
    }
    // The kernel would hold a small piece back until the one before is acknowledged.
    endpoint.options.nodelay = matches!(endpoint.target, Target::Tcp(_) | Target::Tls(_));
    Ok(())
}

/// A client under test, which is run for each case.
pub fn client(
    endpoint: Endpoint,
    lookup: Lookup,
    argv: Vec<String>,
    environment: Vec<(OsString, OsString)>,
) -> Subject {
    let within = CLIENT;
    Subject::Client(Box::new(Client { endpoint, lookup, argv, environment, within }))
}

/// Why a search came to no report.
pub fn failure(error: &ShakeError) -> Failure {
    let code = match error {
        ShakeError::Net(error) => error.code(),
        ShakeError::Lost { error, .. } => error.code(),
        _ => Code::Io,
    };
    Failure { code, text: error.to_string(), hint: error.hint() }
}

fn of_talk(error: TalkError) -> Failure {
    let hint = match error {
        TalkError::Silent => "the other side of the tape is played by `--as-server`",
        TalkError::Datagrams => "for datagrams there is `relay --fault`",
    };
    Failure::usage(error.to_string(), hint)
}

#[cfg(test)]
mod tests {
    use sockeye_net::endpoint::Purpose;

    use super::*;

    fn prepared(text: &str, side: Side) -> Result<String, String> {
        let mut endpoint = Endpoint::parse(text, Purpose::Listen).unwrap();
        let ready = prepare(&mut endpoint, side).map(|()| endpoint.to_string());
        ready.map_err(|failure| failure.text)
    }

    #[test]
    fn streams_are_made_ready_and_what_cannot_be_cut_is_refused() {
        let ready = prepared("8888", Side::Acceptor);
        assert_eq!(ready.as_deref(), Ok("tcp://127.0.0.1:8888?nodelay"));
        assert!(prepared("exec:cat", Side::Dialler).is_ok());
        assert!(prepared("exec:cat", Side::Acceptor).unwrap_err().contains("cannot be called"));
        assert!(prepared("udp://:1", Side::Dialler).unwrap_err().contains("nothing to cut"));
        assert!(prepared("-", Side::Dialler).unwrap_err().contains("answers nothing"));
    }

    #[test]
    fn what_is_said_is_framed_and_a_case_must_fit_it() {
        let frame = "len:u16be".parse().ok();
        let setting = Setting { frame, ..Setting::usual(1) };
        let data = [Data::Text("hello".to_owned()), Data::Bytes(vec![1])];
        assert_eq!(setting.said(&data).unwrap().len(), 10);
        let only = "cut=99".parse().ok();
        let failure = Setting { only, ..setting }.said(&data).unwrap_err();
        assert_eq!(failure.code, Code::Usage);
        assert!(Setting { frame: "gap:5ms".parse().ok(), ..Setting::usual(1) }.check().is_err());
    }
}
