//! The labels that name encodings. Not the encodings: those are `encoding`.

use crate::nearest::nearest;
use crate::safe::one_line;
use encoding_rs::Encoding;
use thiserror::Error;

/// Why a label names no encoding that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LabelError {
    /// The standard does not know it.
    #[error("unknown encoding `{}`{}", one_line(.label), did_you_mean(*.nearest))]
    Unknown {
        /// What was asked for.
        label: String,
        /// What was likely meant.
        nearest: Option<&'static str>,
    },
    /// The standard knows it only to refuse it, as `hz-gb-2312`.
    #[error("encoding `{label}` is one that the Encoding Standard refuses to decode")]
    Refused {
        /// What was asked for.
        label: String,
    },
}

/// What may be meant by a label that is none: the standard's names, `auto`, and the other
/// labels in common use.
const NAMES: &str = "auto utf-8 gbk gb18030 gb2312 big5 big5-hkscs shift_jis sjis euc-jp \
    iso-2022-jp euc-kr utf-16 utf-16le utf-16be ascii latin1 windows-1252 windows-1250 \
    windows-1251 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 \
    windows-1258 windows-874 iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 \
    iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 iso-8859-13 iso-8859-14 \
    iso-8859-15 iso-8859-16 koi8-r koi8-u ibm866 macintosh x-mac-cyrillic x-user-defined";

/// The encoding that `label` names in the Encoding Standard, section 4.2; none for `auto`.
/// Case and white space around it are ignored.
pub(crate) fn named(label: &str) -> Result<Option<&'static Encoding>, LabelError> {
    let label = label.trim();
    if label.eq_ignore_ascii_case("auto") {
        return Ok(None);
    }
    if let Some(encoding) = Encoding::for_label_no_replacement(label.as_bytes()) {
        return Ok(Some(encoding));
    }
    Err(match Encoding::for_label(label.as_bytes()) {
        Some(_) => LabelError::Refused { label: label.to_owned() },
        None => LabelError::Unknown {
            label: label.to_owned(),
            nearest: nearest(label, NAMES.split(' ')),
        },
    })
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::LabelError;
    use super::NAMES;
    use super::named;
    use encoding_rs::BIG5;
    use encoding_rs::GBK;
    use encoding_rs::SHIFT_JIS;
    use encoding_rs::UTF_8;
    use encoding_rs::UTF_16LE;

    #[test]
    fn knows_every_name_that_it_would_suggest() {
        assert_eq!(NAMES.split(' ').count(), 47);
        for name in NAMES.split(' ') {
            assert!(named(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn takes_any_label_of_the_standard() {
        for (label, encoding) in [
            ("utf8", UTF_8),
            ("unicode-1-1-utf-8", UTF_8),
            ("gb2312", GBK),
            ("csGB2312", GBK),
            ("chinese", GBK),
            ("cn-big5", BIG5),
            ("ms_kanji", SHIFT_JIS),
            (" GBK\n", GBK),
            ("utf-16", UTF_16LE),
        ] {
            assert_eq!(named(label), Ok(Some(encoding)), "{label}");
        }
        assert_eq!(named("auto"), Ok(None));
        assert_eq!(named("Auto"), Ok(None));
    }

    #[test]
    fn names_the_nearest_of_an_unknown_label() {
        let said = |label| named(label).expect_err("unknown").to_string();
        assert_eq!(said("gkb"), "unknown encoding `gkb`: did you mean `gbk`?");
        assert_eq!(said("shift-gis"), "unknown encoding `shift-gis`: did you mean `shift_jis`?");
        assert_eq!(said("klingon"), "unknown encoding `klingon`");
        assert_eq!(said("\x1B[2J"), "unknown encoding `␛[2J`");
        assert_eq!(said(""), "unknown encoding ``");
    }

    #[test]
    fn refuses_the_labels_that_the_standard_refuses() {
        for label in ["hz-gb-2312", "iso-2022-kr", "iso-2022-cn", "replacement"] {
            assert_eq!(named(label), Err(LabelError::Refused { label: label.into() }));
        }
    }
}
