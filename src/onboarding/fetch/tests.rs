use super::*;
use crate::onboarding::testing::{Answer, WebServer, closed_port};
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
    assert!(matches!(fetch(|_| Answer::Status(404)).unwrap_err(), FetchError::Status(404)));
}

#[test]
fn answer_that_is_too_long_is_left() {
    let limit = Fetcher::default().bytes as usize;
    let error = fetch(move |_| Answer::Body(vec![b' '; limit + 1])).unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
    // Exactly as long is read, and is nothing.
    let error = fetch(move |_| Answer::Body(vec![b' '; limit])).unwrap_err();
    assert!(matches!(error, FetchError::NotACertificate(_)), "{error}");
}

#[test]
fn server_that_trickles_is_left() {
    let server = WebServer::start(|_| Answer::Trickle);
    let fetcher = Fetcher { time: Duration::from_millis(200), ..Fetcher::default() };
    let error = fetcher.certificates(&server.url("/ca")).unwrap_err();
    assert!(matches!(error, FetchError::TooSlow { .. }), "{error}");
}

#[test]
fn three_redirects_are_followed_and_not_a_fourth() {
    let ca = sub_ca().der().to_vec();
    let step = |path: &str| path.trim_start_matches('/').parse::<u32>().unwrap_or(0);
    let server = WebServer::start(move |path| match step(path) {
        0 => Answer::Body(ca.clone()),
        left => Answer::Redirect(format!("/{}", left - 1)),
    });
    assert_eq!(Fetcher::default().certificates(&server.url("/3")).unwrap(), [sub_ca()]);
    let error = Fetcher::default().certificates(&server.url("/4")).unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects { .. }), "{error}");
    let error = fetch(|path| Answer::Redirect(path.into())).unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects { .. }), "{error}");
}

#[test]
fn only_http_is_fetched() {
    for address in
        ["https://pki.example.org/ca.crt", "ldap://pki.example.org/cn=ca", "file:///etc/passwd", ""]
    {
        let error = Fetcher::default().certificates(address).unwrap_err();
        assert!(matches!(error, FetchError::NotHttp), "{address}: {error}");
    }
    let elsewhere = WebServer::start(|_| Answer::Status(500));
    let https = elsewhere.url("/ca.crt").replace("http:", "https:");
    let error = fetch(move |_| Answer::Redirect(https.clone())).unwrap_err();
    assert!(matches!(error, FetchError::NotHttp), "{error}");
}

#[test]
fn nobody_there_is_an_error_of_the_network() {
    let error = Fetcher::default().certificates(&closed_port()).unwrap_err();
    assert!(matches!(error, FetchError::Network(_)), "{error}");
}

#[test]
fn proxy_of_the_environment_is_gone_by() {
    let ca = sub_ca().der().to_vec();
    let server = WebServer::start(move |_| Answer::Body(ca.clone()));
    let fetcher = Fetcher { proxy: Some(Proxy::new(&closed_port()).unwrap()), ..Fetcher::default() };
    let error = fetcher.certificates(&server.url("/ca")).unwrap_err();
    assert!(matches!(error, FetchError::Network(_)), "the server was reached past its proxy: {error}");
    assert_eq!(server.asked(), 0);
}
