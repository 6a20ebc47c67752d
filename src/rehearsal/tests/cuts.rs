//! Connections that are cut, as a client sees it.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use super::faults::{ITSELF, faulty, letter, waiting};
use super::*;
use crate::mesh::wire::ACCEPT_V2;

/// What came before the end, and the end.
struct Ended {
    head: String,
    body: Vec<u8>,
    end: Result<(), ErrorKind>,
}

fn call(client: &Client<'_>, method: &str, path: &str, body: &[u8]) -> Ended {
    let mut stream = client.connect().unwrap();
    stream.sock.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    stream.sock.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let head = format!(
        "{method} /messageexchange/X26ABC1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         accept: {ACCEPT_V2}\r\nauthorization: {}\r\nmex-to: X26ABC1\r\nmex-workflowid: TEST_WORKFLOW2\r\n\
         content-length: {}\r\n\r\n",
        client.token(NOW),
        body.len()
    );
    let mut bytes = Vec::new();
    let end = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body))
        .and_then(|()| stream.read_to_end(&mut bytes))
        .map(|_| ())
        .map_err(|e| e.kind());
    let split = bytes.windows(4).position(|w| w == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let body = bytes.split_off(split);
    Ended { head: String::from_utf8(bytes).unwrap(), body, end }
}

fn is_reset(end: Result<(), ErrorKind>) -> bool {
    matches!(end, Err(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe))
}

#[test]
fn request_is_cut_before_it_is_dealt_with_whatever_the_version_of_tls() {
    let mesh = faulty(&["POST /outbox cut-request=100kB times=2"]);
    let body = vec![b'x'; 300_000];
    for client in [client(&mesh), client(&mesh).over_tls12()] {
        let cut = call(&client, "POST", "/outbox", &body);
        assert!(is_reset(cut.end), "{:?}", cut.end);
        assert_eq!(cut.head, "", "there is no answer");
    }
    let client = client(&mesh);
    assert_eq!((waiting(&client), mesh.faults_fired()), (0, vec![2]));
    letter(&client, &body);
}

#[test]
fn request_that_is_cut_ends_as_asked() {
    let mesh = faulty(&[
        "POST /outbox cut-request=100kB by=close times=1",
        "POST /outbox cut-request=100kB by=close-notify times=1 after=1",
        "POST /outbox cut-request=100kB by=stall times=1 after=2",
    ]);
    let client = client(&mesh);
    for end in [Err(ErrorKind::UnexpectedEof), Ok(()), Err(ErrorKind::WouldBlock)] {
        let cut = call(&client, "POST", "/outbox", &[b'x'; 300_000]);
        assert_eq!((cut.head.as_str(), cut.end), ("", end));
    }
    assert_eq!((waiting(&client), mesh.faults_fired()), (0, vec![1; 3]));
}

#[test]
fn request_that_ends_before_its_cut_is_neither_cut_nor_counted() {
    let mesh = faulty(&["POST /outbox cut-request=101 times=1"]);
    let client = client(&mesh);
    letter(&client, &[b'x'; 100]);
    assert_eq!(mesh.faults_fired(), [0]);
    assert!(is_reset(call(&client, "POST", "/outbox", &[b'x'; 101]).end), "the last byte counts");
    assert_eq!((waiting(&client), mesh.faults_fired()), (1, vec![1]));
}

#[test]
fn request_without_a_body_is_cut_at_nothing() {
    let mesh = faulty(&["GET /count cut-request=0 by=close times=1"]);
    let client = client(&mesh);
    assert_eq!(call(&client, "GET", "/count", b"").end, Err(ErrorKind::UnexpectedEof));
    assert_eq!(waiting(&client), 0);
}

#[test]
fn answer_arrives_as_far_as_its_cut_and_ends_as_asked() {
    // More than the buffers of a connection hold.
    let (length, point) = (12_000_000, 9_000_001);
    let mesh = faulty(&[
        "GET /inbox/* cut-response=9000001 by=close times=1",
        "GET /inbox/* cut-response=9000001 by=close-notify times=1 after=1",
        "GET /inbox/* cut-response=9000001 by=stall times=1 after=2",
        "GET /inbox/* cut-response=5000 by=reset times=1 after=3",
        "GET /inbox/* cut-response=0 by=close times=1 after=4",
    ]);
    let client = client(&mesh);
    let body: Vec<u8> = (0..length as u32).map(|i| (i % 251) as u8).collect();
    let path = letter(&client, &body);
    for (arrives, ends) in [
        (point, Err(ErrorKind::UnexpectedEof)),
        (point, Ok(())),
        (point, Err(ErrorKind::WouldBlock)),
        (5000, Err(ErrorKind::ConnectionReset)),
        (0, Err(ErrorKind::UnexpectedEof)),
    ] {
        let cut = call(&client, "GET", &path, b"");
        assert!(cut.head.contains(&format!("content-length: {length}\r\n")), "{}", cut.head);
        assert_eq!((cut.body.len(), cut.end), (arrives, ends));
        assert!(cut.body == body[..arrives]);
    }
    assert!(client.get(&path).body == body);
    assert_eq!(mesh.faults_fired(), [1; 5]);
}

#[test]
fn answer_that_ends_at_its_cut_is_neither_cut_nor_counted() {
    let mesh = faulty(&["GET /inbox/* cut-response=11"]);
    let client = client(&mesh);
    let (exact, longer) = (letter(&client, b"hello world"), letter(&client, b"hello world!"));
    assert_eq!(client.get(&exact).body, b"hello world");
    assert_eq!(mesh.faults_fired(), [0]);
    assert_eq!(call(&client, "GET", &longer, b"").body, b"hello world");
    assert_eq!(mesh.faults_fired(), [1]);
}

