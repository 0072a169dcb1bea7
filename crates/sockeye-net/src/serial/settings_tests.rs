//! Every row of the settings, read and printed.

use super::*;

/// What the text is printed as, or why it is refused.
fn read<T: FromStr<Err = String> + fmt::Display>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(|value| value.to_string())
}

#[test]
fn every_word_is_printed_as_it_is_read() {
    for (all, reader) in [
        (&["5", "6", "7", "8"][..], read::<Data> as fn(&str) -> _),
        (&["none", "even", "odd", "mark", "space"], read::<Parity>),
        (&["1", "2"], read::<Stop>),
        (&["none", "hard", "soft"], read::<Flow>),
        (&["on", "off"], read::<Level>),
        (&["1", "50", "9600", "115200", "250000", "4294967295"], read::<Baud>),
        (
            &["on", "rts-on-send=off", "before=2ms,after=1ms", "after=100ms,rx-during-tx"],
            read::<Rs485>,
        ),
    ] {
        for text in all {
            assert_eq!(reader(text).as_deref(), Ok(*text));
        }
        assert!(reader("nothing such").is_err());
        assert!(reader("\x1b").is_err());
    }
}

#[test]
fn rs485_alone_is_on_and_says_only_what_is_unusual() {
    for text in ["", "on", "rts-on-send=on", "before=0ms", "rts-on-send=on,after=0s"] {
        assert_eq!(read::<Rs485>(text).as_deref(), Ok("on"));
    }
    assert_eq!(
        read::<Rs485>("rx-during-tx,after=0.003s,rts-on-send=off").as_deref(),
        Ok("rts-on-send=off,after=3ms,rx-during-tx")
    );
}

#[test]
fn a_delay_is_in_whole_milliseconds_and_not_long() {
    for text in ["before=1.5ms", "before=2s", "after=1us", "after=-1ms", "after=", "before"] {
        assert!(read::<Rs485>(text).is_err(), "{text}");
    }
}

#[test]
fn a_rate_is_a_number_above_nothing() {
    for text in ["0", "00", "-9600", "+9600", "9600.0", "9k6", "", " 9600", "4294967296"] {
        let refused = read::<Baud>(text).unwrap_err();
        assert!(refused.contains("is no rate such as"), "{refused}");
    }
}

#[test]
fn one_and_a_half_stop_bits_are_refused_with_the_reason() {
    assert!(read::<Stop>("1.5").unwrap_err().contains("take 2"));
}

#[test]
fn a_word_that_is_nearly_right_is_suggested() {
    assert!(read::<Parity>("evn").unwrap_err().contains("did you mean `even`?"));
    assert!(read::<Flow>("hardware").unwrap_err().contains("none, hard, soft"));
}

#[test]
fn is_115200_8n1_unless_told_otherwise_and_says_what_is_unusual() {
    assert_eq!(Settings::default().to_string(), "115200 8N1");
    let unusual = Settings {
        baud: "9600".parse().unwrap(),
        data: Data::Seven,
        parity: Parity::Mark,
        stop: Stop::Two,
        flow: Flow::Soft,
        dtr: Some(Level::Off),
        rts: Some(Level::On),
        ..Settings::default()
    };
    assert_eq!(unusual.to_string(), "9600 7M2, flow soft, dtr off, rts on");
    assert_eq!(unusual.check(), Ok(()));
}

#[test]
fn rts_has_one_master() {
    let set = |flow, rts, rs485| Settings { flow, rts, rs485, ..Settings::default() }.check();
    let wanted = Some(Rs485::default());
    assert!(set(Flow::Hard, Some(Level::On), None).unwrap_err().contains("`flow=hard`"));
    assert!(set(Flow::None, Some(Level::Off), wanted).unwrap_err().contains("`rs485`"));
    assert!(set(Flow::Hard, None, wanted).unwrap_err().contains("both want RTS"));
    assert_eq!(set(Flow::Soft, None, wanted), Ok(()));
    assert_eq!(set(Flow::Hard, None, None), Ok(()));
}
