//! What a journal records on a reel, and who is told.

use std::time::Duration;

use sockeye_tape::error::TapeError;
use sockeye_tape::event::What;
use sockeye_tape::header::Header;
use sockeye_tape::reel::{Limit, Reel};
use sockeye_workbench::clock::Clock;
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::reeled::Reeled;
use sockeye_workbench::screen::screen;
use tokio::time::Instant;
use tokio::time::timeout;

fn reeled(folder: &tempfile::TempDir) -> Reeled {
    let header = Header { start: String::new(), argv: Vec::new(), sockeye: "0".into() };
    let limit = Limit { bytes: u64::MAX, events: u64::MAX };
    Reeled::new(Reel::create(&folder.path().join("a.tape"), &header, limit).expect("a new reel"))
}

fn journal(reel: &Reeled) -> Journal {
    let reel = Some(reel.clone());
    let outlets = Outlets { shown: Shown::Nothing, tape: None, reel, log: None, save: None };
    Journal::new(Clock::since(Instant::now()), screen(true).0, outlets)
}

fn note(text: &str) -> What<'static> {
    What::Note { text: text.to_owned() }
}

#[tokio::test]
async fn a_watcher_is_told_when_the_reel_grew_and_reads_it_while_the_talk_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let reel = reeled(&folder);
    let journal = journal(&reel);
    let mut watch = reel.watch();
    assert_eq!(*watch.borrow_and_update(), 0);
    journal.record(1, note("one"));
    journal.record(2, note("two"));
    journal.settle().await;
    let told = timeout(Duration::from_secs(10), watch.changed()).await;
    told.expect("told in time").unwrap();
    assert_eq!(*watch.borrow_and_update(), 2);
    let events = reel.reading().events(0..9).unwrap();
    let said: Vec<_> = events.into_iter().map(|event| (event.c, event.what)).collect();
    assert_eq!(said, [(1, note("one")), (2, note("two"))]);
}

#[tokio::test]
async fn what_was_recorded_can_be_read_when_the_run_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let reel = reeled(&folder);
    let journal = journal(&reel);
    journal.record(1, note("last"));
    assert_eq!(journal.finish(), Vec::<String>::new());
    drop(journal);
    assert_eq!(reel.reading().event(0).unwrap().unwrap().what, note("last"));
    assert!(matches!(
        Reel::create(&folder.path().join("a.tape"), reel.reading().header(), reel.reel().limit()),
        Err(TapeError::Busy { .. })
    ));
}
