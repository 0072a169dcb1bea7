//! Toxics, and the faults that they are here.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use serde_json::{Map, Value};
use sockeye_workbench::fault::read::Spec;

use crate::toxiproxy::draft::{ToxicDraft, name};
use crate::toxiproxy::refusal::Refusal;

/// What a toxic does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Noop,
    /// Everything comes later.
    Latency,
    /// Everything comes slower.
    Bandwidth,
    /// The end comes later.
    SlowClose,
    /// Nothing comes, then a close.
    Timeout,
    /// A RST.
    ResetPeer,
    /// Everything comes in pieces.
    Slicer,
    /// So much comes, then a close.
    LimitData,
}

const KINDS: [(Kind, &str, &[&str]); 8] = [
    (Kind::Noop, "noop", &[]),
    (Kind::Latency, "latency", &["latency", "jitter"]),
    (Kind::Bandwidth, "bandwidth", &["rate"]),
    (Kind::SlowClose, "slow_close", &["delay"]),
    (Kind::Timeout, "timeout", &["timeout"]),
    (Kind::ResetPeer, "reset_peer", &["timeout"]),
    (Kind::Slicer, "slicer", &["average_size", "size_variation", "delay"]),
    (Kind::LimitData, "limit_data", &["bytes"]),
];

impl Kind {
    fn of(text: &str) -> Option<Self> {
        KINDS.iter().find(|(_, name, _)| *name == text).map(|(kind, ..)| *kind)
    }

    fn row(self) -> (&'static str, &'static [&'static str]) {
        let row = KINDS.iter().find(|(kind, ..)| *kind == self);
        row.map_or(("noop", &[]), |(_, name, fields)| (*name, *fields))
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        self.row().0
    }
}

/// Which way it disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// From the client to the upstream.
    Up,
    /// Back.
    Down,
}

impl Stream {
    fn of(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "upstream" => Some(Self::Up),
            "downstream" => Some(Self::Down),
            _ => None,
        }
    }

    /// As toxiproxy writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "upstream",
            Self::Down => "downstream",
        }
    }
}

/// A toxic. Its numbers were read as a fault before it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Toxic {
    /// How it is called; one of a kind on its proxy.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// Which way.
    pub stream: Stream,
    toxicity: f32,
    /// Each field of the kind, in toxiproxy's units.
    attributes: BTreeMap<&'static str, u64>,
}

impl Toxic {
    /// A new toxic, with toxiproxy's defaults where nothing is said.
    pub fn new(draft: ToxicDraft) -> Result<Self, Refusal> {
        let said = draft.stream.as_deref().unwrap_or("downstream");
        let stream = Stream::of(said).ok_or_else(Refusal::no_stream)?;
        let kind = draft.kind.as_deref().and_then(Kind::of).ok_or_else(Refusal::no_type)?;
        let given = draft.name.filter(|name| !name.is_empty());
        let called = given.unwrap_or_else(|| format!("{}_{}", kind.name(), stream.name()));
        name(&called)?;
        let (_, fields) = kind.row();
        let attributes = fields.iter().map(|field| (*field, 0)).collect();
        let blank = Self { name: called, kind, stream, toxicity: 1.0, attributes };
        blank.with(draft.toxicity, draft.attributes)
    }

    /// The same with another toxicity and other numbers, where they are given.
    pub fn with(
        &self,
        toxicity: Option<f32>,
        attributes: Option<Map<String, Value>>,
    ) -> Result<Self, Refusal> {
        let mut toxic = self.clone();
        toxic.toxicity = toxicity.unwrap_or(self.toxicity);
        let given = attributes.unwrap_or_default();
        for (field, number) in &mut toxic.attributes {
            match given.get(*field) {
                None | Some(Value::Null) => {}
                Some(value) => {
                    *number = value.as_u64().ok_or_else(|| {
                        let why = format!("`{field}` wants a whole number, 0 or more");
                        Refusal::bad_body(why)
                    })?;
                }
            }
        }
        // Numbers that mean no time or no size are found out here.
        let read = toxic.fault().parse::<Spec>();
        read.map_err(|error| Refusal::bad_body(format!("as a fault: {error}")))?;
        Ok(toxic)
    }

    /// The toxic as a fault of ours; empty where it does nothing.
    pub fn fault(&self) -> String {
        let number = |field: &str| self.attributes.get(field).copied().unwrap_or(0);
        let fault = match self.kind {
            Kind::Noop => return String::new(),
            Kind::Latency => format!("delay={}ms±{}ms", number("latency"), number("jitter")),
            // At a rate of nothing, nothing passes.
            Kind::Bandwidth if number("rate") == 0 => "stall".to_owned(),
            // KB/s: a thousand bytes (`bandwidth.go` lets `rate` bytes through each ms).
            Kind::Bandwidth => format!("rate={}kB", number("rate")),
            Kind::SlowClose => format!("slow-close={}ms", number("delay")),
            Kind::Timeout if number("timeout") == 0 => "stall,then=close".to_owned(),
            Kind::Timeout => format!("stall={}ms,then=close", number("timeout")),
            Kind::ResetPeer => format!("rst={}ms", number("timeout")),
            Kind::Slicer => format!(
                "split={}±{},gap={}us",
                number("average_size").max(1),
                number("size_variation"),
                number("delay")
            ),
            Kind::LimitData => format!("cut={}", number("bytes")),
        };
        let dir = match self.stream {
            Stream::Up => "up",
            Stream::Down => "down",
        };
        format!("{fault},dir={dir}{}", self.share())
    }

