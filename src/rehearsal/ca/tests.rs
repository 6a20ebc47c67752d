use time::macros::datetime;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer, X509Certificate, X509Extension};

use super::*;
use crate::pki::chain;

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00:00.75 UTC);
const NAME: &str = "X26ABC1.X26.api.mesh-client.nhs.uk";

fn request(name: &str) -> (PrivateKey, CertificateRequest) {
    let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
    let request = CertificateRequest::create(&key, &name.parse().unwrap()).unwrap();
    (key, request)
}

fn extension<'a>(x509: &'a X509Certificate<'_>, oid: &str) -> &'a X509Extension<'a> {
    let arcs: Vec<u64> = oid.split('.').map(|arc| arc.parse().unwrap()).collect();
    x509.get_extension_unique(&Oid::from(&arcs).unwrap()).unwrap().unwrap_or_else(|| panic!("no {oid}"))
}

#[test]
fn leaf_has_the_profile_of_a_real_mesh_certificate() {
    let ca = RehearsalCa::create(NOW).unwrap();
    let (key, request) = request(NAME);
    let leaf = ca.issue(&request, NOW).unwrap();
    assert_eq!(leaf.key_fingerprint(), key.fingerprint());
    let (_, x509) = X509Certificate::from_der(leaf.der()).unwrap();

    assert_eq!(x509.version().0, 2, "version 3");
    assert_eq!(x509.signature_algorithm.algorithm.to_id_string(), "1.2.840.113549.1.1.11", "sha256WithRSA");
    assert_eq!(x509.public_key().algorithm.algorithm.to_id_string(), "1.2.840.113549.1.1.1", "rsaEncryption");
    assert_eq!(leaf.key_bits(), Some(2048));
    assert_eq!(leaf.subject(), "O=nhs, OU=Devices, CN=x26abc1.x26.api.mesh-client.nhs.uk");
    assert_eq!(leaf.issuer(), "C=GB, O=nhs, OU=CA, CN=MESH Onboard Rehearsal Authentication");
    assert_eq!(leaf.not_before(), datetime!(2026-06-01 12:00 UTC));
    assert_eq!(leaf.not_after(), datetime!(2029-06-01 12:30 UTC));
    assert_eq!(leaf.key_usage_ends(), Some(datetime!(2028-07-01 12:30 UTC)));
    assert!(x509.raw_serial().len() == 16 && x509.raw_serial()[0] < 0x80);

    let usage = x509.key_usage().unwrap().unwrap();
    assert!(!usage.critical);
    assert_eq!(usage.value.flags, 0b101, "digitalSignature and keyEncipherment alone");
    let extended = x509.extended_key_usage().unwrap().unwrap();
    assert!(!extended.critical && extended.value.server_auth && extended.value.client_auth);
    assert!(x509.subject_alternative_name().unwrap().is_none(), "no SAN");
    let constraints = x509.basic_constraints().unwrap().unwrap();
    assert!(!constraints.value.ca && constraints.value.path_len_constraint.is_none());
    assert!(x509.extensions().iter().all(|e| !e.critical), "nothing is critical");
    assert_eq!(x509.extensions().len(), 10);

    let ParsedExtension::AuthorityInfoAccess(access) =
        extension(&x509, "1.3.6.1.5.5.7.1.1").parsed_extension()
    else {
        panic!("no AIA")
    };
    let access: Vec<_> =
        access.iter().map(|a| (a.access_method.to_id_string(), uri(&a.access_location))).collect();
    assert_eq!(
        access,
        [
            ("1.3.6.1.5.5.7.48.1".into(), "http://pki.rehearsal.invalid/ocsp"),
            ("1.3.6.1.5.5.7.48.2".into(), "http://pki.rehearsal.invalid/auth/rehearsal-authentication.crt"),
        ]
    );
    let ParsedExtension::CRLDistributionPoints(points) = extension(&x509, "2.5.29.31").parsed_extension()
    else {
        panic!("no CRL distribution point")
    };
    let Some(DistributionPointName::FullName(names)) = &points.points[0].distribution_point else {
        panic!("no full name")
    };
    assert_eq!(uri(&names[0]), "http://pki.rehearsal.invalid/auth/rehearsal-authentication.crl");
    let ParsedExtension::CertificatePolicies(policies) = extension(&x509, "2.5.29.32").parsed_extension()
    else {
        panic!("no policies")
    };
    assert_eq!(policies.len(), 1);
    assert_eq!(policies[0].policy_id.to_id_string(), "1.2.826.0.1275.101.0.3.2.0");
    let qualifiers = policies[0].policy_qualifiers.as_ref().unwrap();
    assert_eq!(qualifiers[0].policy_qualifier_id.to_id_string(), "1.3.6.1.5.5.7.2.1");
    assert_eq!(&qualifiers[0].qualifier[2..], b"http://pki.rehearsal.invalid/cps");

    let (_, sub) = X509Certificate::from_der(ca.sub_ca().der()).unwrap();
    let ParsedExtension::AuthorityKeyIdentifier(aki) = extension(&x509, "2.5.29.35").parsed_extension()
    else {
        panic!("no AKI")
    };
    let ParsedExtension::SubjectKeyIdentifier(sub_ski) = extension(&sub, "2.5.29.14").parsed_extension()
    else {
        panic!("the sub CA has no SKI")
    };
    assert_eq!(aki.key_identifier.as_ref(), Some(sub_ski));
    let ParsedExtension::SubjectKeyIdentifier(ski) = extension(&x509, "2.5.29.14").parsed_extension() else {
        panic!("no SKI")
    };
    assert!(ski != sub_ski && ski.0.len() == 20);
    assert_eq!(extension(&x509, "1.2.840.113533.7.65.0").value, b"\x30\x0a\x1b\x04V8.1\x03\x02\x04\xb0");
}

