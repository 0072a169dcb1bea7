//! Typed lines on their way to the conversations that want one. Each request takes the next
//! line, as `input()` does, whichever conversation it came in; a line can be for one of them
//! alone. Who wants a line fetches it: none is lost in a conversation that has ended.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How many lines may wait before whoever gives them waits.
const ROOM: usize = 64;
/// How many lines one conversation may want at once.
pub const MOST_WANTED: usize = 64;

/// What a second want of a conversation means, before the first is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanting {
    /// One line more: each request has its answer.
    EachTime,
    /// Nothing: it is our turn, and stays it.
    Once,
}

/// A line that nobody can get: whom it was for has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no #{0} any more")]
pub struct Left(pub u64);

/// What one who wants a line gets: the conversation's number, and the line; none once the
/// input has ended.
pub type Fetched = (u64, Option<Vec<u8>>);

/// The lines that wait, and who waits for one.
#[derive(Debug)]
pub struct Lines {
    wanting: Wanting,
    /// Guards the queues alone; never held while anything is awaited.
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// In the order they were typed, with the one conversation that each is for.
    lines: VecDeque<(Option<u64>, Vec<u8>)>,
    /// In the order they asked.
    wanted: VecDeque<u64>,
    /// Open conversations, and how many lines each wants.
    open: BTreeMap<u64, usize>,
    /// The highest number that ever entered.
    last: u64,
    /// The line that was fetched last, until a message comes: it has its answer then.
    asked: Option<Vec<u8>>,
    ended: bool,
}

impl Lines {
    /// No lines yet.
    pub fn new(wanting: Wanting) -> Self {
        Self { wanting, state: Mutex::default(), changed: Notify::new() }
    }

    /// A conversation has begun.
    pub fn enter(&self, number: u64) {
        let mut state = self.state();
        state.open.insert(number, 0);
        state.last = state.last.max(number);
    }

    /// A conversation has ended: it wants nothing more. Returns how many lines were for it
    /// alone, and are nobody's now.
    pub fn leave(&self, number: u64) -> usize {
        let mut state = self.state();
        if state.open.remove(&number).unwrap_or(0) > 0 {
            state.wanted.retain(|wants| *wants != number);
        }
        let before = state.lines.len();
        state.lines.retain(|(to, _)| *to != Some(number));
        let lost = before - state.lines.len();
        drop(state);
        self.changed.notify_waiters();
        lost
    }

    /// A conversation wants a line; false where it already has its turn, or wants too many.
    pub fn want(&self, number: u64) -> bool {
        let mut state = self.state();
        let most = if self.wanting == Wanting::Once { 1 } else { MOST_WANTED };
        let Some(count) = state.open.get_mut(&number).filter(|count| **count < most) else {
            return false;
        };
        *count += 1;
        state.wanted.push_back(number);
        true
    }

