//! The columns at the left of the boundary view: the time and the conversation, and the
//! width of the size. A column grows when it must and never shrinks, so that the grid
//! does not jump.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Zoned;

use crate::ink::Ink;
use crate::style::Style;
use crate::style::TimeShown;

/// When something happened, and in which conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Since the start of the tape.
    pub(crate) t: Duration,
    /// The number of the conversation.
    pub(crate) c: u64,
}

/// The columns at the left.
#[derive(Debug)]
pub(crate) struct Gutter {
    ink: Ink,
    time: TimeShown,
    start: Zoned,
    numbered: bool,
    previous: Option<Duration>,
    time_width: usize,
    number_width: usize,
    size_width: usize,
}

impl Gutter {
    /// Columns in which nothing stands yet.
    pub(crate) fn new(style: &Style, ink: Ink) -> Self {
        Self {
            ink,
            time: style.time,
            start: style.start.clone(),
            numbered: style.numbered,
            previous: None,
            time_width: 0,
            // `#1` and `10 B`: what most conversations need.
            number_width: 2,
            size_width: 4,
        }
    }

    /// Appends the time and the conversation's number, where they are asked for, each with
    /// a space after it. Returns how many characters that is.
    pub(crate) fn stamp(&mut self, at: Stamp, out: &mut String) -> usize {
        let mut width = 0;
        if let Some(time) = self.time(at.t) {
            self.time_width = self.time_width.max(time.len());
            let time = format!("{time:>0$} ", self.time_width);
            width += time.len();
            self.ink.dim(&time, out);
        }
        self.previous = Some(at.t);
        if self.numbered {
            let number = format!("#{}", at.c);
            self.number_width = self.number_width.max(number.len());
            let number = format!("{number:<0$} ", self.number_width);
            width += number.len();
            out.push_str(&number);
        }
        width
    }

    /// Appends a number of bytes. Returns how many characters that is.
    pub(crate) fn size(&mut self, bytes: usize, out: &mut String) -> usize {
        let size = format!("{bytes} B");
        self.size_width = self.size_width.max(size.len());
        let size = format!("{size:>0$}", self.size_width);
        self.ink.dim(&size, out);
        size.len()
    }

    /// Appends the room of a size. Returns how many characters that is.
    pub(crate) fn no_size(&self, out: &mut String) -> usize {
        out.extend(std::iter::repeat_n(' ', self.size_width));
        self.size_width
    }

    fn time(&self, t: Duration) -> Option<String> {
        match self.time {
            TimeShown::Off => None,
            TimeShown::Clock => Some(self.clock(t)),
            TimeShown::Delta => {
                let previous = self.previous.unwrap_or(t);
                Some(format!("+{}", seconds(t.saturating_sub(previous))))
            }
            TimeShown::Since => Some(seconds(t)),
        }
    }

    fn clock(&self, t: Duration) -> String {
        let since = SignedDuration::try_from(t).ok();
        let time = since.and_then(|since| self.start.checked_add(since).ok());
        // A tape may claim to have begun in the year 9999.
        time.map_or_else(|| "--:--:--.---".into(), |time| time.strftime("%H:%M:%S%.3f").to_string())
    }
}

/// Cut to milliseconds, never rounded up: so much has truly passed.
fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::Gutter;
    use super::Ink;
    use super::Stamp;
    use crate::style::Style;
    use crate::style::TimeShown;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use jiff::tz::offset;
    use std::time::Duration;

    fn gutter(time: TimeShown, numbered: bool) -> Gutter {
        let start: Timestamp = "2025-03-01T11:03:04.12Z".parse().unwrap();
        let style = Style {
            show: crate::style::Show::Auto,
            time,
            encoding: sockeye_text::encoding::Encoding::Auto,
            colour: false,
            start: start.to_zoned(TimeZone::fixed(offset(1))),
            numbered,
            framed: false,
        };
        Gutter::new(&style, Ink::Plain)
    }

    fn stamps(mut gutter: Gutter, times: &[u64]) -> Vec<String> {
        let stamp = |&us| {
            let mut out = String::new();
            let width = gutter.stamp(Stamp { t: Duration::from_micros(us), c: 1 }, &mut out);
            assert_eq!(width, out.len());
            out
        };
        times.iter().map(stamp).collect()
    }

    #[test]
    fn the_clock_is_that_of_the_place_and_cut_to_milliseconds() {
        let told = stamps(gutter(TimeShown::Clock, true), &[3_999, 60_000_000]);
        assert_eq!(told, ["12:03:04.123 #1 ", "12:04:04.120 #1 "]);
    }

    #[test]
    fn deltas_count_from_the_line_before() {
        let told = stamps(gutter(TimeShown::Delta, false), &[5_000, 7_000, 13_007_000, 13_006_000]);
        assert_eq!(told, ["+0.000 ", "+0.002 ", "+13.000 ", " +0.000 "]);
    }

    #[test]
    fn since_counts_from_the_start_and_off_is_nothing() {
        assert_eq!(stamps(gutter(TimeShown::Since, false), &[126_000]), ["0.126 "]);
        assert_eq!(stamps(gutter(TimeShown::Off, false), &[126_000]), [""]);
    }

    #[test]
    fn a_time_beyond_every_calendar_is_no_time() {
        let mut out = String::new();
        gutter(TimeShown::Clock, false).stamp(Stamp { t: Duration::MAX, c: 1 }, &mut out);
        assert_eq!(out, "--:--:--.--- ");
    }

    #[test]
    fn sizes_are_exact_and_their_column_only_grows() {
        let mut gutter = gutter(TimeShown::Off, false);
        let mut out = String::new();
        for size in [3, 10, 65_536, 10] {
            gutter.size(size, &mut out);
            out.push('|');
        }
        gutter.no_size(&mut out);
        assert_eq!(out, " 3 B|10 B|65536 B|   10 B|       ");
    }
}
