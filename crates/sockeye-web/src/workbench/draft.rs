//! What is to be opened, as the page's form sends it: the command line's flags as texts. The
//! same draft is read into what is meant ([`crate::workbench::meaning`]) and written as the
//! command that does the same in a terminal.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sockeye_text::shell::word;

/// How long cases of a shake are tried unless it is said.
pub const BUDGET: Duration = Duration::from_secs(20);

/// What is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// A client.
    #[default]
    Connect,
    /// A server.
    Listen,
    /// A relay.
    Relay,
    /// One side of a tape, again.
    Replay,
    /// The boundary tester.
    Shake,
    /// Packets.
    Capture,
    /// Both sides of a classic program.
    Lesson,
    /// A tape from the user's disk, to be looked at.
    Tape,
    /// A server with a bug at its boundaries, and its client.
    Demo,
}

/// The fields of the form; each is what the flag of its name takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "each is the command line's flag of that name")]
pub struct Draft {
    #[serde(rename = "do")]
    pub does: Does,
    /// What the user calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Where a relay listens, and what it calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconnect: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub close_after_reply: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_conns: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// The run whose tape is played or shaken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tape: Option<u64>,
    /// Which conversation of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub as_server: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<String>,
    /// What is said where there is no tape.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub send: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<String>,
    /// The run whose packets are looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The language of a lesson's prepared texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The uploaded file that is a tape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<u64>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

fn is_empty(value: Option<&String>) -> bool {
    value.is_none_or(|value| value.trim().is_empty())
}

/// One flag that is given.
enum Given<'d> {
    Switch(&'static str),
    Value(&'static str, &'d str),
    /// A value that may be left out in a terminal.
    Joined(&'static str, &'d str),
}

impl Draft {
    /// The command that does the same in a terminal.
    pub fn command(&self) -> String {
        let mut words = vec!["sockeye".to_owned()];
        words.extend(self.subject().iter().map(|text| word(text)));
        for given in self.given() {
            match given {
                Given::Switch(flag) => words.push(flag.to_owned()),
                // What begins with a dash would be read as a flag.
                Given::Value(flag, value) if !value.starts_with('-') => {
                    words.extend([flag.to_owned(), word(value)]);
                }
                Given::Value(flag, value) | Given::Joined(flag, value) => {
                    words.push(format!("{flag}={}", word(value)));
                }
            }
        }
        if let Some(number) = self.conversation {
            words.extend(["--conversation".to_owned(), number.to_string()]);
        }
        if self.does == Does::Shake && is_empty(self.budget.as_ref()) {
            words.extend(["--budget".to_owned(), format!("{}s", BUDGET.as_secs())]);
        }
        words.join(" ")
    }

    /// The command's name and its arguments.
    fn subject(&self) -> Vec<String> {
        let tape = |run: Option<u64>| run.map(tape_name);
        let named = |name: &str| Some(name.to_owned());
        let words: Vec<Option<String>> = match self.does {
            Does::Connect => vec![named("connect"), self.endpoint.clone()],
            Does::Listen => vec![named("listen"), self.endpoint.clone()],
            Does::Relay => vec![named("relay"), self.a.clone(), self.b.clone()],
            Does::Replay => vec![named("replay"), tape(self.tape), self.endpoint.clone()],
            Does::Shake => vec![named("shake"), tape(self.tape), self.endpoint.clone()],
            Does::Capture => {
                let mut words = vec![named("capture")];
                words.extend(self.endpoints.iter().cloned().map(Some));
                words.extend(
                    self.of
                        .map(|run| ["--with".to_owned(), tape_name(run)])
                        .into_iter()
                        .flatten()
                        .map(Some),
                );
                words
            }
            Does::Lesson => vec![named("classic"), self.program.clone(), named("serve")],
            Does::Tape => vec![named("tape"), named("show"), named("FILE")],
            Does::Demo => vec![named("demo")],
        };
        words.into_iter().flatten().collect()
    }

