//! The number of an event in four bytes: its lower half. Of the events that a reel keeps at once
//! one alone has it, since a reel keeps fewer than 2^31.

/// The lower half of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short(u32);

impl Short {
    /// Of that number.
    pub(crate) fn of(number: u64) -> Self {
        Self(u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX))
    }

    /// The whole number, which is not below `first`.
    pub(crate) fn whole(self, first: u64) -> u64 {
        first.saturating_add(u64::from(self.ahead(first)))
    }

    /// Whether its number is below `first`.
    pub(crate) fn is_before(self, first: u64) -> bool {
        self.ahead(first) > u32::MAX / 2
    }

    fn ahead(self, first: u64) -> u32 {
        self.0.wrapping_sub(Self::of(first).0)
    }
}

#[cfg(test)]
mod tests {
    use super::Short;

    #[test]
    fn a_number_comes_back_where_its_lower_half_has_turned_over() {
        let turn = 1_u64 << 32;
        for (number, first) in [(0, 0), (7, 3), (turn + 5, turn - 5), (3 * turn, 3 * turn - 1)] {
            assert_eq!(Short::of(number).whole(first), number);
            assert!(!Short::of(number).is_before(first));
        }
        assert!(Short::of(turn - 1).is_before(turn));
        assert!(Short::of(3).is_before(4));
    }
}
