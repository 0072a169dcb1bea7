//! Sizes and durations as they are shown, and read back. Not the forms that are read one by
//! one: those are tested beside the code.

use sockeye_text::safe::one_line;
use sockeye_text::units::Size;
use sockeye_text::units::Span;
use sockeye_text::units::UnitError;
use sockeye_text::units::parse_duration;
use sockeye_text::units::parse_size;
use std::time::Duration;

#[test]
fn shows_sizes() {
    for (bytes, shown) in [
        (0, "0 B"),
        (812, "812 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1_048_524, "1023.9 KiB"),
        (1_048_525, "1.0 MiB"),
        (2 << 30, "2.0 GiB"),
        (u64::MAX, "16.0 EiB"),
    ] {
        assert_eq!(Size(bytes).to_string(), shown);
    }
    assert_eq!(format!("{:>8}", Size(3)), "     3 B");
}

#[test]
fn shows_durations() {
    for (nanoseconds, shown) in [
        (0, "0 ms"),
        (80, "80 ns"),
        (250_999, "250 µs"),
        (3_000_000, "3 ms"),
        (999_999_999, "999 ms"),
        (1_204_000_000, "1.204 s"),
        (59_999_999_999, "59.999 s"),
        (123_000_000_000, "2 m 03 s"),
        (3_720_000_000_000, "1 h 02 m"),
        (93_780_000_000_000, "26 h 03 m"),
    ] {
        assert_eq!(Span(Duration::from_nanos(nanoseconds)).to_string(), shown);
    }
    assert_eq!(format!("{:>6}", Span(Duration::from_millis(3))), "  3 ms");
}

#[test]
fn refuses_what_is_beyond_64_bits() {
    for text in ["18446744073709551616", "17179869184G", &"9".repeat(100)] {
        assert!(matches!(parse_size(text), Err(UnitError::Large { .. })), "{text}");
    }
    for text in ["18446744074s", "18446744073709551615h59m", &"9".repeat(100)] {
        assert!(matches!(parse_duration(text), Err(UnitError::Large { .. })), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn whole_numbers_are_exact(number in 0..1_u64 << 24) {
        proptest::prop_assert_eq!(parse_size(&format!("{number}KiB")), Ok(number << 10));
        proptest::prop_assert_eq!(parse_size(&format!("{number} gb")), Ok(number * 1_000_000_000));
        proptest::prop_assert_eq!(parse_duration(&format!("{number}us")), Ok(Duration::from_micros(number)));
    }

    #[test]
    fn a_shown_size_reads_back_within_its_rounding(power in 0..63, below: u64) {
        let bytes = below >> power >> 1;
            let back = parse_size(&Size(bytes).to_string()).expect("a size");
        proptest::prop_assert!(back.abs_diff(bytes) <= bytes / 16);
    }

    #[test]
    fn a_shown_duration_reads_back_as_no_more(nanoseconds: u64) {
        let span = Duration::from_nanos(nanoseconds);
        let back = parse_duration(&Span(span).to_string()).expect("a duration");
        proptest::prop_assert!(back <= span && span <= back + span / 10 + Duration::from_millis(1));
    }

    #[test]
    fn what_is_refused_is_quoted(text in "[0-9.]{0,30}[ \u{85}\u{2028}a-zA-Zµ]{0,3}[0-9a-z]{0,3}|\\PC{0,20}") {
        let quoted = format!("`{}`", one_line(text.trim()));
        for refused in [parse_size(&text).err(), parse_duration(&text).err()] {
            proptest::prop_assert!(refused.is_none_or(|error| error.to_string().contains(&quoted)));
        }
    }
}
