//! A tape as sequence diagrams, one a conversation, a relay's two sides in one: who told
//! whom what, when, and in which reads. Collected in one pass and in bounded memory; how
//! a diagram is drawn is told in the modules below. It has what the tape has: where a
//! relay passed bytes on, that is dotted, as no tape says that they arrived.

pub mod chart;
mod label;
mod page;
pub mod terminal;
pub mod svg;
pub mod mermaid;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sockeye_text::encoding::Encoding;

use crate::diagram::chart::Chart;
use crate::diagram::chart::Who;
use crate::diagram::page::Page;
use crate::event::Event;
use crate::event::Open;
use crate::event::What;
use crate::rows::Row;
use crate::rows::Rows;
use crate::style::Show;

/// How many events of a conversation are drawn one by one unless the user says otherwise.
pub const MOST: usize = 200;

/// The most diagrams of a tape; further conversations are counted.
pub const DIAGRAMS: usize = 100;

/// What the dotted arrows of a relay are.
const PASSED_ON: &str = "dotted: passed on by the relay, which no tape records";

/// The most conversations that are followed by number at a time.
const FOLLOWED: usize = 65_536;

/// What of a tape is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The one conversation, with the one that it is joined to; none: all of them.
    pub conversation: Option<u64>,
    /// How many events of a conversation are drawn one by one. The others are folded.
    pub most: usize,
    /// How bytes become text.
    pub encoding: Encoding,
}

impl Default for Choice {
    fn default() -> Self {
        Self { conversation: None, most: MOST, encoding: Encoding::Auto }
    }
}

/// Collects the diagrams of a tape, event by event.
#[derive(Debug)]
pub struct Diagrams {
    rows: Rows,
    book: Book,
}

/// What was collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// The diagrams, in the order in which their conversations began.
    pub charts: Vec<Chart>,
    /// How many conversations there are besides.
    pub more: u64,
}

#[derive(Debug)]
struct Book {
    choice: Choice,
    /// The numbers that are collected where one was chosen.
    chosen: BTreeSet<u64>,
    pages: Vec<Page>,
    /// On which page a conversation is drawn, and as whose; of the latest of that number.
    seats: BTreeMap<u64, Seat>,
    more: u64,
}

#[derive(Clone, Copy, Debug)]
struct Seat {
    page: usize,
    peer: Who,
}

impl Diagrams {
    /// Nothing is collected yet.
    pub fn new(choice: Choice) -> Self {
        let book = Book {
            choice,
            // A relay's other conversation has the number before: it is there first.
            chosen: choice.conversation.iter().flat_map(|&c| [c.saturating_sub(1), c]).collect(),
            pages: Vec::new(),
            seats: BTreeMap::new(),
            more: 0,
        };
        Self { rows: Rows::new(Show::Auto, false, choice.encoding), book }
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>) {
        let Self { rows, book } = self;
        if let What::Open(open) = &event.what {
            // What was held back belongs to the conversation that had this number before.
            rows.settle(&mut |row| book.draw(row));
            book.open(event, open);
        }
        if book.is_drawn(event) {
            rows.event(event, &mut |row| book.draw(row));
        }
    }

    /// What was collected.
    pub fn finish(mut self) -> Drawing {
        let Self { rows, book } = &mut self;
        rows.settle(&mut |row| book.draw(row));
        let choice = book.choice;
        let chosen = choice.conversation;
        let is_chosen = |page: &Page| chosen.is_none_or(|chosen| page.numbers.contains(&chosen));
        let pages = self.book.pages.into_iter().filter(is_chosen);
        let charts = pages.map(Page::finish).collect();
        Drawing { charts, more: self.book.more }
    }
}

impl Book {
    fn open(&mut self, event: &Event<'_>, open: &Open) {
        let joined = open.pair.and_then(|pair| Some((pair, *self.seats.get(&pair)?)));
        if let Some((_, seat)) = joined
            && let Some(page) = self.pages.get_mut(seat.page)
            && page.join(event.c, open)
        {
            self.seat(event.c, Seat { page: seat.page, peer: Who::Second });
            return;
        }
        self.seats.remove(&event.c);
        if self.choice.conversation.is_some() {
            let pair = open.pair.filter(|pair| self.chosen.contains(pair));
            if pair.is_none() && !self.chosen.contains(&event.c) {
                return;
            }
        }
        if self.pages.len() >= DIAGRAMS {
            self.more = self.more.saturating_add(1);
            return;
        }
        self.seat(event.c, Seat { page: self.pages.len(), peer: Who::First });
        self.pages.push(Page::of(event.c, event.t, Some(open), self.choice.most));
    }

    fn seat(&mut self, c: u64, seat: Seat) {
        if self.seats.len() >= FOLLOWED && !self.seats.contains_key(&c) {
            self.seats.pop_first();
        }
        self.seats.insert(c, seat);
    }

    /// Whether the event's conversation has a page. One that a tape never opens gets one at
    /// its first event.
    fn is_drawn(&mut self, event: &Event<'_>) -> bool {
        if self.seats.contains_key(&event.c) {
            return true;
        }
        let wanted = self.choice.conversation.is_none() || self.chosen.contains(&event.c);
        let was_opened = matches!(event.what, What::Open(_));
        if !wanted || was_opened || self.pages.len() >= DIAGRAMS {
            return false;
        }
        self.seat(event.c, Seat { page: self.pages.len(), peer: Who::First });
        self.pages.push(Page::of(event.c, event.t, None, self.choice.most));
        true
    }

    fn draw(&mut self, row: Row) {
        let Some(seat) = self.seats.get(&row.at.c) else {
            return;
        };
        if let Some(page) = self.pages.get_mut(seat.page) {
            page.draw(row, seat.peer);
        }
    }
}
