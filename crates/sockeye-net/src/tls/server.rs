//! TLS as a server: our certificate, or one made on the spot, and the handshake.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use sockeye_text::safe::one_line;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::clients::Clients;
use super::judge::pin_of;
use super::{Secure, agreed, pem, provider, secrets};
use crate::code::tls as fault;
use crate::error::{Code, NetError, Phase};
use crate::host::{Host, HostPort};
use crate::http_method::after_method;
use crate::interfaces;
use crate::options::Options;
use crate::pin::Pin;

/// What a TLS record of a handshake begins with (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;
/// How much of a plain caller's first words is looked at, in bytes.
const FIRST_WORDS: usize = 64;
/// How many reads of it are taken before it is answered.
const TAKEN: usize = 16;
/// What a browser is answered that came without TLS.
const PLAIN_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Connection: close\r\nContent-Length: 42\r\n\r\nthis port speaks TLS: ask it by https://\r\n";
/// What anybody else is answered: a fatal alert, "unexpected message" (RFC 8446, section 6).
const ALERT: &[u8] = &[0x15, 3, 3, 0, 2, 2, 10];

/// The server's side of every handshake of a listener.
#[derive(Clone)]
pub(crate) struct Server {
    acceptor: TlsAcceptor,
    pin: Pin,
    made: bool,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("pin", &self.pin)
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Reads our certificate and key; without them, makes a pair that lives as long as the
    /// listener.
    pub(crate) fn prepare(
        at: &HostPort,
        options: &Options,
        address: &str,
    ) -> Result<Self, NetError> {
        let unsuitable = |why: String| NetError::Unsuitable {
            phase: Phase::Bind,
            address: address.to_owned(),
            why,
            hint:
                "as in tls://:8443?cert=cert.pem&key=key.pem; with neither, a certificate is made"
                    .to_owned(),
        };
        let clients_own = [
            ("ca", options.ca.is_some()),
            ("pin", options.pin.is_some()),
            ("insecure", options.insecure),
            ("sni", options.sni.is_some()),
        ];
        if let Some((name, _)) = clients_own.into_iter().find(|(_, given)| *given) {
            let why = format!("`{name}` is a client's: a server asks its callers by `client-ca`");
            return Err(unsuitable(why));
        }
        let (chain, key, made) = match (&options.cert, &options.key) {
            (Some(cert), Some(key)) => (pem::certificates(cert)?, pem::key(key)?, false),
            (None, None) => {
                let (certificate, key) = self_signed(at).map_err(|e| unsuitable(e.to_string()))?;
                (vec![certificate], key, true)
            }
            _ => return Err(unsuitable("`cert` and `key` go together".to_owned())),
        };
        let pin =
            chain.first().map(pin_of).ok_or_else(|| unsuitable("no certificate".to_owned()))?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| unsuitable(error.to_string()))?;
        let builder = match &options.client_ca {
            Some(file) => {
                let named = pem::certificates(file)?;
                let roots = Arc::new(pem::roots(&named, file)?);
                let chain = WebPkiClientVerifier::builder_with_provider(roots, provider());
                let chain = chain.build().map_err(|e| pem::useless(file, &e.to_string()))?;
                builder.with_client_cert_verifier(Arc::new(Clients { chain, named }))
            }
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| {
            match (&options.cert, &options.key) {
                (Some(cert), Some(key)) => pem::unfit(cert, key, &error),
                _ => unsuitable(error.to_string()),
            }
        })?;
        if let Some(alpn) = &options.alpn {
            config.alpn_protocols = alpn.0.iter().map(|name| name.clone().into_bytes()).collect();
        }
        config.key_log = secrets::log();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), pin, made })
    }

    /// The fingerprint of our certificate, if it was made on the spot: nobody can trust it
    /// but by this.
    pub(crate) fn made(&self) -> Option<Pin> {
        self.made.then_some(self.pin)
    }

    /// The handshake with a caller, and a line on what came of it. A caller that speaks no
    /// TLS is told of by its first words.
    pub(crate) async fn shake(
        &self,
        socket: TcpStream,
        peer: &str,
    ) -> Result<(Secure, String), NetError> {
        let fail = |error| NetError::io(Phase::Accept, peer, error);
        let mut first = [0; FIRST_WORDS];
        let count = socket.peek(&mut first).await.map_err(fail)?;
        let first = first.get(..count).unwrap_or_default();
        match first.first() {
            Some(&HANDSHAKE) => {}
            None => return Err(hung_up(peer)),
            Some(_) => return Err(plain(&socket, first, peer)),
        }
        match self.acceptor.accept(socket).await {
            Ok(stream) => {
                let common = stream.get_ref().1;
                let mut told = agreed(common);
                let name = stream.get_ref().1.server_name();
                told.extend(name.map(|name| format!("asked for {}", one_line(name))));
                let shown = common.peer_certificates().and_then(<[_]>::first);
                told.extend(shown.map(|shown| format!("client certificate {}", pin_of(shown))));
                Ok((Secure::Server(stream), told.join(", ")))
            }
            Err(error) => Err(failed(error, peer)),
        }
    }
}

