//! What is answered by itself in the conversations of a run, which can be changed while they
//! run.

use std::sync::Arc;

use sockeye_text::encoding::Encoding;
use tokio::sync::watch;

use crate::rules::{Reply, Rule};

/// The rules and the reply in force. Shared by the conversations of a run; each message is
/// answered by those that are in force when it is looked at.
#[derive(Debug, Default)]
pub struct Answers {
    set: watch::Sender<Arc<Set>>,
}

/// What answers.
#[derive(Debug, Default)]
pub struct Set {
    /// `--on`: tried in order, the first match answers.
    pub rules: Vec<Rule>,
    /// `--reply`: answers what no rule answered.
    pub reply: Option<Reply>,
}

impl Set {
    /// The answer to a message, where there is one.
    pub fn to(&self, message: &[u8], encoding: Encoding) -> Option<Reply> {
        let rule = self.rules.iter().find(|rule| rule.matches(message, encoding));
        rule.map(|rule| &rule.reply).or(self.reply.as_ref()).cloned()
    }

    fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.reply.is_none()
    }

    /// All that can be answered.
    pub fn replies(&self) -> impl Iterator<Item = &Reply> {
        self.reply.iter().chain(self.rules.iter().map(|rule| &rule.reply))
    }
}

impl Answers {
    /// These from the start.
    pub fn new(rules: Vec<Rule>, reply: Option<Reply>) -> Arc<Self> {
        Arc::new(Self { set: watch::Sender::new(Arc::new(Set { rules, reply })) })
    }

    /// Others, for all messages that are looked at from now on.
    pub fn set(&self, rules: Vec<Rule>, reply: Option<Reply>) {
        self.set.send_replace(Arc::new(Set { rules, reply }));
    }

    /// Those in force.
    pub fn current(&self) -> Arc<Set> {
        Arc::clone(&self.set.borrow())
    }

    /// Whether anything is answered by itself.
    pub fn any(&self) -> bool {
        !self.set.borrow().is_empty()
    }

    /// Whether everything is echoed.
    pub fn echo_alone(&self) -> bool {
        let set = self.set.borrow();
        set.rules.is_empty() && set.reply == Some(Reply::Echo)
    }

    /// Whether an answer gives a file of this machine to whoever asks.
    pub fn gives_a_file(&self) -> bool {
        self.set.borrow().replies().any(Reply::gives_a_file)
    }

    /// Returns once nothing is answered by itself. Cancel-safe.
    pub async fn none_left(&self) {
        // It fails once the sender is gone, and that is ourselves.
        drop(self.set.subscribe().wait_for(|set| set.is_empty()).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(answers: &Answers, message: &[u8]) -> Option<String> {
        let reply = answers.current().to(message, Encoding::Auto)?;
        let answer = reply.answer(message, Encoding::Auto).unwrap();
        Some(String::from_utf8(answer).unwrap())
    }

    #[test]
    fn what_is_changed_holds_for_the_next_message() {
        let answers = Answers::new(vec!["AT => OK".parse().unwrap()], None);
        assert_eq!(answered(&answers, b"AT").as_deref(), Some("OK"));
        assert_eq!(answered(&answers, b"hi"), None);
        answers.set(vec!["AT => ERROR".parse().unwrap()], Some(Reply::Upper));
        assert_eq!(answered(&answers, b"AT").as_deref(), Some("ERROR"));
        assert_eq!(answered(&answers, b"hi").as_deref(), Some("HI"));
        answers.set(Vec::new(), None);
        assert!(!answers.any() && answered(&answers, b"AT").is_none());
    }

    #[test]
    fn a_file_is_given_by_a_rule_and_by_the_reply() {
        assert!(Answers::new(vec!["x => file:/x".parse().unwrap()], None).gives_a_file());
        assert!(Answers::new(Vec::new(), Some("file:/x".parse().unwrap())).gives_a_file());
        assert!(!Answers::new(vec!["x => y".parse().unwrap()], None).gives_a_file());
    }

    #[tokio::test]
    async fn tells_when_nothing_is_answered_any_more() {
        let answers = Answers::new(Vec::new(), Some(Reply::Echo));
        let waiting = answers.none_left();
        let changing = async {
            answers.set(vec!["a => b".parse().unwrap()], None);
            tokio::task::yield_now().await;
            answers.set(Vec::new(), None);
        };
        tokio::select! {
            biased;
            ((), ()) = async { tokio::join!(waiting, changing) } => {}
        }
    }
}
