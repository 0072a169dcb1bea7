//! TLS over a TCP connection, by rustls: as a client and as a server (RFC 8446, RFC 5246).
//!
//! What is trusted is one of: this machine's authorities, those of a file, one pinned
//! certificate, or (said aloud) anything. Not here: who may do what once it is known who
//! somebody is.

pub mod secrets;
mod pem;
mod judge;
mod clients;
pub(crate) mod client;
pub(crate) mod server;
pub(crate) mod sealed;

use std::io;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use sockeye_text::safe::one_line;
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// A TLS connection, either side's.
pub(crate) type Secure = TlsStream<TcpStream>;

/// The cryptography in use.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// What was agreed upon: version, cipher, protocol.
fn agreed(common: &rustls::CommonState) -> Vec<String> {
    let mut parts = Vec::new();
    let version = common.protocol_version().and_then(|version| version.as_str());
    parts.extend(version.map(|version| version.replace("TLSv", "TLS ").replace('_', ".")));
    let suite = common.negotiated_cipher_suite();
    parts.extend(suite.and_then(|suite| suite.suite().as_str()).map(str::to_owned));
    if let Some(protocol) = common.alpn_protocol() {
        parts.push(format!("alpn {}", one_line(&String::from_utf8_lossy(protocol))));
    }
    parts
}

/// A TCP connection that ended without TLS's own end (RFC 8446, section 6.1): what came
/// last may have been cut by somebody on the way.
pub(crate) fn is_truncated(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}
