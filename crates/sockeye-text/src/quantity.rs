//! A decimal number with something after it. Not the units: those are `units`.

/// More digits behind the point say nothing about a unit that fits into 64 bits.
const FINEST: usize = 18;

/// A decimal number without sign: `whole + part / scale`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Quantity {
    whole: u128,
    part: u64,
    scale: u64,
}

impl Quantity {
    /// The number that `text` begins with, and what follows it. None without one.
    pub(crate) fn read(text: &str) -> Option<(Self, &str)> {
        let (whole, rest) = digits(text)?;
        // So long a number is too large for every unit, saturated too.
        let whole = whole.parse().unwrap_or(u128::MAX);
        let Some(rest) = rest.strip_prefix('.') else {
            return Some((Self { whole, part: 0, scale: 1 }, rest));
        };
        let (part, rest) = digits(rest)?;
        let (part, _) = part.split_at(part.len().min(FINEST));
        let scale = part.bytes().fold(1, |scale, _| scale * 10);
        Some((Self { whole, part: part.parse().ok()?, scale }, rest))
    }

    /// The number times `size`, rounded; saturates. None for a fraction of one.
    pub(crate) fn of(&self, size: u64) -> Option<u128> {
        if size == 1 && self.part != 0 {
            return None;
        }
        let [part, scale, size] = [self.part, self.scale, size].map(u128::from);
        let part = (part * size + scale / 2) / scale;
        Some(self.whole.saturating_mul(size).saturating_add(part))
    }
}

/// The ASCII digits that `text` begins with, at least one, and the rest.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|ch: char| !ch.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    fn of(text: &str, size: u64) -> Option<u128> {
        Quantity::read(text).and_then(|(quantity, _)| quantity.of(size))
    }

    #[test]
    fn stops_after_the_number() {
        let after = |text| Quantity::read(text).map(|(_, rest)| rest);
        assert_eq!(after("12.5 KiB"), Some(" KiB"));
        assert_eq!(after("12..5"), None);
        assert_eq!(after("1.2.3"), Some(".3"));
        assert_eq!(after("k"), None);
    }

    #[test]
    fn multiplies_exactly_and_rounds_once() {
        assert_eq!(of("0.1", 1024), Some(102));
        assert_eq!(of("0.5", 1001), Some(501));
        assert_eq!(of("1.000000001", 1_000_000_000), Some(1_000_000_001));
        assert_eq!(of("0.999999999999999999999999", 1000), Some(1000));
        assert_eq!(of("18446744073709551615", u64::MAX), Some(u128::from(u64::MAX).pow(2)));
        assert_eq!(of(&"9".repeat(60), 1000), Some(u128::MAX));
    }

    #[test]
    fn refuses_a_fraction_of_one() {
        assert_eq!(of("1.5", 1), None);
        assert_eq!(of("1.0", 1), Some(1));
    }
}
