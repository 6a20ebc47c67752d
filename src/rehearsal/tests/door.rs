use rustls::{AlertDescription, Error};
use time::Duration;

use super::*;

/// The alert that ends a connection, read as clients read it: after the request was written.
fn alert(client: &Client<'_>) -> AlertDescription {
    let error = client.request("GET", "/", &[], &[]).unwrap_err();
    match error.get_ref().and_then(|e| e.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert: {error:?}"),
    }
}

fn alerts(credential: Option<&Credential>) -> [AlertDescription; 2] {
    let mesh = mesh();
    [alert(&Client::new(&mesh, credential)), alert(&Client::new(&mesh, credential).over_tls12())]
}

#[test]
fn issued_certificate_is_let_in_over_both_versions_of_tls() {
    let mesh = mesh();
    assert_eq!(client(&mesh).request("GET", "/", &[], b"").unwrap().status, 404);
    assert_eq!(client(&mesh).over_tls12().request("GET", "/", &[], b"").unwrap().status, 404);
}

#[test]
fn client_without_a_certificate_is_told_that_one_is_required() {
    assert_eq!(alerts(None), [AlertDescription::CertificateRequired; 2]);
}

#[test]
fn certificate_of_another_ca_is_told_unknown_ca() {
    // The same names, another key: only the signature tells them apart.
    let other = RehearsalCa::create(NOW).unwrap();
    assert_eq!(alerts(Some(&Credential::issued(&other, NOW))), [AlertDescription::UnknownCA; 2]);
    assert_eq!(alerts(Some(&Credential::self_signed())), [AlertDescription::UnknownCA; 2]);
}

#[test]
fn leaf_without_its_sub_ca_is_told_unknown_ca() {
    assert_eq!(alerts(Some(&CREDENTIAL.without_sub_ca())), [AlertDescription::UnknownCA; 2]);
}

#[test]
fn certificate_out_of_its_time_is_told_that_it_expired() {
    let expired = Credential::issued(&CA, NOW - Duration::days(1200));
    assert!(expired.chain[0].not_after() < NOW);
    assert_eq!(alerts(Some(&expired)), [AlertDescription::CertificateExpired; 2]);
    let early = Credential::issued(&CA, NOW + Duration::days(1));
    assert_eq!(alerts(Some(&early)), [AlertDescription::CertificateExpired; 2]);
}

#[test]
fn certificate_for_servers_alone_is_told_that_it_does_not_serve() {
    assert_eq!(alerts(Some(&Credential::of_a_server(&CA))), [AlertDescription::UnsupportedCertificate; 2]);
}
