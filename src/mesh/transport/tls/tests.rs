use rustls::version::{TLS12, TLS13};
use time::Duration as Days;
use time::macros::datetime;

use super::*;
use crate::mesh::transport::testing::{NOW, Pki, clock, listen, serve_tls};
use crate::mesh::transport::{connect, resolve};

const WAIT: Duration = Duration::from_secs(5);

/// All three stages.
fn shake(target: &Target, settings: &TlsSettings) -> Result<TlsStream, TransportError> {
    let (tcp, _) = connect(&resolve(target)?, WAIT)?;
    handshake(tcp, target, settings, WAIT)
}

/// A request, and the answer.
fn ask(stream: &mut TlsStream) -> Result<Vec<u8>, TransportError> {
    stream.set_deadline(Some(Instant::now() + WAIT));
    stream.send(b"request")?;
    let mut answer = [0; 64];
    let n = stream.receive(&mut answer)?;
    Ok(answer[..n].to_vec())
}

#[test]
fn handshake_tells_version_chain_and_wish_for_a_certificate() {
    let pki = Pki::new();
    for (version, name) in [(&TLS12, "TLS 1.2"), (&TLS13, "TLS 1.3")] {
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], version, Some(&pki)), 1, &["answer"]);
        let mut stream = shake(&target, &pki.settings(Some(pki.identity()))).unwrap();
        assert_eq!(stream.version(), name);
        assert!(stream.cipher_suite().starts_with("TLS"), "{}", stream.cipher_suite());
        let names: Vec<_> =
            stream.server_chain().iter().map(|c| c.common_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["test server", "test root"]);
        assert!(stream.certificate_requested());
        assert_eq!(ask(&mut stream).unwrap(), b"answer");
        assert_eq!(ask(&mut stream).unwrap(), b"", "the orderly end");
        server.join().unwrap();
    }
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 1, &[]);
    assert!(!shake(&target, &pki.settings(None)).unwrap().certificate_requested());
    server.join().unwrap();
}

#[test]
fn alert_about_the_client_comes_during_the_handshake_of_tls_1_2() {
    let pki = Pki::new();
    let (target, server) =
        serve_tls(pki.server(&["127.0.0.1"], &TLS12, Some(&Pki::named("other root"))), 2, &[""]);
    let error = shake(&target, &pki.settings(Some(pki.identity()))).unwrap_err();
    assert!(
        matches!(&error, TransportError::Alert { name, after_handshake: false, certificate_requested: true } if name == "unknown_ca"),
        "{error:?}"
    );
    let error = shake(&target, &pki.settings(None)).unwrap_err();
    assert!(
        matches!(&error, TransportError::Alert { name, after_handshake: false, certificate_requested: true } if name == "certificate_required"),
        "{error:?}"
    );
    server.join().unwrap();
}

#[test]
fn alert_about_the_client_comes_after_the_handshake_of_tls_1_3() {
    let pki = Pki::new();
    let (target, server) =
        serve_tls(pki.server(&["127.0.0.1"], &TLS13, Some(&Pki::named("other root"))), 2, &[""]);
    let error = ask(&mut shake(&target, &pki.settings(Some(pki.identity()))).unwrap()).unwrap_err();
    assert!(
        matches!(&error, TransportError::Alert { name, after_handshake: true, certificate_requested: true } if name == "unknown_ca"),
        "{error:?}"
    );
    let error = ask(&mut shake(&target, &pki.settings(None)).unwrap()).unwrap_err();
    assert!(
        matches!(&error, TransportError::Alert { name, after_handshake: true, .. } if name == "certificate_required"),
        "{error:?}"
    );
    server.join().unwrap();
}

#[test]
fn alert_is_found_though_sending_fails_first() {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, Some(&pki)), 1, &[""]);
    let mut stream = shake(&target, &pki.settings(None)).unwrap();
    stream.set_deadline(Some(Instant::now() + WAIT));
    // The server has sent its alert and is gone: sending fails sooner or later.
    server.join().unwrap();
    let error = std::iter::repeat_with(|| stream.send(&[0; 100_000])).find_map(Result::err).unwrap();
    assert!(
        matches!(&error, TransportError::Alert { name, after_handshake: true, .. } if name == "certificate_required"),
        "{error:?}"
    );
}

