//! The least, the middle and the most of some figures.

/// Of figures in any one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The least of them.
    pub(crate) least: f64,
    /// The middle one; of an even number, the upper of the two.
    pub(crate) median: f64,
    /// The most.
    pub(crate) most: f64,
}

impl Spread {
    /// None where there are no figures.
    pub(crate) fn of(figures: &[f64]) -> Option<Self> {
        let mut figures = figures.to_vec();
        figures.sort_unstable_by(f64::total_cmp);
        let median = *figures.get(figures.len() / 2)?;
        Some(Self { least: *figures.first()?, median, most: *figures.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_some_figures_stands_between_the_least_and_the_most() {
        let spread = Spread::of(&[3.0, 1.0, 2.0, 9.0, 4.0]).expect("there are figures");
        assert_eq!(spread, Spread { least: 1.0, median: 3.0, most: 9.0 });
        assert_eq!(Spread::of(&[]), None);
    }
}
