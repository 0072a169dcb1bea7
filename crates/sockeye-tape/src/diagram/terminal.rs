//! Sequence diagrams for a terminal, 80 columns wide.
//!
//! ```text
//! #1 tcp (dial)
//!           us                                                          peer
//!    0.002  │── 6 B  hello␊ ───────────────────────────────────────────────▶│
//!    0.003  │◀────────────────────────────────────────── 10 B  ⟦hello⟧⟦wor… ──│
//!           │                                             ⟦0..7⟧ ⟦7…          │
//! ```

use crate::diagram::Drawing;
use crate::diagram::PASSED_ON;
use crate::diagram::chart::Arrow;
use crate::diagram::chart::Chart;
use crate::diagram::chart::Happened;
use crate::diagram::chart::Mark;
use crate::diagram::chart::Step;
use crate::diagram::chart::Who;
use crate::diagram::chart::seconds;
use crate::ink::Ink;
use sockeye_text::units::Span;
use sockeye_text::width::fit;
use sockeye_text::width::width;
use sockeye_text::width::wrap;

/// How wide a diagram is.
const WIDTH: usize = 80;

/// The most lines of a remark.
const LINES: usize = 4;

/// Whether a diagram is in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Text alone.
    Off,
    /// With ANSI colours.
    On,
}

/// The diagrams as lines.
pub fn draw(drawing: &Drawing, colour: Colour) -> String {
    let ink = if colour == Colour::On { Ink::Colour } else { Ink::Plain };
    let mut out = String::new();
    for (index, chart) in drawing.charts.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        Pen::new(chart, ink).chart(&mut out);
    }
    if drawing.more > 0 {
        ink.dim(
            &format!("\nand {} more conversations: `--conversation N`", drawing.more),
            &mut out,
        );
        out.push('\n');
    }
    out
}

/// A piece of a line, and what it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paint {
    Plain,
    Dim,
    Accent,
    Loud,
}

/// Whither an arrow points.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Right,
    Left,
}

struct Pen<'c> {
    chart: &'c Chart,
    ink: Ink,
    /// How wide the times are.
    time: usize,
    /// How many cells lie between two neighbouring lifelines.
    spans: Vec<usize>,
}

impl<'c> Pen<'c> {
    fn new(chart: &'c Chart, ink: Ink) -> Self {
        let times = chart.steps.iter().map(|step| seconds(step.t).len());
        let time = times.max().unwrap_or_default().max(8);
        let bars = chart.lifelines.len();
        // A time that no clock could show still leaves room.
        let all = WIDTH.saturating_sub(time + 1 + bars).max(40);
        let between = bars.saturating_sub(1).max(1);
        let spans = (0..between).map(|at| all / between + usize::from(at < all % between));
        Self { chart, ink, time, spans: spans.collect() }
    }

    fn chart(&self, out: &mut String) {
        self.ink.accent(&fit(&self.chart.title, WIDTH), out);
        out.push('\n');
        let names: Vec<_> = self.chart.lifelines.iter().map(|line| line.name.to_owned()).collect();
        let places: Vec<_> = self.chart.lifelines.iter().map(|line| line.address.clone()).collect();
        self.heads(&names, out);
        self.heads(&places, out);
        for step in &self.chart.steps {
            self.step(step, out);
        }
        if self.chart.passes_on() {
            self.ink.dim(&format!("{:1$} {PASSED_ON}", "", self.time), out);
            out.push('\n');
        }
    }

