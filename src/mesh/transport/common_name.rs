//! The common name in the place of an alternative name: for HSCN addresses alone, some of whose servers
//! still show certificates without one.

use rustls_pki_types::ServerName;
use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::mailbox::{Environment, Network};
use crate::mesh::Target;

/// Whether `name` is an HSCN address of an NHS environment and the one common name of a certificate that
/// has no alternative names at all. Capitals do not count; there are no wildcards.
pub(super) fn proves(certificate: &[u8], name: &ServerName<'_>) -> bool {
    let name = name.to_str();
    is_hscn(&name) && only_name(certificate).is_some_and(|only| only.eq_ignore_ascii_case(&name))
}

/// Whether a host is that of MESH on HSCN. The sandbox is nowhere but where its user puts it.
fn is_hscn(host: &str) -> bool {
    Environment::ALL
        .into_iter()
        .filter(|environment| environment.url(Network::Hscn) != environment.url(Network::Internet))
        .filter_map(|environment| environment.url(Network::Hscn)?.parse::<Target>().ok())
        .any(|own| own.host().eq_ignore_ascii_case(host))
}

/// The common name, if it is the only name of any kind.
fn only_name(certificate: &[u8]) -> Option<String> {
    let (_, x509) = X509Certificate::from_der(certificate).ok()?;
    // Also one that cannot be read is one.
    if x509.extensions().iter().any(|extension| extension.oid == OID_X509_EXT_SUBJECT_ALT_NAME) {
        return None;
    }
    let mut names = x509.subject().iter_common_name();
    let (Some(only), None) = (names.next(), names.next()) else { return None };
    only.as_str().ok().map(Into::into)
}
