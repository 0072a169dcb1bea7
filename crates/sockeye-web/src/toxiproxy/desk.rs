//! The one task that holds the proxies. What it was asked for it does to the end, even if
//! who asked is gone: a client that hangs up leaves nothing half done.

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use crate::toxiproxy::proxies::{Order, Proxies, Reply};
use crate::toxiproxy::refusal::Refusal;

/// So many orders wait; then who asks waits.
const WAITING: usize = 16;

/// Where orders are handed in.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    orders: Sender<(Order, oneshot::Sender<Reply>)>,
}

/// The other side of the desk.
#[derive(Debug)]
pub(super) struct Clerk {
    proxies: Proxies,
    orders: Receiver<(Order, oneshot::Sender<Reply>)>,
}

/// A desk, and who works at it.
pub(super) fn desk(proxies: Proxies) -> (Desk, Clerk) {
    let (sender, receiver) = channel(WAITING);
    (Desk { orders: sender }, Clerk { proxies, orders: receiver })
}

impl Desk {
    /// The answer to an order. Cancel-safe: the order may be done all the same.
    pub(super) async fn ask(&self, order: Order) -> Reply {
        let (sender, answer) = oneshot::channel();
        if self.orders.send((order, sender)).await.is_err() {
            return Refusal::ending().into();
        }
        answer.await.unwrap_or_else(|_| Refusal::ending().into())
    }
}

impl Clerk {
    /// Works until every desk is gone, then stops the proxies.
    pub(super) async fn work(mut self) {
        while let Some((order, answer)) = self.orders.recv().await {
            let reply = self.proxies.obey(order).await;
            // Who asked may be gone.
            drop(answer.send(reply));
        }
        self.proxies.stop().await;
    }
}
