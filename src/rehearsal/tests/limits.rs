//! What the specification bounds: sizes, headers, queries.

use std::io::{Read, Write};

use serde_json::json;

use super::*;
use crate::rehearsal::config::Limits;

const ITSELF: [(&str, &str); 2] = [("mex-to", "X26ABC1"), ("mex-workflowid", "TEST_WORKFLOW2")];

fn send(client: &Client<'_>, headers: &[(&str, &str)], body: &[u8]) -> client::Answer {
    client.call("POST", "/outbox", headers, body)
}

/// A message to itself with one header more, or another.
fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let rest = ITSELF.into_iter().filter(move |(n, _)| *n != name);
    rest.chain([(name, value)]).collect()
}

#[test]
fn request_of_more_than_100_mb_is_refused_and_the_refusal_arrives() {
    let mesh = mesh();
    let answer = send(&client(&mesh), &ITSELF, &vec![0; 100_000_001]);
    assert_eq!((answer.refusal().0, answer.header("connection")), (413, Some("close")));
    assert_eq!(send(&client(&mesh), &ITSELF, &vec![0; 100_000_000]).status, 202);
}

#[test]
fn request_that_says_it_is_too_large_is_not_waited_for() {
    let mesh = mesh();
    let mut stream = client(&mesh).connect().unwrap();
    let head =
        "POST /messageexchange/X26ABC1/outbox HTTP/1.1\r\nhost: a\r\ncontent-length: 100000001\r\n\r\nsome";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn request_without_a_length_is_counted_as_it_comes() {
    let mesh = mesh();
    let client = client(&mesh);
    let token = client.token(NOW);
    let mut stream = client.connect().unwrap();
    write!(
        stream,
        "POST /messageexchange/X26ABC1/outbox HTTP/1.1\r\nhost: a\r\nauthorization: {token}\r\n\
         mex-to: X26ABC1\r\nmex-workflowid: TEST_WORKFLOW2\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    .unwrap();
    let piece = vec![b'x'; 1_000_000];
    for _ in 0..101 {
        write!(stream, "{:x}\r\n", piece.len()).unwrap();
        stream.write_all(&piece).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn headers_that_the_specification_does_not_allow_are_named() {
    let mesh = mesh();
    let sender = client(&mesh);
    for (name, longest) in [
        ("mex-to", 100),
        ("mex-workflowid", 300),
        ("mex-chunk-range", 20),
        ("mex-subject", 500),
        ("mex-localid", 300),
        ("mex-filename", 300),
        ("mex-content-checksum", 100),
    ] {
        let long = "1".repeat(longest + 1);
        let answer = send(&sender, &with(name, &long), b"x");
        let detail = &answer.json()["detail"][0];
        assert_eq!((answer.status, &detail["type"]), (400, &json!("string_too_long")), "{name}");
        assert_eq!(detail["loc"], json!(["header", name]));
        assert_ne!(
            send(&sender, &with(name, &long[1..]), b"x").status,
            400,
            "{name} of {longest} characters"
        );
    }
    for (name, value) in
        [("mex-to", "https://a"), ("mex-workflowid", "HTTP://a"), ("mex-subject", "tab\tstop")]
    {
        let (status, event, code, _) = send(&sender, &with(name, value), b"x").refusal();
        assert_eq!((status, event.as_str(), code.as_str()), (400, "TRANSFER", "06"), "{name}");
    }
    let answer = send(&sender, &with("mex-content-checksum", "md5=1"), b"x").refusal();
    assert_eq!((answer.0, answer.2.as_str()), (400, "Invalid checksum"));
}

#[test]
fn query_outside_its_bounds_is_named() {
    let mesh = mesh();
    let client = client(&mesh);
    let long = format!("/inbox?workflow_filter={}", "x".repeat(256));
    for (path, name, kind) in [
        ("/inbox?max_results=5001", "max_results", "less_than_equal"),
        ("/inbox?max_results=ten", "max_results", "int_parsing"),
        ("/inbox?continue_from=20260601120000000000_00", "continue_from", "string_too_short"),
        ("/inbox?continue_from=20260601120000000000_000000", "continue_from", "value_error"),
        ("/inbox?workflow_filter=x", "workflow_filter", "string_too_short"),
        (&long, "workflow_filter", "string_too_long"),
    ] {
        let answer = client.get(path);
        assert_eq!(answer.status, 400, "{path}");
        let detail = &answer.json()["detail"][0];
        assert_eq!((&detail["loc"], &detail["type"]), (&json!(["query", name]), &json!(kind)), "{path}");
    }
}

#[test]
fn full_server_says_so_until_there_is_room_again() {
    let limits = Limits { messages: 3, bytes: 150_000 };
    let config = RehearsalConfig { limits, ..RehearsalConfig::default() };
    let mesh = RehearsalMesh::start(config, &CA, Arc::new(|| NOW)).unwrap();
    let client = client(&mesh);
    let large = vec![b'x'; 100_000];
    let answer = send(&client, &ITSELF, &large);
    assert_eq!(answer.status, 202);
    assert_eq!(send(&client, &ITSELF, &large).refusal().0, 507, "100,000 of 150,000 bytes are taken");
    for _ in 0..2 {
        assert_eq!(send(&client, &ITSELF, b"small").status, 202);
    }
    assert_eq!(send(&client, &ITSELF, b"small").refusal().0, 507, "three messages are there");
    let id = answer.json()["message_id"].as_str().unwrap().to_owned();
    assert_eq!(client.call("PUT", &format!("/inbox/{id}/status/acknowledged"), &[], b"").status, 200);
    assert_eq!(send(&client, &ITSELF, &large).status, 202, "what has ended makes room");
    assert_eq!(client.get(&format!("/outbox/tracking?messageID={id}")).status, 404);
}
