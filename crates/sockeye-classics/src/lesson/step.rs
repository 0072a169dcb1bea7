//! A step of a lesson: who does what next, which socket calls that is, and by what one sees
//! that it has happened. Pure data.

use serde::Serialize;

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Who is called.
    Server,
    /// Who calls.
    Client,
}

/// Who takes part: a lesson has one server, and two clients at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// The server.
    Server,
    /// The client.
    First,
    /// Another client of the same kind.
    Second,
}

impl Seat {
    /// On which side it sits.
    pub fn side(self) -> Side {
        match self {
            Self::Server => Side::Server,
            Self::First | Self::Second => Side::Client,
        }
    }
}

/// The language that prepared texts are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    #[default]
    English,
    /// 简体中文, which shows that a character is more than a byte.
    Chinese,
}

/// A prepared text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In Chinese.
    pub zh: &'static str,
}

impl Text {
    /// In that language.
    pub fn of(self, tongue: Tongue) -> &'static str {
        match tongue {
            Tongue::English => self.en,
            Tongue::Chinese => self.zh,
        }
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A connect to a port where nobody listens.
    Refused,
    /// The server's socket is bound and, where there are connections, listens.
    Bind,
    /// A second server wants the same port.
    InUse,
    /// The server takes callers from now on.
    Serve,
    /// A client connects, or has its socket.
    Connect(Seat),
    /// A text is typed; one's own can stand in its place.
    Type(Seat, Text),
    /// A word of the program's own is typed, in place of which nothing else can stand.
    Word(Seat, &'static str),
    /// The keyboard of that seat ends.
    Hang(Seat),
    /// Nothing is done: it happens by itself, and is told.
    Watch(Seat),
    /// The server is told to end.
    Stop,
}

impl Deed {
    /// Whose doing it is.
    pub fn seat(self) -> Seat {
        match self {
            Self::Bind | Self::InUse | Self::Serve | Self::Stop => Seat::Server,
            Self::Refused => Seat::First,
            Self::Connect(seat)
            | Self::Type(seat, _)
            | Self::Word(seat, _)
            | Self::Hang(seat)
            | Self::Watch(seat) => seat,
        }
    }

    /// What is typed, if something is.
    pub fn typed(self, tongue: Tongue) -> Option<&'static str> {
        match self {
            Self::Type(_, text) => Some(text.of(tongue)),
            Self::Word(_, word) => Some(word),
            _ => None,
        }
    }
}

/// By what one sees that a step has had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// At once.
    Done,
    /// A conversation was opened on that side.
    Opened(Side),
    /// So many recvs returned bytes on that side.
    Heard(Side, u64),
    /// A conversation ended on that side.
    Closed(Side),
    /// A conversation ended on both sides.
    Parted,
    /// The server has ended.
    Over,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The key of what is told of it.
    pub key: &'static str,
    /// What is done.
    pub deed: Deed,
    /// The socket calls that it is, as Python writes them.
    pub calls: &'static [&'static str],
    /// The calls that return by it on the other side.
    pub sees: &'static [&'static str],
    /// By what one sees that it has happened.
    pub sign: Sign,
    /// Keys of what courses tell wrong, and of faults that classic programs have, here.
    pub wrong: &'static [&'static str],
}

impl Step {
    /// The same, with what is told wrong at this point.
    pub(super) const fn wrong(self, wrong: &'static [&'static str]) -> Self {
        Self { wrong, ..self }
    }

    /// The same, under another key.
    pub(super) const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// The same, seen by another sign.
    pub(super) const fn sign(self, sign: Sign) -> Self {
        Self { sign, ..self }
    }

    /// The same, with these calls and what they make return.
    pub(super) const fn calls(
        self,
        calls: &'static [&'static str],
        sees: &'static [&'static str],
    ) -> Self {
        Self { calls, sees, ..self }
    }
}
