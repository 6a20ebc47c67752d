use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use rustls::{AlertDescription, Error};
use serde_json::json;

use super::*;
use crate::mesh::wire::{ACCEPT_V2, Sent};

pub const ITSELF: [(&str, &str); 2] = [("mex-to", "X26ABC1"), ("mex-workflowid", "TEST_WORKFLOW2")];

pub fn faulty(rules: &[&str]) -> RehearsalMesh {
    let faults = Faults::new(rules.iter().map(|rule| rule.parse::<FaultRule>().unwrap()));
    let config = RehearsalConfig { faults, ..RehearsalConfig::default() };
    RehearsalMesh::start(config, &CA, Arc::new(|| NOW)).unwrap()
}

/// Sends a message to the mailbox itself.
pub fn letter(client: &Client<'_>, body: &[u8]) -> String {
    let answer = client.call("POST", "/outbox", &ITSELF, body);
    assert_eq!(answer.status, 202, "{answer:?}");
    format!("/inbox/{}", serde_json::from_slice::<Sent>(&answer.body).unwrap().message_id)
}

pub fn waiting(client: &Client<'_>) -> u64 {
    client.get("/count").json()["count"].as_u64().unwrap()
}

fn took(call: impl FnOnce()) -> Duration {
    let start = Instant::now();
    call();
    start.elapsed()
}

#[test]
fn refused_connections_are_reset_and_then_it_works() {
    let mesh = faulty(&["connect refuse times=2"]);
    let client = client(&mesh);
    for _ in 0..2 {
        let error = client.request("GET", "/", &[], b"").unwrap_err();
        assert!(
            matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe),
            "{error:?}"
        );
    }
    assert_eq!(waiting(&client), 0);
    assert_eq!(mesh.faults_fired(), [2]);
}

#[test]
fn alert_is_read_by_clients_of_both_versions_of_tls() {
    let mesh = faulty(&["connect alert=internal_error"]);
    for client in [client(&mesh), client(&mesh).over_tls12()] {
        let error = client.request("GET", "/", &[], b"").unwrap_err();
        let alert = error.get_ref().and_then(|e| e.downcast_ref::<Error>());
        assert_eq!(alert, Some(&Error::AlertReceived(AlertDescription::InternalError)), "{error:?}");
    }
}

#[test]
fn handshake_waits_once() {
    let mesh = faulty(&["connect delay=400ms times=1"]);
    let client = client(&mesh);
    assert!(took(|| assert_eq!(waiting(&client), 0)) >= Duration::from_millis(400));
    assert!(took(|| assert_eq!(waiting(&client), 0)) < Duration::from_millis(400));
}

#[test]
fn answer_waits_and_the_request_does_not() {
    let mesh = faulty(&["POST /outbox delay=1500ms"]);
    let client = client(&mesh);
    std::thread::scope(|scope| {
        let start = Instant::now();
        let sending = scope.spawn(|| letter(&client, b"x"));
        while waiting(&client) == 0 {
            assert!(start.elapsed() < Duration::from_secs(1), "the message waits with its answer");
        }
        sending.join().unwrap();
        assert!(start.elapsed() >= Duration::from_millis(1500));
    });
}

#[test]
fn status_is_answered_in_the_body_asked_for_and_nothing_else_is_done() {
    let mesh = faulty(&[
        "POST /outbox status=429 retry-after=2 times=1",
        "POST /outbox status=503 retry-after=+90s body=html times=1",
        "POST /outbox status=500 body=soap times=1",
        "POST /outbox status=502 body=message times=1",
        "POST /outbox status=504 body=empty times=1",
    ]);
    let client = client(&mesh);
    let post = || client.call("POST", "/outbox", &ITSELF, &[b'x'; 300_000]);
    let answer = post();
    assert_eq!(answer.refusal(), (429, String::new(), String::new(), "Too Many Requests".into()));
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("date"), Some("Mon, 01 Jun 2026 12:00:00 GMT"));
    let answer = post();
    assert_eq!((answer.status, answer.header("content-type")), (503, Some("text/html")));
    assert_eq!(answer.header("retry-after"), Some("Mon, 01 Jun 2026 12:01:30 GMT"));
    assert!(answer.body.starts_with(b"<html>"));
    let answer = post();
    assert_eq!((answer.status, answer.header("content-type")), (500, Some("text/xml; charset=utf-8")));
    assert!(String::from_utf8(answer.body).unwrap().contains("<soapenv:Fault>"));
    let answer = post();
    assert_eq!((answer.status, answer.json()), (502, json!({ "message": "Bad Gateway" })));
    let answer = post();
    assert_eq!((answer.status, answer.body.len(), answer.header("retry-after")), (504, 0, None));
    assert_eq!(waiting(&client), 0, "none of them was accepted");
    letter(&client, b"x");
    assert_eq!((waiting(&client), mesh.faults_fired()), (1, vec![1; 5]));
}

