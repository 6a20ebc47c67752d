use std::io::{self, Read};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::version::TLS13;
use time::macros::datetime;

use super::*;
use crate::mesh::transport::testing::{NOW, Pki, serve_tls};
use crate::mesh::transport::{Stage, TlsSettings, TransportError};
use crate::mesh::{MessageType, Retries, Target};
use crate::secret::{MailboxPassword, SharedKey};

fn client(target: Target, settings: &TlsSettings) -> Client {
    let login = Login { password: MailboxPassword::new("MARK-1"), shared_key: SharedKey::new("MARK-2") };
    let service = Service::new(target, settings, Arc::new(|| NOW)).with_retries(Retries::none());
    Client::new(service, "X26ABC1".parse().unwrap(), login)
}

fn message() -> Outgoing<'static> {
    Outgoing { to: "X26ABC2", workflow: "W", ..Outgoing::default() }
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
    let inbox = client.inbox(&InboxQuery::default()).unwrap();
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
        ("SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
    ] {
        let (client, server) = answered_by(Vec::leak(vec![answer]));
        let error = client.inbox(&InboxQuery::default()).unwrap_err();
        assert!(
            matches!(&error, Error::Unexpected { what } if what.contains(expected)),
            "{expected}: {error:?}"
        );
        server.join().unwrap();
    }
}

#[test]
fn answer_that_ends_too_early_is_a_broken_connection() {
    let (client, server) = answered_by(&["HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n{"]);
    let error = client.inbox(&InboxQuery::default()).unwrap_err();
    assert!(matches!(&error, Error::Transport(TransportError::Truncated)), "{error:?}");
    server.join().unwrap();
}

#[test]
fn chunk_that_was_not_asked_for_is_refused() {
    for answer in [
        "HTTP/1.1 206 Partial Content\r\nmex-chunk-range: 2:3\r\ncontent-length: 1\r\n\r\nx",
        // Either says that it is the last, the other that it is not.
        "HTTP/1.1 200 OK\r\nmex-chunk-range: 1:2\r\ncontent-length: 1\r\n\r\nx",
        "HTTP/1.1 206 Partial Content\r\ncontent-length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nmex-chunk-range: 1;1\r\ncontent-length: 1\r\n\r\nx",
    ] {
        let (client, server) = answered_by(Vec::leak(vec![answer]));
        let error = client.message("1_A").unwrap_err();
        assert!(matches!(&error, Error::Unexpected { .. }), "{answer}: {error:?}");
        server.join().unwrap();
    }
}

#[test]
fn report_without_chunks_is_read() {
    // As the official sandbox writes it.
    let (client, server) = answered_by(&[
        "HTTP/1.1 200 OK\r\nmex-messagetype: REPORT\r\nmex-chunk-range: 1:0\r\nmex-statuscode: 14\r\ncontent-length: 0\r\n\r\n",
    ]);
    let head = client.message("1_A").unwrap().value.head;
    assert_eq!((head.message_type, head.range), (MessageType::Report, ChunkRange::WHOLE));
    assert_eq!(head.status_code.as_deref(), Some("14"));
    server.join().unwrap();
}

#[test]
fn body_that_cannot_be_decoded_is_damaged() {
    let (client, server) =
        answered_by(&["HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\nno gzip here"]);
    let mut reader = client.message("1_A").unwrap().value.into_reader();
    let error = Error::from_read(reader.read_to_end(&mut Vec::new()).unwrap_err());
    assert!(error.to_string().contains("damaged"), "{error:?}");
    server.join().unwrap();

    let (client, server) =
        answered_by(&["HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx"]);
    let error = client.message("1_A").unwrap_err();
    assert!(error.to_string().contains("'br'"), "{error}");
    server.join().unwrap();
}

#[test]
fn next_page_is_asked_for_by_its_query_and_nowhere_else() {
    let (client, server) = answered_by(&[
        "HTTP/1.1 200 OK\r\ncontent-length: 81\r\n\r\n{\"messages\":[\"1_A\"],\"links\":{\"next\":\"https://elsewhere/x?max_results=10&a=b%3D\"}}",
        "HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n{\"messages\":[\"2_B\"]}   ",
    ]);
    let first = client.inbox(&InboxQuery::default()).unwrap().value;
    let second = client.inbox_after(&first).unwrap().expect("a second page").value;
    assert_eq!(second.messages, ["2_B"]);
    assert!(client.inbox_after(&second).unwrap().is_none());
    server.join().unwrap();
}

#[test]
fn source_that_cannot_be_read_is_no_failure_of_the_connection() {
    struct Broken;
    impl Payload for Broken {
        fn len(&self) -> u64 {
            100_000
        }
        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(Broken))
        }
    }
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let (client, server) = answered_by(&[""]);
    let error = client.send(&message(), &Broken).unwrap_err();
    assert!(matches!(&error, Error::Source(e) if e.to_string() == "the disk is gone"), "{error:?}");
    server.join().unwrap();
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
    let error = client.send(&message(), &body.as_slice()).unwrap_err();
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
