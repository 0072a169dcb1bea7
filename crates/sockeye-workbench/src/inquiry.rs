//! One question to every conversation at once: how do you stand? Each answers by itself, from
//! what the kernel says at that moment; nothing is kept for it. A conversation that waits
//! for a stopped stdout does not answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

use crate::fares::Fares;

/// How many conversations answer by a line; the others stay silent.
pub const ANSWERS: usize = 20;
/// How many answers are gathered.
pub const MOST: usize = 1024;
/// How long they are waited for.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// The question.
#[derive(Debug, Default)]
pub struct Inquiry {
    /// How often it was asked. Changed under the lock of `desk`.
    times: AtomicU64,
    bell: Notify,
    /// Never held while anything is awaited.
    desk: Mutex<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    /// How many hear the question.
    attending: usize,
    /// The last time that lines were asked for, and how many more may answer by one.
    lines: (u64, usize),
    /// Those who gather answers, and the time at which each asked.
    gatherers: Vec<(u64, Sender<Vec<Fares>>)>,
}

/// Whoever hears the question, until it is dropped.
#[derive(Debug)]
pub struct Attendant<'i> {
    inquiry: &'i Inquiry,
    /// The last time that it was asked.
    asked: u64,
}

impl Inquiry {
    /// Asks for lines. Answers to the question before are not waited for.
    pub fn ask(&self) {
        let mut desk = self.desk();
        desk.lines = (self.asked_again(), ANSWERS);
        drop(desk);
        self.bell.notify_waiters();
    }

    /// Asks, and gathers the answers, by number: of [`MOST`] who are asked, as far as they
    /// answer within [`PATIENCE`].
    pub async fn gather(&self) -> Vec<Fares> {
        let (most, mut answers) = self.ask_for_fares();
        self.bell.notify_waiters();
        let mut gathered = Vec::new();
        let gathering = async {
            for _ in 0..most {
                let Some(answer) = answers.recv().await else { return };
                gathered.extend(answer);
            }
        };
        // Who has not answered by then is left out.
        drop(timeout(PATIENCE, gathering).await);
        gathered.sort_by_key(|fares: &Fares| fares.c);
        gathered
    }

    /// How many will answer, and where their answers come.
    fn ask_for_fares(&self) -> (usize, Receiver<Vec<Fares>>) {
        let mut desk = self.desk();
        let most = desk.attending.min(MOST);
        let (door, answers) = channel(most.max(1));
        desk.gatherers.retain(|(_, gatherer)| !gatherer.is_closed());
        desk.gatherers.push((self.asked_again(), door));
        (most, answers)
    }

    /// Hears the question from now on.
    pub fn attend(&self) -> Attendant<'_> {
        let mut desk = self.desk();
        desk.attending += 1;
        Attendant { inquiry: self, asked: self.times.load(Ordering::Acquire) }
    }

    /// Under the lock.
    fn asked_again(&self) -> u64 {
        self.times.fetch_add(1, Ordering::AcqRel) + 1
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Attendant<'_> {
    fn drop(&mut self) {
        self.inquiry.desk().attending -= 1;
    }
}

impl Attendant<'_> {
    /// Waits until it is asked again. Cancel-safe.
    pub async fn is_asked(&self) {
        loop {
            // Made before the look, so that no bell is missed in between.
            let bell = self.inquiry.bell.notified();
            if self.inquiry.times.load(Ordering::Acquire) > self.asked {
                return;
            }
            bell.await;
        }
    }

    /// What was asked since the last time.
    pub fn questions(&mut self) -> Questions {
        let desk = self.inquiry.desk();
        let since = std::mem::replace(&mut self.asked, self.inquiry.times.load(Ordering::Acquire));
        let new = desk.gatherers.iter().filter(|(time, door)| *time > since && !door.is_closed());
        Questions {
            lines: desk.lines.0 > since,
            gatherers: new.map(|(_, door)| door.clone()).collect(),
        }
    }

    /// Takes one of the places of those who answer by a line; false if there is none left.
    pub fn take_place(&self) -> bool {
        let (_, places) = &mut self.inquiry.desk().lines;
        let left = places.checked_sub(1);
        *places = left.unwrap_or(0);
        left.is_some()
    }
}

/// What was asked.
#[derive(Debug)]
pub struct Questions {
    lines: bool,
    gatherers: Vec<Sender<Vec<Fares>>>,
}

impl Questions {
    /// Whether those who have a place answer by a line.
    pub fn want_lines(&self) -> bool {
        self.lines
    }

    /// Whether anybody gathers answers.
    pub fn want_fares(&self) -> bool {
        !self.gatherers.is_empty()
    }

    /// The answer to those who gather. Nobody is waited for.
    pub fn answer(self, fares: &[Fares]) {
        for gatherer in self.gatherers {
            // Whoever has enough answers by now has gone.
            drop(gatherer.try_send(fares.to_vec()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fares(c: u64) -> Fares {
        let (local, peer) = (String::new(), String::new());
        Fares { c, proto: "tcp", local, peer, rows: Vec::new(), tcp: None }
    }

    #[tokio::test]
    async fn whoever_waits_or_comes_late_hears_of_it_once_and_few_answer() {
        let inquiry = Inquiry::default();
        let mut attendant = inquiry.attend();
        let ((), ()) = tokio::join!(attendant.is_asked(), async { inquiry.ask() });
        attendant.is_asked().await;
        let questions = attendant.questions();
        assert!(questions.want_lines() && !questions.want_fares());
        assert!(!attendant.questions().want_lines());
        let places = (0..100).filter(|_| attendant.take_place()).count();
        assert_eq!(places, ANSWERS);
        inquiry.ask();
        attendant.is_asked().await;
        assert!(attendant.take_place());
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_answer_are_gathered_and_nobody_else_is_waited_for_long() {
        let inquiry = Inquiry::default();
        let (mut one, mut two) = (inquiry.attend(), inquiry.attend());
        let answering = |attendant: &mut Attendant<'_>, c| {
            let questions = attendant.questions();
            assert!(questions.want_fares() && !questions.want_lines());
            questions.answer(&[fares(c), fares(c + 10)]);
        };
        let began = tokio::time::Instant::now();
        let (gathered, ()) = tokio::join!(inquiry.gather(), async {
            two.is_asked().await;
            answering(&mut two, 2);
            answering(&mut one, 1);
        });
        let numbers: Vec<u64> = gathered.iter().map(|fares| fares.c).collect();
        assert_eq!((numbers, began.elapsed()), (vec![1, 2, 11, 12], Duration::ZERO));
        let (gathered, ()) = tokio::join!(inquiry.gather(), async { answering(&mut one, 1) });
        assert_eq!((gathered.len(), began.elapsed()), (2, PATIENCE));
        drop((one, two));
        assert!(inquiry.gather().await.is_empty());
        assert_eq!(began.elapsed(), PATIENCE, "nobody is there");
    }
}
