//! Messages of several chunks.

use std::io::{Read, Write};

use serde_json::json;

use super::*;

fn first(client: &Client<'_>, range: &str, body: &[u8]) -> client::Answer {
    let headers = [("mex-to", "X26ABC2"), ("mex-workflowid", "TEST_WORKFLOW"), ("mex-chunk-range", range)];
    client.call("POST", "/outbox", &headers, body)
}

fn begun(client: &Client<'_>, range: &str, body: &[u8]) -> String {
    let answer = first(client, range, body);
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["message_id"].as_str().unwrap().to_owned()
}

fn more(client: &Client<'_>, id: &str, number: u32, total: u32, body: &[u8]) -> client::Answer {
    let range = format!("{number}:{total}");
    client.call("POST", &format!("/outbox/{id}/{number}"), &[("mex-chunk-range", &range)], body)
}

#[test]
fn chunked_message_arrives_with_its_last_chunk_and_is_fetched_chunk_by_chunk() {
    let mesh = mesh();
    let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    // The second lies in a file.
    let chunks = [b"one".to_vec(), vec![b'2'; 200_000], b"three".to_vec()];
    let id = begun(&sender, "1:3", &chunks[0]);
    let path = format!("/inbox/{id}");
    for number in [2, 3] {
        assert_eq!(recipient.get("/count").json()["count"], 0, "not yet there");
        assert_eq!(recipient.get(&path).status, 404);
        assert_eq!(recipient.call("HEAD", &path, &[], b"").status, 404);
        assert_eq!(recipient.call("PUT", &format!("{path}/status/acknowledged"), &[], b"").status, 404);
        let tracked = sender.get(&format!("/outbox/tracking?messageID={id}")).json();
        assert_eq!(tracked["status"], "uploading");
        let answer = more(&sender, &id, number, 3, &chunks[number as usize - 1]);
        assert_eq!((answer.status, answer.body.len()), (202, 0));
    }
    assert_eq!(recipient.get("/inbox").json()["messages"], json!([id]));
    for (number, status) in [(1, 206), (2, 206), (3, 200)] {
        let path = if number == 1 { path.clone() } else { format!("{path}/{number}") };
        let answer = recipient.get(&path);
        assert_eq!((answer.status, &answer.body), (status, &chunks[number - 1]));
        assert_eq!(answer.header("mex-chunk-range"), Some(format!("{number}:3").as_str()));
        assert_eq!(answer.header("mex-total-chunks"), Some("3"));
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        let length = answer.body.len().to_string();
        assert_eq!(answer.header("content-length"), Some(length.as_str()));
    }
    assert_eq!(recipient.get(&format!("{path}/1")).status, 206, "the first has a number, too");
    for (none, status) in [("4", 404), ("0", 400), ("x", 400)] {
        assert_eq!(recipient.get(&format!("{path}/{none}")).status, status, "chunk {none}");
    }
    assert_eq!(sender.get(&format!("{path}/2")).status, 403);
    let size = sender.get(&format!("/outbox/tracking?messageID={id}"));
    assert_eq!(size.json()["status"], "accepted");
    assert_eq!(recipient.call("PUT", &format!("{path}/status/acknowledged"), &[], b"").status, 200);
    assert_eq!(recipient.get(&format!("{path}/2")).status, 410);
}

#[test]
fn chunks_are_taken_in_order_and_once() {
    let mesh = mesh();
    let sender = client(&mesh);
    let id = begun(&sender, "1:3", b"one");
    let early = more(&sender, &id, 3, 3, b"three");
    let (status, event, code, text) = early.refusal();
    assert_eq!((status, event.as_str(), code.as_str()), (417, "SEND", "InvalidHeaderChunks"), "{text}");
    assert_eq!(early.json()["message_id"], json!(id));
    assert!(text.contains("chunk 2 is the next"), "{text}");

    let large = vec![b'2'; 300_000];
    for _ in 0..3 {
        assert_eq!(more(&sender, &id, 2, 3, &large).status, 202, "the same again is no mistake");
    }
    let mut other = large.clone();
    other[299_999] = b'3';
    for changed in [&other[..], &large[1..], b""] {
        let (status, _, code, text) = more(&sender, &id, 2, 3, changed).refusal();
        assert_eq!((status, code.as_str()), (417, "InvalidHeaderChunks"), "{text}");
        assert!(text.contains("another content"), "{text}");
    }
    assert_eq!(more(&sender, &id, 1, 3, b"one").status, 202, "also the first");

    assert_eq!(more(&sender, &id, 3, 3, b"three").status, 202);
    for number in [1, 2, 3] {
        let answer = more(&sender, &id, number, 3, b"three");
        assert_eq!(answer.refusal().0, 423);
        assert_eq!(answer.json()["message_id"], json!(id));
    }
    let recipient = client(&mesh).of("X26ABC2");
    assert_eq!(recipient.get(&format!("/inbox/{id}/2")).body, large, "what was refused left nothing");
}

