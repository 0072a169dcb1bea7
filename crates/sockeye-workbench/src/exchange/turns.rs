//! Both sides in turn: what opens a conversation, what a typed line does, and the words that
//! end it.

use sockeye_tape::event::By;

use super::{Act, Exchange};
use crate::message::without_end;
use crate::plan::Then;

impl Exchange {
    /// The conversation has begun: the greeting, and the turn where the first one is ours.
    pub(super) fn opened(&mut self, acts: &mut Vec<Act>) {
        if let Some(greeting) = self.plan.greeting.clone() {
            self.put(greeting, acts);
        }
        if self.plan.turns.as_ref().is_some_and(|turns| turns.first == By::Us) {
            acts.push(Act::Turn);
        }
    }

    /// A typed line takes our turn.
    pub fn say(&mut self, line: Vec<u8>, acts: &mut Vec<Act>) {
        let then = self.word(By::Us, &line);
        if then != Some(Then::Unsaid) {
            self.put(line, acts);
        }
        match then {
            None if self.plan.close_after_reply => acts.push(Act::End("answered")),
            None => {}
            Some(Then::Await) => acts.push(Act::Part),
            Some(Then::Halt) => acts.push(Act::Halt("the word that ends it was sent")),
            Some(Then::Close | Then::Answer) => {
                acts.push(Act::End("the word that ends it was sent"));
            }
            Some(Then::Unsaid) => acts.push(Act::End("the word that ends it was typed")),
        }
    }

    /// It is our turn, and no more lines will come.
    pub fn say_farewell(&mut self, acts: &mut Vec<Act>) {
        let farewell = self.plan.turns.as_ref().and_then(|turns| turns.farewell.as_ref());
        match farewell.map(|farewell| self.encoding().encode(farewell)) {
            Some(Ok(line)) => self.say(line, acts),
            Some(Err(_)) | None => acts.push(Act::Part),
        }
    }

    /// What follows the message, where it is a word that ends the conversation.
    pub(super) fn word(&self, by: By, message: &[u8]) -> Option<Then> {
        let mut words = self.plan.words.iter().filter(|word| word.by == by);
        words.find(|word| self.says(message, &word.text)).map(|word| word.then)
    }

    pub(super) fn end_by_word(&mut self, then: Then, word: &[u8], acts: &mut Vec<Act>) {
        const CAME: &str = "the word that ends it came";
        match then {
            Then::Close | Then::Unsaid => acts.push(Act::End(CAME)),
            Then::Await => acts.push(Act::Part),
            Then::Halt => acts.push(Act::Halt(CAME)),
            Then::Answer => {
                self.put(without_end(word).to_vec(), acts);
                acts.push(Act::End(CAME));
            }
        }
    }

    fn put(&mut self, payload: Vec<u8>, acts: &mut Vec<Act>) {
        match self.seal(payload) {
            Ok(bytes) => acts.push(Act::Send(bytes, None)),
            Err(error) => acts.push(Act::Note(format!("not sent: {error}"))),
        }
    }
}
