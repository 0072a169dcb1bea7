//! What is typed at one side of a lesson, on its way to the program: to whoever wants a line,
//! as a keyboard's lines go.

use std::sync::Arc;

use sockeye_text::encoding::Encoding;
use sockeye_workbench::lines::{Lines, Wanting};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::lesson::error::LessonError;

/// How many lines may wait for their turn.
const WAITING: usize = 16;
/// The longest text, in bytes.
const LONGEST: usize = 4096;

/// One side's keyboard.
#[derive(Debug)]
pub(super) enum Keyboard {
    /// Lines for a program that takes turns.
    Lines(Arc<Lines>),
    /// Lines for a program whose protocol leads it; none once they have ended.
    Queue(Option<Sender<Vec<u8>>>),
    /// Nobody types there.
    Nobody,
}

impl Keyboard {
    /// A keyboard and its lines, for turns.
    pub(super) fn lines(wanting: Wanting) -> (Self, Arc<Lines>) {
        let lines = Arc::new(Lines::new(wanting));
        (Self::Lines(Arc::clone(&lines)), lines)
    }

    /// A keyboard and its lines, for a protocol.
    pub(super) fn queue() -> (Self, Receiver<Vec<u8>>) {
        let (sender, receiver) = channel(WAITING);
        (Self::Queue(Some(sender)), receiver)
    }

    /// Types a line.
    pub(super) async fn give(&self, text: &str, encoding: Encoding) -> Result<(), LessonError> {
        if text.len() > LONGEST {
            return Err(LessonError::Text(format!("a text has {LONGEST} bytes at most")));
        }
        let bytes = encoding.encode(text).map_err(|error| LessonError::Text(error.to_string()))?;
        match self {
            Self::Lines(lines) => {
                if lines.waiting() >= WAITING {
                    return Err(LessonError::Full(lines.waiting()));
                }
                let given = lines.give(None, bytes).await;
                given.map_err(|left| LessonError::Text(left.to_string()))
            }
            Self::Queue(Some(queue)) => {
                queue.try_send(bytes).map_err(|_| LessonError::Full(self.waiting()))
            }
            Self::Queue(None) => Err(LessonError::Unread("its keyboard has ended")),
            Self::Nobody => Err(LessonError::Unread("this side answers by itself")),
        }
    }

    /// How many lines wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.waiting(),
            Self::Queue(Some(queue)) => queue.max_capacity().saturating_sub(queue.capacity()),
            Self::Queue(None) | Self::Nobody => 0,
        }
    }

    /// Whether somebody types there.
    pub(super) fn is_there(&self) -> bool {
        !matches!(self, Self::Nobody | Self::Queue(None))
    }

    /// Nothing more is typed.
    pub(super) fn end(&mut self) {
        match self {
            Self::Lines(lines) => lines.end(),
            Self::Queue(queue) => *queue = None,
            Self::Nobody => {}
        }
    }
}