    /// What stands over the lifelines: at the left, in the middle, at the right.
    fn heads(&self, texts: &[String], out: &mut String) {
        let all: usize = self.spans.iter().sum::<usize>() + self.spans.len() + 1;
        let room = all / texts.len().max(1) - 1;
        let mut line = " ".repeat(self.time + 1);
        let start = width(&line);
        let mut bar = start;
        for (index, text) in texts.iter().enumerate() {
            let text = fit(text, room);
            let size = width(&text);
            let at = match index {
                0 => bar,
                _ if index + 1 == texts.len() => (start + all).saturating_sub(size),
                _ => bar.saturating_sub(size / 2),
            };
            line.push_str(&" ".repeat(at.saturating_sub(width(&line))));
            line.push_str(&text);
            bar += self.spans.get(index).copied().unwrap_or_default() + 1;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }

    fn step(&self, step: &Step, out: &mut String) {
        let time = seconds(step.t);
        match &step.what {
            Happened::Arrow(arrow) => self.arrow(&time, arrow, out),
            Happened::Mark(Mark { text, loud }) => {
                let paint = if *loud { Paint::Loud } else { Paint::Plain };
                self.across(&time, text, paint, out);
            }
            Happened::Gap(silent) => {
                let text = format!("┄┄┄ {} later ┄┄┄", Span(*silent));
                self.line("", '┊', &[(self.centred(&text), Paint::Dim)], out);
            }
            Happened::Fold(fold) => self.across(&time, &fold.to_string(), Paint::Dim, out),
        }
    }

    fn centred(&self, text: &str) -> String {
        let room = self.all();
        let text = fit(text, room);
        let before = (room - width(&text)) / 2;
        " ".repeat(before) + &text
    }

    /// The cells between the outer lifelines.
    fn all(&self) -> usize {
        self.spans.iter().sum::<usize>() + self.spans.len() - 1
    }

    fn across(&self, time: &str, text: &str, paint: Paint, out: &mut String) {
        for (index, line) in wrap(text, self.all() - 2, LINES).into_iter().enumerate() {
            let (time, before) = if index == 0 { (time, " ") } else { ("", "   ") };
            let line = fit(&format!("{before}{line}"), self.all());
            self.line(time, '│', &[(line, paint)], out);
        }
    }

    fn arrow(&self, time: &str, arrow: &Arrow, out: &mut String) {
        let (from, to) = (self.chart.place(arrow.from), self.chart.place(arrow.to));
        let on = arrow.on.map(|on| self.chart.place(on));
        let own = from.min(to);
        let way = if from < to { Way::Right } else { Way::Left };
        let paint = if arrow.to == Who::Us { Paint::Accent } else { Paint::Plain };
        let (mut line, mut below) = (Vec::new(), Vec::new());
        for (index, &cells) in self.spans.iter().enumerate() {
            if index == own {
                line.push((shaft(&arrow.label(), cells, way), paint));
                let frames = fit(&arrow.frames, cells.saturating_sub(3));
                let room = cells.saturating_sub(width(&frames));
                let before = if way == Way::Right { 3 } else { room.saturating_sub(3) };
                below.push((" ".repeat(before) + &frames, Paint::Dim));
            } else if on.is_some_and(|on| on.min(to) == index) {
                line.push((dotted(cells, way), Paint::Dim));
                below.push((String::new(), Paint::Dim));
            } else {
                line.push((String::new(), Paint::Dim));
                below.push((String::new(), Paint::Dim));
            }
        }
        self.line(time, '│', &line, out);
        if !arrow.frames.is_empty() {
            self.line("", '│', &below, out);
        }
    }

    /// A line: the time, and what is between the lifelines; one piece alone is drawn over
    /// those in the middle.
    fn line(&self, time: &str, bar: char, pieces: &[(String, Paint)], out: &mut String) {
        self.ink.dim(&format!("{time:>0$} ", self.time), out);
        let bar = bar.to_string();
        self.ink.dim(&bar, out);
        let over = [self.all()];
        let rooms = if pieces.len() == self.spans.len() { &*self.spans } else { &over };
        for ((piece, paint), &cells) in pieces.iter().zip(rooms) {
            let padded = piece.clone() + &" ".repeat(cells.saturating_sub(width(piece)));
            match paint {
                Paint::Plain => out.push_str(&padded),
                Paint::Dim => self.ink.dim(&padded, out),
                Paint::Accent => self.ink.accent(&padded, out),
                Paint::Loud => self.ink.loud(&padded, out),
            }
            self.ink.dim(&bar, out);
        }
        out.push('\n');
    }
}

/// An arrow that fills so many cells, with a text in it.
fn shaft(text: &str, cells: usize, way: Way) -> String {
    let text = fit(text, cells.saturating_sub(7));
    let rest = "─".repeat(cells.saturating_sub(width(&text) + 5));
    match way {
        Way::Right => format!("── {text} {rest}▶"),
        Way::Left => format!("◀{rest} {text} ──"),
    }
}

/// What was passed on and not seen.
fn dotted(cells: usize, way: Way) -> String {
    let rest = "╌".repeat(cells.saturating_sub(1));
    match way {
        Way::Right => rest + "▶",
        Way::Left => format!("◀{rest}"),
    }
}
