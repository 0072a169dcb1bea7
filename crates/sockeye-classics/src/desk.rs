//! What is typed at a server that many callers talk to: each request takes the next line,
//! as `input()` does; `@n TEXT` answers caller n.

use std::collections::VecDeque;
use std::sync::Arc;

use sockeye_workbench::journal::Journal;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// The way to whoever types.
#[derive(Clone, Debug)]
pub struct Desk {
    requests: Sender<Request>,
}

#[derive(Debug)]
struct Request {
    number: u64,
    answer: oneshot::Sender<Vec<u8>>,
}

impl Desk {
    /// A desk where these lines are typed; it lives as long as someone can ask it.
    pub fn new(lines: Receiver<Vec<u8>>, journal: Arc<Journal>) -> Self {
        let (requests, queue) = channel(64);
        tokio::spawn(sit(queue, lines, journal));
        Self { requests }
    }

    /// The line that is typed for a request of caller `number`; waits for it, without end
    /// once nobody types any more. Cancel-safe: a request that nobody waits for takes none.
    pub async fn answer(&self, number: u64) -> Vec<u8> {
        let (answer, line) = oneshot::channel();
        if self.requests.send(Request { number, answer }).await.is_ok()
            && let Ok(line) = line.await
        {
            return line;
        }
        std::future::pending().await
    }
}

async fn sit(mut queue: Receiver<Request>, mut lines: Receiver<Vec<u8>>, journal: Arc<Journal>) {
    let mut waiting: VecDeque<Request> = VecDeque::new();
    let mut typed: Option<Vec<u8>> = None;
    let mut open = true;
    loop {
        waiting.retain(|request| !request.answer.is_closed());
        if let Some(line) = typed.take() {
            typed = give(line, &mut waiting, &journal);
        }
        // A line that is typed before anybody asks waits where it was typed.
        let wanted = open && typed.is_none() && !waiting.is_empty();
        tokio::select! {
            request = queue.recv() => match request {
                Some(request) => waiting.push_back(request),
                None => return,
            },
            line = lines.recv(), if wanted => {
                open = line.is_some();
                if line.is_none() {
                    journal.say("stdin has ended: nobody answers any more (`--reply` would)");
                }
                typed = line;
            }
        }
    }
}

/// Gives a line to whom it is for; gives it back where nobody waits.
fn give(line: Vec<u8>, waiting: &mut VecDeque<Request>, journal: &Journal) -> Option<Vec<u8>> {
    let Some((number, text)) = addressed(&line) else {
        let Some(request) = waiting.pop_front() else {
            return Some(line);
        };
        // Who is gone by now leaves the line to the next.
        return request.answer.send(line).err();
    };
    let place = waiting.iter().position(|request| request.number == number);
    match place.and_then(|place| waiting.remove(place)) {
        Some(request) => drop(request.answer.send(text)),
        None => journal.say(format!("not sent: #{number} has asked nothing")),
    }
    None
}

/// `@n TEXT`.
fn addressed(line: &[u8]) -> Option<(u64, Vec<u8>)> {
    let rest = line.strip_prefix(b"@")?;
    let blank = rest.iter().position(|byte| *byte == b' ')?;
    let (number, text) = rest.split_at_checked(blank)?;
    let number = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some((number, text.get(1..)?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whom_a_line_is_for() {
        assert_eq!(addressed(b"@12 hello you"), Some((12, b"hello you".to_vec())));
        for line in [b"hello".as_slice(), b"@", b"@1", b"@x hello", b"@-1 x", b" @1 x"] {
            assert_eq!(addressed(line), None);
        }
    }
}