#[test]
fn status_leaves_connection_and_token_as_they_were() {
    let mesh = faulty(&["* status=503 times=3"]);
    let client = client(&mesh);
    let path = "/messageexchange/X26ABC1/outbox";
    assert_eq!(client.twice(path, &vec![b'x'; 300_000]), [503, 503], "one connection serves both");
    let token = client.token(NOW);
    let headers = [("accept", ACCEPT_V2), ("authorization", token.as_str())];
    let count = || client.request("GET", "/messageexchange/X26ABC1/count", &headers, b"").unwrap().status;
    assert_eq!([count(), count(), count()], [503, 200, 403], "the token was not spent by the first");
}

#[test]
fn date_is_wrong_as_asked() {
    let mesh = faulty(&["GET /count date=+3h", "GET /inbox date=none", "POST / date=invalid"]);
    let client = client(&mesh);
    assert_eq!(client.get("/count").header("date"), Some("Mon, 01 Jun 2026 15:00:00 GMT"));
    assert_eq!(client.get("/inbox").header("date"), None);
    assert_eq!(client.call("POST", "", &[], b"").header("date"), Some("some time ago"));
    assert_eq!(client.get("/elsewhere").header("date"), Some("Mon, 01 Jun 2026 12:00:00 GMT"));
}

#[test]
fn corrupt_chunk_has_one_wrong_byte_once() {
    let mesh = faulty(&["GET /inbox/* corrupt times=1"]);
    let client = client(&mesh);
    let body: Vec<u8> = (0..2_000_000_u32).map(|i| (i % 251) as u8).collect();
    let path = letter(&client, &body);
    let received = client.get(&path);
    assert_eq!((received.status, received.body.len()), (200, body.len()));
    let wrong: Vec<_> = (0..body.len()).filter(|i| received.body[*i] != body[*i]).collect();
    assert_eq!(wrong, [body.len() / 2]);
    assert!(client.get(&path).body == body);
    assert_eq!(mesh.faults_fired(), [1]);
}

#[test]
fn corrupt_gzip_body_cannot_be_read() {
    let mesh = faulty(&["GET /inbox/* corrupt"]);
    let client = client(&mesh);
    let text: String = (0..20_000).map(|i| format!("line {i}\n")).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let path = letter(&client, &gzip.finish().unwrap());
    let received = client.get(&path).body;
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&received[..]).read_to_end(&mut unpacked).unwrap_err();
}

#[test]
fn empty_answer_is_not_corrupted_nor_counted() {
    let mesh = faulty(&["PUT corrupt", "PUT short=1"]);
    let client = client(&mesh);
    let path = letter(&client, b"x");
    assert_eq!(client.call("PUT", &format!("{path}/status/acknowledged"), &[], b"").status, 200);
    assert_eq!(mesh.faults_fired(), [0, 0]);
}

#[test]
fn short_chunk_agrees_with_its_length() {
    let mesh = faulty(&["GET /inbox/* short=4 times=1", "GET /inbox/* short=100 times=1 after=1"]);
    let client = client(&mesh);
    let path = letter(&client, b"hello world");
    for (length, body) in [("7", &b"hello w"[..]), ("0", b""), ("11", b"hello world")] {
        let received = client.get(&path);
        assert_eq!((received.header("content-length"), &received.body[..]), (Some(length), body));
    }
}

#[test]
fn chunk_range_is_wrong_or_missing() {
    let mesh =
        faulty(&["GET /inbox/* chunk-range=3:5 times=1", "GET /inbox/* chunk-range=none after=1 times=1"]);
    let client = client(&mesh);
    let path = letter(&client, b"x");
    for range in [Some("3:5"), None, Some("1:1")] {
        assert_eq!(client.get(&path).header("mex-chunk-range"), range);
    }
}

#[test]
fn several_rules_befall_one_request() {
    let mesh = faulty(&["* date=+3h", "GET /count status=503", "GET /count delay=300ms corrupt"]);
    let client = client(&mesh);
    assert!(
        took(|| {
            let answer = client.get("/count");
            assert_eq!((answer.status, answer.header("date")), (503, Some("Mon, 01 Jun 2026 15:00:00 GMT")));
            assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
        }) >= Duration::from_millis(300)
    );
    assert_eq!(mesh.faults_fired(), [1, 1, 1]);
}
