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
    /// The endpoint as it would be written with a pin: what stands before the `?`, and what
    /// stands after it.
    pinnable: (String, Options),
    insecure: bool,
}

impl Client {
    /// Reads what the options name: authorities, our own certificate. Nobody is called.
    pub(crate) fn prepare(
        at: &HostPort,
        options: &Options,
        address: &str,
    ) -> Result<Self, NetError> {
        let unsuitable = |why: String| unsuitable(address, why);
        for (contradicts, why) in [
            (options.insecure && options.pin.is_some(), "`insecure` would undo `pin`"),
            (options.insecure && options.ca.is_some(), "`insecure` would undo `ca`"),
            (options.client_ca.is_some(), "`client-ca` is a server's: a client has `ca`"),
        ] {
            if contradicts {
                return Err(unsuitable(why.to_owned()));
            }
        }
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
                .map_err(|error| pem::unfit(cert, key, &error))?,
            (None, None) => builder.with_no_client_auth(),
            _ => return Err(unsuitable("`cert` and `key` go together".to_owned())),
        };
        if let Some(alpn) = &options.alpn {
            config.alpn_protocols = alpn.0.iter().map(|name| name.clone().into_bytes()).collect();
        }
        config.key_log = secrets::log();
        let place = address.split('?').next().unwrap_or(address).to_owned();
        let kept = Options { ca: None, insecure: false, ..options.clone() };
        Ok(Self {
            config: Arc::new(config),
            name,
            judge,
            address: address.to_owned(),
            pinnable: (place, kept),
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
        let address = self.address.clone();
        let (Some(code), Some(why)) = (fault::of_io(&error), fault::words(&error)) else {
            if super::is_truncated(&error) || Code::of(&error) == Code::Reset {
                return NetError::Handshake {
                    phase: Phase::Connect,
                    address,
                    code: Code::Reset,
                    why: "the other side hung up during the TLS handshake".to_owned(),
                    hint: Some(
                        "does it speak TLS on that port? is there a limit on callers?".to_owned(),
                    ),
                };
            }
            return NetError::io(Phase::Connect, address, error);
        };
        let hint = Some(self.hint(code));
        NetError::Handshake { phase: Phase::Connect, address, code, why, hint }
    }

    fn hint(&self, code: Code) -> String {
        match (code, self.judge.seen()) {
            (Code::TlsPlain, _) => "without TLS it is tcp:// or ws://: is the port right?".into(),
            (Code::TlsUnknown | Code::TlsExpired | Code::TlsName, Some(pin)) => {
                let (place, options) = &self.pinnable;
                let pinned = Options { pin: Some(pin), ..options.clone() };
                format!(
                    "if you know from elsewhere that this is its certificate, dial {place}{pinned}; \
                     `ca=FILE` trusts an authority"
                )
            }
            (Code::TlsVersion, _) => {
                "TLS 1.3 and 1.2 are spoken here, and nothing older: the other side is to be brought \
                 up to date"
                    .into()
            }
            (Code::TlsAlert, _) => {
                "the server wants something else of us: a certificate (`cert=`, `key=`), a name \
                 (`sni=`), a protocol (`alpn=`)"
                    .into()
            }
            _ => "somebody on the way changes bytes, or the other side breaks the rules of TLS".into(),
        }
    }
}

fn unsuitable(address: &str, why: String) -> NetError {
    NetError::Unsuitable {
        phase: Phase::Connect,
        address: address.to_owned(),
        why,
        hint: "as in tls://host:443?sni=name.example or tls://host:443?cert=FILE&key=FILE".into(),
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
            let named = pem::certificates(file)?;
            let roots = Arc::new(pem::roots(&named, file)?);
            Ok(Trust::File(chain(roots)?, named))
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
