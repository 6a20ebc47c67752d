use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::Certificate;

/// The usual fields of a name (RFC 5280, 4.1.2.4), each the first of its kind; they may hold any characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameFields {
    /// C.
    pub country: Option<String>,
    /// ST.
    pub state: Option<String>,
    /// L.
    pub locality: Option<String>,
    /// O.
    pub organisation: Option<String>,
    /// OU.
    pub unit: Option<String>,
    /// CN.
    pub common_name: Option<String>,
}

/// What tells a certificate from others, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateNames {
    /// The subject.
    pub subject: NameFields,
    /// The issuer.
    pub issuer: NameFields,
    /// The serial number in decimal.
    pub serial: String,
}

impl Certificate {
    /// Reads out its names field by field. Parses it anew: ask once.
    pub fn names(&self) -> CertificateNames {
        let Ok((_, x509)) = X509Certificate::from_der(self.der()) else {
            // It was parsed when it was made.
            return CertificateNames::default();
        };
        CertificateNames {
            subject: NameFields::of(x509.subject()),
            issuer: NameFields::of(x509.issuer()),
            serial: x509.serial.to_string(),
        }
    }
}

impl NameFields {
    fn of(name: &X509Name<'_>) -> Self {
        Self {
            country: text(name.iter_country().next()),
            state: text(name.iter_state_or_province().next()),
            locality: text(name.iter_locality().next()),
            organisation: text(name.iter_organization().next()),
            unit: text(name.iter_organizational_unit().next()),
            common_name: text(name.iter_common_name().next()),
        }
    }
}

fn text(field: Option<&AttributeTypeAndValue<'_>>) -> Option<String> {
    Some(field?.as_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::sniff;

    #[test]
    fn names_of_a_sub_ca_are_those_that_openssl_shows() {
        let pem = include_bytes!("anchors/int-sub-g2.pem");
        let names = sniff::certificates(pem).unwrap()[0].names();
        // openssl x509 -in src/pki/anchors/int-sub-g2.pem -noout -subject -issuer -serial
        let nhs = |unit: &str, common_name: &str| NameFields {
            country: Some("GB".into()),
            organisation: Some("nhs".into()),
            unit: Some(unit.into()),
            common_name: Some(common_name.into()),
            ..NameFields::default()
        };
        assert_eq!(names.subject, nhs("CA", "NHS INT Authentication G2"));
        assert_eq!(names.issuer, nhs("CA", "NHS PTL Root Authority G2"));
        assert_eq!(names.serial, "34847144311408198229086066570253266283");
    }
}
