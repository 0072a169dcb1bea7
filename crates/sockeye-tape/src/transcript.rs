//! A tape as text: the boundary view without colour, behind a few lines about the
//! recording.

use std::io;
use std::io::Write;

use jiff::Zoned;
use jiff::tz::TimeZone;
use sockeye_text::encoding::Encoding;
use sockeye_text::safe;

use crate::event::Event;
use crate::header::Header;
use crate::style::Show;
use crate::style::Style;
use crate::style::TimeShown;
use crate::view::View;

/// Writes a transcript, event by event. Bounded as the boundary view is.
#[derive(Debug)]
pub struct Transcript<W> {
    out: W,
    view: View,
    text: String,
}

impl<W: Write> Transcript<W> {
    /// Writes the lines about the recording.
    pub fn new(mut out: W, header: &Header, encoding: Encoding) -> io::Result<Self> {
        let argv = header.argv.join(" ");
        let (start, version) = (safe::one_line(&header.start), safe::one_line(&header.sockeye));
        writeln!(out, "# recorded {start} by sockeye {version}")?;
        writeln!(out, "# {}", safe::one_line(&argv))?;
        writeln!(
            out,
            "# seconds since the start, ← came from the peer, → went to it, ⟦ ⟧ a frame"
        )?;
        let view = View::new(Style {
            show: Show::Auto,
            time: TimeShown::Since,
            encoding,
            colour: false,
            start: Zoned::new(header.started().unwrap_or_default(), TimeZone::UTC),
            numbered: true,
            framed: header.was_framed(),
        });
        Ok(Self { out, view, text: String::new() })
    }

    /// Takes an event and writes what can be drawn by now.
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.text.clear();
        self.view.event(event, &mut self.text);
        self.out.write_all(self.text.as_bytes())
    }

    /// Writes what was kept back, flushes, and gives the writer back.
    pub fn end(mut self) -> io::Result<W> {
        self.text.clear();
        self.view.settle(&mut self.text);
        self.out.write_all(self.text.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}