#[test]
fn untrusted_server_leaves_its_chain_as_evidence() {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 2, &[]);
    for (trusted, expected) in [
        (Pki::named("other root"), "no trusted root stands behind it"),
        // As when a rehearsal authority was made anew.
        (Pki::new(), "it was not signed by the trusted root of that name, or was changed since"),
    ] {
        let error = shake(&target, &trusted.settings(None)).unwrap_err();
        let TransportError::ServerUntrusted { chain, reason } = &error else { panic!("{error:?}") };
        assert_eq!(reason, expected);
        assert_eq!(chain[0].common_name(), Some("test server"));
        assert_eq!(chain[1], pki.root());
    }
    server.join().unwrap();
}

#[test]
fn certificate_for_another_name_is_told_from_one_without_names() {
    let pki = Pki::new();
    for (sans, presented) in [(&["mesh.invalid", "10.0.0.1"][..], "mesh.invalid 10.0.0.1"), (&[], "")] {
        let (target, server) = serve_tls(pki.server(sans, &TLS13, None), 1, &[]);
        let error = shake(&target, &pki.settings(None)).unwrap_err();
        let TransportError::ServerName { expected, presented: found, common_name, chain } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((expected.as_str(), found.join(" ").as_str()), ("127.0.0.1", presented));
        assert_eq!((common_name.as_deref(), chain.len()), (Some("test server"), 2));
        server.join().unwrap();
    }
}

#[test]
fn server_certificate_is_judged_by_the_clock_given() {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 2, &[]);
    let at = |now| TlsSettings::new(pki.trust(), None, clock(now)).unwrap();
    let error = shake(&target, &at(NOW + Days::days(365))).unwrap_err();
    assert!(
        matches!(&error, TransportError::ServerExpired { not_after, chain } if *not_after == datetime!(2028-01-01 0:00 UTC) && chain.len() == 2),
        "{error:?}"
    );
    let error = shake(&target, &at(NOW - Days::days(365))).unwrap_err();
    assert!(matches!(&error, TransportError::ServerNotYetValid { .. }), "{error:?}");
    server.join().unwrap();
}

#[test]
fn close_without_a_word_is_no_alert() {
    let pki = Pki::new();
    let (target, server) = listen(
        1,
        Box::new(|mut tcp| {
            // Reads the hello, so that the end is orderly and no reset.
            let _ = tcp.read(&mut [0; 16 * 1024]);
        }),
    );
    let error = shake(&target, &pki.settings(None)).unwrap_err();
    assert!(matches!(error, TransportError::ClosedWithoutAlert { stage: Stage::Handshake, .. }), "{error:?}");
    server.join().unwrap();
}

#[test]
fn server_that_speaks_no_tls_is_a_tls_error() {
    let pki = Pki::new();
    let (target, server) = listen(
        1,
        Box::new(|mut tcp| {
            let _ = tcp.read(&mut [0; 16 * 1024]);
            let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }),
    );
    let error = shake(&target, &pki.settings(None)).unwrap_err();
    assert!(matches!(error, TransportError::Tls { stage: Stage::Handshake, .. }), "{error:?}");
    server.join().unwrap();
}

#[test]
fn silent_server_times_out() {
    let pki = Pki::new();
    let (target, server) = listen(1, Box::new(|mut tcp| drop(tcp.read_to_end(&mut Vec::new()))));
    let (tcp, address) = connect(&resolve(&target).unwrap(), WAIT).unwrap();
    let error = handshake(tcp, &target, &pki.settings(None), Duration::from_millis(100)).unwrap_err();
    assert!(
        matches!(&error, TransportError::TimedOut { stage: Stage::Handshake, addresses } if *addresses == [address]),
        "{error:?}"
    );
    server.join().unwrap();
}

#[test]
fn connection_that_the_server_closed_is_not_open() {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 1, &["answer"]);
    let mut stream = shake(&target, &pki.settings(None)).unwrap();
    assert!(stream.is_open());
    assert_eq!(ask(&mut stream).unwrap(), b"answer");
    server.join().unwrap();
    assert!(!stream.is_open());
}

#[test]
fn connection_with_an_unread_answer_is_not_open() {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 1, &["answer"]);
    let mut stream = shake(&target, &pki.settings(None)).unwrap();
    stream.send(b"request").unwrap();
    assert_eq!(stream.receive(&mut [0; 1]).unwrap(), 1);
    assert!(!stream.is_open());
    server.join().unwrap();
}

#[test]
fn authority_that_serves_with_its_own_certificate_is_named() {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server_with_the_root(&TLS13), 1, &[]);
    let error = shake(&target, &pki.settings(None)).unwrap_err();
    assert!(
        matches!(&error, TransportError::ServerUntrusted { reason, .. } if reason.contains("CA:TRUE")),
        "{error:?}"
    );
    server.join().unwrap();
}