    fn given(&self) -> Vec<Given<'_>> {
        let one = [
            ("--frame", &self.frame),
            ("--encoding", &self.encoding),
            ("--checksum", &self.checksum),
            ("--eol", &self.eol),
            ("--until", &self.until),
            ("--read-size", &self.read_size),
            ("--idle-timeout", &self.idle_timeout),
            ("-w", &self.wait),
            ("--reply", &self.reply),
            ("--max-conns", &self.max_conns),
            ("--exec", &self.exec),
            ("--fault", &self.fault),
            ("--seed", &self.seed),
            ("--speed", &self.speed),
            ("--budget", &self.budget),
            ("--pause", &self.pause),
        ];
        let many = [
            ("--on", &self.on),
            ("--allow", &self.allow),
            ("--deny", &self.deny),
            ("--send", &self.send),
        ];
        let switches =
            [("--close-after-reply", self.close_after_reply), ("--as-server", self.as_server)];
        let one = one.into_iter().filter_map(|(flag, value)| {
            value
                .as_deref()
                .filter(|value| !value.is_empty())
                .map(|value| Given::Value(flag, value))
        });
        let many = many.into_iter().flat_map(|(flag, values)| {
            values.iter().map(move |value| Given::Value(flag, value.as_str()))
        });
        let switches =
            switches.into_iter().filter(|(_, on)| *on).map(|(flag, _)| Given::Switch(flag));
        let again = self.reconnect.as_deref().filter(|value| !value.is_empty());
        let again = again.map(|value| Given::Joined("--reconnect", value));
        one.chain(again).chain(many).chain(switches).collect()
    }
}

/// What the tape of a run is called where it is saved.
pub fn tape_name(run: u64) -> String {
    format!("run-{run}.tape")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(json: &str) -> String {
        serde_json::from_str::<Draft>(json).expect("a draft").command()
    }

    #[test]
    fn a_draft_is_written_as_a_shell_reads_it() {
        for (json, wanted) in [
            (
                r#"{"do":"connect","endpoint":"8888","reconnect":"1s","wait":"5s","name":"x"}"#,
                "sockeye connect 8888 -w 5s --reconnect=1s",
            ),
            (
                r#"{"do":"listen","endpoint":"0","on":["a => b"],"close-after-reply":true}"#,
                "sockeye listen 0 --on 'a => b' --close-after-reply",
            ),
            (
                r#"{"do":"listen","endpoint":"0","reply":"","frame":"lines"}"#,
                "sockeye listen 0 --frame lines",
            ),
            (
                r#"{"do":"replay","tape":3,"conversation":2,"endpoint":"0","as-server":true}"#,
                "sockeye replay run-3.tape 0 --as-server --conversation 2",
            ),
            (
                r#"{"do":"shake","endpoint":"1","send":["-x"],"budget":"5s"}"#,
                "sockeye shake 1 --budget 5s --send=-x",
            ),
            (
                r#"{"do":"shake","tape":3,"endpoint":"1"}"#,
                "sockeye shake run-3.tape 1 --budget 20s",
            ),
            (
                r#"{"do":"capture","endpoints":["1","2"],"of":3}"#,
                "sockeye capture 1 2 --with run-3.tape",
            ),
            (r#"{"do":"lesson","program":"chat"}"#, "sockeye classic chat serve"),
            (r#"{"do":"demo"}"#, "sockeye demo"),
        ] {
            assert_eq!(command(json), wanted, "{json}");
        }
    }

    #[test]
    fn what_is_written_down_is_read_back_and_what_is_unknown_is_not_read() {
        let json =
            r#"{"do":"listen","endpoint":"0","read-size":"2,10","max-conns":"3","deny":["::/0"]}"#;
        let draft: Draft = serde_json::from_str(json).expect("a draft");
        let again = serde_json::to_string(&draft).expect("JSON");
        assert_eq!(serde_json::from_str::<Draft>(&again).expect("a draft"), draft);
        for json in [r#"{"do":"listen","ednpoint":"0"}"#, r#"{"do":"fly"}"#, r#"{"endpoint":"0"}"#]
        {
            assert!(serde_json::from_str::<Draft>(json).is_err(), "{json}");
        }
    }
}
