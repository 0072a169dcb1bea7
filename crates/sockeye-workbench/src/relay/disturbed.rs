//! What faults mean to a relay's joint: events, and ends that are our own doing.

use sockeye_net::pump::{Way, pump};
use sockeye_net::stream::Stream;
use sockeye_tape::event::{By, How, What};

use crate::browser::SEGMENT;
use crate::fault::Dir;
use crate::fault::pump::{Disturbance, Halt, Struck, pump as disturbing_pump};
use crate::relay::{Guard, Joined, Joint};

/// Moves bytes by the straight pump, or by the one with faults.
pub(super) async fn pump_by(
    left: &mut Stream,
    right: &mut Stream,
    joint: &Joint<'_>,
    terms: &Joined,
) -> Halt {
    let most = match terms.guard {
        Guard::Open => terms.plan.read_size(u64::MAX),
        // Less could not be judged.
        Guard::NoBrowser => terms.plan.read_size(u64::MAX).max(SEGMENT),
    };
    let Some(subject) = &terms.faults else {
        return Halt::Stopped(pump(left, right, joint, most).await);
    };
    let framing = terms.plan.composer.framing.as_ref();
    let disturbed = |dir, from: &Stream| {
        let noun = if from.writer.keeps_messages() { "message" } else { "read" };
        subject.disturbed(dir, framing, noun)
    };
    let terms = Disturbance {
        up: disturbed(Dir::Up, left),
        down: disturbed(Dir::Down, right),
        most,
        clock: joint.journal.clock(),
    };
    Box::pin(disturbing_pump(left, right, joint, terms)).await
}

impl Joint<'_> {
    /// A fault ends it, on both sides, whoever had told its end before.
    pub(super) fn ended_by(&self, how: How, fault: &str) {
        let mut state = self.state();
        state.first = Some((By::Us, how, Some(format!("fault: {fault}"))));
        state.struck = true;
    }
}

impl Struck for Joint<'_> {
    fn struck(&self, way: Way, text: String) {
        let number = match way {
            Way::Right => self.numbers.0,
            Way::Left => self.numbers.1,
        };
        self.journal.record(number, What::Fault { text });
    }

    fn halved(&self, _way: Way, fault: String) {
        let first = self.state().first.is_none();
        if first {
            self.ended_by(How::Fin, &fault);
        }
    }
}
