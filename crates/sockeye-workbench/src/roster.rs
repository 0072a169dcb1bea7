//! Who is there: the open conversations by number, and the way to tell one of them, or
//! all, to send, to close, to say how things stand.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sockeye_net::whole::Control;
use tokio::sync::Notify;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

/// How many orders may wait at one conversation before its operator waits.
const WAITING: usize = 8;

/// Something that a conversation is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// One message, still without checksum, line end and frame.
    Send(Vec<u8>),
    /// These bytes, exactly.
    Raw(Vec<u8>),
    /// Our own input has ended; whether it ever held a byte.
    Finish {
        /// No byte was ever given.
        empty: bool,
    },
    /// Our own input broke: what was given before is sent, and then it ends.
    Broken {
        /// What broke.
        text: String,
    },
    /// Change the lines of a serial port.
    Control(Control),
    /// Say both addresses and every socket option.
    Info,
}

/// Whom an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Everybody.
    All,
    /// The conversation of that number.
    One(u64),
}

/// An order on its way to conversation `number`.
pub type Addressed = (u64, Order);

/// The open conversations.
#[derive(Debug, Default)]
pub struct Roster {
    /// Guards the list alone; never held while anything is awaited.
    entries: Mutex<BTreeMap<u64, Entry>>,
    /// How often somebody was ended.
    kicks: AtomicU64,
    /// Told each time somebody comes.
    came: Notify,
}

#[derive(Clone, Debug)]
struct Entry {
    peer: String,
    orders: Option<Sender<Addressed>>,
    kicked: CancellationToken,
}

/// A conversation's place on the roster, given up by drop.
#[derive(Debug)]
pub struct Place<'r> {
    roster: &'r Roster,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.roster.entries().remove(&self.number);
    }
}

/// A queue of orders.
pub fn orders() -> (Sender<Addressed>, Receiver<Addressed>) {
    channel(WAITING)
}

impl Roster {
    /// Puts a conversation on the list; without `orders` it cannot be told anything.
    /// `kicked` ends it.
    pub fn enter(
        &self,
        number: u64,
        peer: String,
        orders: Option<Sender<Addressed>>,
        kicked: CancellationToken,
    ) -> Place<'_> {
        self.entries().insert(number, Entry { peer, orders, kicked });
        self.came.notify_waiters();
        Place { roster: self, number }
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.entries().len()
    }

    /// Number and peer of each, in order.
    pub fn list(&self) -> Vec<(u64, String)> {
        self.entries().iter().map(|(number, entry)| (*number, entry.peer.clone())).collect()
    }

    /// Gives the order to whom it is for; returns how many got it. Waits where a
    /// conversation has many orders waiting: for what must reach all of them, a file say.
    pub async fn tell(&self, to: To, order: &Order) -> usize {
        self.tell_each(&[to], order).await.len()
    }

    /// The same; returns who got it. Those who have room get it before anybody is waited for.
    pub async fn tell_each(&self, to: &[To], order: &Order) -> Vec<u64> {
        let (mut told, mut busy) = (Vec::new(), Vec::new());
        for (number, orders) in self.doors(to) {
            match orders.try_send((number, order.clone())) {
                Ok(()) => told.push(number),
                Err(TrySendError::Full(order)) => busy.push((orders, order)),
                Err(TrySendError::Closed(_)) => {}
            }
        }
        for (orders, order) in busy {
            let number = order.0;
            if orders.send(order).await.is_ok() {
                told.push(number);
            }
        }
        told
    }

    /// Returns once somebody is there who can be told something. Cancel-safe.
    pub async fn somebody(&self) {
        loop {
            let mut came = pin!(self.came.notified());
            came.as_mut().enable();
            if !self.doors(&[To::All]).is_empty() {
                return;
            }
            came.await;
        }
    }

    /// The numbers of those who can be told something.
    pub fn reached(&self, to: &[To]) -> Vec<u64> {
        self.doors(to).into_iter().map(|(number, _)| number).collect()
    }

    /// The same without waiting: returns how many got it, and who has too many orders
    /// waiting to get another.
    pub fn tell_now(&self, to: To, order: &Order) -> (usize, Vec<u64>) {
        let (mut told, mut busy) = (0, Vec::new());
        for (number, orders) in self.doors(&[to]) {
            match orders.try_send((number, order.clone())) {
                Ok(()) => told += 1,
                Err(TrySendError::Full(_)) => busy.push(number),
                Err(TrySendError::Closed(_)) => {}
            }
        }
        (told, busy)
    }

    /// Ends a conversation, whatever it is doing; false if there is none of that number.
    pub fn kick(&self, number: u64) -> bool {
        let entries = self.entries();
        let Some(entry) = entries.get(&number) else { return false };
        entry.kicked.cancel();
        self.kicks.fetch_add(1, Ordering::Release);
        true
    }

    /// How often somebody was ended by now: whoever looks after many need not look at each.
    pub fn kicks(&self) -> u64 {
        self.kicks.load(Ordering::Acquire)
    }

    fn doors(&self, to: &[To]) -> Vec<(u64, Sender<Addressed>)> {
        self.entries()
            .iter()
            .filter(|(number, _)| to.contains(&To::All) || to.contains(&To::One(**number)))
            .filter_map(|(number, entry)| Some((*number, entry.orders.clone()?)))
            .collect()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tells_one_or_all_and_forgets_who_left() {
        let roster = Roster::default();
        let (first, mut first_orders) = orders();
        let (second, mut second_orders) = orders();
        let _one = roster.enter(1, "a".into(), Some(first), CancellationToken::new());
        let kicked = CancellationToken::new();
        let two = roster.enter(2, "b".into(), Some(second), kicked.clone());
        assert_eq!(roster.tell(To::All, &Order::Finish { empty: false }).await, 2);
        assert_eq!(roster.tell(To::One(2), &Order::Info).await, 1);
        assert_eq!(first_orders.recv().await, Some((1, Order::Finish { empty: false })));
        assert_eq!(second_orders.recv().await, Some((2, Order::Finish { empty: false })));
        assert_eq!(second_orders.recv().await, Some((2, Order::Info)));
        assert!(roster.kick(2) && kicked.is_cancelled() && !roster.kick(3));
        drop(two);
        assert_eq!(roster.list(), [(1, "a".to_owned())]);
        assert_eq!(roster.tell(To::One(2), &Order::Finish { empty: false }).await, 0);
    }

    #[tokio::test]
    async fn who_does_not_keep_up_holds_nobody_else_up() {
        let roster = Roster::default();
        let (slow, _slow_orders) = orders();
        let (quick, mut quick_orders) = orders();
        let _one = roster.enter(1, "slow".into(), Some(slow), CancellationToken::new());
        let _two = roster.enter(2, "quick".into(), Some(quick), CancellationToken::new());
        for _ in 0..WAITING {
            assert_eq!(roster.tell_now(To::One(1), &Order::Info), (1, vec![]));
        }
        assert_eq!(roster.tell_now(To::All, &Order::Info), (1, vec![1]));
        assert_eq!(quick_orders.recv().await, Some((2, Order::Info)));
    }
}
