//! TLS as a client: what is asked of the server, and the handshake.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::judge::{Judge, Trust};
use super::{Secure, agreed, pem, provider, secrets};
use crate::code::tls as fault;
use crate::error::{Code, NetError, Phase};
use crate::host::{Host, HostPort};
use crate::options::Options;

/// A handshake that is ready to be made.
pub(crate) struct Client {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    judge: Arc<Judge>,
    address: String,
    /// The endpoint as it would be written with a pin.
    pinnable: String,
    insecure: bool,
}

impl Client {
    /// Reads what the options name: authorities, our own certificate. Nobody is called.
    pub(crate) fn prepare(
        at: &HostPort,
        options: &Options,
        address: &str,
    ) -> Result<Self, NetError> {
        let unsuitable = |why: String| NetError::Unsuitable {
            phase: Phase::Connect,
            address: address.to_owned(),
            why,
            hint: "as in tls://host:443?sni=name.example".to_owned(),
        };
        let name = name(at, options).map_err(|bad| {
            unsuitable(format!("`{bad}` is no name that a certificate could be for"))
        })?;
        let provider = provider();
        let judge = Arc::new(Judge::new(trust(options, address)?, Arc::clone(&provider)));
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unsuitable(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&judge) as _);
        let mut config = match (&options.cert, &options.key) {
            (Some(cert), Some(key)) => builder
                .with_client_auth_cert(pem::certificates(cert)?, pem::key(key)?)
                .map_err(|error| pem::useless(cert, &error.to_string()))?,
            (None, None) => builder.with_no_client_auth(),
            _ => return Err(unsuitable("`cert` and `key` go together".to_owned())),
        };
        if let Some(alpn) = &options.alpn {
            config.alpn_protocols = alpn.0.iter().map(|name| name.clone().into_bytes()).collect();
        }
        config.key_log = secrets::log();
        let pinnable = address.split('?').next().unwrap_or(address).to_owned();
        Ok(Self {
            config: Arc::new(config),
            name,
            judge,
            address: address.to_owned(),
            pinnable,
            insecure: options.insecure,
        })
    }

    /// The handshake, and a line on what came of it.
    pub(crate) async fn shake(self, socket: TcpStream) -> Result<(Secure, String), NetError> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        match connector.connect(self.name.clone(), socket).await {
            Ok(stream) => {
                let mut told = agreed(stream.get_ref().1);
                told.extend(self.judge.seen().map(|pin| format!("certificate {pin}")));
                if self.insecure {
                    told.push("NOT CHECKED (insecure): anybody could be there".to_owned());
                }
                Ok((Secure::Client(stream), told.join(", ")))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: std::io::Error) -> NetError {
        let (Some(code), Some(why)) = (fault::of_io(&error), fault::words(&error)) else {
            if super::is_truncated(&error) {
                return NetError::Handshake {
                    phase: Phase::Connect,
                    address: self.address.clone(),
                    code: Code::Reset,
                    why: "the other side hung up during the TLS handshake".to_owned(),
                    hint: Some(
                        "does it speak TLS on that port? is there a limit on callers?".to_owned(),
                    ),
                };
            }
            return NetError::io(Phase::Connect, self.address.as_str(), error);
        };
        let hint = match code {
            Code::TlsPlain => {
                Some("without TLS it is tcp:// or ws://: is the port right?".to_owned())
            }
            Code::TlsUnknown | Code::TlsExpired | Code::TlsName => self.judge.seen().map(|pin| {
                format!(
                    "if you know from elsewhere that this is its certificate, dial {}?pin={pin}; \
                     `ca=FILE` trusts an authority",
                    self.pinnable
                )
            }),
            Code::TlsAlert => Some(
                "the server wants something else of us: a certificate (`cert=`, `key=`), a name \
                 (`sni=`), a protocol (`alpn=`)"
                    .to_owned(),
            ),
            _ => None,
        };
        let address = self.address.clone();
        NetError::Handshake { phase: Phase::Connect, address, code, why, hint }
    }
}

/// The name that is asked for: `sni`, or the host as written.
fn name(at: &HostPort, options: &Options) -> Result<ServerName<'static>, String> {
    let text = match (&options.sni, &at.host) {
        (Some(sni), _) => sni.clone(),
        (None, Host::Any) => return Ok(std::net::IpAddr::from([127, 0, 0, 1]).into()),
        (None, Host::Name(name)) => name.trim_end_matches('.').to_owned(),
        (None, Host::V4(address)) => return Ok(std::net::IpAddr::V4(*address).into()),
        (None, Host::V6(address, _)) => return Ok(std::net::IpAddr::V6(*address).into()),
    };
    ServerName::try_from(text.clone()).map_err(|_| text)
}

fn trust(options: &Options, address: &str) -> Result<Trust, NetError> {
    if options.insecure {
        return Ok(Trust::DangerouslyAnything);
    }
    if let Some(pin) = options.pin {
        return Ok(Trust::Pinned(pin));
    }
    let chain = |roots: Arc<RootCertStore>| {
        WebPkiServerVerifier::builder_with_provider(roots, provider()).build().map_err(|error| {
            NetError::Unsuitable {
                phase: Phase::Connect,
                address: address.to_owned(),
                why: format!("nobody is trusted on this machine: {error}"),
                hint: "install ca-certificates, or give `ca=FILE` or `pin=sha256:HEX`".to_owned(),
            }
        })
    };
    match &options.ca {
        Some(file) => {
            let roots = Arc::new(pem::roots(file)?);
            Ok(Trust::File(chain(roots)?, pem::certificates(file)?))
        }
        None => Ok(Trust::Authorities(chain(machines_own())?)),
    }
}

/// The authorities that this machine trusts, read once.
fn machines_own() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        // One that cannot be read is one less.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    };
    Arc::clone(ROOTS.get_or_init(read))
}
