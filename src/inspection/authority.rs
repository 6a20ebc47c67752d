use crate::mailbox::{Authority, Environment};
use crate::pki::anchors::{self, BuiltIn, CaGeneration};
use crate::pki::{Certificate, anchors::Role as CaRole};

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A client or a server.
    Leaf,
    /// A CA below a root.
    SubCa,
    /// A CA that names itself as its issuer.
    Root,
}

impl Role {
    /// The role that a certificate claims.
    pub fn of(certificate: &Certificate) -> Self {
        match (certificate.is_ca(), certificate.is_self_issued()) {
            (true, true) => Self::Root,
            (true, false) => Self::SubCa,
            (false, _) => Self::Leaf,
        }
    }

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::SubCa => "sub_ca",
            Self::Root => "root",
        }
    }
}

/// Who stands behind a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateAuthority {
    /// The NHS of today.
    NhsG2,
    /// The NHS of before, retired.
    NhsG1,
    /// The rehearsal CA of this home.
    Rehearsal,
    /// Somebody else, or nobody that is known.
    Other,
}

impl CertificateAuthority {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NhsG2 => "nhs_g2",
            Self::NhsG1 => "nhs_g1",
            Self::Rehearsal => "rehearsal",
            Self::Other => "other",
        }
    }
}

/// A CA certificate that is recognised when it is met, and what it stands for.
#[derive(Debug, Clone)]
pub struct KnownAuthority {
    /// The certificate.
    pub certificate: Certificate,
    /// Who it belongs to.
    pub authority: CertificateAuthority,
    /// Where it issues; none for the root of several environments.
    pub environment: Option<Environment>,
}

impl KnownAuthority {
    /// A certificate of the rehearsal CA.
    pub fn rehearsal(certificate: Certificate) -> Self {
        let environment = Some(Environment::Rehearsal);
        Self { certificate, authority: CertificateAuthority::Rehearsal, environment }
    }

    /// The certificates of the NHS that the program carries.
    pub(super) fn built_in() -> impl Iterator<Item = Self> {
        anchors::built_in().iter().map(|ca| Self {
            certificate: ca.certificate.clone(),
            authority: match ca.generation {
                CaGeneration::G1 => CertificateAuthority::NhsG1,
                CaGeneration::G2 => CertificateAuthority::NhsG2,
            },
            environment: environment(ca),
        })
    }
}

/// Where a built-in CA issues: a sub CA where it is named after, the live root for live.
fn environment(ca: &BuiltIn) -> Option<Environment> {
    match (ca.role, ca.authority) {
        (CaRole::Root, Authority::Live) => Some(Environment::Live),
        (CaRole::Root, _) => None,
        (CaRole::SubCa, _) => ca.environments.first().copied(),
    }
}
