use serde_json::json;

use super::*;
use crate::mesh::wire::{ACCEPT_V2, Inbox, Sent, Tracking};

const LETTER: [(&str, &str); 7] = [
    ("mex-from", "X26ABC1"),
    ("mex-to", "X26ABC2"),
    ("mex-workflowid", "TEST_WORKFLOW"),
    ("mex-filename", "letter.txt"),
    ("mex-localid", "local-1"),
    ("mex-chunk-range", "1:1"),
    ("content-type", "text/plain"),
];

fn send(client: &Client<'_>, headers: &[(&str, &str)], body: &[u8]) -> client::Answer {
    client.call("POST", "/outbox", headers, body)
}

/// The letter with one header changed, or taken out.
fn letter<'a>(name: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let rest = LETTER.into_iter().filter(move |(n, _)| *n != name);
    rest.chain(value.map(|value| (name, value))).collect()
}

fn inbox(client: &Client<'_>) -> Inbox {
    let answer = client.get("/inbox");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(ACCEPT_V2)));
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn message_is_sent_listed_downloaded_acknowledged_and_gone() {
    let mesh = mesh();
    let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let answer = send(&sender, &LETTER, b"hello\0world");
    assert_eq!((answer.status, answer.header("content-type")), (202, Some(ACCEPT_V2)));
    let id = serde_json::from_slice::<Sent>(&answer.body).unwrap().message_id;
    assert_eq!(id, "20260601120000000000_000000");

    assert!(inbox(&sender).messages.is_empty());
    let found = inbox(&recipient);
    assert_eq!((found.messages, found.approx_inbox_count), (vec![id.clone()], Some(1)));
    assert_eq!(found.links.this.as_deref(), Some("/messageexchange/X26ABC2/inbox"));
    assert_eq!(found.links.next, None);
    assert_eq!(recipient.get("/count").json(), json!({ "count": 1 }));

    let path = format!("/inbox/{id}");
    let message = recipient.get(&path);
    assert_eq!((message.status, message.body.as_slice()), (200, &b"hello\0world"[..]));
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-length", "11"),
        ("mex-content-type", "text/plain"),
        ("mex-from", "X26ABC1"),
        ("mex-to", "X26ABC2"),
        ("mex-workflowid", "TEST_WORKFLOW"),
        ("mex-filename", "letter.txt"),
        ("mex-localid", "local-1"),
        ("mex-chunk-range", "1:1"),
        ("mex-total-chunks", "1"),
        ("mex-messagetype", "DATA"),
        ("mex-messageid", &id),
        ("mex-statuscode", "00"),
        ("mex-statussuccess", "SUCCESS"),
        ("mex-statustimestamp", "20260601120000"),
        ("last-modified", "Mon, 01 Jun 2026 12:00:00 GMT"),
    ] {
        assert_eq!(message.header(name), Some(value), "{name}");
    }
    assert_eq!(message.header("mex-subject"), None, "what was not sent is not made up");

    assert_eq!(sender.get(&path).refusal().3, "Forbidden", "it is the recipient's");
    let acknowledge = format!("{path}/status/acknowledged");
    assert_eq!(sender.call("PUT", &acknowledge, &[], b"").status, 403);
    for _ in 0..2 {
        let answer = recipient.call("PUT", &acknowledge, &[], b"");
        assert_eq!((answer.status, answer.body.len()), (200, 0));
    }
    assert!(inbox(&recipient).messages.is_empty());
    let (status, _, code, _) = recipient.get(&path).refusal();
    assert_eq!((status, code.as_str()), (410, "Message already accepted"));
}

#[test]
fn sender_tracks_a_message_and_nobody_else_does() {
    let mesh = mesh();
    let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let id = serde_json::from_slice::<Sent>(&send(&sender, &LETTER, b"x").body).unwrap().message_id;
    let path = format!("/outbox/tracking?messageID={id}");
    let tracking: Tracking = serde_json::from_slice(&sender.get(&path).body).unwrap();
    assert_eq!((tracking.status.as_deref(), tracking.status_success), (Some("accepted"), Some(true)));
    assert_eq!((tracking.message_id, tracking.local_id.as_deref()), (id.clone(), Some("local-1")));
    assert_eq!(tracking.recipient.as_deref(), Some("X26ABC2"));
    recipient.call("PUT", &format!("/inbox/{id}/status/acknowledged"), &[], b"");
    assert_eq!(sender.get(&path).json()["status"], "acknowledged");
    for answer in [recipient.get(&path), sender.get("/outbox/tracking?messageID=NONE")] {
        assert_eq!(answer.refusal(), (404, String::new(), String::new(), "Not Found".into()));
    }
    assert_eq!(sender.get("/outbox/tracking").json()["detail"][0]["loc"], json!(["query", "messageID"]));
}

