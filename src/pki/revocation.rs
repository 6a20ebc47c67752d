//! Revocation lists (CRL, RFC 5280, section 5): whether a CA has taken a certificate back.
//!
//! A list is believed only where the issuer's own key signed it.

use time::OffsetDateTime;
use x509_parser::error::X509Error;
use x509_parser::extensions::{
    DistributionPointName, GeneralName, IssuingDistributionPoint, ParsedExtension,
};
use x509_parser::prelude::{CertificateRevocationList, FromDer, RevokedCertificate, X509Certificate};

use super::{Certificate, sniff};

/// What stands in a list for an entry whose certificate another CA issued (2.5.29.29).
const CERTIFICATE_ISSUER: &str = "2.5.29.29";
/// Which certificates a list is about (2.5.29.28).
const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";

/// So many bytes are looked at to name what is no list.
const NAMED_BY: usize = 64 * 1024;

/// A revocation list as it came; nothing in it is believed yet.
#[derive(Debug, Clone)]
pub struct RevocationList {
    der: Vec<u8>,
    issued: OffsetDateTime,
    next: Option<OffsetDateTime>,
}

/// What a list that can be believed says of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevocationStatus {
    /// It is not in it.
    Good,
    /// It is.
    Revoked(Revocation),
}

/// An entry of a revocation list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// When the CA took the certificate back.
    pub at: OffsetDateTime,
    /// Why, by the names of RFC 5280: "keyCompromise".
    pub reason: Option<&'static str>,
}

/// Why a list says nothing of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// Something else.
    #[error("it is no revocation list, but {found}")]
    NotAList {
        /// What it is, with its article.
        found: String,
    },
    /// Another CA's.
    #[error("it is the list of {found}, not of {expected}")]
    OtherIssuer {
        /// Who issued it, for people.
        found: String,
        /// Who issued the certificate.
        expected: String,
    },
    /// Its signature is not the issuer's.
    #[error("it is not signed by the key of {issuer}")]
    Signature {
        /// Who should have.
        issuer: String,
    },
    /// The issuer's key usage does not let it sign lists.
    #[error("the key usage of {issuer} does not let it sign revocation lists")]
    NotForLists {
        /// The issuer.
        issuer: String,
    },
    /// The list is from the future.
    #[error("it begins only on {}", .0.date())]
    NotYet(OffsetDateTime),
    /// A newer list is due.
    #[error("a newer one was due on {}", .0.date())]
    Overdue(OffsetDateTime),
    /// It is about other certificates, or changes to another list.
    #[error("{0}")]
    OtherScope(&'static str),
}

impl RevocationList {
    /// Reads a list in DER or PEM.
    pub fn read(bytes: &[u8]) -> Result<Self, RevocationError> {
        // A beginning tells what else it is, however long it goes on.
        let begin = &bytes[..bytes.len().min(NAMED_BY)];
        let not_a_list = || RevocationError::NotAList { found: sniff::read(begin, &[]).describe() };
        let der = match pem::parse(bytes) {
            Ok(block) if matches!(block.tag(), "X509 CRL" | "CRL") => block.into_contents(),
            Ok(_) => return Err(not_a_list()),
            Err(_) => bytes.to_vec(),
        };
        let (issued, next) = match CertificateRevocationList::from_der(&der) {
            Ok(([], list)) => {
                (list.last_update().to_datetime(), list.next_update().map(|time| time.to_datetime()))
            }
            _ => return Err(not_a_list()),
        };
        Ok(Self { der, issued, next })
    }

    /// When it was issued (thisUpdate).
    pub fn issued(&self) -> OffsetDateTime {
        self.issued
    }

    /// When the next one is due at the latest (nextUpdate).
    pub fn next(&self) -> Option<OffsetDateTime> {
        self.next
    }