#[test]
fn dropped_answer_loses_nothing_but_the_answer() {
    let mesh = faulty(&[
        "POST /outbox drop-answer times=1",
        "POST /outbox drop-answer by=close times=1",
        "POST /outbox drop-answer by=close-notify times=1",
        "POST /outbox drop-answer by=stall times=1",
    ]);
    let client = client(&mesh);
    for (sent, end) in (1..).zip([
        Err(ErrorKind::ConnectionReset),
        Err(ErrorKind::UnexpectedEof),
        Ok(()),
        Err(ErrorKind::WouldBlock),
    ]) {
        let cut = call(&client, "POST", "/outbox", b"x");
        assert_eq!((cut.head.as_str(), cut.end), ("", end));
        assert_eq!(waiting(&client), sent, "the message arrived");
    }
}

#[test]
fn chunk_that_was_cut_or_whose_answer_was_lost_is_sent_again_and_arrives_once() {
    let mesh = faulty(&[
        "POST /outbox/*/2 drop-answer times=1",
        "POST /outbox/*/3 cut-request=150kB times=1",
        "GET /inbox/*/2 cut-response=150kB by=close times=1",
        "GET /inbox/*/3 corrupt times=1",
    ]);
    let client = client(&mesh);
    let chunks = [vec![b'1'; 10], vec![b'2'; 200_000], vec![b'3'; 200_000]];
    let headers = [ITSELF[0], ITSELF[1], ("mex-chunk-range", "1:3")];
    let answer = client.call("POST", "/outbox", &headers, &chunks[0]);
    let id = answer.json()["message_id"].as_str().unwrap().to_owned();
    for number in [2, 3] {
        let (token, range) = (client.token(NOW), format!("{number}:3"));
        let path = format!("/outbox/{id}/{number}");
        let headers = [("authorization", token.as_str()), ("mex-chunk-range", &range)];
        let chunk = &chunks[number - 1];
        client.request("POST", &format!("/messageexchange/X26ABC1{path}"), &headers, chunk).unwrap_err();
        assert_eq!(waiting(&client), 0);
        assert_eq!(client.call("POST", &path, &[("mex-chunk-range", &range)], chunk).status, 202);
    }
    assert_eq!(waiting(&client), 1);
    let path = format!("/inbox/{id}");
    assert!(client.get(&path).body == chunks[0]);
    assert_eq!(call(&client, "GET", &format!("{path}/2"), b"").body.len(), 150_000);
    assert!(client.get(&format!("{path}/2")).body == chunks[1]);
    assert!(client.get(&format!("{path}/3")).body != chunks[2]);
    assert!(client.get(&format!("{path}/3")).body == chunks[2]);
    assert_eq!(mesh.faults_fired(), [1; 4]);
}

/// Which of 40 requests of 50 kB are cut.
fn cuts(rule: &str) -> Vec<usize> {
    let mesh = faulty(&[rule]);
    let client = client(&mesh);
    let body = [b'x'; 50_000];
    let cut: Vec<_> = (0..40).filter(|_| call(&client, "POST", "/outbox", &body).end.is_err()).collect();
    assert_eq!(mesh.faults_fired(), [cut.len() as u64]);
    assert_eq!(waiting(&client), 40 - cut.len() as u64);
    cut
}

#[test]
fn line_breaks_after_so_many_bytes_of_all_requests_together() {
    // 50 kB, 100 kB, and 20 kB of the third; what comes after a cut does not count.
    assert_eq!(cuts("POST /outbox cut-request=120kB..120kB times=4"), [2, 5, 8, 11]);
    let random = cuts("POST /outbox cut-request=20kB..300kB seed=7 times=5");
    assert_eq!(random.len(), 5);
    assert_eq!(cuts("POST /outbox cut-request=20kB..300kB seed=7 times=5"), random, "the seed says where");
    assert_ne!(cuts("POST /outbox cut-request=20kB..300kB seed=8 times=5"), random);
}

#[test]
fn line_breaks_answers_too() {
    let mesh = faulty(&["GET /inbox/* cut-response=120kB..120kB by=close times=2"]);
    let client = client(&mesh);
    let path = letter(&client, &[b'x'; 50_000]);
    let received: Vec<_> = (0..7).map(|_| call(&client, "GET", &path, b"").body.len()).collect();
    assert_eq!(received, [50_000, 50_000, 20_000, 50_000, 50_000, 20_000, 50_000]);
}

#[test]
fn cut_ends_a_connection_and_leaves_the_others() {
    let mesh = faulty(&["POST /outbox drop-answer"]);
    let client = client(&mesh);
    let mut other = client.connect().unwrap();
    other.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    assert_ne!(other.read(&mut [0; 512]).unwrap(), 0);
    assert!(is_reset(call(&client, "POST", "/outbox", b"x").end));
    other.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    assert_ne!(other.read(&mut [0; 512]).unwrap(), 0);
}

#[test]
fn server_with_stalled_connections_stops_soon() {
    let mesh = faulty(&["POST /outbox drop-answer by=stall", "connect delay=1h after=1"]);
    let client = client(&mesh);
    let mut stalled = client.connect().unwrap();
    let token = client.token(NOW);
    let to: String = ITSELF.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(
        stalled,
        "POST /messageexchange/X26ABC1/outbox HTTP/1.1\r\nhost: a\r\n{to}authorization: {token}\r\n"
    )
    .unwrap();
    stalled.write_all(b"content-length: 1\r\n\r\nx").unwrap();
    let waiting = std::net::TcpStream::connect(mesh.address()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    assert_eq!(mesh.faults_fired(), [1, 1]);
    drop(mesh);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    drop((stalled, waiting));
}
