//! Sequences by a clock that is moved by hand: nothing here waits.

use sockeye_text::encoding::Encoding;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

use super::*;
use crate::roster::{Addressed, orders};

/// What came in, in memory: a conversation, and what it said; none: its end.
#[derive(Clone, Debug, Default)]
struct Record(watch::Sender<Vec<(u64, Option<Vec<u8>>)>>);

impl Record {
    fn says(&self, number: u64, text: &str) {
        self.0.send_modify(|events| events.push((number, Some(text.into()))));
    }

    fn ends(&self, number: u64) {
        self.0.send_modify(|events| events.push((number, None)));
    }
}

impl Heard for Record {
    fn position(&self) -> u64 {
        self.0.borrow().len() as u64
    }

    async fn after(&self, from: u64) -> Option<Batch> {
        let mut changes = self.0.subscribe();
        let events = changes.wait_for(|events| events.len() as u64 > from).await.ok()?;
        let mut batch = Batch { next: from + 1, ..Batch::default() };
        match events.get(usize::try_from(from).ok()?)? {
            (number, Some(bytes)) => batch.came.push((*number, bytes.clone())),
            (number, None) => batch.ended.push(*number),
        }
        Some(batch)
    }
}

struct Scene {
    roster: Arc<Roster>,
    record: Record,
    stop: CancellationToken,
    began: Instant,
}

impl Scene {
    fn set() -> Self {
        Self {
            roster: Arc::default(),
            record: Record::default(),
            stop: CancellationToken::new(),
            began: Instant::now(),
        }
    }

    /// A conversation that nobody reads the orders of but the test.
    fn enters(&self, number: u64) -> Receiver<Addressed> {
        let (door, queue) = orders();
        let roster = Arc::clone(&self.roster);
        let (peer, kicked) = (format!("peer {number}"), CancellationToken::new());
        // Its place is left when its orders are read no more.
        tokio::spawn(async move {
            let left = door.clone();
            let _place = roster.enter(number, peer, Some(door), kicked);
            left.closed().await;
        });
        queue
    }

    fn run(&self, sequence: Sequence) -> (watch::Receiver<Progress>, JoinHandle<()>) {
        sequence.check().unwrap();
        let (progress, told) = watch::channel(Progress::default());
        let roster = Arc::clone(&self.roster);
        let running = sequence.run(roster, self.record.clone(), progress, self.stop.clone());
        (told, tokio::spawn(running))
    }

    fn millis(&self) -> u128 {
        self.began.elapsed().as_millis()
    }
}

fn sequence(steps: &[Step]) -> Sequence {
    Sequence {
        to: vec![To::All],
        steps: steps.to_vec(),
        times: Some(1),
        every: Duration::ZERO,
        encoding: Encoding::Auto,
    }
}

fn send(text: &str) -> Step {
    Step::Send(Order::Send(text.into()))
}

fn wait(millis: u64) -> Step {
    Step::Wait(Duration::from_millis(millis))
}

fn expect(text: &str) -> Step {
    Step::Expect(text.parse().unwrap(), Duration::from_secs(2))
}

async fn over((mut told, task): (watch::Receiver<Progress>, JoinHandle<()>)) -> Progress {
    task.await.unwrap();
    told.borrow_and_update().clone()
}

