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
