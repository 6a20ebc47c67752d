//! The certificate authorities of the NHS, built in and pinned by fingerprint.

use std::sync::LazyLock;

use super::certificate::Signed;
use super::{Certificate, Fingerprint, sniff};
use crate::mailbox::{Authority, Environment};

/// The two sets of CAs that the NHS has run. Today's certificates come from the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaGeneration {
    /// Retired; its live pair expired on 4 June 2024.
    G1,
    /// In use since 2022.
    G2,
}

/// What a built-in CA certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A self-signed root.
    Root,
    /// A CA below a root, which issues to mailboxes.
    SubCa,
}

/// A CA certificate that this program carries.
#[derive(Debug)]
pub struct BuiltIn {
    /// Root or sub CA.
    pub role: Role,
    /// Whether it belongs to live or to Path to Live.
    pub authority: Authority,
    /// First or second generation.
    pub generation: CaGeneration,
    /// For a sub CA: the environments that it is known to issue for.
    pub environments: &'static [Environment],
    /// The certificate.
    pub certificate: Certificate,
}

use Environment::{Deployment, Integration, Live};

type Row = (&'static str, &'static str, Role, Authority, CaGeneration, &'static [Environment]);

/// File, SHA-256, role, authority, generation, environments. The fingerprints were read from the bundles
/// that NHS England ships with its own MESH client.
const ROWS: [Row; 9] = [
    (
        include_str!("anchors/ptl-root-g2.pem"),
        "540f7cd6111510ef8a4a78939b39a075c71a68f0ce71bbf28141f7c6be357f8f",
        Role::Root,
        Authority::PathToLive,
        CaGeneration::G2,
        &[],
    ),
    (
        include_str!("anchors/int-sub-g2.pem"),
        "eb17b9fe90a19dbfe962bf41d3c907558f6f787e2fd1602268dfca9d3fdbf857",
        Role::SubCa,
        Authority::PathToLive,
        CaGeneration::G2,
        &[Integration, Deployment],
    ),
    (
        include_str!("anchors/live-root-g2.pem"),
        "c418cfa50aad03d826fa1a6932b8187be18193f4b25a7a56f30df45d5f89f8f7",
        Role::Root,
        Authority::Live,
        CaGeneration::G2,
        &[],
    ),
    (
        include_str!("anchors/live-sub-g2.pem"),
        "1cb94b89dd6e3cbeb498f43f85aac7f7ea3a833805ba0a37396d669eaa794639",
        Role::SubCa,
        Authority::Live,
        CaGeneration::G2,
        &[Live],
    ),
    (
        include_str!("anchors/ptl-root-g1.pem"),
        "7759a087977a9e37793093561149ee40b299c7027f4fa2a1c4e9eefeabc1b7d8",
        Role::Root,
        Authority::PathToLive,
        CaGeneration::G1,
        &[],
    ),
    (
        include_str!("anchors/int-sub-g1.pem"),
        "67465bf8d72d1493d441ad1bc8f08b1ec2de9771c1cc40bb09b11bb72de14c0e",
        Role::SubCa,
        Authority::PathToLive,
        CaGeneration::G1,
        &[Integration],
    ),
    (
        include_str!("anchors/dep-sub-g1.pem"),
        "7e1c6b1244af68ec864f3af7fd020d052c2a096f3e58b6dec21c07a584d8ca41",
        Role::SubCa,
        Authority::PathToLive,
        CaGeneration::G1,
        &[Deployment],
    ),
    (
        include_str!("anchors/live-root-g1.pem"),
        "cb7f39edd261631fe95995030f793c90d3db6d84912b0ff7a1a96fedea6d9f10",
        Role::Root,
        Authority::Live,
        CaGeneration::G1,
        &[],
    ),
    (
        include_str!("anchors/live-sub-g1.pem"),
        "b2a983f5284f267c9e7705af4a69387b8d2af5e281e194e6a279e033b06c7fdf",
        Role::SubCa,
        Authority::Live,
        CaGeneration::G1,
        &[Live],
    ),
];

static BUILT_IN: LazyLock<Vec<BuiltIn>> = LazyLock::new(|| {
    ROWS.iter()
        .map(|&(text, fingerprint, role, authority, generation, environments)| {
            let mut found = sniff::certificates(text.as_bytes()).expect("built-in certificates are PEM");
            let certificate = found.swap_remove(0);
            let pinned: Fingerprint = fingerprint.parse().expect("64 digits");
            assert_eq!(certificate.fingerprint(), pinned, "a built-in certificate is not the pinned one");
            BuiltIn { role, authority, generation, environments, certificate }
        })
        .collect()
});

/// Every built-in CA certificate.
pub fn built_in() -> &'static [BuiltIn] {
    &BUILT_IN
}

