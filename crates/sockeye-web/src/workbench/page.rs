//! The page's files, and the headers that every answer wears.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_NONE_MATCH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
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

#[derive(RustEmbed)]
#[folder = "ui/"]
struct Files;

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
    let file = Files::get(name).ok_or_else(none)?;
    Ok(tagged(asked, media, file.data.into_owned()))
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
fn tagged(asked: &HeaderMap, media: &'static str, body: Vec<u8>) -> Response {
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
