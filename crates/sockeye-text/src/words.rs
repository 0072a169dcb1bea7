//! The words of the page and of the command line, in each language: flat maps from a key to a
//! text, which may have `{name}`s to be filled in. They lie in `words/LANG/AREA.json`, one
//! file an area, the same keys in every language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The words of one language.
pub type Words = BTreeMap<String, String>;

/// A language that there are words in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

/// An area's files: English, Chinese.
type Area = [&'static str; 2];

macro_rules! area {
    ($name:literal) => {
        [
            include_str!(concat!("../words/en/", $name, ".json")),
            include_str!(concat!("../words/zh-CN/", $name, ".json")),
        ]
    };
}

/// Every file of `words/`, by its name.
const AREAS: [(&str, Area); 13] = [
    ("about", area!("about")),
    ("composer", area!("composer")),
    ("conversations", area!("conversations")),
    ("errors", area!("errors")),
    ("inspector", area!("inspector")),
    ("lesson-said", area!("lesson-said")),
    ("lesson-steps", area!("lesson-steps")),
    ("lesson-wrong", area!("lesson-wrong")),
    ("lessons", area!("lessons")),
    ("open", area!("open")),
    ("shell", area!("shell")),
    ("stream", area!("stream")),
    ("tools", area!("tools")),
];

static ENGLISH: LazyLock<Words> = LazyLock::new(|| joined(|[english, _]| english));
static CHINESE: LazyLock<Words> = LazyLock::new(|| joined(|[_, chinese]| chinese));

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// As it is written (BCP 47).
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Read back from [`Language::name`].
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == text)
    }

    /// Its words, of every area.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

/// One language's files as one map. A file that is not what it should be is left out: a test
/// sees to it that there is none.
fn joined(file: impl Fn(Area) -> &'static str) -> Words {
    let parts =
        AREAS.iter().filter_map(|(_, area)| serde_json::from_str::<Words>(file(*area)).ok());
    parts.flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The `{name}`s of a text.
    fn names(text: &str) -> BTreeSet<&str> {
        let parts = text.split('{').skip(1);
        parts.map(|part| part.split_once('}').expect("a closed brace").0).collect()
    }

    #[test]
    fn every_file_is_joined_and_no_key_is_there_twice() {
        for (place, language) in Language::ALL.into_iter().enumerate() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("words").join(language.name());
            let files = fs::read_dir(folder).expect("a folder");
            let lying: BTreeSet<String> = files
                .map(|file| file.expect("a file").file_name().into_string().expect("text"))
                .collect();
            let listed = AREAS.iter().map(|(name, _)| format!("{name}.json")).collect();
            assert_eq!(lying, listed, "{}", language.name());
            let mut count = 0;
            for (name, area) in AREAS {
                let words: Words = serde_json::from_str(area[place])
                    .unwrap_or_else(|error| panic!("{name} in {}: {error}", language.name()));
                count += words.len();
            }
            assert_eq!(language.words().len(), count, "a key twice in {}", language.name());
        }
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_names_to_fill_in() {
        let (english, chinese) = (Language::English.words(), Language::Chinese.words());
        // Chinese has no plural: what is said of one alone is English.
        let keys = |words: &Words| {
            words
                .keys()
                .filter(|key| key.rsplit_once('.').is_none_or(|(_, last)| last != "one"))
                .cloned()
                .collect::<BTreeSet<String>>()
        };
        let (here, there) = (keys(english), keys(chinese));
        assert_eq!(here.symmetric_difference(&there).collect::<Vec<_>>(), Vec::<&String>::new());
        for (key, text) in english.iter().filter(|(key, _)| here.contains(*key)) {
            assert_eq!(names(text), names(&chinese[key]), "{key}");
            assert!(!text.trim().is_empty() && !chinese[key].trim().is_empty(), "{key}");
        }
    }
}
