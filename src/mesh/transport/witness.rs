//! Looks over rustls's shoulder during one handshake.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::judge::{Belief, Judge};
use crate::pki::Certificate;

/// What was seen during one handshake, also when it failed.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<SeenInner>);

#[derive(Debug, Default)]
struct SeenInner {
    chain: Vec<Certificate>,
    belief: Option<Belief>,
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

    /// By what the server was believed.
    pub(super) fn belief(&self) -> Option<Belief> {
        self.lock().belief
    }

    /// Whether the server asked for a client certificate.
    pub(super) fn certificate_requested(&self) -> bool {
        self.lock().certificate_requested
    }
}

/// Lets the judge decide, and remembers what was shown and what was decided.
#[derive(Debug)]
pub(super) struct Witness {
    judge: Arc<Judge>,
    seen: Arc<Seen>,
}

impl Witness {
    pub(super) fn new(judge: Arc<Judge>, seen: Arc<Seen>) -> Self {
        Self { judge, seen }
    }
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
        let belief = self.judge.judge(end_entity, intermediates, server_name, ocsp_response, now)?;
        self.seen.lock().belief = Some(belief);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_schemes()
    }
}

/// Hands out the client certificate, if there is one, and remembers having been asked.
#[derive(Debug)]
pub(super) struct Presenter {
    identity: Option<Arc<CertifiedKey>>,
    seen: Arc<Seen>,
}

impl Presenter {
    pub(super) fn new(identity: Option<Arc<CertifiedKey>>, seen: Arc<Seen>) -> Self {
        Self { identity, seen }
    }
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