    /// The share of the conversations, where it is not all of them.
    fn share(&self) -> String {
        if self.toxicity >= 1.0 {
            return String::new();
        }
        let percent = f64::from(self.toxicity).clamp(0.0, 1.0) * 100.0;
        format!(",share={percent:.4}%")
    }
}

impl Serialize for Toxic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Toxic", 5)?;
        object.serialize_field("attributes", &self.attributes)?;
        object.serialize_field("name", &self.name)?;
        object.serialize_field("type", self.kind.name())?;
        object.serialize_field("stream", self.stream.name())?;
        object.serialize_field("toxicity", &self.toxicity)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toxiproxy::draft::read;

    fn toxic(body: &str) -> Result<Toxic, Refusal> {
        read(body.as_bytes()).and_then(Toxic::new)
    }

    fn fault(body: &str) -> String {
        toxic(body).expect(body).fault()
    }

    #[test]
    fn each_toxic_is_a_fault_of_ours() {
        for (body, expected) in [
            (r#"{"type":"noop"}"#, ""),
            (
                r#"{"type":"latency","attributes":{"latency":100,"jitter":10}}"#,
                "delay=100ms±10ms,dir=down",
            ),
            (r#"{"type":"latency","stream":"upstream"}"#, "delay=0ms±0ms,dir=up"),
            (r#"{"type":"bandwidth","attributes":{"rate":64}}"#, "rate=64kB,dir=down"),
            (r#"{"type":"bandwidth"}"#, "stall,dir=down"),
            (r#"{"type":"slow_close","attributes":{"delay":5}}"#, "slow-close=5ms,dir=down"),
            (r#"{"type":"timeout","attributes":{"timeout":7}}"#, "stall=7ms,then=close,dir=down"),
            (r#"{"type":"timeout","stream":"UPSTREAM"}"#, "stall,then=close,dir=up"),
            (r#"{"type":"reset_peer","attributes":{"timeout":9}}"#, "rst=9ms,dir=down"),
            (r#"{"type":"reset_peer"}"#, "rst=0ms,dir=down"),
            (
                r#"{"type":"slicer","attributes":{"average_size":8,"size_variation":4,"delay":30}}"#,
                "split=8±4,gap=30us,dir=down",
            ),
            (r#"{"type":"slicer"}"#, "split=1±0,gap=0us,dir=down"),
            (r#"{"type":"limit_data","attributes":{"bytes":10}}"#, "cut=10,dir=down"),
            (r#"{"type":"limit_data"}"#, "cut=0,dir=down"),
            (r#"{"type":"reset_peer","toxicity":0.25}"#, "rst=0ms,dir=down,share=25.0000%"),
            (r#"{"type":"reset_peer","toxicity":0}"#, "rst=0ms,dir=down,share=0.0000%"),
            (r#"{"type":"reset_peer","toxicity":7}"#, "rst=0ms,dir=down"),
            (r#"{"type":"reset_peer","toxicity":-1}"#, "rst=0ms,dir=down,share=0.0000%"),
        ] {
            let written = fault(body);
            assert_eq!(written, expected, "{body}");
            let Spec(faults) = written.parse().expect("a fault of ours");
            assert_eq!(faults.len(), usize::from(!expected.is_empty()));
        }
    }

    #[test]
    fn what_is_not_said_is_as_toxiproxy_has_it() {
        let toxic = toxic(r#"{"type":"latency","attributes":null}"#).expect("good");
        assert_eq!(
            serde_json::to_string(&toxic).expect("written"),
            r#"{"attributes":{"jitter":0,"latency":0},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1.0}"#
        );
        let changed: ToxicDraft = read(br#"{"attributes":{"jitter":3}}"#).expect("good");
        let toxic = toxic.with(changed.toxicity, changed.attributes).expect("good");
        let draft: ToxicDraft = read(br#"{"toxicity":0.5}"#).expect("good");
        let toxic = toxic.with(draft.toxicity, draft.attributes).expect("good");
        assert_eq!(toxic.fault(), "delay=0ms±3ms,dir=down,share=50.0000%");
    }

    #[test]
    fn what_is_wrong_is_refused_in_toxiproxys_words() {
        for (body, expected) in [
            (r#"{"type":"latncy"}"#, "invalid toxic type"),
            (r#"{"name":"x"}"#, "invalid toxic type"),
            (
                r#"{"type":"latency","stream":"sideways"}"#,
                "stream was invalid, can be either upstream or downstream",
            ),
            (
                r#"{"type":"latency","attributes":{"latency":"1s"}}"#,
                "bad request body: `latency` wants a whole number, 0 or more",
            ),
            (
                r#"{"type":"limit_data","attributes":{"bytes":-1}}"#,
                "bad request body: `bytes` wants a whole number, 0 or more",
            ),
        ] {
            let refusal = toxic(body).expect_err(body);
            assert_eq!((refusal.error.as_str(), refusal.status), (expected, 400));
        }
        let endless = r#"{"type":"latency","attributes":{"latency":18446744073709551615}}"#;
        let refusal = toxic(endless).expect_err("no time");
        assert!(refusal.error.starts_with("bad request body: as a fault: "), "{}", refusal.error);
    }
}
