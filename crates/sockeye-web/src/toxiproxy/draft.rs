//! What the bodies of requests say, as far as it can be judged without opening anything.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sockeye_net::endpoint::{Endpoint, Purpose, Target};

use crate::toxiproxy::refusal::Refusal;

/// The longest name of a proxy or a toxic, in bytes.
const LONGEST_NAME: usize = 255;

/// A proxy as a client writes it. What is left out, or `null`, is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ProxyDraft {
    /// How it is called.
    pub name: Option<String>,
    /// Where it listens.
    pub listen: Option<String>,
    /// What it opens for each client.
    pub upstream: Option<String>,
    /// Whether it listens at all.
    pub enabled: Option<bool>,
}

/// A toxic as a client writes it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ToxicDraft {
    /// How it is called.
    pub name: Option<String>,
    /// What it does.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `upstream` or `downstream`.
    pub stream: Option<String>,
    /// The share of the connections that meet it, 0 to 1.
    pub toxicity: Option<f32>,
    /// Its numbers.
    pub attributes: Option<Map<String, Value>>,
}

/// Reads a body that is an object. How deep it may be nested is bounded by the reader of JSON.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).and_then(of_object).map_err(Refusal::bad_body)
}

/// Reads a body that is a list of objects.
pub fn read_list<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, Refusal> {
    let objects: Vec<_> = serde_json::from_slice(body).map_err(Refusal::bad_body)?;
    objects.into_iter().map(of_object).collect::<Result<_, _>>().map_err(Refusal::bad_body)
}

/// Read from bytes, a draft would be a list of its fields as well.
fn of_object<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, serde_json::Error> {
    serde_json::from_value(Value::Object(object))
}

/// A name that can stand in an answer and in a line of ours.
pub fn name(text: &str) -> Result<&str, Refusal> {
    if text.len() > LONGEST_NAME {
        let why = format!("a name of {} bytes, and {LONGEST_NAME} are the most", text.len());
        return Err(Refusal::bad_body(why));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::bad_body("a name with a control character"));
    }
    Ok(text)
}

/// Where a proxy listens: `host:port`, on loopback unless a host is given.
pub fn listen(text: &str) -> Result<Endpoint, Refusal> {
    // `""` is any free port, as with toxiproxy.
    let text = if text.is_empty() { ":0" } else { text };
    let endpoint = Endpoint::parse(text, Purpose::Dial).map_err(Refusal::bad_body)?;
    match endpoint.target {
        Target::Tcp(_) => Ok(endpoint),
        _ => Err(not_allowed("listen", &endpoint, "host:port")),
    }
}

/// What a proxy opens: `host:port`, or a `tls://` endpoint. Nothing that would act on this
/// machine beyond dialling, and no option that names a file of it.
pub fn upstream(text: &str) -> Result<Endpoint, Refusal> {
    let endpoint = Endpoint::parse(text, Purpose::Dial).map_err(Refusal::bad_body)?;
    let options = &endpoint.options;
    let files = [&options.ca, &options.cert, &options.key];
    match endpoint.target {
        Target::Tcp(_) | Target::Tls(_) if files.iter().any(|file| file.is_some()) => {
            Err(not_allowed("upstream", &endpoint, "tls://host:port without files of this machine"))
        }
        Target::Tcp(_) | Target::Tls(_) => Ok(endpoint),
        _ => Err(not_allowed("upstream", &endpoint, "host:port, tcp://host:port, tls://host:port")),
    }
}

fn not_allowed(field: &str, endpoint: &Endpoint, allowed: &str) -> Refusal {
    let text = endpoint.to_string();
    let text = sockeye_text::safe::one_line(&text);
    Refusal::denied(format!("`{field}` may not be `{text}`"), format!("allowed: {allowed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_dial_and_do_nothing_else() {
        for text in ["127.0.0.1:1", "db.example:5432", "tcp://[::1]:80", "tls://h:443?insecure"] {
            assert!(upstream(text).is_ok(), "{text}");
        }
        for text in [
            "exec:id",
            "file:/etc/passwd",
            "unix:/run/docker.sock",
            "unix:@x",
            "serial:/dev/ttyS0",
            "fd:3",
            "-",
            "udp://127.0.0.1:53",
            "ws://127.0.0.1:80/",
            "tls://h:443?key=/etc/shadow&cert=/etc/shadow",
            "127.0.0.1",
            "127.0.0.1:99999",
            "a\0b:1",
        ] {
            assert_eq!(upstream(text).unwrap_err().status, 400, "{text}");
        }
    }

    #[test]
    fn listens_on_loopback_unless_told_otherwise() {
        let at = |text: &str| listen(text).map(|endpoint| endpoint.to_string());
        assert_eq!(at(""), Ok("tcp://127.0.0.1:0".to_owned()));
        assert_eq!(at(":5000"), Ok("tcp://127.0.0.1:5000".to_owned()));
        assert_eq!(at("0.0.0.0:5000"), Ok("tcp://0.0.0.0:5000".to_owned()));
        assert!(at("unix:/tmp/x").is_err() && at("tls://127.0.0.1:1").is_err());
    }

    #[test]
    fn names_are_short_and_hold_nothing_that_a_terminal_obeys() {
        for good in ["redis", "../", "数据库", "a b"] {
            assert_eq!(name(good), Ok(good));
        }
        for bad in ["a\0", "a\nb", "\u{1b}[2J", "\u{85}", &"x".repeat(256)] {
            assert_eq!(name(bad).unwrap_err().status, 400);
        }
    }

    #[test]
    fn bodies_that_are_wrong_are_refused_and_what_is_null_is_not_said() {
        let deep = "[".repeat(100_000);
        for body in ["", "{", "[]", "7", "{\"name\":7}", "{\"name\":\"\u{7}\"", deep.as_str()] {
            assert_eq!(read::<ProxyDraft>(body.as_bytes()).unwrap_err().status, 400);
        }
        let body = br#"{"name":"a","listen":null,"enabled":null,"toxics":[],"more":1}"#;
        let draft: ProxyDraft = read(body).expect("good");
        assert_eq!(draft, ProxyDraft { name: Some("a".to_owned()), ..ProxyDraft::default() });
    }
}
