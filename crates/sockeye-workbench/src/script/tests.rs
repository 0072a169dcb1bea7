//! Scripts from tapes recorded at each of the places where one can stand.

use std::borrow::Cow;

use super::*;
use sockeye_tape::event::Close;

fn event(millis: u64, c: u64, what: What<'static>) -> Event<'static> {
    Event { t: Duration::from_millis(millis), c, what }
}

fn open(role: Role, pair: Option<u64>) -> What<'static> {
    let (local, peer) = ("a:1".to_owned(), "b:2".to_owned());
    What::Open(Open { role, local, peer, proto: "tcp".to_owned(), pair })
}

fn came(bytes: &'static [u8]) -> What<'static> {
    What::In { bytes: Cow::Borrowed(bytes), from: None }
}

fn went(bytes: &'static [u8]) -> What<'static> {
    What::Out { bytes: Cow::Borrowed(bytes), to: None }
}

fn closed(by: By) -> What<'static> {
    What::Close(Close { by, how: How::Fin, why: None })
}

fn script(events: Vec<Event<'static>>) -> String {
    let mut gathering = Gathering::default();
    for event in events {
        gathering.take(event).unwrap();
    }
    told(&gathering.script(None).unwrap())
}

fn told(script: &Script) -> String {
    let step = |step: &Step| {
        let side = if step.side == Side::Dialler { 'D' } else { 'A' };
        let said = step
            .said
            .as_ref()
            .map_or("END".into(), |bytes| String::from_utf8_lossy(bytes).into_owned());
        format!("+{} {side}:{said}", step.after.as_millis())
    };
    script.steps.iter().map(step).collect::<Vec<_>>().join(" ")
}

const TALK: &str = "+0 D:hi +0 D:END +5 A:you +2 A:END";

#[test]
fn the_same_talk_gives_the_same_script_wherever_it_was_recorded() {
    let at_the_dialler = vec![
        event(1, 1, open(Role::Dial, None)),
        event(10, 1, went(b"hi")),
        event(15, 1, came(b"you")),
        event(17, 1, closed(By::Us)),
    ];
    let at_the_acceptor = vec![
        event(1, 1, open(Role::Accept, None)),
        event(10, 1, came(b"hi")),
        event(15, 1, went(b"you")),
        event(17, 1, closed(By::Peer)),
    ];
    let between = vec![
        event(1, 1, open(Role::Accept, None)),
        event(1, 2, open(Role::Dial, Some(1))),
        event(10, 1, came(b"hi")),
        event(15, 2, came(b"you")),
        event(17, 1, closed(By::Peer)),
        event(17, 2, closed(By::Us)),
    ];
    for events in [at_the_dialler, at_the_acceptor, between] {
        assert_eq!(script(events), TALK);
    }
}

#[test]
fn the_first_that_spoke_is_taken_or_the_one_that_is_asked_for() {
    let events = || {
        let mut gathering = Gathering::default();
        for event in [
            event(0, 1, open(Role::Dial, None)),
            event(1, 2, open(Role::Dial, None)),
            event(2, 2, went(b"two")),
            event(3, 3, went(b"three")),
        ] {
            gathering.take(event).unwrap();
        }
        gathering
    };
    let first = events().script(None).unwrap();
    assert_eq!((first.number, first.others, told(&first).as_str()), (2, 1, "+0 D:two"));
    assert_eq!(told(&events().script(Some(3)).unwrap()), "+0 D:three");
    assert_eq!(events().script(Some(1)), Err(ScriptError::Missing(1)));
    assert_eq!(Gathering::default().script(None), Err(ScriptError::Empty));
}

#[test]
fn pairs_that_point_at_nothing_or_in_a_circle_are_conversations_like_others() {
    let circle = vec![
        event(0, 1, open(Role::Dial, Some(2))),
        event(0, 2, open(Role::Dial, Some(1))),
        event(1, 1, went(b"x")),
        event(2, 3, open(Role::Dial, Some(99))),
        event(3, 3, went(b"y")),
    ];
    let mut gathering = Gathering::default();
    for event in circle {
        gathering.take(event).unwrap();
    }
    assert!(gathering.script(Some(3)).is_ok());
}
