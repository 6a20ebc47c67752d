//! Builds the chain of a client certificate and proves it at a given time.
//!
//! rustls-webpki finds and verifies the path (RFC 5280, section 6); what it leaves unchecked is added:
//! keyCertSign on every issuer and the validity of the root.

use rustls_pki_types::{CertificateDer, UnixTime};
use time::OffsetDateTime;
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};

use super::Certificate;

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
    /// Leaf, sub CAs, root: the order of a certificate chain.
    pub fn leaf_first(&self) -> impl DoubleEndedIterator<Item = &Certificate> {
        std::iter::once(&self.leaf).chain(self.authorities())
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
    #[error("the chain is not valid: {rule}")]
    Invalid {
        /// The rule.
        rule: String,
    },
}

/// Finds a path from `leaf` to one of `anchors` by way of `pool`, in any order and with any strangers
/// among them, and proves it for client authentication at `now`.
pub fn build(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    now: OffsetDateTime,
) -> Result<Chain, ChainError> {
    // A root may have been issued anew with the same name and key: only those valid now can be the end.
    let valid: Vec<Certificate> =
        anchors.iter().filter(|a| a.not_before() <= now && now <= a.not_after()).cloned().collect();
    prove(leaf, pool, &valid, now).map_err(|rule| {
        let by_use: Vec<Certificate> =
            valid.iter().chain(anchors.iter().filter(|a| !valid.contains(a))).cloned().collect();
        diagnose(leaf, pool, &by_use, now, rule)
    })
}

fn prove(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    now: OffsetDateTime,
) -> Result<Chain, webpki::Error> {
    let leaf_der = leaf.to_rustls();
    let end_entity = EndEntityCert::try_from(&leaf_der)?;
    let pool_der: Vec<CertificateDer<'_>> = pool.iter().map(|c| CertificateDer::from(c.der())).collect();
    let anchors_der: Vec<CertificateDer<'_>> =
        anchors.iter().map(|c| CertificateDer::from(c.der())).collect();
    let trust: Vec<_> = anchors_der.iter().map(webpki::anchor_from_trusted_cert).collect::<Result<_, _>>()?;
    let seconds = now.unix_timestamp().try_into().unwrap_or(0);
    let root_of = |path: &VerifiedPath<'_>| {
        let position = trust.iter().position(|t| {
            t.subject == path.anchor().subject
                && t.subject_public_key_info == path.anchor().subject_public_key_info
        });
        position.map(|i| &anchors[i])
    };
    let issuers = |path: &VerifiedPath<'_>| -> Vec<Certificate> {
        path.intermediate_certificates().filter_map(|c| Certificate::from_der(&c.der()).ok()).collect()
    };
    let also = |path: &VerifiedPath<'_>| {
        let root = root_of(path).ok_or(webpki::Error::UnknownIssuer)?;
        if issuers(path).iter().chain([root]).any(|ca| !ca.may_sign_certificates()) {
            return Err(webpki::Error::EndEntityUsedAsCa);
        }
        Ok(())
    };
    let path = end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &trust,
        &pool_der,
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)),
        KeyUsage::client_auth(),
        None,
        Some(&also),
    )?;
    let root = root_of(&path).ok_or(webpki::Error::UnknownIssuer)?.clone();
    Ok(Chain { leaf: leaf.clone(), intermediates: issuers(&path), root })
}

/// Walks from the leaf upwards to the first thing that a person can do something about.
fn diagnose(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    now: OffsetDateTime,
    rule: webpki::Error,
) -> ChainError {
    let mut at = leaf;
    // Each certificate is visited once, so that certificates signing each other end the walk.
    let mut candidates: Vec<&Certificate> = anchors.iter().chain(pool).filter(|c| *c != leaf).collect();
    loop {
        if now > at.not_after() {
            return ChainError::Expired { certificate: Box::new(at.clone()) };
        }
        if now < at.not_before() {
            return ChainError::NotYetValid { certificate: Box::new(at.clone()) };
        }
        if anchors.contains(at) {
            break;
        }
        if let Some(position) = candidates.iter().position(|c| at.is_signed_by(c)) {
            at = candidates.remove(position);
            continue;
        }
        if at == leaf && at.is_self_signed() {
            return ChainError::SelfSigned { subject: at.subject().into() };
        }
        if at.is_self_signed() {
            return ChainError::Untrusted { root: Box::new(at.clone()) };
        }
        if !pool.iter().chain(anchors).any(|c| at.is_signed_by(c)) {
            return ChainError::Incomplete { subject: at.subject().into(), issuer: at.issuer().into() };
        }
        break;
    }
    ChainError::Invalid { rule: in_words(&rule) }
}