/// A caller without TLS. A browser gets a sentence that it can show.
fn plain(socket: &TcpStream, first: &[u8], peer: &str) -> NetError {
    // What it wrote is taken first, so that the answer is not cut off by a RST. Neither is
    // worth waiting for.
    let mut space = [0; 4096];
    for _ in 0..TAKEN {
        if !matches!(socket.try_read(&mut space), Ok(1..)) {
            break;
        }
    }
    let http = after_method(first).is_some();
    drop(socket.try_write(if http { PLAIN_HTTP } else { ALERT }));
    let words = String::from_utf8_lossy(first);
    let line = one_line(words.lines().next().unwrap_or_default()).into_owned();
    NetError::Handshake {
        phase: Phase::Accept,
        address: peer.to_owned(),
        code: Code::TlsPlain,
        why: format!("it came without TLS and said `{line}`"),
        hint: Some("it is to dial tls:// here; or listen on tcp://".to_owned()),
    }
}

fn hung_up(peer: &str) -> NetError {
    NetError::Handshake {
        phase: Phase::Accept,
        address: peer.to_owned(),
        code: Code::Reset,
        why: "it hung up during the TLS handshake".to_owned(),
        hint: Some("a look at whether the port is open looks like this".to_owned()),
    }
}

fn failed(error: io::Error, peer: &str) -> NetError {
    let (Some(code), Some(why)) = (fault::of_io(&error), fault::words(&error)) else {
        if super::is_truncated(&error) || Code::of(&error) == Code::Reset {
            return hung_up(peer);
        }
        return NetError::io(Phase::Accept, peer, error);
    };
    let hint = Some(hint(code).to_owned());
    NetError::Handshake { phase: Phase::Accept, address: peer.to_owned(), code, why, hint }
}

fn hint(code: Code) -> &'static str {
    match code {
        Code::TlsAlert => {
            "it does not accept our certificate (give it the pin, or an authority), or wants \
             another protocol (`alpn=`)"
        }
        Code::Denied => "`client-ca` asks for one: the caller is to show its own (`cert=`, `key=`)",
        Code::TlsUnknown | Code::TlsExpired | Code::TlsName => {
            "a caller's certificate is to be vouched for by an authority of the file of `client-ca`"
        }
        Code::TlsVersion => "TLS 1.3 and 1.2 are spoken here, and nothing older",
        Code::TlsPlain => "it is to dial tls:// here; or listen on tcp://",
        _ => "somebody on the way changes bytes, or the caller breaks the rules of TLS",
    }
}

/// A certificate for the names under which this listener can be dialled, and its key.
fn self_signed(
    at: &HostPort,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    match &at.host {
        Host::Any => names.extend(interfaces::dialable(None, None).iter().map(ToString::to_string)),
        Host::Name(name) => names.push(name.clone()),
        Host::V4(address) => names.push(address.to_string()),
        Host::V6(address, _) => names.push(address.to_string()),
    }
    names.dedup();
    let made = rcgen::generate_simple_self_signed(names)?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    Ok((made.cert.der().clone(), key.into()))
}
