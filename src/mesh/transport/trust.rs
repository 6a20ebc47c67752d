use std::fmt;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::sign::CertifiedKey;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use time::OffsetDateTime;

use super::judge::Judge;
use super::witness::{Presenter, Seen, Witness};
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

/// Which servers are believed. Revocation is not checked.
///
/// For the HSCN addresses of the NHS environments, and nowhere else, a certificate without any
/// alternative name is judged by its common name: some of those servers still have such.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Trust {
    /// Those whose certificate is for their name and chains to one of these roots.
    Roots(Vec<Certificate>),
    /// The same, and those that show one of these very certificates, if it is for their name and valid
    /// now. `openssl req -x509` makes authorities' certificates (CA:TRUE), which otherwise cannot be a
    /// server's; many sandboxes have one.
    RootsOrServers(Vec<Certificate>),
    /// Anyone who answers, but at a name under `nhs.uk` nobody: for a sandbox of one's own.
    Anyone,
    /// Nobody: for an `http://` address, where no server proves who it is.
    Nobody,
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
    judge: Arc<Judge>,
    identity: Option<Arc<CertifiedKey>>,
}

impl TlsSettings {
    /// Settings that believe the servers of `trust` and no others (the system's store is not asked),
    /// speak TLS 1.2 and 1.3, and show `identity` to a server that asks. Certificates are judged at the
    /// time of `clock`, or at the system's without one.
    ///
    /// Next: [`handshake`](super::handshake), or [`Service::new`](crate::mesh::Service::new).
    ///
    /// # Errors
    /// [`SettingsError`]: no usable root, or a key that does not belong to the certificate.
    pub fn new(
        trust: Trust,
        identity: Option<Identity>,
        clock: Option<Clock>,
    ) -> Result<Self, SettingsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let judge = Arc::new(Judge::new(trust, &provider)?);
        let time: Arc<dyn TimeProvider> = match clock {
            Some(clock) => Arc::new(ClockTime(clock)),
            None => Arc::new(DefaultTimeProvider),
        };
        let config = config(&judge, provider, time, &[&TLS13, &TLS12]);
        let identity = identity.map(certified_key).transpose()?.map(Arc::new);
        Ok(Self { config: Arc::new(config), judge, identity })
    }

    /// The same, speaking TLS 1.2 alone, as some clients do.
    pub fn tls12_only(&self) -> Self {
        let (provider, time) = (self.config.crypto_provider().clone(), self.config.time_provider.clone());
        Self { config: Arc::new(config(&self.judge, provider, time, &[&TLS12])), ..self.clone() }
    }

    /// The same, showing its own certificate without those of its authorities, as some clients do.
    pub fn leaf_alone(&self) -> Self {
        let alone = |all: &Arc<CertifiedKey>| {
            Arc::new(CertifiedKey::new(all.cert.iter().take(1).cloned().collect(), all.key.clone()))
        };
        Self { identity: self.identity.as_ref().map(alone), ..self.clone() }
    }

    /// The same, showing no certificate.
    pub fn without_identity(&self) -> Self {
        Self { identity: None, ..self.clone() }
    }

    /// How many certificates are shown to a server that asks.
    pub fn certificates(&self) -> usize {
        self.identity.as_ref().map_or(0, |identity| identity.cert.len())
    }

    /// A configuration for one handshake, and what will be seen in it.
    pub(super) fn for_one_handshake(&self) -> (Arc<ClientConfig>, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        let mut config = ClientConfig::clone(&self.config);
        let witness = Witness::new(self.judge.clone(), seen.clone());
        config.dangerous().set_certificate_verifier(Arc::new(witness));
        config.client_auth_cert_resolver = Arc::new(Presenter::new(self.identity.clone(), seen.clone()));
        (Arc::new(config), seen)
    }
}

/// What all handshakes have in common.
fn config(
    judge: &Arc<Judge>,
    provider: Arc<CryptoProvider>,
    time: Arc<dyn TimeProvider>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut config = ClientConfig::builder_with_details(provider, time)
        .with_protocol_versions(versions)
        .expect("the provider knows both versions")
        .dangerous() // rustls's word for any verifier but its own.
        .with_custom_certificate_verifier(Arc::new(Witness::new(judge.clone(), Arc::default())))
        .with_no_client_auth();
    // A resumed session shows no certificate and asks for none, which is just what we look at.
    config.resumption = Resumption::disabled();
    config
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::transport::testing::Pki;
    use crate::pki::KeySize;

    #[test]
    fn settings_without_a_root_are_refused() {
        for trust in [Trust::Roots(Vec::new()), Trust::RootsOrServers(Vec::new())] {
            assert!(matches!(TlsSettings::new(trust, None, None), Err(SettingsError::NoRoots)));
        }
    }

    #[test]
    fn key_of_another_certificate_is_refused() {
        let pki = Pki::new();
        let mut identity = pki.identity();
        identity.key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let error = TlsSettings::new(pki.trust(), Some(identity), None).unwrap_err();
        assert!(matches!(&error, SettingsError::Key { .. }), "{error:?}");
    }

    #[test]
    fn debug_of_settings_holds_no_key() {
        let pki = Pki::new();
        let settings = TlsSettings::new(pki.trust(), Some(pki.identity()), None).unwrap();
        let shown = format!("{settings:?}");
        assert!(!shown.contains("pkcs8") && !shown.contains("PrivateKeyDer"), "{shown}");
    }
}
