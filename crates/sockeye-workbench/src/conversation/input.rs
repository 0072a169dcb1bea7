//! Where what we say in a conversation comes from.

use sockeye_net::mover::Mover;
use sockeye_net::stream::Stream;
use tokio::sync::mpsc::Receiver;

use super::straight::Straight;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::roster::Addressed;

/// Where what we say comes from.
#[derive(Debug, Default)]
pub enum Input {
    /// Nowhere: it runs by itself.
    #[default]
    Nothing,
    /// From whoever gives orders.
    Orders(Receiver<Addressed>),
    /// From stdin, unseen; what the peer says goes to stdout likewise.
    Straight(Box<Straight>),
    /// From the peer itself: an echo, unseen.
    Mirror(Mover),
}

impl Input {
    /// The queue of orders, where there is one.
    pub fn orders(self) -> Option<Receiver<Addressed>> {
        match self {
            Self::Orders(orders) => Some(orders),
            Self::Nothing | Self::Straight(_) | Self::Mirror(_) => None,
        }
    }

    /// Whether it may still bring something.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Nothing | Self::Mirror(_) => false,
            Self::Orders(_) => true,
            Self::Straight(straight) => straight.is_open(),
        }
    }

    /// The next order; never without a queue. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Addressed> {
        match self {
            Self::Orders(orders) => orders.recv().await,
            Self::Nothing | Self::Straight(_) | Self::Mirror(_) => std::future::pending().await,
        }
    }

    /// It brings nothing more.
    pub(super) fn end(&mut self) {
        if let Self::Orders(_) = self {
            *self = Self::Nothing;
        }
    }

    /// What is said from here on is said there. An echo that nobody looks into is none of the
    /// exchange's business.
    pub(super) fn join(&mut self, stream: &Stream, plan: &Plan, journal: &Journal) {
        match self {
            Self::Straight(straight) => straight.join(stream),
            Self::Nothing
                if plan.echoes_alone()
                    && !journal.is_watched()
                    && !stream.writer.keeps_messages() =>
            {
                *self = Self::mirror(stream);
            }
            Self::Nothing | Self::Orders(_) | Self::Mirror(_) => {}
        }
    }

    /// What moves unseen bytes to the peer.
    pub(super) fn outward(&mut self) -> Option<&mut Mover> {
        match self {
            Self::Straight(straight) => Some(straight.outward()),
            Self::Mirror(mover) => Some(mover),
            Self::Nothing | Self::Orders(_) => None,
        }
    }

    /// Stdin and stdout, where bytes go straight.
    pub(super) fn straight(&mut self) -> Option<&mut Straight> {
        match self {
            Self::Straight(straight) => Some(straight),
            Self::Nothing | Self::Orders(_) | Self::Mirror(_) => None,
        }
    }
}
