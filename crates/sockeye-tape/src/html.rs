//! A tape as one page that stands alone: nothing is loaded, nothing runs. Whatever comes
//! from the tape is a text node; attributes have numbers of ours alone.

use std::io;
use std::io::Write;
use std::time::Duration;

use sockeye_text::encoding::Encoding;

use crate::contents::Contents;
use crate::contents::Talk;
use crate::event::Dir;
use crate::event::Event;
use crate::header::Header;
use crate::markup;
use crate::markup::Cell;
use crate::markup::put;
use crate::reading::Words;
use crate::remark::Remark;
use crate::rows::Drawn;
use crate::rows::Row;
use crate::rows::Rows;
use crate::segment::Segment;
use crate::style::Show;
use crate::waiting::Block;

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <meta name=\"referrer\" content=\"no-referrer\">\n<title>Tape</title>\n<style>\n";

const STYLE: &str = include_str!("page.css");

const FOOT: &str = "</main>\n<footer>← came from the peer: one band is what one recv returned, not what \
    the peer wrote at once. → went to the peer. ⟦ ⟧ is a frame; … where one goes on. ⏎ is a line feed in \
    the bytes. Hex is what is no text.</footer>\n</body>\n</html>\n";

/// Bytes in a line of hex.
const ROW: usize = 16;

/// The most characters of a word of the command line, and the most words.
const WORD: usize = 500;
const WORDS: usize = 100;

/// Writes a page, event by event. Bounded as the boundary view is.
#[derive(Debug)]
pub struct Html<W> {
    out: W,
    rows: Rows,
    pen: Pen,
}

#[derive(Debug, Default)]
struct Pen {
    /// How many conversations have been opened on the page.
    opened: usize,
    text: String,
}

impl<W: Write> Html<W> {
    /// Writes the head of the page: about the recording, and the conversations.
    pub fn new(
        mut out: W,
        header: &Header,
        contents: &Contents,
        encoding: Encoding,
    ) -> io::Result<Self> {
        let mut text = [HEAD, STYLE, "</style>\n</head>\n<body>\n"].concat();
        about(header, contents, &mut text);
        listed(contents, &mut text);
        text.push_str("<main>\n<h2>Events</h2>\n");
        out.write_all(text.as_bytes())?;
        Ok(Self { out, rows: Rows::new(Show::Auto, false, encoding), pen: Pen::default() })
    }