/// What webpki says with the names of its own types.
fn in_words(rule: &webpki::Error) -> String {
    use webpki::Error as E;
    match rule {
        E::RequiredEkuNotFoundContext(_) => "its extended key usage does not include client authentication".into(),
        E::CaUsedAsEndEntity => "the certificate is that of a CA".into(),
        E::EndEntityUsedAsCa => "one of its issuers may not sign certificates".into(),
        E::PathLenConstraintViolated => "there are more CAs in the chain than one of them allows".into(),
        E::UnsupportedCriticalExtension => "it has a critical extension that is not known here".into(),
        E::UnsupportedCertVersion => "it is not an X.509 version 3 certificate".into(),
        E::NameConstraintViolation => "a CA of the chain may not issue for this name".into(),
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "it is signed with an algorithm that is no longer accepted, such as SHA-1, or with too short a key".into()
        }
        other => format!("it breaks a rule of X.509 ({other})"),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
        KeyUsagePurpose,
    };
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

    struct Ca(CertifiedIssuer<'static, KeyPair>);

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = datetime!(2026-01-01 0:00 UTC);
        params.not_after = datetime!(2029-01-01 0:00 UTC);
        params
    }

    fn ca_params(name: &str) -> CertificateParams {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }

    impl Ca {
        fn root(params: CertificateParams) -> Self {
            Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
        }
        fn sub(&self, params: CertificateParams) -> Self {
            Self(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
        }
        fn leaf(&self, params: &CertificateParams) -> Certificate {
            let der = params.signed_by(&KeyPair::generate().unwrap(), &self.0).unwrap();
            Certificate::from_der(der.der()).unwrap()
        }
        fn certificate(&self) -> Certificate {
            Certificate::from_der(self.0.der()).unwrap()
        }
    }

    #[test]
    fn chain_is_found_in_any_order_among_strangers() {
        let root = Ca::root(ca_params("root"));
        let sub = root.sub(ca_params("sub"));
        let stranger = Ca::root(ca_params("stranger"));
        let leaf = sub.leaf(&params("leaf.nhs.uk"));
        let pool = [stranger.certificate(), root.certificate(), sub.certificate(), leaf.clone()];
        let chain = build(&leaf, &pool, &[root.certificate()], NOW).unwrap();
        let subjects: Vec<_> = chain.leaf_first().map(Certificate::subject).collect();
        assert_eq!(subjects, ["CN=leaf.nhs.uk", "CN=sub", "CN=root"]);
    }

    #[test]
    fn each_broken_chain_has_its_own_error() {
        let root = Ca::root(ca_params("root"));
        let sub = root.sub(ca_params("sub"));
        let leaf = sub.leaf(&params("leaf.nhs.uk"));
        let anchors = [root.certificate()];
        let pool = [sub.certificate()];

        let error = build(&leaf, &[], &anchors, NOW).unwrap_err();
        assert!(matches!(&error, ChainError::Incomplete { issuer, .. } if issuer == "CN=sub"), "{error}");

        let error = build(&leaf, &[sub.certificate(), root.certificate()], &[], NOW).unwrap_err();
        assert!(matches!(error, ChainError::Untrusted { .. }), "{error}");

        let error = build(&leaf, &pool, &anchors, datetime!(2030-01-01 0:00 UTC)).unwrap_err();
        assert!(matches!(error, ChainError::Expired { .. }), "{error}");
        let error = build(&leaf, &pool, &anchors, datetime!(2025-01-01 0:00 UTC)).unwrap_err();
        assert!(matches!(error, ChainError::NotYetValid { .. }), "{error}");

        let mut server_only = params("server.nhs.uk");
        server_only.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let error = build(&sub.leaf(&server_only), &pool, &anchors, NOW).unwrap_err();
        assert!(matches!(error, ChainError::Invalid { .. }), "{error}");
    }

    #[test]
    fn issuer_without_key_cert_sign_is_refused() {
        let root = Ca::root(ca_params("root"));
        let mut no_sign = ca_params("sub");
        no_sign.key_usages = vec![KeyUsagePurpose::CrlSign];
        let sub = root.sub(no_sign);
        let leaf = sub.leaf(&params("leaf.nhs.uk"));
        let error = build(&leaf, &[sub.certificate()], &[root.certificate()], NOW).unwrap_err();
        assert!(matches!(error, ChainError::Invalid { .. }), "{error}");
    }

    #[test]
    fn root_issued_anew_is_accepted_beside_the_old_one() {
        let pem = KeyPair::generate().unwrap().serialize_pem();
        let key = || KeyPair::from_pem(&pem).unwrap();
        let mut old = ca_params("root");
        old.not_after = datetime!(2026-02-01 0:00 UTC);
        let old = Ca(CertifiedIssuer::self_signed(old, key()).unwrap());
        let new = Ca(CertifiedIssuer::self_signed(ca_params("root"), key()).unwrap());
        let leaf = new.leaf(&params("leaf.nhs.uk"));
        for anchors in [[old.certificate(), new.certificate()], [new.certificate(), old.certificate()]] {
            let chain = build(&leaf, &[], &anchors, NOW).unwrap();
            assert_eq!(chain.root, new.certificate());
        }
    }

    #[test]
    fn self_signed_leaf_is_named_as_such() {
        let leaf = params("leaf.nhs.uk").self_signed(&KeyPair::generate().unwrap()).unwrap();
        let leaf = Certificate::from_der(leaf.der()).unwrap();
        let error = build(&leaf, &[], &[], NOW).unwrap_err();
        assert!(matches!(error, ChainError::SelfSigned { .. }), "{error}");
    }

    #[test]
    fn expired_root_is_refused() {
        let mut short = ca_params("root");
        short.not_after = datetime!(2026-02-01 0:00 UTC);
        let root = Ca::root(short);
        let leaf = root.leaf(&params("leaf.nhs.uk"));
        let error = build(&leaf, &[], &[root.certificate()], NOW).unwrap_err();
        assert!(
            matches!(&error, ChainError::Expired { certificate } if certificate.subject() == "CN=root"),
            "{error}"
        );
    }
}
