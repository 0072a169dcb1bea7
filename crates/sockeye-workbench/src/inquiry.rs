//! One question to every conversation at once: how does your connection fare? Each answers
//! by itself, from what the kernel says at that moment; nothing is kept for it. A
//! conversation that waits for a stopped stdout does not answer.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many conversations answer; the others stay silent.
pub const ANSWERS: usize = 20;

/// The question.
#[derive(Debug, Default)]
pub struct Inquiry {
    /// How often it was asked.
    times: AtomicU64,
    /// How many more may answer.
    places: AtomicUsize,
    bell: Notify,
}

impl Inquiry {
    /// Asks. Answers to the question before are not waited for.
    pub fn ask(&self) {
        self.places.store(ANSWERS, Ordering::Release);
        self.times.fetch_add(1, Ordering::Release);
        self.bell.notify_waiters();
    }

    /// How often it was asked by now.
    pub fn now(&self) -> u64 {
        self.times.load(Ordering::Acquire)
    }

    /// Waits until it has been asked more often than `times`, and says how often. Cancel-safe.
    pub async fn after(&self, times: u64) -> u64 {
        loop {
            // Made before the look, so that no bell is missed in between.
            let bell = self.bell.notified();
            let now = self.now();
            if now > times {
                return now;
            }
            bell.await;
        }
    }

    /// Takes one of the places of those who answer; false if there is none left.
    pub fn take_place(&self) -> bool {
        let less = |places: usize| places.checked_sub(1);
        self.places.fetch_update(Ordering::AcqRel, Ordering::Acquire, less).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS, Inquiry};

    #[tokio::test]
    async fn whoever_waits_or_comes_late_hears_of_it_once_and_few_answer() {
        let inquiry = Inquiry::default();
        let (heard, ()) = tokio::join!(inquiry.after(0), async { inquiry.ask() });
        assert_eq!((heard, inquiry.after(0).await), (1, 1));
        let places = (0..100).filter(|_| inquiry.take_place()).count();
        assert_eq!(places, ANSWERS);
        inquiry.ask();
        assert_eq!(inquiry.after(1).await, 2);
        assert!(inquiry.take_place());
    }
}
