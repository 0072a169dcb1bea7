//! The outermost layer, before any path is looked up: whether a request was meant for us, and
//! whether a page of ours, a person or a program sent it. Who may do what is `pass.rs`.
//!
//! | asked for | host | origin | `Sec-Fetch-Site` | other |
//! |---|---|---|---|---|
//! | the page's files | ours | none, ours | none, `none`, `same-origin` | GET, HEAD; in no frame |
//! | `/api` | ours | none, ours | none, `same-origin` | in no frame |
//! | a WebSocket | ours | ours; none without any sign of a browser | none, `same-origin` | the same |
//!
//! Another port of this host is `same-site`, and another origin: refused. What a browser does
//! not say (an old one without Fetch Metadata) is no way in: what changes anything, and every
//! WebSocket, has its `Origin`, and all that tells anything wants a token besides.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    ALLOW, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, UPGRADE, USER_AGENT,
};
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use sockeye_text::safe::one_line;

use crate::guard::Guarded;
use crate::workbench::own::Own;
use crate::workbench::page::dress;
use crate::workbench::refusal::Refusal;

/// Where in a page a browser may put us: nowhere (Fetch, 2.2.7).
const FRAMES: [&str; 6] = ["iframe", "frame", "embed", "object", "fencedframe", "portal"];

/// What every browser calls itself.
const BROWSER: &[u8] = b"Mozilla/";

/// All that anything here answers.
const METHODS: &str = "GET, HEAD, POST, PUT, DELETE";

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of the page.
    File,
    /// The API.
    Api,
    /// The API, to be gone on with as a WebSocket.
    Socket,
}

/// What of a request decides whether it is let in.
#[derive(Clone, Debug)]
pub struct Asked<'r> {
    method: &'r Method,
    target: &'r Uri,
    headers: &'r HeaderMap,
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It names no host, or several.
    NoHost,
    /// It is for another host or port: a name that was pointed here, perhaps.
    OtherHost(String),
    /// A page of another origin sent it.
    OtherOrigin(String),
    /// A browser sent it, and does not say from which page.
    NoOrigin,
    /// By what the browser says, another page is behind it.
    OtherSite(String),
    /// It is to be shown inside another page.
    Framed(String),
    /// Nothing here answers this method.
    Method,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHost => f.write_str("the request names no host, or several"),
            Self::OtherHost(host) => {
                write!(f, "`{}` is not what this server is called", one_line(host))
            }
            Self::OtherOrigin(origin) => {
                write!(f, "a page of `{}` may not ask here", one_line(origin))
            }
            Self::NoOrigin => f.write_str("a browser opens no WebSocket here without an `Origin`"),
            Self::OtherSite(site) => {
                write!(f, "`Sec-Fetch-Site: {}` may not ask for this", one_line(site))
            }
            Self::Framed(dest) => {
                write!(f, "this is not shown inside another page (`{}`)", one_line(dest))
            }
            Self::Method => f.write_str("nothing here answers this method"),
        }
    }
}

impl<'r> Asked<'r> {
    /// What the request says of itself.
    pub fn of(method: &'r Method, target: &'r Uri, headers: &'r HeaderMap) -> Self {
        Self { method, target, headers }
    }

    /// What is asked for.
    pub fn kind(&self) -> Kind {
        let path = self.target.path();
        if path != "/api" && !path.starts_with("/api/") {
            return Kind::File;
        }
        if self.headers.contains_key(UPGRADE) { Kind::Socket } else { Kind::Api }
    }

    /// Each value of a header.
    fn all(&self, name: &HeaderName) -> impl Iterator<Item = &'r [u8]> + use<'r> {
        self.headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
    }

    /// The one host that it is for; a target that names one goes with `Host` (RFC 9112, 3.2.2).
    fn host(&self) -> Option<&'r [u8]> {
        let mut named = self.all(&HOST);
        let host = named.next()?;
        let meant = self.target.authority().map(|authority| authority.as_str().as_bytes());
        (named.next().is_none() && meant.is_none_or(|meant| meant == host)).then_some(host)
    }

    fn is_browsers(&self) -> bool {
        [SITE, DEST, MODE].iter().any(|name| self.headers.contains_key(name))
            || self.all(&USER_AGENT).any(|agent| agent.starts_with(BROWSER))
    }
}

/// Whether the request is let in to the server that is `own`.
pub fn judge(asked: &Asked<'_>, own: &Own) -> Result<(), Reason> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let host = asked.host().ok_or(Reason::NoHost)?;
    if !own.is_host(host) {
        return Err(Reason::OtherHost(text(host)));
    }
    if let Some(origin) = asked.all(&ORIGIN).find(|origin| !own.is_origin(origin, host)) {
        return Err(Reason::OtherOrigin(text(origin)));
    }
    let kind = asked.kind();
    let allowed: &[&[u8]] = match kind {
        Kind::File => &[b"same-origin", b"none"],
        Kind::Api | Kind::Socket => &[b"same-origin"],
    };
    if let Some(site) = asked.all(&SITE).find(|site| !allowed.contains(site)) {
        return Err(Reason::OtherSite(text(site)));
    }
    let framed = |dest: &&[u8]| FRAMES.iter().any(|frame| frame.as_bytes() == *dest);
    if let Some(dest) = asked.all(&DEST).find(framed) {
        return Err(Reason::Framed(text(dest)));
    }
    let has_origin = asked.headers.contains_key(ORIGIN);
    if kind == Kind::Socket && !has_origin && asked.is_browsers() {
        return Err(Reason::NoOrigin);
    }
    let methods: &[Method] = match kind {
        Kind::File => &[Method::GET, Method::HEAD],
        Kind::Api => &[Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE],
        Kind::Socket => &[Method::GET],
    };
    if methods.contains(asked.method) { Ok(()) } else { Err(Reason::Method) }
}

/// Puts the door of the server that is `own` before everything that the router has by now.
pub fn protect(router: Router, own: Arc<Own>) -> Guarded {
    Guarded(router.layer(from_fn(move |request, next| {
        let own = Arc::clone(&own);
        async move { admit(&own, request, next).await }
    })))
}

async fn admit(own: &Own, request: Request, next: Next) -> Response {
    let asked = Asked::of(request.method(), request.uri(), request.headers());
    dress(match judge(&asked, own) {
        Ok(()) => next.run(request).await,
        Err(Reason::Method) => ([(ALLOW, METHODS)], Refusal::method()).into_response(),
        Err(reason) => {
            let hint = format!("this server is {}", own.home());
            Refusal::denied(reason.to_string()).hint(hint).into_response()
        }
    })
}
