use super::*;
use crate::mesh::testing::{Answer, WebServer, closed_port};

fn getter() -> Getter {
    Getter { bytes: 64 * 1024, time: Duration::from_secs(10), redirects: 3, proxy: None }
}

fn get(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Result<Vec<u8>, GetError> {
    let server = WebServer::start(answers);
    getter().get(&server.url("/list"))
}

#[test]
fn answer_that_is_too_long_is_left() {
    let limit = getter().bytes as usize;
    let error = get(move |_| Answer::Body(vec![b' '; limit + 1])).unwrap_err();
    assert!(matches!(error, GetError::TooLarge { .. }), "{error}");
    // Exactly as long is read.
    assert_eq!(get(move |_| Answer::Body(vec![b' '; limit])).unwrap().len(), limit);
}

#[test]
fn server_that_trickles_is_left() {
    let server = WebServer::start(|_| Answer::Trickle);
    let getter = Getter { time: Duration::from_millis(200), ..getter() };
    let error = getter.get(&server.url("/ca")).unwrap_err();
    assert!(matches!(error, GetError::TooSlow { .. }), "{error}");
}

#[test]
fn three_redirects_are_followed_and_not_a_fourth() {
    let body = b"a list".to_vec();
    let step = |path: &str| path.trim_start_matches('/').parse::<u32>().unwrap_or(0);
    let server = WebServer::start(move |path| match step(path) {
        0 => Answer::Body(body.clone()),
        left => Answer::Redirect(format!("/{}", left - 1)),
    });
    assert_eq!(getter().get(&server.url("/3")).unwrap(), b"a list");
    let error = getter().get(&server.url("/4")).unwrap_err();
    assert!(matches!(error, GetError::TooManyRedirects { .. }), "{error}");
    let error = get(|path| Answer::Redirect(path.into())).unwrap_err();
    assert!(matches!(error, GetError::TooManyRedirects { .. }), "{error}");
}

#[test]
fn only_http_is_fetched() {
    for address in
        ["https://pki.example.org/ca.crt", "ldap://pki.example.org/cn=ca", "file:///etc/passwd", ""]
    {
        let error = getter().get(address).unwrap_err();
        assert!(matches!(error, GetError::NotHttp), "{address}: {error}");
    }
    let elsewhere = WebServer::start(|_| Answer::Status(500));
    let https = elsewhere.url("/ca.crt").replace("http:", "https:");
    let error = get(move |_| Answer::Redirect(https.clone())).unwrap_err();
    assert!(matches!(error, GetError::NotHttp), "{error}");
}

#[test]
fn nobody_there_is_an_error_of_the_network() {
    let error = getter().get(&closed_port()).unwrap_err();
    assert!(matches!(error, GetError::Network(_)), "{error}");
}

#[test]
fn proxy_of_the_environment_is_gone_by() {
    let body = b"a list".to_vec();
    let server = WebServer::start(move |_| Answer::Body(body.clone()));
    let getter = Getter { proxy: Some(Proxy::new(&closed_port()).unwrap()), ..getter() };
    let error = getter.get(&server.url("/ca")).unwrap_err();
    assert!(matches!(error, GetError::Network(_)), "the server was reached past its proxy: {error}");
    assert_eq!(server.asked(), 0);
}
