//! How many tests passed, failed and were skipped: read off the closing line of each
//! libtest binary. Knows nothing of how the tests are run.

use std::fmt;
use std::ops::AddAssign;

/// Counts of tests, over one binary or many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Ignored, filtered out, or left out by us.
    pub(crate) skipped: u64,
}

impl Tally {
    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`. `None`: another line.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let counts = line.strip_prefix("test result: ")?;
        let (_verdict, counts) = counts.split_once(". ")?;
        let mut tally = Self::default();
        for count in counts.split("; ") {
            let Some((number, word)) = count.trim_end().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match word {
                "passed" => tally.passed += number,
                "failed" => tally.failed += number,
                "ignored" | "filtered out" => tally.skipped += number,
                _ => {}
            }
        }
        Some(tally)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_closing_line_of_a_test_binary() {
        let line = "test result: FAILED. 12 passed; 3 failed; 2 ignored; 1 measured; 4 filtered out; finished in 0.31s\n";
        let tally = Tally { passed: 12, failed: 3, skipped: 6 };
        assert_eq!(Tally::read(line), Some(tally));
    }

    #[test]
    fn takes_no_other_line_for_a_result() {
        assert_eq!(Tally::read("test reads_a_line ... ok"), None);
        assert_eq!(Tally::read(" test result: ok. 1 passed; 0 failed"), None);
        assert_eq!(Tally::read("test result: ok"), None);
    }

    #[test]
    fn sums_binaries_into_one_line() {
        let mut sum = Tally { passed: 1, failed: 0, skipped: 2 };
        sum += Tally { passed: 10, failed: 4, skipped: 0 };
        assert_eq!(sum.to_string(), "11 passed, 4 failed, 2 skipped");
    }
}
