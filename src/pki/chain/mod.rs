//! Builds the chain of a client certificate and proves it at a given time.
//!
//! rustls-webpki finds and verifies the path (RFC 5280, section 6); what it leaves unchecked is added:
//! keyCertSign on every issuer, and the validity and constraints of the root.

mod climb;
mod diagnosis;
mod rules;

use rustls_pki_types::{CertificateDer, UnixTime};
use time::OffsetDateTime;
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};

use self::climb::{climb, is_valid, preference};
use super::{Certificate, Fingerprint};

/// A chain that was proved: leaf, CAs below the root, root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The client certificate.
    pub leaf: Certificate,
    /// The CAs between leaf and root, the leaf's issuer first.
    pub intermediates: Vec<Certificate>,
    /// The trusted root.
    pub root: Certificate,
}

impl Chain {
    /// Leaf, sub CAs, root: the order of a certificate chain. A leaf that is trusted as its own root stands
    /// there once.
    pub fn leaf_first(&self) -> impl DoubleEndedIterator<Item = &Certificate> {
        std::iter::once(&self.leaf).chain(self.authorities().filter(|ca| **ca != self.leaf))
    }

    /// Sub CAs, root, without the leaf.
    pub fn authorities(&self) -> impl DoubleEndedIterator<Item = &Certificate> {
        self.intermediates.iter().chain(std::iter::once(&self.root))
    }
}

/// Why no chain could be proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The issuer of a certificate is nowhere to be found.
    #[error("the certificate of {issuer}, which issued {subject}, is nowhere to be found")]
    Incomplete {
        /// Whose issuer is missing.
        subject: String,
        /// The name of the missing issuer.
        issuer: String,
        /// A certificate that bears that name and whose key did not make the signature.
        namesake: Option<Fingerprint>,
    },
    /// The chain ends at a root that is not trusted here.
    #[error("the chain ends at {}, which is not trusted here", root.subject())]
    Untrusted {
        /// That root.
        root: Box<Certificate>,
    },
    /// A certificate of the chain is over.
    #[error("{} was valid until {}", certificate.subject(), certificate.not_after().date())]
    Expired {
        /// Which one.
        certificate: Box<Certificate>,
    },
    /// A certificate of the chain has not begun.
    #[error("{} is valid only from {}", certificate.subject(), certificate.not_before().date())]
    NotYetValid {
        /// Which one.
        certificate: Box<Certificate>,
    },
    /// The certificate was signed with its own key, so no authority stands behind it.
    #[error("{subject} is self-signed: no authority issued it")]
    SelfSigned {
        /// Its subject.
        subject: String,
    },
    /// Another rule of RFC 5280 is broken.
    #[error("the chain is not valid: {}{rule}", subject.as_ref().map(|s| format!("{s}: ")).unwrap_or_default())]
    Invalid {
        /// Who breaks it, where one certificate can be named.
        subject: Option<String>,
        /// The rule.
        rule: String,
    },
}

/// Finds a path from `leaf` to one of `anchors` by way of `pool`, in any order and with any strangers
/// among them, and proves it for client authentication at `now`.
///
/// The same certificates give the same chain, whatever their order and however often they are there: of
/// several that would do, the one that is valid and was issued last is taken.
pub fn build(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    now: OffsetDateTime,
) -> Result<Chain, ChainError> {
    let steps = climb(leaf, anchors.iter().chain(pool), now);
    // Strangers would use up the budget of signatures that webpki allows itself.
    let mut issuers: Vec<&Certificate> = steps[1..].iter().map(|step| step.certificate).collect();
    issuers.sort_by(|a, b| preference(a, b, now));
    // A root may have been issued anew with the same name and key: only those valid now can be the end.
    let mut ends: Vec<&Certificate> = anchors.iter().filter(|anchor| is_valid(anchor, now)).collect();
    ends.sort_by(|a, b| preference(a, b, now));
    prove(leaf, &issuers, &ends, now).map_err(|refusal| {
        let candidates: Vec<&Certificate> = anchors.iter().chain(pool).collect();
        diagnosis::diagnose(&steps, &candidates, anchors, now, &refusal)
    })
}

fn prove(
    leaf: &Certificate,
    pool: &[&Certificate],
    anchors: &[&Certificate],
    now: OffsetDateTime,
) -> Result<Chain, webpki::Error> {
    let leaf_der = leaf.to_rustls();
    let end_entity = EndEntityCert::try_from(&leaf_der)?;
    let der = |c: &&Certificate| c.to_rustls();
    let pool_der: Vec<CertificateDer<'_>> = pool.iter().map(der).collect();
    let anchors_der: Vec<CertificateDer<'_>> = anchors.iter().map(der).collect();
    // One anchor that webpki cannot read is no reason to give up the others.
    let trust: Vec<_> =
        anchors_der.iter().filter_map(|anchor| webpki::anchor_from_trusted_cert(anchor).ok()).collect();
    let seconds = now.unix_timestamp().try_into().unwrap_or(0);
    let chain_of = |path: &VerifiedPath<'_>| {
        let of_certificates =
            |c: &webpki::Cert<'_>| pool.iter().find(|known| *known.der() == *c.der()).map(|c| (*c).clone());
        // More than one root may have this name and key; the rules are those of the one that is meant.
        let roots = anchors.iter().filter(|anchor| {
            let trusted = anchor.to_rustls();
            webpki::anchor_from_trusted_cert(&trusted).is_ok_and(|anchor| {
                anchor.subject == path.anchor().subject
                    && anchor.subject_public_key_info == path.anchor().subject_public_key_info
            })
        });
        let intermediates: Vec<_> = path.intermediate_certificates().filter_map(of_certificates).collect();
        let mut chains = roots.map(|root| Chain {
            leaf: leaf.clone(),
            intermediates: intermediates.clone(),
            root: (*root).clone(),
        });
        chains
            .find(|chain| rules::broken(&chain.leaf_first().collect::<Vec<_>>()).is_none())
            .ok_or(webpki::Error::EndEntityUsedAsCa)
    };
    let also = |path: &VerifiedPath<'_>| chain_of(path).map(drop);
    let path = end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &trust,
        &pool_der,
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)),
        KeyUsage::client_auth(),
        None,
        Some(&also),
    )?;
    chain_of(&path)
}

#[cfg(test)]
mod tests;
