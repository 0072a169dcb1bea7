//! The scheme that an endpoint's text begins with, and what was probably meant where it
//! is none of ours. Not what follows it.

use sockeye_text::nearest::nearest;

use crate::endpoint_error::EndpointError;

/// Every scheme that is written with a `:`.
const SCHEMES: [&str; 11] =
    ["tcp", "udp", "tls", "ws", "wss", "unix", "unixgram", "serial", "exec", "file", "fd"];
/// Those that are written with a `://`.
const INTERNET: [&str; 5] = ["tcp", "udp", "tls", "ws", "wss"];

/// The scheme, and what follows its `:` (its `://` for an internet scheme); none where
/// the text names no scheme.
pub(crate) fn split(text: &str) -> Result<Option<(&'static str, &str)>, EndpointError> {
    let Some((name, rest)) = text.split_once(':') else {
        return Ok(None);
    };
    let internet = rest.strip_prefix("//");
    let known = SCHEMES.into_iter().find(|scheme| *scheme == name);
    match (known, internet) {
        (Some(scheme), Some(rest)) if INTERNET.contains(&scheme) => Ok(Some((scheme, rest))),
        (Some(scheme), None) if INTERNET.contains(&scheme) => {
            let error = EndpointError::new(text, format!("after `{scheme}:` comes `//`"));
            Err(error.hinting(format!("as in {scheme}://127.0.0.1:8888")))
        }
        (Some(scheme), _) => Ok(Some((scheme, rest))),
        // A path may hold `://` too.
        (None, Some(_)) if !name.contains('/') => {
            let error = EndpointError::new(text, format!("there is no scheme `{name}`"));
            Err(error.hinting(meant(name).unwrap_or_else(all)))
        }
        (None, _) => Ok(None),
    }
}

/// An error of a text that was read as `host:port`, with a hint where it looks more like
/// a scheme misspelt, as `unx:/tmp/x`, or like one that there is not, as `gpib:/dev/x`.
pub(crate) fn doubted(error: EndpointError, text: &str) -> EndpointError {
    let Some((name, rest)) = text.split_once(':') else {
        return error;
    };
    if name.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return error;
    }
    match meant(name) {
        Some(hint) => error.hinting(hint),
        None if rest.starts_with('/') => error.hinting(all()),
        None => error,
    }
}

fn meant(name: &str) -> Option<String> {
    nearest(name, SCHEMES).map(|near| format!("did you mean `{near}`?"))
}

fn all() -> String {
    format!("the schemes are {}", SCHEMES.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(text: &str) -> Option<String> {
        let plain = EndpointError::new(text, "the port is no number");
        split(text).map_or_else(|error| error.hint(), |_| doubted(plain, text).hint())
    }

    #[test]
    fn names_the_nearest_scheme_with_and_without_slashes() {
        for (text, near) in [
            ("tpc://h:1", "tcp"),
            ("TCP://h:1", "tcp"),
            ("upd://h:1", "udp"),
            ("unx:/tmp/x", "unix"),
            ("Unix:/tmp/x", "unix"),
            ("unixgrm:@x", "unixgram"),
            ("exce:cat", "exec"),
            ("flie:x", "file"),
        ] {
            assert_eq!(hint(text), Some(format!("did you mean `{near}`?")), "{text}");
        }
    }

    #[test]
    fn lists_the_schemes_where_none_is_near() {
        for text in ["gopher://h:1", "gpib:/dev/gpib0"] {
            assert_eq!(hint(text), Some(all()), "{text}");
        }
    }

    #[test]
    fn takes_a_host_for_a_host() {
        for text in ["tpc:70000", "host:http", ":x", "[::1]:80"] {
            assert_eq!(hint(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_may_hold_what_looks_like_a_scheme() {
        assert_eq!(split("/tmp/a://b"), Ok(None));
    }
}
