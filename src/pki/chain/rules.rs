//! What every certificate of a chain has to keep to, so that whoever breaks a rule can be named.
//!
//! webpki enforces most of this below the root; of the root itself it asks only the key and the name.

use x509_parser::prelude::{FromDer, X509Certificate};

use crate::pki::Certificate;

/// Extensions that webpki heeds, all below id-ce (2.5.29): key usage, alternative name, basic and name
/// constraints, CRL distribution points, extended key usage.
const HEEDED: [&str; 6] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.31", "2.5.29.37"];

/// The shortest RSA key that TLS servers take today.
const RSA_BITS: usize = 2048;

/// The first certificate of a chain, leaf first and root last, that breaks a rule, and which one.
pub(super) fn broken<'a>(way: &[&'a Certificate]) -> Option<(&'a Certificate, String)> {
    let mut authorities_below = 0;
    for (position, certificate) in way.iter().enumerate() {
        let place = Place { position, last: way.len() - 1, authorities_below };
        if let Some(rule) = broken_by(certificate, place) {
            return Some((certificate, rule));
        }
        // Self-issued CAs too, which RFC 5280 (6.1.4) leaves out: so counts webpki, which judges.
        authorities_below += usize::from(position > 0);
    }
    None
}

#[derive(Clone, Copy)]
struct Place {
    position: usize,
    last: usize,
    authorities_below: usize,
}

impl Place {
    fn is_leaf(self) -> bool {
        self.position == 0
    }

    fn is_root(self) -> bool {
        self.position == self.last
    }
}

fn broken_by(certificate: &Certificate, place: Place) -> Option<String> {
    let details = certificate.details();
    // A root of version 1 has no way to say that it is one; whoever trusts it says it instead.
    let old_root = place.is_root() && !place.is_leaf() && details.version < 3;
    if details.version < 3 && !old_root {
        return Some("it is not an X.509 version 3 certificate".into());
    }
    if place.is_leaf() && certificate.is_ca() {
        return Some("it is the certificate of a CA, not of a client".into());
    }
    if !place.is_leaf() && !old_root {
        if !certificate.is_ca() {
            return Some("it is not the certificate of a CA, and has signed another".into());
        }
        if !certificate.may_sign_certificates() {
            return Some("its key usage does not let it sign certificates".into());
        }
        if details.path_length.is_some_and(|limit| place.authorities_below > limit as usize) {
            return Some("it allows fewer CAs below itself than there are".into());
        }
    }
    if let Some(usages) = &details.extended_key_usages
        && !usages.iter().any(|usage| usage == "clientAuth")
    {
        return Some("its extended key usage does not include client authentication".into());
    }
    if let Some(extension) = unheeded(certificate) {
        return Some(format!("it has a critical extension that is not known here ({extension})"));
    }
    // Nobody relies on the signature of a root.
    if !place.is_root() && details.weak_signature {
        return Some(format!(
            "it is signed with {}, which is no longer accepted",
            details.signature_algorithm
        ));
    }
    match certificate.key_bits() {
        Some(bits) if bits < RSA_BITS => {
            Some(format!("its RSA key has {bits} bits, and {RSA_BITS} are the least"))
        }
        _ => None,
    }
}

/// A critical extension that nobody here looks at, by its object identifier.
fn unheeded(certificate: &Certificate) -> Option<String> {
    let (_, x509) = X509Certificate::from_der(certificate.der()).ok()?;
    let critical = x509.extensions().iter().filter(|extension| extension.critical);
    critical.map(|extension| extension.oid.to_id_string()).find(|oid| !HEEDED.contains(&oid.as_str()))
}
