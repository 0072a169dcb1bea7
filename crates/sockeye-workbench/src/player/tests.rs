//! A script played over a clock that is moved by hand.

use proptest::prelude::*;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn step(after: u32, side: Side, said: &str) -> Step {
    let said = (said != "END").then(|| said.as_bytes().to_vec());
    Step { after: MS * after, side, said }
}

fn playing(steps: Vec<Step>, side: Side, speed: Option<f64>) -> Playing {
    let script = Script { steps, datagrams: false, number: 1, others: 0 };
    Playing { script: Arc::new(script), side, speed, patience: MS * 5000, strict: false }
}

fn talk() -> Vec<Step> {
    vec![
        step(0, Side::Dialler, "hi"),
        step(10, Side::Acceptor, "you"),
        step(100, Side::Dialler, "more"),
        step(0, Side::Dialler, "END"),
        step(5, Side::Acceptor, "bye"),
        step(0, Side::Acceptor, "END"),
    ]
}

#[test]
fn says_its_part_when_the_pause_is_over_and_what_came_then_has_come() {
    let mut player = Player::new(playing(talk(), Side::Dialler, Some(1.0)), MS);
    assert_eq!(player.due(MS), [Do::Say(b"hi".to_vec())]);
    player.came(b"yo");
    assert_eq!(player.due(MS * 50), []);
    player.came(b"u");
    assert_eq!(player.due(MS * 60), [], "the pause counts from what came");
    assert_eq!(player.deadline(), Some(MS * 160));
    assert_eq!(player.due(MS * 160), [Do::Say(b"more".to_vec()), Do::Finish]);
    player.came(b"bye");
    assert_eq!(player.due(MS * 161), [Do::Over]);
    assert_eq!(player.due(MS * 162), []);
    assert!(player.verdict().0);
}

#[test]
fn a_speed_divides_the_pauses_and_none_leaves_the_order_alone() {
    let mut fast = Player::new(playing(talk(), Side::Dialler, Some(10.0)), Duration::ZERO);
    fast.due(Duration::ZERO);
    fast.came(b"you");
    fast.due(MS);
    assert_eq!(fast.deadline(), Some(MS * 11));
    let mut at_once = Player::new(playing(talk(), Side::Dialler, None), Duration::ZERO);
    assert_eq!(at_once.due(Duration::ZERO).len(), 1, "it still waits for the answer");
    at_once.came(b"you");
    assert_eq!(at_once.due(Duration::ZERO).len(), 2);
}

#[test]
fn goes_on_without_what_does_not_come_and_says_so() {
    let mut player = Player::new(playing(talk(), Side::Dialler, None), Duration::ZERO);
    player.due(Duration::ZERO);
    player.came(b"y");
    assert_eq!(player.deadline(), Some(MS * 5000));
    let done = player.due(MS * 5000);
    assert_eq!(done[0], Do::Note("1 of 3 bytes had come after 5s: going on".to_owned()));
    assert_eq!(done[1..], [Do::Say(b"more".to_vec()), Do::Finish]);
    let (same, text) = player.verdict();
    assert!(!same && text == "1 bytes came, the tape has 6", "{text}");
}

#[test]
fn the_first_difference_is_told_with_its_offset() {
    let mut player = Player::new(playing(talk(), Side::Dialler, None), Duration::ZERO);
    player.came(b"yoX\x1b");
    let (same, text) = player.verdict();
    assert!(!same);
    assert!(
        text.starts_with("the answers differ from the tape at byte 2: `X\\x1b` instead of `u`"),
        "{text}"
    );
    let mut longer = Player::new(playing(talk(), Side::Dialler, None), Duration::ZERO);
    longer.came(b"youbye and more");
    assert!(
        longer.verdict().1.contains("at byte 6: ` and more` instead of ``"),
        "{:?}",
        longer.verdict()
    );
}

#[test]
fn the_other_side_is_played_as_well() {
    let mut player = Player::new(playing(talk(), Side::Acceptor, None), Duration::ZERO);
    assert_eq!(player.due(Duration::ZERO), []);
    player.came(b"hi");
    assert_eq!(player.due(Duration::ZERO), [Do::Say(b"you".to_vec())]);
    player.came(b"more");
    assert_eq!(player.due(Duration::ZERO), [Do::Say(b"bye".to_vec()), Do::Finish, Do::Over]);
}

proptest! {
    #[test]
    fn what_is_said_does_not_depend_on_how_the_answers_are_cut(cuts in proptest::collection::vec(1..4_usize, 0..8)) {
        let mut player = Player::new(playing(talk(), Side::Dialler, None), Duration::ZERO);
        let mut said = player.due(Duration::ZERO);
        let mut rest = &b"youbye"[..];
        for cut in cuts.into_iter().chain([6]) {
            let (part, after) = rest.split_at(cut.min(rest.len()));
            rest = after;
            player.came(part);
            said.extend(player.due(Duration::ZERO));
        }
        prop_assert_eq!(said, [Do::Say(b"hi".to_vec()), Do::Say(b"more".to_vec()), Do::Finish, Do::Over]);
        prop_assert!(player.verdict().0);
    }
}
