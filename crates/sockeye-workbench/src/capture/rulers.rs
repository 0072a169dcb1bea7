//! Rulers over the same bytes of a stream, one under the other: where segments, reads and
//! frames begin and end. Wide enough for its number where there is room, otherwise in
//! proportion; what does not fit into a line goes on in the next.

use std::ops::Range;

/// The most pieces of a row.
const MOST: usize = 10_000;

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What its pieces are.
    pub name: &'static str,
    pieces: Vec<Range<u64>>,
    left_out: u64,
}

impl Row {
    /// A row without pieces.
    pub fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// Adds a piece. What lies before the end of the last one is left out: on a ruler, each
    /// byte is in one piece.
    pub fn add(&mut self, off: u64, len: u64) {
        let end = off.saturating_add(len);
        let from = self.pieces.last().map_or(off, |last| off.max(last.end));
        if end <= from {
            return;
        }
        if self.pieces.len() >= MOST {
            self.left_out += 1;
        } else {
            self.pieces.push(from..end);
        }
    }

    /// Its pieces, in order; they do not overlap.
    pub fn pieces(&self) -> &[Range<u64>] {
        &self.pieces
    }

    /// How many pieces were too many.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Whether there is no piece.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// Draws the rows, `width` columns wide at most: lines, blocks of one line a row.
pub fn draw(rows: &[Row], width: usize) -> Vec<String> {
    let names = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let room = width.saturating_sub(names + 1).max(20);
    let mut places: Vec<u64> = rows
        .iter()
        .flat_map(|row| &row.pieces)
        .flat_map(|piece| [piece.start, piece.end])
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut lines = Vec::new();
    let mut from = 0;
    while from + 1 < places.len() {
        let part = places.get(from..).unwrap_or_default();
        let columns = columns(part, rows, room);
        if from > 0 {
            lines.push(String::new());
        }
        for row in rows {
            lines.push(format!("{:names$} {}", row.name, line(row, part, &columns)));
        }
        from += columns.len().saturating_sub(1).max(1);
    }
    lines
}

/// The columns of the first places, as many as there is room for; of two at least.
fn columns(places: &[u64], rows: &[Row], room: usize) -> Vec<usize> {
    let first = places.first().copied().unwrap_or_default();
    let mut columns: Vec<usize> = vec![0];
    for (index, &place) in places.iter().enumerate().skip(1) {
        let before = columns.last().copied().unwrap_or_default();
        let mut column = before + 2;
        for piece in rows.iter().filter_map(|row| ending(row, place)) {
            // Begun in an earlier block: its number may stand there or here.
            let start = piece.start.max(first);
            let at = places.partition_point(|&other| other < start);
            let at = columns.get(at).copied().unwrap_or_default();
            column = column.max(at + label(&piece).len() + 3);
        }
        let since = places.get(index - 1).copied().unwrap_or_default();
        column = column.max(before + dashes(place - since));
        if column >= room && index > 1 {
            break;
        }
        columns.push(column);
    }
    columns
}

/// The piece of a row that ends there.
fn ending(row: &Row, place: u64) -> Option<Range<u64>> {
    let index = row.pieces.partition_point(|piece| piece.end < place);
    row.pieces.get(index).filter(|piece| piece.end == place).cloned()
}

/// Longer pieces are longer, and none is very long: four columns for each doubling over 4.
fn dashes(bytes: u64) -> usize {
    let doublings = bytes.checked_ilog2().unwrap_or_default().saturating_sub(2);
    usize::try_from(doublings).unwrap_or_default() * 2
}

fn label(piece: &Range<u64>) -> String {
    (piece.end - piece.start).to_string()
}

/// One row of one block.
fn line(row: &Row, places: &[u64], columns: &[usize]) -> String {
    let shown = places.get(..columns.len()).unwrap_or_default();
    let (Some(&first), Some(&last)) = (shown.first(), shown.last()) else { return String::new() };
    let width = columns.last().copied().unwrap_or_default() + 1;
    let mut cells = vec![' '; width];
    let column = |place: u64| {
        let index = shown.partition_point(|&other| other < place);
        columns.get(index).copied().unwrap_or_default()
    };
    let begin = row.pieces.partition_point(|piece| piece.end <= first);
    for piece in row.pieces.iter().skip(begin).take_while(|piece| piece.start < last) {
        let (from, to) = (column(piece.start.max(first)), column(piece.end.min(last)));
        put(&mut cells, from, if piece.start < first { '<' } else { '|' });
        put(&mut cells, to, if piece.end > last { '>' } else { '|' });
        for at in from + 1..to {
            put(&mut cells, at, '-');
        }
        let label = label(piece);
        if label.len() < to - from {
            let at = from + 1 + (to - from - 1 - label.len()) / 2;
            for (index, digit) in label.chars().enumerate() {
                put(&mut cells, at + index, digit);
            }
        }
    }
    cells.into_iter().collect::<String>().trim_end().to_owned()
}

fn put(cells: &mut [char], at: usize, what: char) {
    if let Some(cell) = cells.get_mut(at) {
        *cell = what;
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, draw};
    use proptest::prelude::{any, proptest};

    fn row(name: &'static str, lengths: &[u64]) -> Row {
        let mut row = Row::new(name);
        let mut off = 0;
        for &len in lengths {
            row.add(off, len);
            off += len;
        }
        row
    }

    #[test]
    fn three_rulers_lie_over_the_same_bytes() {
        let rows = [
            row("segments", &[1448, 1448]),
            row("reads", &[2896]),
            row("frames", &[12, 1436, 1448]),
        ];
        assert_eq!(
            draw(&rows, 80),
            [
                "segments |--------1448--------|-----1448------|",
                "reads    |----------------2896----------------|",
                "frames   |-12-|-----1436------|-----1448------|",
            ]
        );
    }

    #[test]
    fn what_does_not_fit_goes_on_below_with_its_bytes_marked_as_cut() {
        let rows = [row("segments", &[10; 12]), row("reads", &[120])];
        let lines = draw(&rows, 60);
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{lines:#?}");
        assert!(lines.get(1).is_some_and(|line| line.ends_with('>')), "{lines:#?}");
        assert!(lines.last().is_some_and(|line| line.contains('<')), "{lines:#?}");
        let shown = lines.join("\n").matches("10").count();
        assert_eq!(shown, 12, "{lines:#?}");
    }

    #[test]
    fn what_was_sent_twice_is_drawn_once() {
        let mut row = Row::new("segments");
        for (off, len) in [(0, 10), (0, 10), (5, 10), (20, 0)] {
            row.add(off, len);
        }
        // Ten bytes, then the five that were new.
        assert_eq!(draw(&[row], 80), ["segments |-10-|-5-|"]);
    }

    proptest! {
        #[test]
        fn any_pieces_are_drawn_within_bounds(
            pieces in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..40),
            width in 0..200_usize,
        ) {
            let mut rows = [Row::new("segments"), Row::new("reads")];
            for (index, (off, len)) in pieces.into_iter().enumerate() {
                rows[index % 2].add(off, len);
            }
            let lines = draw(&rows, width);
            assert!(lines.len() <= 3 * 200);
        }
    }
}