    /// Gives a line, to whoever asked first or to one conversation; waits while many wait.
    /// One that has not begun yet gets it when it has. Cancel-safe, but for the line.
    pub async fn give(&self, to: Option<u64>, line: Vec<u8>) -> Result<(), Left> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut state = self.state();
                if let Some(number) = to.filter(|number| state.has_left(*number)) {
                    return Err(Left(number));
                }
                if state.lines.len() < ROOM {
                    state.lines.push_back((to, line));
                    break;
                }
            }
            changed.await;
        }
        self.changed.notify_waiters();
        Ok(())
    }

    /// No more lines will come.
    pub fn end(&self) {
        self.state().ended = true;
        self.changed.notify_waiters();
    }

    /// Waits for a line that one conversation wants, or with none any of them.
    /// Cancel-safe.
    pub async fn fetch(&self, who: Option<u64>) -> Fetched {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let fetched = self.state().take(who);
            if let Some(fetched) = fetched {
                // The next line may be for another one, and there is room again.
                self.changed.notify_waiters();
                return fetched;
            }
            changed.await;
        }
    }

    /// How many lines nobody has fetched.
    pub fn waiting(&self) -> usize {
        self.state().lines.len()
    }

    /// A message has come: what was asked has its answer.
    pub fn heard(&self) {
        self.state().asked = None;
    }

    /// The line that was fetched last, if nothing has been heard since.
    pub fn unanswered(&self) -> Option<Vec<u8>> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_left(&self, number: u64) -> bool {
        number <= self.last && !self.open.contains_key(&number)
    }

    fn take(&mut self, who: Option<u64>) -> Option<Fetched> {
        let is_meant = |number: u64| who.is_none_or(|who| who == number);
        let Some((index, number)) = self.next_pair() else {
            let number = self.wanted.iter().copied().find(|number| is_meant(*number));
            return number.filter(|_| self.ended).map(|number| {
                self.met(number);
                (number, None)
            });
        };
        if !is_meant(number) {
            return None;
        }
        self.met(number);
        let (_, line) = self.lines.remove(index)?;
        self.asked = Some(line.clone());
        Some((number, Some(line)))
    }

    /// The first line that somebody wants, and who gets it.
    fn next_pair(&self) -> Option<(usize, u64)> {
        let first = self.wanted.front()?;
        self.lines.iter().enumerate().find_map(|(index, (to, _))| match to {
            None => Some((index, *first)),
            Some(number) => {
                let wants = self.open.get(number).is_some_and(|count| *count > 0);
                wants.then_some((index, *number))
            }
        })
    }

    fn met(&mut self, number: u64) {
        if let Some(at) = self.wanted.iter().position(|wants| *wants == number) {
            self.wanted.remove(at);
        }
        if let Some(count) = self.open.get_mut(&number) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_is_unanswered_from_its_fetching_until_something_is_heard() {
        let lines = lines(&[1]);
        for text in [b"one", b"two"] {
            lines.give(None, text.to_vec()).await.unwrap();
        }
        assert_eq!((lines.waiting(), lines.unanswered()), (2, None));
        lines.want(1);
        lines.fetch(Some(1)).await;
        assert_eq!((lines.waiting(), lines.unanswered()), (1, Some(b"one".to_vec())));
        lines.heard();
        assert_eq!(lines.unanswered(), None);
    }

    fn lines(numbers: &[u64]) -> Lines {
        let lines = Lines::new(Wanting::EachTime);
        for number in numbers {
            lines.enter(*number);
        }
        lines
    }

    async fn give(lines: &Lines, to: Option<u64>, text: &str) {
        lines.give(to, text.as_bytes().to_vec()).await.unwrap();
    }

    fn line(number: u64, text: &str) -> Fetched {
        (number, Some(text.as_bytes().to_vec()))
    }

    #[tokio::test]
    async fn each_request_takes_the_next_line_in_the_order_of_asking() {
        let lines = lines(&[1, 2]);
        give(&lines, None, "a").await;
        give(&lines, None, "b").await;
        assert!(lines.want(2) && lines.want(1));
        let (first, second) = tokio::join!(lines.fetch(Some(1)), lines.fetch(Some(2)));
        assert_eq!((first, second), (line(1, "b"), line(2, "a")));
    }

    #[tokio::test]
    async fn a_line_for_one_waits_for_that_one_and_holds_nobody_up() {
        let lines = lines(&[1]);
        give(&lines, Some(2), "for two").await;
        give(&lines, None, "for whoever asks").await;
        assert!(lines.want(1));
        assert_eq!(lines.fetch(None).await, line(1, "for whoever asks"));
        lines.enter(2);
        assert!(lines.want(1) && lines.want(2));
        assert_eq!(lines.fetch(None).await, line(2, "for two"));
    }

    #[tokio::test]
    async fn who_has_left_takes_no_line_with_it() {
        let lines = lines(&[1, 2]);
        assert!(lines.want(1) && lines.want(2));
        assert_eq!(lines.leave(1), 0);
        give(&lines, None, "a").await;
        assert_eq!(lines.fetch(None).await, line(2, "a"));
        assert_eq!(lines.give(Some(1), b"late".to_vec()).await, Err(Left(1)));
        give(&lines, Some(2), "b").await;
        assert_eq!(lines.leave(2), 1);
    }

    #[tokio::test]
    async fn the_end_comes_after_the_last_line() {
        let lines = Lines::new(Wanting::Once);
        lines.enter(1);
        give(&lines, None, "last").await;
        lines.end();
        assert!(lines.want(1) && !lines.want(1));
        assert_eq!(lines.fetch(Some(1)).await, line(1, "last"));
        assert!(lines.want(1));
        assert_eq!(lines.fetch(Some(1)).await, (1, None));
    }

    #[tokio::test]
    async fn who_gives_too_many_waits_until_one_is_taken() {
        let lines = lines(&[1]);
        for _ in 0..ROOM {
            give(&lines, None, "x").await;
        }
        let giving = lines.give(None, b"y".to_vec());
        let taking = async {
            assert!(lines.want(1));
            lines.fetch(Some(1)).await
        };
        let (given, taken) = tokio::join!(giving, taking);
        assert_eq!((given, taken), (Ok(()), line(1, "x")));
    }

    #[test]
    fn a_peer_that_asks_without_end_wants_a_bounded_number() {
        let lines = lines(&[1]);
        let wanted = (0..1000).filter(|_| lines.want(1)).count();
        assert_eq!(wanted, MOST_WANTED);
    }
}
