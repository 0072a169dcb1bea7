//! The nearest of some known names, for "did you mean": a typing slip or a name cut
//! short. Not a search: what is merely alike is not near.

/// A longer word may differ by more, but never by more than this.
const FARTHEST: usize = 3;
/// A shorter word is the beginning of too many names.
const SHORTEST_BEGINNING: usize = 3;

/// The name among `among` that `word` most likely meant: one letter in three may be
/// wrong, missing, too many or swapped with its neighbour; failing that, the first name
/// that begins with `word`. Case is ignored. The first of several equally near; none if
/// nothing is near.
pub fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    let allowed = allowed(length);
    let mut best: Option<(usize, &'a str)> = None;
    for name in among {
        let Some(distance) = distance(&word, length, name, allowed) else {
            continue;
        };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How many slips a word of this many characters may hold: a word of one character is
/// near to itself only, or every other would be near.
fn allowed(length: usize) -> usize {
    match length {
        0 | 1 => 0,
        _ => (length / 3).clamp(1, FARTHEST),
    }
}

/// Slips between the two; a name that `word` begins counts as one more than allowed.
/// None if farther. A name of quite another length is not compared: that bounds the work.
fn distance(word: &str, length: usize, name: &str, allowed: usize) -> Option<usize> {
    let name = name.to_lowercase();
    let slips = (name.chars().count().abs_diff(length) <= allowed)
        .then(|| strsim::osa_distance(word, &name))
        .filter(|&slips| slips <= allowed);
    let begins = length >= SHORTEST_BEGINNING && name.starts_with(word);
    slips.or_else(|| begins.then_some(allowed + 1))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const NAMES: [&str; 6] = ["gbk", "gb18030", "big5", "shift_jis", "utf-8", "utf-16le"];

    #[test]
    fn finds_a_name_with_a_slip() {
        for (word, name) in [
            ("gkb", "gbk"),
            ("utf8", "utf-8"),
            ("UTF-9", "utf-8"),
            ("shiftjis", "shift_jis"),
            ("gb18300", "gb18030"),
        ] {
            assert_eq!(nearest(word, NAMES), Some(name), "{word}");
        }
    }

    #[test]
    fn finds_a_name_cut_short() {
        assert_eq!(nearest("shift", NAMES), Some("shift_jis"));
        assert_eq!(nearest("utf-1", NAMES), Some("utf-8"), "a slip is nearer");
        assert_eq!(nearest("sh", NAMES), None, "too short to be a beginning");
    }

    #[test]
    fn takes_the_first_of_equally_near_names() {
        assert_eq!(nearest("sum1", ["sum8", "sum2"]), Some("sum8"));
        assert_eq!(nearest("sum1", ["sum2", "sum8"]), Some("sum2"));
    }

    #[test]
    fn finds_nothing_where_nothing_is_near() {
        for word in ["", "x", "koi8-r", "modbus", &"x".repeat(100_000)] {
            assert_eq!(nearest(word, NAMES), None);
        }
        assert_eq!(nearest("gbk", []), None);
    }
}