#[tokio::test(start_paused = true)]
async fn passes_begin_by_a_clock_that_does_not_drift() {
    let scene = Scene::set();
    let mut queue = scene.enters(1);
    let steps = [send("a"), wait(30)];
    let every = Duration::from_millis(100);
    let run = scene.run(Sequence { times: Some(4), every, ..sequence(&steps) });
    for due in [0, 100, 200, 300] {
        assert_eq!(queue.recv().await, Some((1, Order::Send(b"a".to_vec()))));
        assert_eq!(scene.millis(), due);
    }
    let progress = over(run).await;
    assert_eq!((progress.state, progress.done, progress.late), (State::Done, 4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_takes_too_long_is_not_cut_and_the_clock_is_kept_after_it() {
    let scene = Scene::set();
    let mut queue = scene.enters(1);
    let steps = [send("a"), expect("OK")];
    let every = Duration::from_millis(100);
    let run = scene.run(Sequence { times: Some(4), every, ..sequence(&steps) });
    for (due, takes) in [(0, 250), (250, 10), (300, 10), (400, 10)] {
        queue.recv().await.unwrap();
        assert_eq!(scene.millis(), due);
        sleep(Duration::from_millis(takes)).await;
        scene.record.says(1, "OK");
    }
    assert_eq!(over(run).await.late, 1);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_keep_up_is_waited_for_and_misses_nothing() {
    let scene = Scene::set();
    let (mut slow, mut quick) = (scene.enters(1), scene.enters(2));
    let every = Duration::from_millis(1);
    let run = scene.run(Sequence { times: Some(50), every, ..sequence(&[send("a")]) });
    let mut heard = 0;
    for _ in 0..50 {
        // Nothing more comes to the quick one than the slow one can take.
        while let Ok(Some(_)) = tokio::time::timeout(every * 5, quick.recv()).await {
            heard += 1;
        }
        slow.recv().await.unwrap();
    }
    while quick.try_recv().is_ok() {
        heard += 1;
    }
    assert_eq!(heard, 50);
    assert_eq!(over(run).await.done, 50);
}

#[tokio::test(start_paused = true)]
async fn what_is_expected_is_found_over_any_cut_in_each_conversation() {
    let scene = Scene::set();
    let (mut one, mut two) = (scene.enters(1), scene.enters(2));
    scene.record.says(1, "OK DONE, of before");
    let run = scene.run(sequence(&[send("a"), expect("OK"), expect("re:D.NE"), send("b")]));
    one.recv().await.unwrap();
    two.recv().await.unwrap();
    for (number, text) in [(1, "DONE O"), (2, "OK DO"), (1, "K D"), (2, "NE"), (3, "DONE")] {
        scene.record.says(number, text);
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(run.0.borrow().at, "step 3: expects re:D.NE");
    assert!(one.try_recv().is_err(), "the second is expected after the first");
    scene.record.says(1, "ONE");
    assert_eq!(one.recv().await, Some((1, Order::Send(b"b".to_vec()))));
    assert_eq!(over(run).await.state, State::Done);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_come_in_time_ends_it_and_who_did_not_say_it_is_told() {
    let scene = Scene::set();
    let (_one, _two) = (scene.enters(1), scene.enters(2));
    scene.roster.somebody().await;
    tokio::task::yield_now().await;
    let run = scene.run(sequence(&[send("a"), expect("OK")]));
    sleep(Duration::from_secs(1)).await;
    scene.record.says(1, "OK");
    let progress = over(run).await;
    assert_eq!((progress.state, progress.step), (State::Missed, 2));
    assert_eq!(progress.why.as_deref(), Some("`OK` did not come from #2 within 2s"));
    assert_eq!(scene.millis(), 2000);
}

#[tokio::test(start_paused = true)]
async fn an_end_is_not_waited_out() {
    let scene = Scene::set();
    let mut queue = scene.enters(1);
    let run = scene.run(sequence(&[send("a"), expect("OK")]));
    queue.recv().await.unwrap();
    scene.record.ends(1);
    assert_eq!(over(run).await.why.as_deref(), Some("#1 ended without `OK`"));
    assert_eq!(scene.millis(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_between_two_passes_is_not_missed() {
    let scene = Scene::set();
    let mut queue = scene.enters(1);
    let every = Duration::from_millis(500);
    let steps = [expect("ping"), send("pong")];
    let run = scene.run(Sequence { times: Some(2), every, ..sequence(&steps) });
    for _ in 0..2 {
        sleep(Duration::from_millis(100)).await;
        scene.record.says(1, "ping");
        queue.recv().await.unwrap();
    }
    assert_eq!(over(run).await.state, State::Done);
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_heard_in_any_wait() {
    for steps in [vec![wait(10_000)], vec![send("a")], vec![expect("OK")]] {
        let scene = Scene::set();
        let many = Sequence { times: None, every: CLOSEST, ..sequence(&steps) };
        // It takes no orders but those that find room, and says nothing.
        let queue = scene.enters(1);
        let run = scene.run(many);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(run.0.borrow().state, State::Running);
        scene.stop.cancel();
        assert_eq!(over(run).await.state, State::Stopped);
        drop(queue);
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_is_waited_for_and_who_was_named_must_be_there() {
    let scene = Scene::set();
    let run = scene.run(sequence(&[send("a")]));
    sleep(Duration::from_secs(5)).await;
    let mut queue = scene.enters(1);
    assert_eq!(queue.recv().await, Some((1, Order::Send(b"a".to_vec()))));
    assert_eq!(over(run).await.state, State::Done);
    let named = Sequence { to: vec![To::One(1), To::One(7)], ..sequence(&[send("b")]) };
    let progress = over(scene.run(named)).await;
    assert_eq!(progress.state, State::Failed);
    assert!(progress.why.is_some_and(|why| why.contains("#7")));
    assert!(queue.try_recv().is_err(), "nobody gets what not all can get");
}

#[test]
fn what_would_do_nothing_or_never_rest_is_refused() {
    let fine = sequence(&[send("a")]);
    assert!(fine.check().is_ok());
    let refused = |change: fn(&mut Sequence)| {
        let mut sequence = fine.clone();
        change(&mut sequence);
        sequence.check().unwrap_err().to_string()
    };
    assert!(refused(|s| s.steps.clear()).contains("steps"));
    assert!(refused(|s| s.to.clear()).contains("conversations"));
    assert!(refused(|s| s.times = Some(0)).contains("passes"));
    assert!(refused(|s| s.times = None).contains("1ms"));
    assert!(refused(|s| s.steps = vec![send("a"); MOST_STEPS + 1]).contains("too many"));
    assert!(refused(|s| s.steps = vec![Step::Wait(Duration::MAX)]).contains("too long"));
}
