//! What the programs say, as a lesson shows it: in the language of the lesson, and without what
//! only a command line has. What is said is found in the catalogue by its English text; what
//! is not there stays as it was said.

use std::net::SocketAddr;
use std::sync::LazyLock;

use sockeye_text::words::{Language, Words};

use crate::catalogue::Transport;
use crate::lesson::step::Tongue;

/// The catalogue's keys of what is said.
const SAID: &str = "lesson-said.";
/// Those of what stands at a name of such a text.
const PARTS: [&str; 2] = ["lesson-said.part.", "lesson-said.why."];

/// What a template is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    Line,
    Part,
}

/// An English text of the catalogue.
#[derive(Debug)]
struct Template {
    key: &'static str,
    /// What stands before the first name, and then each name with what stands behind it.
    start: &'static str,
    holes: Vec<(&'static str, &'static str)>,
}

/// The templates, those with the most text of their own first.
static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let words = Language::English.words();
    let said = words.iter().filter(|(key, _)| key.starts_with(SAID));
    let mut templates: Vec<_> = said.map(|(key, text)| Template::new(key, text)).collect();
    templates.sort_by_key(|template| std::cmp::Reverse(template.own()));
    templates
});

impl Template {
    fn new(key: &'static str, text: &'static str) -> Self {
        let mut parts = text.split('{');
        let start = parts.next().unwrap_or_default();
        let holes = parts.filter_map(|part| part.split_once('}')).collect();
        Self { key, start, holes }
    }

    fn whole(&self) -> Whole {
        let part = PARTS.iter().any(|start| self.key.starts_with(start));
        if part { Whole::Part } else { Whole::Line }
    }

    /// How much of its text is its own.
    fn own(&self) -> usize {
        self.start.len() + self.holes.iter().map(|(_, behind)| behind.len()).sum::<usize>()
    }

    /// What stands in a line at each name, where the line is of this template.
    fn read<'l>(&self, line: &'l str) -> Option<Vec<(&'static str, &'l str)>> {
        let mut rest = line.strip_prefix(self.start)?;
        let mut found = Vec::new();
        let last = self.holes.len().checked_sub(1);
        for (place, (name, behind)) in self.holes.iter().enumerate() {
            let value = if Some(place) == last {
                rest.strip_suffix(behind)?
            } else {
                rest.split_once(behind)?.0
            };
            rest = rest.get(value.len() + behind.len()..)?;
            found.push((*name, value));
        }
        rest.is_empty().then_some(found)
    }
}

/// The line as a lesson shows it; none where it is nothing for a lesson.
pub(super) fn shown(line: &str, transport: Transport, tongue: Tongue) -> Option<String> {
    let (number, text) = numbered(line);
    let flag = text.starts_with("hint: ") && text.contains("`--");
    let bare = text.parse::<SocketAddr>().is_ok();
    if flag || bare || text.starts_with("listening on ") {
        return None;
    }
    let text = closing(text, transport).unwrap_or_else(|| text.to_owned());
    let told = match tongue {
        Tongue::English => None,
        Tongue::Chinese => told(&text, Whole::Line, Language::Chinese.words()),
    };
    Some(format!("{number}{}", told.unwrap_or(text)))
}

/// `#1 ` and what follows.
fn numbered(line: &str) -> (&str, &str) {
    let end = line.find(' ').map_or(0, |end| end + 1);
    match line.split_at_checked(end) {
        Some((number, rest)) if number.starts_with('#') => (number, rest),
        _ => ("", line),
    }
}

