use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption, WebPkiServerVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use time::OffsetDateTime;

use crate::pki::{Certificate, PrivateKey};

/// Where the time comes from. The library never reads the clock of its own accord.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// What a client shows of itself: a certificate with its chain, and the key that belongs to it.
#[derive(Debug)]
pub struct Identity {
    /// The client's own certificate first, then its sub CA; the root may be left out. A server that
    /// trusts only the root refuses a certificate that comes without its sub CA.
    pub certificates: Vec<Certificate>,
    /// The key. It goes to the TLS library from memory.
    pub key: PrivateKey,
}

/// Why no TLS settings can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Nothing to trust: no server could be believed.
    #[error("there is no root certificate to trust servers by")]
    NoRoots,
    /// A root that cannot serve as one.
    #[error("'{subject}' cannot serve as a root: {reason}")]
    Root {
        /// The subject of the certificate.
        subject: String,
        /// What the TLS library says.
        reason: String,
    },
    /// An identity without a certificate.
    #[error("the identity has no certificate")]
    NoCertificate,
    /// The key cannot be used, or does not belong to the first certificate.
    #[error("the key does not serve with the certificate '{subject}': {reason}")]
    Key {
        /// The subject of the first certificate.
        subject: String,
        /// What the TLS library says.
        reason: String,
    },
}

/// Whom to trust, what to show and what time it is: everything a handshake needs besides the server.
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    config: Arc<ClientConfig>,
    verifier: Arc<WebPkiServerVerifier>,
    identity: Option<Arc<CertifiedKey>>,
}

impl TlsSettings {
    /// Settings that trust `server_roots` and nothing else (not the system's store), speak TLS 1.2 and
    /// 1.3, and show `identity` to a server that asks. Certificates are judged at the time of `clock`, or
    /// at the system's without one. Revocation is not checked.
    ///
    /// Next: [`handshake`](super::handshake), or [`Client::new`](crate::mesh::Client::new).
    ///
    /// # Errors
    /// [`SettingsError`]: no usable root, or a key that does not belong to the certificate.
    pub fn new(
        server_roots: &[Certificate],
        identity: Option<Identity>,
        clock: Option<Clock>,
    ) -> Result<Self, SettingsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        for root in server_roots {
            roots
                .add(root.to_rustls())
                .map_err(|e| SettingsError::Root { subject: root.subject().into(), reason: e.to_string() })?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|_| SettingsError::NoRoots)?;
        let time: Arc<dyn TimeProvider> = match clock {
            Some(clock) => Arc::new(ClockTime(clock)),
            None => Arc::new(DefaultTimeProvider),
        };
        let mut config = ClientConfig::builder_with_details(provider, time)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .expect("the provider knows both versions")
            .dangerous() // rustls's word for any verifier but its own; ours wraps its own.
            .with_custom_certificate_verifier(verifier.clone())
            .with_no_client_auth();
        // A resumed session shows no certificate and asks for none, which is just what we look at.
        config.resumption = Resumption::disabled();
        let identity = identity.map(certified_key).transpose()?.map(Arc::new);
        Ok(Self { config: Arc::new(config), verifier, identity })
    }

    /// A configuration for one handshake, and what will be seen in it.
    pub(super) fn for_one_handshake(&self) -> (Arc<ClientConfig>, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        let mut config = ClientConfig::clone(&self.config);
        config
            .dangerous()
            .set_certificate_verifier(Arc::new(Witness { inner: self.verifier.clone(), seen: seen.clone() }));
        config.client_auth_cert_resolver =
            Arc::new(Presenter { identity: self.identity.clone(), seen: seen.clone() });
        (Arc::new(config), seen)
    }
}

/// The identity as rustls takes it, once key and certificate are known to belong together.
fn certified_key(identity: Identity) -> Result<CertifiedKey, SettingsError> {
    let leaf = identity.certificates.first().ok_or(SettingsError::NoCertificate)?;
    let refuse =
        |e: rustls::Error| SettingsError::Key { subject: leaf.subject().into(), reason: e.to_string() };
    // Borrowed, so that no second copy of the key stays in memory.
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.pkcs8().expose()));
    let key = aws_lc_rs::sign::any_supported_type(&der).map_err(refuse)?;
    let chain = identity.certificates.iter().map(Certificate::to_rustls).collect();
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(refuse)?;
    Ok(certified)
}

/// A clock as rustls takes it.
pub(super) struct ClockTime(pub(super) Clock);

impl fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockTime")
    }
}

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = (self.0)().unix_timestamp().try_into().ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

/// What was seen during one handshake, also when it failed.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<SeenInner>);

#[derive(Debug, Default)]
struct SeenInner {
    chain: Vec<Certificate>,
    certificate_requested: bool,
}

impl Seen {
    fn lock(&self) -> std::sync::MutexGuard<'_, SeenInner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the server showed, its own certificate first; what cannot be read is left out.
    pub(super) fn chain(&self) -> Vec<Certificate> {
        self.lock().chain.clone()
    }

    /// Whether the server asked for a client certificate.
    pub(super) fn certificate_requested(&self) -> bool {
        self.lock().certificate_requested
    }
}

/// Judges as rustls does, and remembers what it was shown.
#[derive(Debug)]
struct Witness {
    inner: Arc<WebPkiServerVerifier>,
    seen: Arc<Seen>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = std::iter::once(end_entity).chain(intermediates);
        self.seen.lock().chain = shown.filter_map(|der| Certificate::from_der(der).ok()).collect();
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Hands out the client certificate, if there is one, and remembers having been asked.
#[derive(Debug)]
struct Presenter {
    identity: Option<Arc<CertifiedKey>>,
    seen: Arc<Seen>,
}

impl ResolvesClientCert for Presenter {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // The authorities that a server names are a hint, often incomplete: it is for the server to refuse.
        self.seen.lock().certificate_requested = true;
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::transport::testing::Pki;
    use crate::pki::KeySize;

    #[test]
    fn settings_without_a_root_are_refused() {
        assert!(matches!(TlsSettings::new(&[], None, None), Err(SettingsError::NoRoots)));
    }

    #[test]
    fn key_of_another_certificate_is_refused() {
        let pki = Pki::new();
        let mut identity = pki.identity();
        identity.key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let error = TlsSettings::new(&[pki.root()], Some(identity), None).unwrap_err();
        assert!(matches!(&error, SettingsError::Key { .. }), "{error:?}");
    }

    #[test]
    fn debug_of_settings_holds_no_key() {
        let pki = Pki::new();
        let settings = TlsSettings::new(&[pki.root()], Some(pki.identity()), None).unwrap();
        let shown = format!("{settings:?}");
        assert!(!shown.contains("pkcs8") && !shown.contains("PrivateKeyDer"), "{shown}");
    }
}
