//! How the page's files are given, and the headers that every answer wears.

mod files;

use std::borrow::Cow;

use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sockeye_text::words::Language;

use crate::workbench::refusal::Refusal;
use crate::workbench::secret::Hash;

/// What the page may do: what comes from here, as files; no inline script or style, no frame
/// around it, no form that leaves, no string that becomes script (CSP 3, Trusted Types).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; connect-src 'self'; font-src 'self'; form-action 'none'; \
    base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'";

/// What every answer wears, the refused ones too.
const WORN: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What a file is, by the end of its name. What is not here is not the page's: its types and
/// the settings of the type checker lie beside it.
fn media(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Puts on what every answer wears. What says nothing of it is not kept anywhere.
pub(super) fn dress(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in WORN {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The file that is asked for.
pub(super) fn file(target: &Uri, asked: &HeaderMap) -> Result<Response, Refusal> {
    let path = target.path().trim_start_matches('/');
    let name = if path.is_empty() { "index.html" } else { path };
    let none = || Refusal::none("there is no such file");
    let media = media(name).ok_or_else(none)?;
    let file = files::file(name).ok_or_else(none)?;
    let (bytes, packed) = file.bytes(|| takes_gzip(asked));
    let mut response = tagged(asked, media, bytes);
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if packed && response.status() == StatusCode::OK {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// Whether an answer packed by gzip is taken (RFC 9110, 12.5.3): it is named, and not with a
/// weight of nothing.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// All words of a language, `LANG.json`.
pub(super) fn words(file: &str, asked: &HeaderMap) -> Result<Response, Refusal> {
    let language = file.strip_suffix(".json").and_then(Language::named);
    let language = language.ok_or_else(|| Refusal::none("there are no words of that language"))?;
    // A map of strings is always JSON.
    let body = serde_json::to_vec(language.words()).unwrap_or_default();
    Ok(tagged(asked, "application/json", body))
}

/// The body with its tag; without it for who has it already (RFC 9110, 13.1.2).
fn tagged(asked: &HeaderMap, media: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Response {
    let body = body.into();
    let tag = tag(&body);
    let mut response = if has(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, media)], body).into_response()
    };
    let headers = response.headers_mut();
    // Kept, and asked for each time whether it is still so.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// The tag of that content, in its quotes.
pub(super) fn tag(content: &[u8]) -> String {
    let hash = Hash::of(content).hex();
    format!("\"{}\"", hash.get(..32).unwrap_or_default())
}

fn has(asked: &HeaderMap, tag: &str) -> bool {
    let lists = asked.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|own| own == "*" || own.strip_prefix("W/").unwrap_or(own) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_who_names_it() {
        for (asked, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("deflate, gzip ; q=1.0", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(asked));
            assert_eq!(takes_gzip(&headers), takes, "{asked}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
