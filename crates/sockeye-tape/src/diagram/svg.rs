//! Sequence diagrams as one picture that stands alone (SVG 1.1): no scripts, no links,
//! nothing that is loaded. Whatever comes from the tape is a text node; attributes have
//! numbers and words of ours alone.

use std::io;
use std::io::Write;

use sockeye_text::units::Span;

use crate::diagram::Drawing;
use crate::diagram::PASSED_ON;
use crate::diagram::chart::Arrow;
use crate::diagram::chart::Chart;
use crate::diagram::chart::Happened;
use crate::diagram::chart::Step;
use crate::diagram::chart::Who;
use crate::diagram::chart::seconds;
use crate::markup;
use crate::markup::put;
use sockeye_text::width::fit;
use sockeye_text::width::wrap;

const STYLE: &str = include_str!("picture.css");

/// In pixels: how wide the picture is, where its outer lifelines are, how high a row is.
const WIDTH: usize = 1000;
const LEFT: usize = 120;
const RIGHT: usize = 960;
const ROW: usize = 22;

/// A little more than a character takes, in a monospaced face of 13 pixels.
const CELL: usize = 8;

/// The most lines of a remark.
const LINES: usize = 6;

/// Writes the picture.
pub fn write<W: Write>(drawing: &Drawing, out: &mut W) -> io::Result<()> {
    let mut pen = Pen { out: String::new(), y: ROW };
    for chart in &drawing.charts {
        pen.chart(chart);
    }
    if drawing.more > 0 {
        pen.y += ROW;
        pen.words(16, "d", &format!("and {} more conversations", drawing.more));
    }
    let height = pen.y + ROW;
    write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
         version=\"1.1\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title>Sequence diagram</title>\n<style>\n{STYLE}</style>\n"
    )?;
    out.write_all(pen.out.as_bytes())?;
    out.write_all(b"</svg>\n")?;
    out.flush()
}

struct Pen {
    out: String,
    /// The baseline of the next row's text.
    y: usize,
}

impl Pen {
    fn chart(&mut self, chart: &Chart) {
        self.y += ROW;
        self.words(16, "h", &fit(&chart.title, (WIDTH - 32) / CELL));
        self.y += ROW + ROW / 2;
        for (index, line) in chart.lifelines.iter().enumerate() {
            let x = place(chart, index);
            let room = (RIGHT - LEFT) / chart.lifelines.len().max(1) / CELL;
            let anchor = match index {
                0 => "start",
                _ if index + 1 == chart.lifelines.len() => "end",
                _ => "middle",
            };
            self.anchored(x, "h", anchor, line.name);
            self.y += ROW - 5;
            self.anchored(x, "d", anchor, &fit(&line.address, room));
            self.y -= ROW - 5;
        }
        self.y += ROW + 5;
        let top = self.y - ROW / 2;
        for step in &chart.steps {
            self.step(chart, step);
        }
        let bottom = self.y + 8;
        for index in 0..chart.lifelines.len() {
            let x = place(chart, index);
            put(
                &mut self.out,
                format_args!(
                    "<line class=\"life\" x1=\"{x}\" y1=\"{top}\" x2=\"{x}\" y2=\"{bottom}\"/>\n"
                ),
            );
        }
        self.y += ROW + 6;
        if chart.passes_on() {
            self.words(LEFT, "d", PASSED_ON);
            self.y += ROW;
        }
    }

    fn step(&mut self, chart: &Chart, step: &Step) {
        match &step.what {
            Happened::Arrow(arrow) => {
                self.y += ROW;
                self.time(step);
                self.arrow(chart, arrow);
            }
            Happened::Mark(mark) => {
                self.y += ROW;
                self.time(step);
                let room = (RIGHT - LEFT) / CELL - 4;
                let lines = wrap(&mark.text, room, LINES);
                if mark.loud {
                    let (top, height) = (self.y - ROW + 7, lines.len() * ROW);
                    let (left, width) = (LEFT + 4, RIGHT - LEFT - 8);
                    put(
                        &mut self.out,
                        format_args!(
                            "<rect class=\"band\" x=\"{left}\" y=\"{top}\" width=\"{width}\" \
                             height=\"{height}\"/>\n"
                        ),
                    );
                }
                for (index, line) in lines.iter().enumerate() {
                    self.y += if index > 0 { ROW } else { 0 };
                    self.words(LEFT + 12, if mark.loud { "l" } else { "" }, line);
                }
            }
            Happened::Gap(silent) => {
                self.y += ROW;
                let middle = usize::midpoint(LEFT, RIGHT);
                self.anchored(middle, "d", "middle", &format!("⋯ {} later ⋯", Span(*silent)));
            }
            Happened::Fold(fold) => {
                self.y += ROW;
                self.time(step);
                self.words(LEFT + 12, "d", &fold.to_string());
            }
        }
    }

    fn time(&mut self, step: &Step) {
        self.anchored(LEFT - 14, "d", "end", &seconds(step.t));
    }

    fn arrow(&mut self, chart: &Chart, arrow: &Arrow) {
        let from = place(chart, chart.place(arrow.from));
        let to = place(chart, chart.place(arrow.to));
        let is_in = arrow.to == Who::Us;
        let room = from.abs_diff(to) / CELL - 4;
        let (x, anchor) = if from < to { (from + 12, "start") } else { (from - 12, "end") };
        let words = fit(&arrow.label(), room);
        self.anchored(x, if is_in { "a" } else { "" }, anchor, &words);
        self.y += 6;
        self.shaft(from, to, if is_in { "in" } else { "out" });
        if let Some(on) = arrow.on {
            self.shaft(to, place(chart, chart.place(on)), "on");
        }
        if !arrow.frames.is_empty() {
            self.y += ROW - 7;
            self.anchored(x, "d", anchor, &fit(&arrow.frames, room));
        }
    }

    fn shaft(&mut self, from: usize, to: usize, class: &str) {
        let (y, back) = (self.y, if from < to { to - 8 } else { to + 8 });
        let (above, below) = (y - 4, y + 4);
        put(
            &mut self.out,
            format_args!(
                "<line class=\"{class}\" x1=\"{from}\" y1=\"{y}\" x2=\"{back}\" y2=\"{y}\"/>\
                 <path class=\"{class}\" d=\"M{to} {y}L{back} {above}L{back} {below}Z\"/>\n"
            ),
        );
    }

    fn words(&mut self, x: usize, class: &str, text: &str) {
        self.anchored(x, class, "start", text);
    }

    fn anchored(&mut self, x: usize, class: &str, anchor: &str, text: &str) {
        let y = self.y;
        put(
            &mut self.out,
            format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">"),
        );
        // The two characters that no XML document may hold and that are no controls.
        let text = text.replace('\u{FFFE}', "‹U+FFFE›").replace('\u{FFFF}', "‹U+FFFF›");
        markup::line(&text, &mut self.out);
        self.out.push_str("</text>\n");
    }
}

/// Where a lifeline is.
fn place(chart: &Chart, index: usize) -> usize {
    LEFT + (RIGHT - LEFT) * index / chart.lifelines.len().saturating_sub(1).max(1)
}