/// The roots that may issue client certificates for `environment`: of the second generation only, since
/// the first is retired.
pub fn client_roots(environment: Environment) -> Vec<Certificate> {
    roots(environment, |ca| ca.generation == CaGeneration::G2)
}

/// The roots that a MESH server of `environment` may present: what NHS England's own client trusts, less
/// what has expired.
pub fn server_roots(environment: Environment) -> Vec<Certificate> {
    roots(environment, |ca| ca.generation == CaGeneration::G2 || ca.authority == Authority::PathToLive)
}

fn roots(environment: Environment, wanted: impl Fn(&BuiltIn) -> bool) -> Vec<Certificate> {
    built_in()
        .iter()
        .filter(|ca| ca.role == Role::Root && ca.authority == environment.authority() && wanted(ca))
        .map(|ca| ca.certificate.clone())
        .collect()
}

/// Every built-in certificate, to complete or to recognise a chain with; none is trusted for being here.
pub fn known_certificates() -> impl Iterator<Item = Certificate> {
    built_in().iter().map(|ca| ca.certificate.clone())
}

/// The built-in CA that this certificate is, if it is one.
pub fn recognise(certificate: &Certificate) -> Option<&'static BuiltIn> {
    built_in().iter().find(|ca| ca.certificate == *certificate)
}

/// The built-in CA that signed this certificate, dates ignored.
pub fn issuer_of(certificate: &Certificate) -> Option<&'static BuiltIn> {
    built_in().iter().find(|ca| certificate.is_signed_by(&ca.certificate))
}

/// A built-in CA whose name this certificate gives as its issuer, though no built-in CA of that name signed it.
/// A signature that cannot be judged here is left alone.
pub fn namesake_of(certificate: &Certificate) -> Option<&'static BuiltIn> {
    let signed = |ca: &BuiltIn| !matches!(certificate.signed_by(&ca.certificate), Signed::No);
    let mut named = built_in().iter().filter(|ca| certificate.names_as_issuer(&ca.certificate));
    let namesake = named.clone().next()?;
    (!named.any(signed)).then_some(namesake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_certificates_are_the_pinned_ones() {
        assert_eq!(built_in().len(), ROWS.len(), "and none panicked on its fingerprint");
        for ca in built_in() {
            assert!(ca.certificate.is_ca(), "{}", ca.certificate.subject());
            assert_eq!(
                ca.certificate.is_self_signed(),
                ca.role == Role::Root,
                "{}",
                ca.certificate.subject()
            );
        }
    }

    #[test]
    fn every_sub_ca_is_signed_by_the_root_of_its_set() {
        for sub in built_in().iter().filter(|ca| ca.role == Role::SubCa) {
            let root = issuer_of(&sub.certificate).expect("its root is built in");
            assert_eq!((root.authority, root.generation), (sub.authority, sub.generation));
        }
    }

    #[test]
    fn retired_roots_issue_to_no_client() {
        for environment in Environment::ALL {
            for root in client_roots(environment) {
                assert_eq!(recognise(&root).unwrap().generation, CaGeneration::G2);
            }
        }
        assert_eq!(client_roots(Environment::Live).len(), 1);
        assert_eq!(client_roots(Environment::Sandbox).len(), 0);
    }
}
