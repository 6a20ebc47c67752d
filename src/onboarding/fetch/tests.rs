use super::*;
use crate::mesh::GetError;
use crate::mesh::testing::{Answer, WebServer};
use crate::pki::anchors;

fn sub_ca() -> Certificate {
    anchors::built_in()[1].certificate.clone()
}

fn fetch(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Result<Vec<Certificate>, FetchError> {
    let server = WebServer::start(answers);
    Fetcher::default().certificates(&server.url("/ca"))
}

#[test]
fn certificate_is_taken_in_der_and_in_pem() {
    let ca = sub_ca();
    for body in [ca.der().to_vec(), ca.pem().into_bytes()] {
        let found = fetch(move |_| Answer::Body(body.clone())).unwrap();
        assert_eq!(found, std::slice::from_ref(&ca));
    }
}

#[test]
fn answer_of_another_kind_is_named() {
    let page = b"<!DOCTYPE html><html><body>Please log in to the guest network</body></html>".to_vec();
    let error = fetch(move |_| Answer::Body(page.clone())).unwrap_err();
    assert!(matches!(error, FetchError::NotACertificate(_)), "{error}");
    let error = fetch(|_| Answer::Status(404)).unwrap_err();
    assert!(matches!(error, FetchError::Get(GetError::Status(404))), "{error}");
}
