use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::version::TLS13;
use time::macros::datetime;

use super::*;
use crate::mesh::transport::testing::{NOW, Pki, serve_tls};
use crate::mesh::transport::{Stage, TransportError};
use crate::secret::{MailboxPassword, SharedKey};

fn client(target: Target, settings: &TlsSettings) -> Client {
    let login = Login { password: MailboxPassword::new("MARK-1"), shared_key: SharedKey::new("MARK-2") };
    Client::new(target, settings, "X26ABC1".parse().unwrap(), login, Arc::new(|| NOW))
}

/// A client of a server that gives these answers on one connection.
fn answered_by(answers: &'static [&'static str]) -> (Client, JoinHandle<()>) {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 1, answers);
    (client(target, &pki.settings(None)), server)
}

#[test]
fn calls_share_a_connection_and_tell_the_clock_of_the_server() {
    let (client, server) = answered_by(&[
        "HTTP/1.1 200 OK\r\ndate: Fri, 20 Nov 2026 11:23:28 GMT\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n{\"messages\":[\"1_A\"]}   ",
    ]);
    assert_eq!(client.handshake().unwrap().date, Some(datetime!(2026-11-20 11:23:28 UTC)));
    let inbox = client.inbox().unwrap();
    assert_eq!((inbox.value.messages, inbox.date), (vec!["1_A".into()], None));
    server.join().unwrap();
}

#[test]
fn refusal_keeps_status_code_and_date() {
    let (client, server) = answered_by(&[
        "HTTP/1.1 403 Forbidden\r\ndate: Fri, 20 Nov 2026 11:23:28 GMT\r\ncontent-length: 40\r\n\r\n{\"errorCode\":\"2\",\"errorDescription\":\"x\"}",
    ]);
    let Error::Refused(refusal) = client.handshake().unwrap_err() else { panic!() };
    assert_eq!((refusal.status, refusal.code.as_deref()), (403, Some("2")));
    assert_eq!(refusal.date, Some(datetime!(2026-11-20 11:23:28 UTC)));
    server.join().unwrap();
}

#[test]
fn answers_that_break_the_specification_are_named() {
    for (answer, expected) in [
        ("HTTP/1.1 302 Found\r\nlocation: https://elsewhere/\r\ncontent-length: 0\r\n\r\n", "elsewhere"),
        ("HTTP/1.1 204 No Content\r\n\r\n", "HTTP 204"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>", "specification"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n{", "ended"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
    ] {
        let (client, server) = answered_by(Vec::leak(vec![answer]));
        let error = client.inbox().unwrap_err();
        assert!(
            matches!(&error, Error::Unexpected { what } if what.contains(expected)),
            "{expected}: {error:?}"
        );
        server.join().unwrap();
    }
}

#[test]
fn chunked_and_compressed_messages_are_not_taken_for_whole_ones() {
    for (answer, expected) in [
        ("HTTP/1.1 206 Partial Content\r\nmex-chunk-range: 1:2\r\ncontent-length: 1\r\n\r\nx", "chunks"),
        ("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx", "compressed (gzip)"),
    ] {
        let (client, server) = answered_by(Vec::leak(vec![answer]));
        let error = client.receive("1_A").unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        server.join().unwrap();
    }
}

#[test]
fn alert_about_the_certificate_comes_through_every_layer() {
    let pki = Pki::new();
    let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, Some(&pki)), 1, &[""]);
    let error = client(target, &pki.settings(None)).handshake().unwrap_err();
    assert!(
        matches!(&error, Error::Transport(TransportError::Alert { name, after_handshake: true, .. }) if name == "certificate_required"),
        "{error:?}"
    );
    server.join().unwrap();
}

#[test]
fn server_that_hangs_up_instead_of_answering_is_named() {
    let (client, server) = answered_by(&[""]);
    let error = client.handshake().unwrap_err();
    assert!(
        matches!(&error, Error::Transport(TransportError::ClosedWithoutAlert { stage: Stage::Receive, .. })),
        "{error:?}"
    );
    server.join().unwrap();
}

#[test]
fn answer_to_half_a_message_is_read() {
    let (client, server) = answered_by(&["HTTP/1.1 413 Too Large\r\ncontent-length: 9\r\n\r\ntoo large"]);
    let body = vec![0; 50_000_000];
    let error = client
        .send(&Outgoing {
            to: "X26ABC2",
            workflow: "W",
            filename: None,
            local_id: None,
            subject: None,
            body: &body,
        })
        .unwrap_err();
    assert!(matches!(&error, Error::Refused(r) if r.status == 413 && r.text == "too large"), "{error:?}");
    server.join().unwrap();
}

#[test]
fn debug_never_shows_a_secret() {
    let pki = Pki::new();
    let client = client("https://h".parse().unwrap(), &pki.settings(None));
    let shown = format!("{client:?}");
    assert!(!shown.contains("MARK") && !shown.contains("NHSMESH"), "{shown}");
}