    /// Takes an event and writes what can be drawn by now.
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Self { rows, pen, .. } = self;
        rows.event(event, &mut |row| pen.draw(&row));
        self.write()
    }

    /// Writes what was kept back and the foot of the page, flushes, and gives the writer
    /// back.
    pub fn end(mut self) -> io::Result<W> {
        let Self { rows, pen, .. } = &mut self;
        rows.settle(&mut |row| pen.draw(&row));
        self.write()?;
        self.out.write_all(FOOT.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn write(&mut self) -> io::Result<()> {
        self.out.write_all(self.pen.text.as_bytes())?;
        self.pen.text.clear();
        // One giant event does not keep its memory.
        self.pen.text.shrink_to(1024 * 1024);
        Ok(())
    }
}

fn about(header: &Header, contents: &Contents, out: &mut String) {
    out.push_str("<header>\n<h1>Tape</h1>\n<dl>\n");
    let mut entry = |name: &str, text: &str| {
        out.extend(["<dt>", name, "</dt><dd>"]);
        markup::line(text, out);
        out.push_str("</dd>\n");
    };
    let short = |text: &str| text.chars().take(WORD).collect::<String>();
    entry("recorded", &short(&header.start));
    entry("by", &format!("sockeye {}", short(&header.sockeye)));
    let words: Vec<_> = header.argv.iter().take(WORDS).map(|word| short(word)).collect();
    let more = if header.argv.len() > WORDS { " …" } else { "" };
    entry("command", &(words.join(" ") + more));
    entry("lasted", &format!("{} s", seconds(contents.lasted)));
    entry("events", &contents.events.to_string());
    out.push_str("</dl>\n</header>\n");
}

fn listed(contents: &Contents, out: &mut String) {
    out.push_str("<nav>\n<h2>Conversations</h2>\n<ol>\n");
    for (index, talk) in contents.talks.iter().enumerate() {
        entry(index + 1, talk, out);
    }
    out.push_str("</ol>\n");
    if contents.more > 0 {
        put(out, format_args!("<p class=\"m\">and {} more</p>\n", contents.more));
    }
    out.push_str("</nav>\n");
}

fn entry(index: usize, talk: &Talk, out: &mut String) {
    put(out, format_args!("<li><a href=\"#o{index}\">#{}</a><span>", talk.c));
    markup::line(&talk.opened, out);
    let (came, went, frames) = (talk.came, talk.went, talk.frames);
    let frames = match frames {
        0 => String::new(),
        1 => "1 frame".to_owned(),
        more => format!("{more} frames"),
    };
    put(
        out,
        format_args!(
            "</span><span class=\"n\">{came} B in</span><span class=\"n\">{went} B out</span>\
         <span class=\"n\">{frames}</span>"
        ),
    );
    match &talk.closed {
        Some((text, loud)) => {
            out.push_str(if *loud { "<span class=\"loudly\">" } else { "<span class=\"m\">" });
            markup::line(text, out);
        }
        None => out.push_str("<span class=\"m\">not closed"),
    }
    out.push_str("</span></li>\n");
}

impl Pen {
    fn draw(&mut self, row: &Row) {
        match &row.what {
            Drawn::Bytes(block, segments, words) => {
                self.begin(row, class(block.dir), "");
                self.bytes(block, segments, words.as_deref());
            }
            Drawn::Late(dir, frame) => {
                self.begin(row, class(*dir), "");
                let text = format!("⟦{}..{}⟧", frame.off, frame.end());
                put(
                    &mut self.text,
                    format_args!("{}<span class=\"s\"></span><div class=\"b\"><pre>", arrow(*dir)),
                );
                Cell::new(&mut self.text).open("b", &text);
                self.text.push_str("</pre></div>");
            }
            Drawn::Remark(remark) => self.remark(row, remark),
        }
        self.text.push_str("</div>\n");
    }

    fn begin(&mut self, row: &Row, class: &str, id: &str) {
        let (time, c) = (seconds(row.at.t), row.at.c);
        put(
            &mut self.text,
            format_args!(
                "<div class=\"e {class}\"{id}><span class=\"t\">{time}</span><span class=\"c\">#{c}</span>"
            ),
        );
    }

    fn remark(&mut self, row: &Row, remark: &Remark) {
        let (mark, text) = remark.text.split_once(' ').unwrap_or(("", &remark.text));
        let mut id = String::new();
        let class = match mark {
            "●" => {
                self.opened += 1;
                id = format!(" id=\"o{}\"", self.opened);
                "open"
            }
            "○" => "close",
            _ => "note",
        };
        let class = if remark.loud { format!("{class} loud") } else { class.to_owned() };
        self.begin(row, &class, &id);
        put(&mut self.text, format_args!("<span class=\"d\">{mark}</span><span class=\"r\">"));
        markup::line(text, &mut self.text);
        self.text.push_str("</span>");
    }

    fn bytes(&mut self, block: &Block, segments: &[Segment], words: Option<&[Words]>) {
        let size = block.bytes.len();
        let out = &mut self.text;
        put(
            out,
            format_args!("{}<span class=\"s\">{size} B</span><div class=\"b\">", arrow(block.dir)),
        );
        if let Some(who) = &block.who {
            out.push_str("<div class=\"w\">");
            markup::line(
                &format!("{} {who}", if block.dir == Dir::In { "from" } else { "to" }),
                out,
            );
            out.push_str("</div>");
        }
        out.push_str("<pre>");
        let mut cell = Cell::new(out);
        match words {
            Some(words) => text(&mut cell, &block.bytes, segments, words),
            None => hex(&mut cell, &block.bytes, segments),
        }
        out.push_str("</pre></div>");
    }
}

fn class(dir: Dir) -> &'static str {
    match dir {
        Dir::In => "in",
        Dir::Out => "out",
    }
}

fn arrow(dir: Dir) -> &'static str {
    match dir {
        Dir::In => "<span class=\"d\">←</span>",
        Dir::Out => "<span class=\"d\">→</span>",
    }
}

fn text(cell: &mut Cell<'_>, bytes: &[u8], segments: &[Segment], words: &[Words]) {
    for (segment, words) in segments.iter().zip(words) {
        begin(cell, segment);
        if words.goes_on {
            cell.open("b", "…");
        }
        cell.text(&words.text);
        if words.held > 0 {
            let bytes = bytes.get(segment.bytes.clone()).unwrap_or_default();
            let start = bytes.len().saturating_sub(words.held);
            let held = sockeye_text::hex::encode(bytes.get(start..).unwrap_or_default());
            cell.open("i", &format!("‹{held}›"));
        }
        if words.held > 0 && segment.part.is_none() {
            cell.close("b", "…");
        }
        end(cell, segment);
    }
}

fn hex(cell: &mut Cell<'_>, bytes: &[u8], segments: &[Segment]) {
    let mut drawn = 0;
    for segment in segments {
        if drawn % ROW > 0 {
            cell.plain(" ");
        }
        begin(cell, segment);
        let mut rest = bytes.get(segment.bytes.clone()).unwrap_or_default();
        while !rest.is_empty() {
            let (line, tail) = rest.split_at_checked(ROW - drawn % ROW).unwrap_or((rest, &[]));
            cell.plain(&sockeye_text::hex::encode(line));
            drawn += line.len();
            rest = tail;
            if drawn.is_multiple_of(ROW) {
                cell.end_line();
            }
        }
        end(cell, segment);
    }
}

fn begin(cell: &mut Cell<'_>, segment: &Segment) {
    if let Some(part) = segment.part {
        cell.open("b", if part.begins { "⟦" } else { "…" });
    }
}

fn end(cell: &mut Cell<'_>, segment: &Segment) {
    if let Some(part) = segment.part {
        cell.close("b", if part.ends { "⟧" } else { "…" });
    }
}

/// Cut to milliseconds, never rounded up.
fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}
