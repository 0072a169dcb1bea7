//! What a person types at a relay with faults.

use sockeye_text::nearest::nearest;
use sockeye_text::safe::one_line;

use crate::fault::read::Spec;
use crate::fault::shared::Faults;
use crate::fault::{Carrier, Fault};

/// The commands, as `/help` shows them.
pub const HELP: &str = "\
/fault SPEC     other faults from now on, as --fault    /fault none   none
/fault          which are in force                      /quit         end";

/// What comes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// This is to be said.
    Say(String),
    /// The run is to end.
    Quit,
}

/// Carries out one line. What cannot be understood is said, and changes nothing.
pub fn obey(line: &str, faults: &Faults, carrier: Carrier) -> Answer {
    let line = line.trim();
    if line.is_empty() {
        return Answer::Nothing;
    }
    let Some(command) = line.strip_prefix('/') else {
        return Answer::Say("not done: a relay says nothing of its own: see /help".to_owned());
    };
    let (name, argument) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    match (name, argument.trim()) {
        ("quit", _) => Answer::Quit,
        ("help", _) => Answer::Say(HELP.to_owned()),
        ("fault", "") => Answer::Say(in_force(faults)),
        ("fault", spec) => Answer::Say(match read(spec, carrier) {
            Ok(spec) => {
                faults.set(spec.0);
                in_force(faults)
            }
            Err(why) => format!("not done: {why}"),
        }),
        _ => {
            let near = nearest(name, ["fault", "help", "quit"]);
            let near = near
                .map_or_else(|| "see /help".to_owned(), |near| format!("did you mean /{near}?"));
            Answer::Say(format!("not done: there is no /{}: {near}", one_line(name)))
        }
    }
}

/// The faults in force and the seed, in words that can be typed again.
pub fn in_force(faults: &Faults) -> String {
    let spec = Spec(faults.current().to_vec());
    format!("faults: {spec} (seed {})", faults.seed())
}

fn read(spec: &str, carrier: Carrier) -> Result<Spec, String> {
    let spec: Spec = spec.parse().map_err(|error| format!("{error}"))?;
    match misfit(&spec.0, carrier) {
        Some(why) => Err(why),
        None => Ok(spec),
    }
}

/// The first fault that means nothing to that carrier, in words.
pub fn misfit(faults: &[Fault], carrier: Carrier) -> Option<String> {
    let fault = faults.iter().find(|fault| !fault.fits(carrier))?;
    let other = match carrier {
        Carrier::Streams => "datagrams",
        Carrier::Datagrams => "streams",
    };
    Some(format!("`{fault}` is for {other}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str, faults: &Faults) -> String {
        match obey(line, faults, Carrier::Streams) {
            Answer::Say(text) => text,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn changes_and_shows_the_faults() {
        let faults = Faults::new(Vec::new(), 7);
        assert_eq!(said("/fault", &faults), "faults: none (seed 7)");
        assert_eq!(said("/fault split=1; dup", &faults), "faults: split=1; dup (seed 7)");
        assert_eq!(faults.current().len(), 2);
        assert_eq!(said(" /fault none ", &faults), "faults: none (seed 7)");
        assert_eq!(obey("/quit", &faults, Carrier::Streams), Answer::Quit);
        assert_eq!(obey("", &faults, Carrier::Streams), Answer::Nothing);
    }

    #[test]
    fn what_is_not_understood_changes_nothing() {
        let faults = Faults::new("drop".parse::<Spec>().unwrap().0, 7);
        assert!(said("/fault dealy=5ms", &faults).contains("`delay`"));
        assert_eq!(said("/fault size=5", &faults), "not done: `size=5` is for datagrams");
        assert!(said("/falt", &faults).contains("/fault"));
        assert!(said("hello", &faults).contains("/help"));
        assert!(!said("/\u{1b}[31m", &faults).contains('\u{1b}'));
        assert_eq!(faults.current().len(), 1);
    }
}