/// A close as a lesson tells it: no frames, no reasons of a command line, and of datagrams no
/// end that would have gone over.
fn closing(text: &str, transport: Transport) -> Option<String> {
    let (whom, rest) = text.split_once("closed first by ")?;
    let (by, rest) = rest.split_once(" (")?;
    let (how, rest) = rest.split_once("): ")?;
    let (counts, failed) = match rest.split_once("; ") {
        Some((counts, failed)) => (counts, format!("; {failed}")),
        None => (rest, String::new()),
    };
    let mut counts = counts.split(", ");
    let (came, went, time) = (counts.next()?, counts.next()?, counts.last()?);
    if transport == Transport::Udp {
        return Some(format!("{whom}no more is exchanged: {came}, {went}, {time}{failed}"));
    }
    // Whoever finds the other side wrong ends in order too.
    let how = match how.split(':').next()? {
        "error" if by == "us" => "FIN",
        how => how,
    };
    Some(format!("{whom}closed first by {by} ({how}): {came}, {went}, {time}{failed}"))
}

/// A line of the catalogue, or a part of one, in other words.
fn told(line: &str, whole: Whole, words: &Words) -> Option<String> {
    let mut of = TEMPLATES.iter().filter(|template| template.whole() == whole);
    let (template, values) = of.find_map(|template| Some((template, template.read(line)?)))?;
    let mut text = words.get(template.key)?.clone();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), &valued(name, value, words));
    }
    Some(text)
}

/// What stands at a name, in other words where it has some.
fn valued(name: &str, value: &str, words: &Words) -> String {
    let bytes = value.strip_suffix(" bytes").or(value.strip_suffix(" byte"));
    if let Some(bytes) = bytes.filter(|bytes| bytes.bytes().all(|byte| byte.is_ascii_digit())) {
        return format!("{bytes} 字节");
    }
    let worded = matches!(name, "why" | "part").then(|| told(value, Whole::Part, words)).flatten();
    // Braces of a peer's are no names.
    worded.unwrap_or_else(|| value.to_owned()).replace('{', "｛").replace('}', "｝")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chinese(line: &str) -> String {
        shown(line, Transport::Tcp, Tongue::Chinese).unwrap()
    }

    #[test]
    fn what_is_said_is_said_in_the_lessons_language() {
        assert_eq!(
            chinese("#1 recv(1024) returned 1 byte: b'q'"),
            "#1 recv(1024) 返回 1 字节：b'q'"
        );
        assert_eq!(
            chinese("#2 recv(1024) returned b'': the peer has closed its side"),
            "#2 recv(1024) 返回 b''：对方已关闭它的方向"
        );
        assert_eq!(chinese("recv(10) waits for a command"), "recv(10) 等待命令");
        assert_eq!(
            chinese("error[E-denied]: `tcp://h:1` did not accept the secret"),
            "错误 [E-denied]：`tcp://h:1` 没有接受我方的密钥"
        );
        assert_eq!(chinese("nobody has foreseen it"), "nobody has foreseen it");
    }

    #[test]
    fn a_close_tells_what_went_over_and_nothing_of_flags_and_frames() {
        let line = "#1 127.0.0.1:5 closed first by us (FIN: `--close-after-reply`): 8 B in, 11 B \
                    out, 1 frame in, 1 out, 53 ms";
        let english = |transport| shown(line, transport, Tongue::English).unwrap();
        assert_eq!(
            english(Transport::Tcp),
            "#1 127.0.0.1:5 closed first by us (FIN): 8 B in, 11 B out, 53 ms"
        );
        assert_eq!(
            english(Transport::Udp),
            "#1 127.0.0.1:5 no more is exchanged: 8 B in, 11 B out, 53 ms"
        );
        assert_eq!(chinese(line), "#1 127.0.0.1:5 我方先关闭（FIN）：收 8 B，发 11 B，53 ms");
        let failed = "closed first by us (error): 1 B in, 0 B out, 1 ms; failed: `x` does not know \
                      the secret";
        assert_eq!(
            chinese(failed),
            "我方先关闭（FIN）：收 1 B，发 0 B，1 ms；失败：`x` 不知道密钥"
        );
    }

    #[test]
    fn what_only_a_command_line_has_is_left_out() {
        for line in ["listening on tcp://127.0.0.1:1", "#1 127.0.0.1:5", "hint: `--digest`?"] {
            assert_eq!(shown(line, Transport::Tcp, Tongue::English), None, "{line}");
        }
    }
}
