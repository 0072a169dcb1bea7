//! A queue that knows what it weighs.

use std::collections::VecDeque;
use std::time::Duration;

use crate::fault::unit::Item;

/// An item that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) item: Item,
    /// When it came, or may go: as its holder means it.
    pub(super) at: Duration,
    /// Whether the fault struck it.
    pub(super) struck: bool,
}

/// First in, first out. Invariant: `weight` is the sum of what waits.
#[derive(Debug, Default)]
pub(super) struct Held {
    queue: VecDeque<Waiting>,
    weight: usize,
}

impl Held {
    pub(super) fn push(&mut self, waiting: Waiting) {
        self.weight += waiting.item.weight();
        self.queue.push_back(waiting);
    }

    pub(super) fn pop(&mut self) -> Option<Waiting> {
        let waiting = self.queue.pop_front()?;
        self.weight -= waiting.item.weight();
        Some(waiting)
    }

    pub(super) fn front(&self) -> Option<&Waiting> {
        self.queue.front()
    }

    pub(super) fn last_at(&self) -> Option<Duration> {
        self.queue.back().map(|waiting| waiting.at)
    }

    /// Changes the first, and weighs it again.
    pub(super) fn change_front<T>(&mut self, change: impl FnOnce(&mut Waiting) -> T) -> Option<T> {
        Self::change(self.queue.front_mut(), &mut self.weight, change)
    }

    /// Likewise the last.
    pub(super) fn change_back<T>(&mut self, change: impl FnOnce(&mut Waiting) -> T) -> Option<T> {
        Self::change(self.queue.back_mut(), &mut self.weight, change)
    }

    fn change<T>(
        one: Option<&mut Waiting>,
        weight: &mut usize,
        change: impl FnOnce(&mut Waiting) -> T,
    ) -> Option<T> {
        let one = one?;
        *weight -= one.item.weight();
        let result = change(one);
        *weight += one.item.weight();
        Some(result)
    }

    pub(super) fn weight(&self) -> usize {
        self.weight
    }
}
