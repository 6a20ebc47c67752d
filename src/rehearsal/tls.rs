//! The door: TLS 1.2 and 1.3, and a client certificate of the rehearsal CA, or no entry.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime};
use tokio_rustls::TlsAcceptor;

use super::RehearsalCa;
use super::config::Clock;
use crate::pki::Certificate;

/// The names under which the server is reached.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The clock as rustls asks for it: certificates are judged at the rehearsal's time.
struct RehearsalTime(Clock);

impl TimeProvider for RehearsalTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = (self.0)().unix_timestamp().try_into().ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

impl fmt::Debug for RehearsalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RehearsalTime")
    }
}

/// rustls's own verifier, but for one word.
///
/// Another rehearsal CA has the same names, so that its certificates fail by signature alone. Servers that
/// look at key identifiers, as those on OpenSSL do, find no issuer then and say unknown_ca rather than
/// decrypt_error; so does this one.
#[derive(Debug)]
struct ClientCertificates(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for ClientCertificates {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.verify_client_cert(end_entity, intermediates, now).map_err(|error| match error {
            Error::InvalidCertificate(CertificateError::BadSignature) => {
                CertificateError::UnknownIssuer.into()
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Makes a server certificate and what receives connections with it.
pub fn acceptor(ca: &RehearsalCa, clock: &Clock) -> io::Result<TlsAcceptor> {
    let (chain, key) = ca.issue_server(&NAMES, clock()).map_err(io::Error::other)?;
    let key = PrivatePkcs8KeyDer::from(key.pkcs8().expose().to_vec());
    let mut roots = RootCertStore::empty();
    // The root alone: a client that leaves out its sub CA is told so, as by the real MESH.
    roots.add(ca.root().to_rustls()).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
        .build()
        .map_err(io::Error::other)?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(RehearsalTime(clock.clone())))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(io::Error::other)?
        .with_client_cert_verifier(Arc::new(ClientCertificates(verifier)))
        .with_single_cert(chain.iter().map(Certificate::to_rustls).collect(), key.into())
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session would not show its certificate again.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
