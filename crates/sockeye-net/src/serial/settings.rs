//! How a serial port is set: rate, character, flow, lines. Each value is read from the
//! text that stands in an endpoint's query, and printed as it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sockeye_text::nearest::nearest;
use sockeye_text::units::parse_duration;

/// Everything that a port is set to.
///
/// Unset, a port is 115200 8N1 without flow control, the usual speed of boards and their
/// boot loaders, and its lines are left as the driver has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bits a second, both ways.
    pub baud: Baud,
    /// Bits of a character.
    pub data: Data,
    /// The parity bit.
    pub parity: Parity,
    /// Stop bits.
    pub stop: Stop,
    /// Who may hold whom up.
    pub flow: Flow,
    /// DTR; unset: left alone. The kernel raises both lines when it opens a port, so `off`
    /// comes a moment after that.
    pub dtr: Option<Level>,
    /// RTS, likewise.
    pub rts: Option<Level>,
    /// RS-485: the driver turns the line round by RTS.
    pub rs485: Option<Rs485>,
    /// Nobody else may open the port meanwhile.
    pub exclusive: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            baud: Baud(115_200),
            data: Data::Eight,
            parity: Parity::None,
            stop: Stop::One,
            flow: Flow::None,
            dtr: None,
            rts: None,
            rs485: None,
            exclusive: true,
        }
    }
}

impl Settings {
    /// Whether the settings go together; else why not.
    pub fn check(&self) -> Result<(), String> {
        let rts_is_taken = match (self.flow, self.rs485) {
            (_, Some(_)) => Some("rs485"),
            (Flow::Hard, None) => Some("flow=hard"),
            _ => None,
        };
        match (self.rts, rts_is_taken) {
            (Some(_), Some(by)) => Err(format!("`rts` is the driver's with `{by}`: leave it out")),
            _ if self.flow == Flow::Hard && self.rs485.is_some() => {
                Err("`flow=hard` and `rs485` both want RTS: leave one out".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// As people say it: `115200 8N1`, and what is unusual after it.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
            Parity::Mark => 'M',
            Parity::Space => 'S',
        };
        write!(f, "{} {}{parity}{}", self.baud, self.data, self.stop)?;
        if self.flow != Flow::None {
            write!(f, ", flow {}", self.flow)?;
        }
        for (name, level) in [("dtr", self.dtr), ("rts", self.rts)] {
            if let Some(level) = level {
                write!(f, ", {name} {level}")?;
            }
        }
        match &self.rs485 {
            Some(rs485) => write!(f, ", rs485 {rs485}"),
            None => Ok(()),
        }
    }
}

/// Bits a second; never 0, which would mean to hang up (termios(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baud(u32);

impl Baud {
    /// The number.
    pub fn rate(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Baud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Baud {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(rate) if digits && rate > 0 => Ok(Self(rate)),
            _ => Err(format!("`{text}` is no rate such as 9600 or 115200")),
        }
    }
}

/// An enum of which each value is one word of the query.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $value,)+ }

        impl $name {
            /// Every value, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$value,)+];
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$value => $word,)+ })
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$value),)+
                    _ => Err(unknown(text, &[$($word,)+])),
                }
            }
        }
    };
}

words! {
    /// Bits of a character.
    Data {
        /// Five (teleprinters).
        Five = "5",
        /// Six.
        Six = "6",
        /// Seven, mostly with parity.
        Seven = "7",
        /// Eight: a byte.
        Eight = "8",
    }
}

words! {
    /// The parity bit that goes with each character. It is sent, and asked of the hardware;
    /// a character whose parity is wrong is passed on as it came.
    Parity {
        /// None.
        None = "none",
        /// The ones of character and parity bit are even in number.
        Even = "even",
        /// They are odd.
        Odd = "odd",
        /// Always 1.
        Mark = "mark",
        /// Always 0.
        Space = "space",
    }
}

words! {
    /// Who may hold whom up.
    Flow {
        /// Nobody: who does not keep up loses bytes.
        None = "none",
        /// By the lines RTS and CTS.
        Hard = "hard",
        /// By the bytes XON (0x11) and XOFF (0x13), which then cannot be data.
        Soft = "soft",
    }
}

words! {
    /// What a line is set to.
    Level {
        /// Asserted.
        On = "on",
        /// Not asserted.
        Off = "off",
    }
}

/// Stop bits after each character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// One.
    One,
    /// Two.
    Two,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "1",
            Self::Two => "2",
        })
    }
}

impl FromStr for Stop {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "1" => Ok(Self::One),
            "2" => Ok(Self::Two),
            "1.5" => Err("termios(3) cannot ask for 1.5 stop bits: take 2, which many a UART \
                          makes 1.5 by itself where a character has 5 bits"
                .to_owned()),
            _ => Err(unknown(text, &["1", "2"])),
        }
    }
}

/// How the driver turns an RS-485 line round (the kernel's `serial-rs485`).
///
/// Read and printed as `on`, or as a list: `rts-on-send=off,before=2ms,after=1ms,rx-during-tx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rs485 {
    /// RTS while sending; after it RTS is the other way, as the kernel demands.
    pub rts_on_send: Level,
    /// From RTS to the first bit, in whole milliseconds.
    pub before: Duration,
    /// From the last bit to RTS, in whole milliseconds.
    pub after: Duration,
    /// What we send is heard by ourselves as well.
    pub rx_during_tx: bool,
}

/// The longest that a driver can be asked to wait; the kernel itself allows less.
const LONGEST_DELAY: Duration = Duration::from_secs(1);

impl Default for Rs485 {
    fn default() -> Self {
        Self {
            rts_on_send: Level::On,
            before: Duration::ZERO,
            after: Duration::ZERO,
            rx_during_tx: false,
        }
    }
}

impl fmt::Display for Rs485 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.rts_on_send == Level::Off {
            parts.push("rts-on-send=off".to_owned());
        }
        for (name, delay) in [("before", self.before), ("after", self.after)] {
            if !delay.is_zero() {
                parts.push(format!("{name}={}ms", delay.as_millis()));
            }
        }
        if self.rx_during_tx {
            parts.push("rx-during-tx".to_owned());
        }
        if parts.is_empty() {
            parts.push("on".to_owned());
        }
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Rs485 {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut read = Self::default();
        if text.is_empty() || text == "on" {
            return Ok(read);
        }
        for part in text.split(',') {
            match part.split_once('=') {
                Some(("rts-on-send", level)) => read.rts_on_send = level.parse()?,
                Some(("before", delay)) => read.before = milliseconds(delay)?,
                Some(("after", delay)) => read.after = milliseconds(delay)?,
                None if part == "rx-during-tx" => read.rx_during_tx = true,
                _ => {
                    let all = ["on", "rts-on-send=off", "before=2ms", "after=1ms", "rx-during-tx"];
                    return Err(unknown(part, &all));
                }
            }
        }
        Ok(read)
    }
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let delay = parse_duration(text).map_err(|error| error.to_string())?;
    if delay.subsec_nanos() % 1_000_000 != 0 || delay > LONGEST_DELAY {
        return Err(format!("`{text}` is no whole number of milliseconds up to 1s"));
    }
    Ok(delay)
}

fn unknown(text: &str, all: &[&str]) -> String {
    match nearest(text, all.iter().copied()) {
        Some(near) => format!("`{text}` is none of {}: did you mean `{near}`?", all.join(", ")),
        None => format!("`{text}` is none of {}", all.join(", ")),
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