fn uri<'a>(name: &GeneralName<'a>) -> &'a str {
    match name {
        GeneralName::URI(uri) => uri,
        other => panic!("{other:?}"),
    }
}

#[test]
fn authorities_say_that_they_are_a_rehearsal_and_may_sign() {
    let ca = RehearsalCa::create(NOW).unwrap();
    assert_eq!(ca.root().subject(), "C=GB, O=nhs, OU=CA, CN=MESH Onboard Rehearsal Root");
    assert_eq!(ca.sub_ca().issuer(), ca.root().subject());
    assert_eq!(ca.root().not_after(), datetime!(2046-06-01 12:00 UTC));
    assert_eq!(ca.sub_ca().not_after(), datetime!(2036-06-01 12:00 UTC));
    for certificate in [ca.root(), ca.sub_ca()] {
        let (_, x509) = X509Certificate::from_der(certificate.der()).unwrap();
        let constraints = x509.basic_constraints().unwrap().unwrap();
        assert!(constraints.critical && constraints.value.ca);
        assert_eq!(x509.key_usage().unwrap().unwrap().value.flags, 0b110_0000, "keyCertSign, cRLSign");
    }
}

#[test]
fn chain_of_a_leaf_is_proved_also_after_the_ca_was_kept_as_pem() {
    let made = RehearsalCa::create(NOW).unwrap();
    let ca = RehearsalCa::from_pem(&made.to_pem().unwrap()).unwrap();
    let leaf = ca.issue(&request(NAME).1, NOW).unwrap();
    let anchors = [made.root().clone()];
    let chain = chain::build(&leaf, &[made.sub_ca().clone()], &anchors, NOW).unwrap();
    assert_eq!(chain.leaf_first().count(), 3);
}

#[test]
fn parts_of_two_authorities_are_refused() {
    let (one, two) = (RehearsalCa::create(NOW).unwrap(), RehearsalCa::create(NOW).unwrap());
    let mixed = CaPem { sub_key: two.to_pem().unwrap().sub_key, ..one.to_pem().unwrap() };
    assert!(matches!(RehearsalCa::from_pem(&mixed), Err(CaError::Mismatch(_))));
    let (one, two) = (one.to_pem().unwrap(), two.to_pem().unwrap());
    let mixed = CaPem { sub_key: two.sub_key, sub_certificate: two.sub_certificate, ..one };
    let error = RehearsalCa::from_pem(&mixed).unwrap_err();
    assert_eq!(error.to_string(), "the rehearsal CA does not fit together: the root did not sign the sub CA");
    let no_root = CaPem { root_certificate: "hello".into(), ..mixed };
    assert!(matches!(RehearsalCa::from_pem(&no_root), Err(CaError::Certificate { which: "root", .. })));
}

#[test]
fn nothing_is_issued_that_would_outlive_the_ca() {
    let ca = RehearsalCa::create(NOW).unwrap();
    let (_, request) = request(NAME);
    assert!(ca.issue(&request, datetime!(2033-06-01 11:00 UTC)).is_ok());
    let error = ca.issue(&request, datetime!(2034-06-01 12:00 UTC)).unwrap_err();
    assert!(matches!(error, CaError::Ending { .. }), "{error}");
}

#[test]
fn debug_shows_no_key() {
    let ca = RehearsalCa::create(NOW).unwrap();
    let shown = format!("{:?} {:?}", ca.to_pem().unwrap(), ca);
    assert!(!shown.contains("PRIVATE KEY"), "{shown}");
}