#[test]
fn each_mistake_of_a_sender_has_its_code() {
    let mesh = mesh();
    let sender = client(&mesh);
    for (name, value, status, code) in [
        ("mex-from", Some("X26ABC3"), 417, "07"),
        ("mex-to", None, 400, "08"),
        ("mex-to", Some(""), 400, "08"),
        ("mex-to", Some("NOBODY1"), 417, "12"),
        ("mex-workflowid", Some("TEST_WORKFLOW_ACK"), 417, "16"),
        ("mex-workflowid", Some("UNKNOWN"), 417, "17"),
        ("mex-to", Some("X26ABC3"), 417, "17"),
        ("mex-chunk-range", Some("2:3"), 417, "InvalidHeaderChunks"),
        ("mex-chunk-range", Some("1:0"), 417, "InvalidHeaderChunks"),
        ("mex-messagetype", Some("REPORT"), 417, "11"),
        ("mex-chunk-range", Some("all"), 417, "InvalidHeaderChunks"),
        ("content-encoding", Some("br"), 422, "UnsupportedContentEncoding"),
    ] {
        let answer = send(&sender, &letter(name, value), b"x").refusal();
        assert_eq!(
            (answer.0, answer.1.as_str(), answer.2.as_str()),
            (status, "SEND", code),
            "{name}: {value:?}"
        );
    }
    assert_eq!(send(&sender, &LETTER, b"").refusal().2, "02");
    let answer = send(&sender, &letter("mex-workflowid", None), b"x");
    assert_eq!(
        (answer.status, &answer.json()["detail"][0]["loc"]),
        (400, &json!(["header", "mex-workflowid"]))
    );
    for harmless in
        [letter("mex-from", None), letter("mex-chunk-range", None), letter("mex-to", Some("x26abc2"))]
    {
        assert_eq!(send(&sender, &harmless, b"x").status, 202, "{harmless:?}");
    }
}

#[test]
fn inbox_is_paged_and_filtered() {
    let mesh = mesh();
    let sender = client(&mesh);
    let mut itself = letter("mex-to", Some("X26ABC1"));
    itself.retain(|(name, _)| *name != "mex-workflowid");
    itself.push(("mex-workflowid", "TEST_WORKFLOW2"));
    let ids: Vec<String> = (0..25)
        .map(|_| serde_json::from_slice::<Sent>(&send(&sender, &itself, b"x").body).unwrap().message_id)
        .collect();
    let page = |path: &str| serde_json::from_slice::<Inbox>(&sender.get(path).body).unwrap();
    let first = page("/inbox?max_results=10&workflow_filter=TEST*");
    assert_eq!((&first.messages[..], first.approx_inbox_count), (&ids[..10], Some(25)));
    // What is acknowledged or arrives between two pages does not disturb the next one.
    sender.call("PUT", &format!("/inbox/{}/status/acknowledged", ids[9]), &[], b"");
    send(&sender, &LETTER, b"to somebody else");
    let path =
        |link: Option<String>| link.unwrap().strip_prefix("/messageexchange/X26ABC1").unwrap().to_owned();
    let second = page(&path(first.links.next));
    assert_eq!((&second.messages[..], second.approx_inbox_count), (&ids[10..20], Some(24)));
    let last = page(&path(second.links.next));
    assert_eq!((&last.messages[..], last.links.next), (&ids[20..], None));
    assert!(page("/inbox?workflow_filter=!TEST*").messages.is_empty());
    assert_eq!(sender.get("/inbox?max_results=9").json()["detail"][0]["type"], "greater_than_equal");
}

/// Gzip of one letter.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00";

