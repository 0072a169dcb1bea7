//! Draws that come out the same for the same seed. Not for secrets.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::fault::{Dir, Percent};

/// A seed that is another one each time. Six digits are typed again more easily than twenty.
pub fn drawn() -> u64 {
    RandomState::new().build_hasher().finish() % 1_000_000
}

/// What a stream of draws belongs to. Each has its own, so that the timing of one
/// conversation changes nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The run's.
    pub seed: u64,
    /// The conversation's number among those of the relay, from 1.
    pub ordinal: u64,
    /// The direction.
    pub dir: Dir,
}

impl Place {
    /// The draws of the fault at that index of the set.
    pub fn draws(self, index: u64) -> Draws {
        let dir = match self.dir {
            Dir::Up => 1,
            Dir::Down => 2,
        };
        Draws::of(&[self.seed, self.ordinal, index, dir])
    }

    /// The draws that both directions share.
    pub fn joint_draws(self, index: u64) -> Draws {
        Draws::of(&[self.seed, self.ordinal, index, 0])
    }
}

/// A stream of draws: `SplitMix64` (Steele, Lea and Flood, 2014), whose state is a counter.
#[derive(Clone, Debug)]
pub struct Draws {
    state: u64,
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Draws {
    /// The stream that belongs to these numbers.
    pub fn of(numbers: &[u64]) -> Self {
        let state = numbers.iter().fold(0, |state: u64, number| {
            mixed(state.wrapping_add(STEP) ^ mixed(number.wrapping_add(STEP)))
        });
        Self { state }
    }

    /// The next draw.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mixed(self.state)
    }

    /// A number below `limit`; 0 where that is 0. The bias is below one in 2^32 for limits
    /// below 2^32.
    pub fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.draw()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// Yes, in that share of the draws.
    pub fn chance(&mut self, share: Percent) -> bool {
        self.below(u64::from(Percent::ALL.millionths())) < u64::from(share.millionths())
    }
}

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_what_the_paper_draws() {
        // The first outputs of SplitMix64 for the seed 1234567, as Rosetta Code lists them.
        let mut draws = Draws { state: 1_234_567 };
        assert_eq!(draws.draw(), 6_457_827_717_110_365_317);
        assert_eq!(draws.draw(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn each_place_has_a_stream_of_its_own_and_the_same_each_time() {
        let place = |ordinal, dir| Place { seed: 7, ordinal, dir };
        let all = [
            place(1, Dir::Up).draws(0).draw(),
            place(1, Dir::Down).draws(0).draw(),
            place(2, Dir::Up).draws(0).draw(),
            place(1, Dir::Up).draws(1).draw(),
            Place { seed: 8, ..place(1, Dir::Up) }.draws(0).draw(),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{all:?}");
        }
        assert_eq!(all[0], place(1, Dir::Up).draws(0).draw());
        assert_eq!(
            place(1, Dir::Up).joint_draws(0).draw(),
            place(1, Dir::Down).joint_draws(0).draw()
        );
    }

    #[test]
    fn a_chance_comes_about_as_often_as_it_says() {
        let mut draws = Draws::of(&[1]);
        let share = Percent::of_millionths(250_000).unwrap();
        let came = (0..10_000).filter(|_| draws.chance(share)).count();
        assert!((2300..2700).contains(&came), "{came}");
        assert!((0..1000).all(|_| draws.chance(Percent::ALL)));
        let never = Percent::of_millionths(0).unwrap();
        assert!((0..1000).all(|_| !draws.chance(never)));
    }
}