    /// What it says of `certificate`, which `issuer` signed, at `now`.
    ///
    /// An entry counts also in a list that is overdue: what is taken back stays so.
    pub fn status_of(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        now: OffsetDateTime,
    ) -> Result<RevocationStatus, RevocationError> {
        let (Ok((_, list)), Ok((_, ca)), Ok((_, this))) = (
            CertificateRevocationList::from_der(&self.der),
            X509Certificate::from_der(issuer.der()),
            X509Certificate::from_der(certificate.der()),
        ) else {
            // All three were parsed when they were made.
            return Err(RevocationError::OtherScope("it cannot be read"));
        };
        let issuer_name = || issuer.subject().to_owned();
        if list.issuer().as_raw() != issuer.subject_der() || !certificate.names_as_issuer(issuer) {
            let found = list.issuer().to_string();
            return Err(RevocationError::OtherIssuer { found, expected: certificate.issuer().into() });
        }
        if ca.key_usage().ok().flatten().is_some_and(|usage| !usage.value.crl_sign()) {
            return Err(RevocationError::NotForLists { issuer: issuer_name() });
        }
        list.verify_signature(ca.public_key())
            .map_err(|_: X509Error| RevocationError::Signature { issuer: issuer_name() })?;
        in_scope(&list, certificate)?;
        if self.issued > now {
            return Err(RevocationError::NotYet(self.issued));
        }
        let entry =
            list.iter_revoked_certificates().find(|entry| *entry.serial() == this.tbs_certificate.serial);
        match (entry.map(revocation), self.next) {
            (Some(revocation), _) => Ok(RevocationStatus::Revoked(revocation)),
            (None, Some(next)) if next < now => Err(RevocationError::Overdue(next)),
            (None, _) => Ok(RevocationStatus::Good),
        }
    }
}

/// Whether a list is a whole one that covers the certificate (RFC 5280, 5.2.5).
fn in_scope(list: &CertificateRevocationList<'_>, certificate: &Certificate) -> Result<(), RevocationError> {
    let other = |why| Err(RevocationError::OtherScope(why));
    for extension in list.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::IssuingDistributionPoint(point) => {
                if let Some(why) = outside(point, certificate) {
                    return other(why);
                }
            }
            _ if extension.oid.to_id_string() == ISSUING_DISTRIBUTION_POINT => {
                return other("it does not say in a readable way which certificates it is about");
            }
            _ if extension.critical => {
                return other("it is only a part of a list, or of a kind that is not read here");
            }
            _ => {}
        }
    }
    let foreign = |entry: &RevokedCertificate<'_>| {
        entry.extensions().iter().any(|extension| extension.oid.to_id_string() == CERTIFICATE_ISSUER)
    };
    if list.iter_revoked_certificates().any(foreign) {
        return other("it is about the certificates of several CAs, which is not read here");
    }
    Ok(())
}

/// Why a certificate is not among those that a list is about.
fn outside(point: &IssuingDistributionPoint<'_>, certificate: &Certificate) -> Option<&'static str> {
    if point.indirect_crl {
        return Some("it is about the certificates of several CAs, which is not read here");
    }
    if point.only_some_reasons.is_some() {
        return Some("it is about some reasons of revocation alone");
    }
    let others_alone = point.only_contains_attribute_certs
        || point.only_contains_ca_certs && !certificate.is_ca()
        || point.only_contains_user_certs && certificate.is_ca();
    if others_alone {
        return Some("it is about certificates of another kind");
    }
    let named = certificate.details().crl_distribution_points;
    let covers = match &point.distribution_point {
        None => true,
        Some(DistributionPointName::FullName(names)) => names.iter().any(|name| match name {
            GeneralName::URI(uri) => named.iter().any(|own| own == uri),
            _ => false,
        }),
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => false,
    };
    (!covers).then_some("it is the part of a list that another certificate names")
}

fn revocation(entry: &RevokedCertificate<'_>) -> Revocation {
    Revocation {
        at: entry.revocation_date.to_datetime(),
        reason: entry.reason_code().and_then(|(_, code)| reason(code.0)),
    }
}

/// The names of RFC 5280, 5.3.1.
fn reason(code: u8) -> Option<&'static str> {
    Some(match code {
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
