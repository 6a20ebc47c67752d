//! Whether a server is the one that was meant. rustls's verifier decides; the exceptions from it are each
//! tied to what they were made for.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::{SettingsError, Trust, common_name};
use crate::mesh::url::is_nhs;
use crate::pki::Certificate;

/// By what a server was believed to be the one that was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Belief {
    /// Its certificate is for its name and chains to a trusted root.
    Chain,
    /// The same, but its certificate has a common name alone: an HSCN address.
    CommonName,
    /// It showed the very certificate that was given.
    Exact,
    /// By nothing: [`Trust::Anyone`].
    Nothing,
}

/// [`Trust`] as it is applied.
#[derive(Debug)]
pub(super) struct Judge {
    rule: Rule,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Rule {
    Proof { verifier: Arc<WebPkiServerVerifier>, roots: Arc<RootCertStore>, servers: Vec<Certificate> },
    Anyone,
    Nobody,
}

impl Judge {
    pub(super) fn new(trust: Trust, provider: &Arc<CryptoProvider>) -> Result<Self, SettingsError> {
        let rule = match trust {
            Trust::Roots(roots) => Rule::proof(&roots, Vec::new(), provider)?,
            Trust::RootsOrServers(both) => Rule::proof(&both.clone(), both, provider)?,
            Trust::Anyone => Rule::Anyone,
            Trust::Nobody => Rule::Nobody,
        };
        Ok(Self { rule, provider: provider.clone() })
    }

    /// By what the server is believed, or why it is not.
    pub(super) fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<Belief, rustls::Error> {
        let (verifier, roots, servers) = match &self.rule {
            Rule::Proof { verifier, roots, servers } => (verifier, roots, servers),
            Rule::Anyone if is_nhs(&name.to_str()) => {
                return Err(refuse("a name under nhs.uk takes a proof"));
            }
            Rule::Anyone => return Ok(Belief::Nothing),
            Rule::Nobody => return Err(refuse("nobody is trusted here")),
        };
        use rustls::client::danger::ServerCertVerifier as _;
        let error = match verifier.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
            Ok(_) => return Ok(Belief::Chain),
            Err(error) => error,
        };
        if let Some(server) = servers.iter().find(|server| server.der() == end_entity.as_ref()) {
            is_valid_at(server, now)?;
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
            return Ok(Belief::Exact);
        }
        if is_about_the_name(&error) && common_name::proves(end_entity, name) {
            // The chain was verified before the name was; that is not relied upon.
            let algorithms = self.provider.signature_verification_algorithms.all;
            let certificate = ParsedCertificate::try_from(end_entity)?;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, intermediates, now, algorithms)?;
            return Ok(Belief::CommonName);
        }
        Err(error)
    }

    pub(super) fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match self.rule {
            Rule::Anyone => Ok(HandshakeSignatureValid::assertion()),
            _ => verify_tls12_signature(
                message,
                certificate,
                signature,
                &self.provider.signature_verification_algorithms,
            ),
        }
    }

    pub(super) fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match self.rule {
            // Any key could stand in any certificate, which webpki may not even read (X.509 version 1).
            Rule::Anyone => Ok(HandshakeSignatureValid::assertion()),
            _ => verify_tls13_signature(
                message,
                certificate,
                signature,
                &self.provider.signature_verification_algorithms,
            ),
        }
    }

    pub(super) fn supported_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl Rule {
    fn proof(
        roots: &[Certificate],
        servers: Vec<Certificate>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, SettingsError> {
        let mut store = RootCertStore::empty();
        for root in roots {
            store
                .add(root.to_rustls())
                .map_err(|e| SettingsError::Root { subject: root.subject().into(), reason: e.to_string() })?;
        }
        let roots = Arc::new(store);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.clone(), provider.clone())
            .build()
            .map_err(|_| SettingsError::NoRoots)?;
        Ok(Self::Proof { verifier, roots, servers })
    }
}

/// Whether all but the name was well: rustls looks at the name last.
fn is_about_the_name(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
        )
    )
}

/// The dates, as rustls would say it.
fn is_valid_at(certificate: &Certificate, time: UnixTime) -> Result<(), CertificateError> {
    let unix = |at: time::OffsetDateTime| {
        let seconds = at.unix_timestamp().try_into().unwrap_or(0);
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
    };
    let (not_before, not_after) = (unix(certificate.not_before()), unix(certificate.not_after()));
    if time < not_before {
        return Err(CertificateError::NotValidYetContext { time, not_before });
    }
    if time > not_after {
        return Err(CertificateError::ExpiredContext { time, not_after });
    }
    Ok(())
}

/// A refusal in our own words.
fn refuse(why: &'static str) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(Refusal(why)))).into()
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(&'static str);

#[cfg(test)]
mod tests;
