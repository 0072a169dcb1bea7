//! Both directions of a datagram relay's lane with faults in them. No socket, no clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sockeye_net::came::Kind;
use sockeye_text::units::Size;
use tokio::sync::watch;

use crate::fault::shared::Subject;
use crate::fault::stream::Disturber;
use crate::fault::unit::Act;
use crate::fault::{Dir, Fault};

/// How much a direction holds at most, in bytes: with a delay it is what is on its way.
const ROOM: usize = 1024 * 1024;

/// The faults of one lane at work.
#[derive(Debug)]
pub struct Lane {
    /// Guards both directions; never held while anything is awaited.
    ways: Mutex<Ways>,
    changes: watch::Receiver<Arc<[Fault]>>,
}

#[derive(Debug)]
struct Ways {
    up: Disturber,
    down: Disturber,
    changes: watch::Receiver<Arc<[Fault]>>,
}

impl Ways {
    /// Faults that were set by now are for all that comes after.
    fn refresh(&mut self, now: Duration) {
        if self.changes.has_changed().unwrap_or(false) {
            let faults = Arc::clone(&self.changes.borrow_and_update());
            self.up.change(now, &faults);
            self.down.change(now, &faults);
        }
    }
}

impl Lane {
    /// A new sender's lane.
    pub fn new(subject: &Subject) -> Self {
        let up = subject.disturbed(Dir::Up, None, "datagram");
        let down = subject.disturbed(Dir::Down, None, "datagram");
        // Both know the set of the earlier of the two moments, at least.
        let ways = Ways { up: up.disturber, down: down.disturber, changes: up.changes };
        Self { ways: Mutex::new(ways), changes: down.changes }
    }

    /// Tells of other faults: then [`Lane::due`] is to be called.
    pub fn changes(&self) -> watch::Receiver<Arc<[Fault]>> {
        self.changes.clone()
    }

    /// A datagram came. Where so much is held already that it is lost, as in any queue on the
    /// way, the text says so.
    pub fn take(&self, now: Duration, dir: Dir, bytes: &[u8]) -> Option<String> {
        let mut ways = self.ways();
        ways.refresh(now);
        let way = match dir {
            Dir::Up => &mut ways.up,
            Dir::Down => &mut ways.down,
        };
        if way.held() >= ROOM {
            let (most, size) = (Size(ROOM as u64), Size(bytes.len() as u64));
            return Some(format!("{most} are held already: datagram of {size} lost"));
        }
        // As a message it stays whole.
        way.take(now, bytes.to_vec(), Some(Kind::Binary));
        None
    }

    /// What is to be done by now: `Write` and `Told` alone mean something here.
    pub fn due(&self, now: Duration) -> Vec<(Dir, Act)> {
        let mut ways = self.ways();
        ways.refresh(now);
        let up = ways.up.due(now).into_iter().map(|act| (Dir::Up, act));
        let mut acts: Vec<_> = up.collect();
        acts.extend(ways.down.due(now).into_iter().map(|act| (Dir::Down, act)));
        acts
    }

    /// When [`Lane::due`] is to be called at the latest.
    pub fn deadline(&self) -> Option<Duration> {
        let ways = self.ways();
        [ways.up.deadline(), ways.down.deadline()].into_iter().flatten().min()
    }

    /// Whether a datagram waits in it.
    pub fn holds(&self) -> bool {
        let ways = self.ways();
        ways.up.held() + ways.down.held() > 0
    }

    fn ways(&self) -> MutexGuard<'_, Ways> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::read::Spec;
    use crate::fault::shared::Faults;

    const MS: Duration = Duration::from_millis(1);

    fn faults(spec: &str) -> Arc<Faults> {
        Arc::new(Faults::new(spec.parse::<Spec>().unwrap().0, 3))
    }

    fn lane(spec: &str) -> Lane {
        Lane::new(&faults(spec).subject())
    }

    fn writes(acts: Vec<(Dir, Act)>) -> Vec<Vec<u8>> {
        let bytes = acts.into_iter().filter_map(|(_, act)| match act {
            Act::Write { bytes, .. } => Some(bytes),
            _ => None,
        });
        bytes.collect()
    }

    fn passed(lane: &Lane, datagrams: &[&[u8]]) -> Vec<Vec<u8>> {
        for datagram in datagrams {
            assert_eq!(lane.take(Duration::ZERO, Dir::Up, datagram), None);
        }
        writes(lane.due(Duration::ZERO))
    }

    #[test]
    fn datagrams_are_never_joined_and_only_size_makes_them_shorter() {
        assert_eq!(
            passed(&lane("size=2"), &[b"abc", b"", b"d"]),
            [b"ab".to_vec(), vec![], b"d".to_vec()]
        );
        let slow = lane("rate=8");
        assert!(passed(&slow, &[b"0123456789abcdef", b"x"]).is_empty());
        assert_eq!(writes(slow.due(2000 * MS)), [b"0123456789abcdef"]);
        assert_eq!(writes(slow.due(4000 * MS)), [b"x"]);
    }

    #[test]
    fn one_that_is_swapped_lets_the_next_one_pass_and_a_doubled_one_comes_twice() {
        assert_eq!(passed(&lane("reorder,first=1"), &[b"1", b"2", b"3"]), [b"2", b"1", b"3"]);
        assert_eq!(passed(&lane("dup,on=frame:2"), &[b"1", b"2", b"3"]), [b"1", b"2", b"2", b"3"]);
    }

    #[test]
    fn the_same_seed_loses_the_same_and_what_is_held_is_bounded() {
        let all: Vec<Vec<u8>> = (0..100).map(|number: u8| vec![number]).collect();
        let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
        let lost = passed(&lane("drop=30%"), &all);
        assert_eq!(lost, passed(&lane("drop=30%"), &all));
        assert!((50..90).contains(&lost.len()), "{}", lost.len());
        let faults = faults("stall");
        let stalled = Lane::new(&faults.subject());
        let told = (0..10_000).find_map(|_| stalled.take(Duration::ZERO, Dir::Up, &[0; 1000]));
        assert!(told.is_some_and(|text| text.contains("1.0 MiB are held already")));
        assert!(stalled.holds());
        faults.set(Vec::new());
        assert!(writes(stalled.due(MS)).len() > 200 && !stalled.holds());
    }
}
