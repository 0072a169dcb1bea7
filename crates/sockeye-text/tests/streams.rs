//! A stream's text does not depend on where its reads were cut. Not the judging of single
//! messages: that is tested beside the code.

use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::sample::Index;
use sockeye_text::encoding::Encoding;
use sockeye_text::encoding::Piece;
use sockeye_text::encoding::TextStream;

const WORDS: [&str; 12] = [
    "你好", "温度", "联通", "报警", "开机", "湿度", "正常", "错误", "连接", "断开", "设备", "电压",
];

fn named(label: &str) -> Encoding {
    label.parse().expect("a label")
}

fn piece(text: &str, held: usize) -> Piece {
    Piece { text: Some(text.to_owned()), held }
}

const NO_TEXT: Piece = Piece { text: None, held: 0 };

/// The text of a stream that is read in pieces which end at `cuts`; none if a piece is no
/// text or the end is within a character.
fn read(encoding: Encoding, bytes: &[u8], cuts: &[usize]) -> Option<String> {
    let mut stream = TextStream::new(encoding);
    let mut text = String::new();
    let mut ends = cuts.to_vec();
    ends.push(bytes.len());
    ends.sort_unstable();
    let mut start = 0;
    for end in ends {
        let piece = stream.push(bytes.get(start..end)?);
        assert!(piece.held <= 3);
        text.push_str(&piece.text?);
        start = end;
    }
    text.push_str(&stream.finish().text?);
    Some(text)
}

/// Characters of many kinds, those kept that `encoding` can write and read back.
fn text(encoding: Encoding) -> impl Strategy<Value = String> {
    let reads_back = move |ch: &char| {
        let one = ch.to_string();
        encoding.encode(&one).is_ok_and(|bytes| encoding.decode(&bytes) == Some(one))
    };
    proptest::collection::vec("[ -~\n]|[一-龥]|[ぁ-ヶｱ-ﾝ]|[À-ɏА-я]|\\PC", 0..16)
        .prop_map(move |chars| chars.concat().chars().filter(reads_back).collect())
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 0..12)
}

fn places(cuts: &[Index], bytes: &[u8]) -> Vec<usize> {
    cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect()
}

/// A property test for each encoding.
macro_rules! cut_anywhere {
    ($($name:ident: $label:literal,)*) => {
        proptest::proptest! { $(
            #[test]
            fn $name(text in text(named($label)), cuts in cuts()) {
                let bytes = named($label).encode(&text).expect("was filtered");
                prop_assert_eq!(read(named($label), &bytes, &places(&cuts, &bytes)), Some(text));
            }
        )* }
    };
}

cut_anywhere! {
    utf_8_may_be_cut_anywhere: "utf-8",
    gbk_may_be_cut_anywhere: "gbk",
    gb18030_may_be_cut_anywhere: "gb18030",
    big5_may_be_cut_anywhere: "big5",
    shift_jis_may_be_cut_anywhere: "shift_jis",
    euc_jp_may_be_cut_anywhere: "euc-jp",
    euc_kr_may_be_cut_anywhere: "euc-kr",
    iso_2022_jp_may_be_cut_anywhere: "iso-2022-jp",
    utf_16_may_be_cut_anywhere: "utf-16le",
    windows_1251_may_be_cut_anywhere: "windows-1251",
    utf_8_under_auto_may_be_cut_anywhere: "auto",
}

proptest::proptest! {
    #[test]
    fn no_byte_is_lost_whatever_comes(
        reads in proptest::collection::vec(any::<Vec<u8>>(), 0..8),
        label in proptest::sample::select(vec!["auto", "utf-8", "gbk", "shift_jis", "utf-16be", "iso-2022-jp"]),
    ) {
        let mut stream = TextStream::new(named(label));
        let mut waiting = 0;
        for read in reads {
            let Piece { text, held } = stream.push(&read);
            prop_assert!(held <= 3 && held <= waiting + read.len());
            prop_assert!(text.is_some() || held == 0);
            waiting = held;
        }
        let end = stream.finish();
        prop_assert_eq!(end.held, 0);
        prop_assert!(waiting > 0 || end == piece("", 0));
        prop_assert_eq!(stream.finish(), piece("", 0));
    }
}

/// Between two characters as well, but for what is UTF-8 by itself: 湿 in GBK is ʪ.
#[test]
fn short_words_in_gbk_under_auto_may_be_cut_within_a_character() {
    for word in WORDS {
        let bytes = named("gbk").encode(word).expect("GBK");
        for cut in [0, 1, 3, 4] {
            assert_eq!(read(Encoding::Auto, &bytes, &[cut]).as_deref(), Some(word), "{cut}");
        }
    }
}

#[test]
fn gbk_under_auto_may_come_byte_by_byte() {
    let bytes = named("gbk").encode(&WORDS.join(" 1\r\n")).expect("GBK");
    let cuts: Vec<usize> = (0..bytes.len()).collect();
    assert_eq!(read(Encoding::Auto, &bytes, &cuts), Some(WORDS.join(" 1\r\n")));
}

#[test]
fn a_cut_character_comes_with_the_later_read() {
    let mut stream = TextStream::new(Encoding::Auto);
    assert_eq!(stream.push(b"a\xF0\x9F\x98"), piece("a", 3));
    assert_eq!(stream.push(b""), piece("", 3));
    assert_eq!(stream.push(b"\x80b"), piece("😀b", 0));
    assert_eq!(stream.finish(), piece("", 0));
}

#[test]
fn what_the_next_read_does_not_complete_is_judged_again_as_a_whole() {
    let mut stream = TextStream::new(Encoding::Auto);
    assert_eq!(stream.push(b"\xC4"), piece("", 1));
    assert_eq!(stream.push(b"\xE3\xBA\xC3"), piece("你好", 0));
    let mut stream = TextStream::new(Encoding::Auto);
    assert_eq!(stream.push(b"\xE4"), piece("", 1));
    assert_eq!(stream.push(b"\x00\xFF"), NO_TEXT);
    assert_eq!(stream.push(b"ok"), piece("ok", 0));
}

#[test]
fn a_malformed_read_does_not_spoil_the_next() {
    let mut stream = TextStream::new(named("gbk"));
    assert_eq!(stream.push(b"\xC4\xE3\xBA"), piece("你", 1));
    assert_eq!(stream.push(b"\x01"), NO_TEXT);
    assert_eq!(stream.push(b"\xBA\xC3"), piece("好", 0));
}

#[test]
fn a_stream_that_ends_within_a_character_says_so() {
    for (label, bytes) in
        [("auto", &b"ok \xB1"[..]), ("gbk", b"ok \xB1"), ("utf-8", b"ok \xE4\xBD")]
    {
        let mut stream = TextStream::new(named(label));
        assert_eq!(stream.push(bytes).text.as_deref(), Some("ok "), "{label}");
        assert_eq!(stream.finish(), NO_TEXT, "{label}");
        assert_eq!(stream.finish(), piece("", 0), "{label}");
    }
}