#[test]
fn gzip_goes_as_it_came_to_those_who_take_it_and_unpacked_to_others() {
    let mesh = mesh();
    let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let twice = [GZIP, GZIP].concat();
    let answer = send(&sender, &letter("content-encoding", Some("gzip")), &twice);
    let id = serde_json::from_slice::<Sent>(&answer.body).unwrap().message_id;
    let path = format!("/inbox/{id}");
    let message = recipient.call("GET", &path, &[("accept-encoding", "deflate, gzip")], b"");
    assert_eq!(message.header("content-encoding"), Some("gzip"));
    assert_eq!(message.header("mex-content-compressed"), Some("Y"));
    assert_eq!(message.body, twice);
    let message = recipient.get(&path);
    assert_eq!(message.header("content-encoding"), None);
    assert_eq!(message.header("mex-content-compressed"), Some("N"));
    assert_eq!(message.body, b"aa", "every member is unpacked");

    // What came plain goes plain: gzip may be given to those who take it, and need not be.
    let id = serde_json::from_slice::<Sent>(&send(&sender, &LETTER, b"plain").body).unwrap().message_id;
    let message = recipient.call("GET", &format!("/inbox/{id}"), &[("accept-encoding", "gzip")], b"");
    assert_eq!((message.header("content-encoding"), &message.body[..]), (None, &b"plain"[..]));
}

#[test]
fn gzip_that_is_none_is_told_to_those_who_want_it_unpacked() {
    let mesh = mesh();
    let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let answer = send(&sender, &letter("content-encoding", Some("gzip")), b"no gzip at all");
    let id = serde_json::from_slice::<Sent>(&answer.body).unwrap().message_id;
    assert_eq!(recipient.get(&format!("/inbox/{id}")).refusal().0, 500);
}

#[test]
fn large_message_of_a_stranger_is_refused_and_the_refusal_arrives() {
    let mesh = mesh();
    let mut stranger = client(&mesh);
    stranger.login.shared_key = crate::secret::SharedKey::new("wrong");
    assert_eq!(send(&stranger, &LETTER, &vec![0; 20 * 1024 * 1024]).refusal().0, 403);
}

#[test]
fn connection_outlives_a_refusal() {
    let mesh = mesh();
    let body = vec![b'x'; 300_000];
    assert_eq!(client(&mesh).twice("/messageexchange/X26ABC1/outbox", &body), [403, 403]);
    assert_eq!(client(&mesh).twice("/elsewhere", &body), [404, 404]);
}

#[test]
fn unknown_paths_and_methods_are_told_as_by_the_sandbox() {
    let mesh = mesh();
    let client = client(&mesh);
    for path in ["/", "/messageexchange/X26ABC1/elsewhere", "/messageexchange/X26ABC1/outbox/ID/2/3"] {
        let answer = client.request("GET", path, &[], b"").unwrap();
        assert_eq!((answer.status, answer.json()), (404, json!({ "detail": "Not Found" })), "{path}");
        assert!(answer.header("date").is_some());
    }
    let answer = client.call("DELETE", "/inbox", &[], b"");
    assert_eq!((answer.status, answer.json()), (405, json!({ "detail": "Method Not Allowed" })));
}

#[test]
fn version_1_is_answered_in_its_shape() {
    let mesh = mesh();
    let sender = client(&mesh);
    let call = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let token = sender.token(NOW);
        let headers: Vec<_> = headers.iter().copied().chain([("authorization", token.as_str())]).collect();
        let answer =
            sender.request(method, &format!("/messageexchange/X26ABC1{path}"), &headers, body).unwrap();
        assert_eq!(answer.header("content-type"), Some("application/json"));
        answer.json()
    };
    let itself = [("mex-to", "X26ABC1"), ("mex-workflowid", "TEST_WORKFLOW2")];
    let id = call("POST", "/outbox", &itself, b"x")["messageID"].as_str().unwrap().to_owned();
    assert_eq!(call("GET", "/inbox", &[], b""), json!({ "messages": [id] }));
    let tracking = call("GET", &format!("/outbox/tracking?messageID={id}"), &[], b"");
    assert_eq!(
        (&tracking["status"], &tracking["fileName"]),
        (&json!("Accepted"), &json!(format!("{id}.dat")))
    );
    assert_eq!(
        call("PUT", &format!("/inbox/{id}/status/acknowledged"), &[], b""),
        json!({ "messageId": id })
    );
    let refusal = call("GET", "/inbox/NONE", &[], b"");
    assert_eq!(refusal["errorDescription"], "Message does not exist");
}