#[test]
fn chunks_that_do_not_fit_their_message_are_refused() {
    let mesh = mesh();
    let sender = client(&mesh);
    let id = begun(&sender, "1:3", b"one");
    for (path, range) in
        [("2", "2:4"), ("2", "3:3"), ("2", ""), ("2", "2"), ("4", "4:3"), ("x", "2:3"), ("0", "0:3")]
    {
        let answer =
            sender.call("POST", &format!("/outbox/{id}/{path}"), &[("mex-chunk-range", range)], b"x");
        let (status, _, code, text) = answer.refusal();
        assert_eq!((status, code.as_str()), (417, "InvalidHeaderChunks"), "{path} {range} {text}");
    }
    assert_eq!(more(&client(&mesh).of("X26ABC2"), &id, 2, 3, b"x").status, 403, "another's");
    assert_eq!(more(&sender, "NONE", 2, 3, b"x").status, 404);
    let single = begun(&sender, "1:1", b"one");
    assert_eq!(more(&sender, &single, 1, 1, b"one").status, 423);
    assert_eq!(more(&sender, &single.to_lowercase(), 2, 2, b"two").status, 423, "an ID in either case");
}

#[test]
fn encoding_of_a_message_stays_the_same_and_need_not_be_said_again() {
    let mesh = mesh();
    let sender = client(&mesh);
    let headers = [
        ("mex-to", "X26ABC2"),
        ("mex-workflowid", "TEST_WORKFLOW"),
        ("mex-chunk-range", "1:3"),
        ("content-encoding", "gzip"),
    ];
    let answer = sender.call("POST", "/outbox", &headers, b"as gzip");
    let id = answer.json()["message_id"].as_str().unwrap().to_owned();
    let encoded = [("mex-chunk-range", "2:3"), ("content-encoding", "gzip")];
    assert_eq!(sender.call("POST", &format!("/outbox/{id}/2"), &encoded, b"two").status, 202);
    assert_eq!(more(&sender, &id, 3, 3, b"three").status, 202);

    let plain = begun(&sender, "1:2", b"one");
    let encoded = [("mex-chunk-range", "2:2"), ("content-encoding", "gzip")];
    let answer = sender.call("POST", &format!("/outbox/{plain}/2"), &encoded, b"two");
    assert_eq!(answer.refusal().3, "cannot change content encoding");
}

#[test]
fn version_1_of_a_chunk_names_it() {
    let mesh = mesh();
    let sender = client(&mesh);
    let id = begun(&sender, "1:2", b"one");
    let token = sender.token(NOW);
    let headers = [("authorization", token.as_str()), ("mex-chunk-range", "2:2")];
    let path = format!("/messageexchange/X26ABC1/outbox/{id}/2");
    let answer = sender.request("POST", &path, &headers, b"two").unwrap();
    assert_eq!((answer.status, answer.json()), (202, json!({ "messageID": id, "blockID": 2 })));
}

#[test]
fn body_that_breaks_off_leaves_the_chunk_unsent() {
    let mesh = mesh();
    let sender = client(&mesh);
    let id = begun(&sender, "1:2", b"one");
    let token = sender.token(NOW);
    let mut stream = sender.connect().unwrap();
    write!(
        stream,
        "POST /messageexchange/X26ABC1/outbox/{id}/2 HTTP/1.1\r\nhost: a\r\nauthorization: {token}\r\n\
         mex-chunk-range: 2:2\r\ncontent-length: 200000\r\n\r\n"
    )
    .unwrap();
    stream.write_all(&vec![b'x'; 150_000]).unwrap();
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(client(&mesh).of("X26ABC2").get("/count").json()["count"], 0);
    assert_eq!(more(&sender, &id, 2, 2, b"two").status, 202);
    assert_eq!(client(&mesh).of("X26ABC2").get(&format!("/inbox/{id}/2")).body, b"two");
}
