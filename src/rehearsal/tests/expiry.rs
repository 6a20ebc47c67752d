//! Messages that nobody collects, and those that are never finished.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use time::Duration;

use super::*;

/// A server whose time is set by the test.
fn timed() -> (RehearsalMesh, Arc<AtomicI64>) {
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = seconds.clone();
    let clock = move || NOW + Duration::seconds(clock.load(Ordering::SeqCst));
    let mesh = RehearsalMesh::start(RehearsalConfig::default(), &CA, Arc::new(clock)).unwrap();
    (mesh, seconds)
}

/// A client and its server at so many days and seconds from the beginning.
fn at(client: &mut Client<'_>, clock: &AtomicI64, days: i64, seconds: i64) {
    let later = days * 86_400 + seconds;
    clock.store(later, Ordering::SeqCst);
    client.now = NOW + Duration::seconds(later);
}

const LETTER: [(&str, &str); 5] = [
    ("mex-to", "X26ABC2"),
    ("mex-workflowid", "TEST_WORKFLOW"),
    ("mex-localid", "local-1"),
    ("mex-subject", "Results"),
    ("mex-filename", "results.csv"),
];

fn id_of(answer: &client::Answer) -> String {
    answer.json()["message_id"].as_str().unwrap().to_owned()
}

#[test]
fn message_not_collected_in_five_days_comes_back_as_a_report() {
    let (mesh, clock) = timed();
    let (mut sender, mut recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let id = id_of(&sender.call("POST", "/outbox", &LETTER, b"x"));
    let path = format!("/inbox/{id}");
    for who in [&mut sender, &mut recipient] {
        at(who, &clock, 5, -1);
    }
    assert_eq!(recipient.get(&path).status, 200);
    assert_eq!(sender.get("/count").json()["count"], 0);

    for who in [&mut sender, &mut recipient] {
        at(who, &clock, 6, 0);
    }
    assert_eq!(recipient.get("/count").json()["count"], 0);
    let gone = recipient.get(&path);
    assert_eq!(gone.refusal().0, 410);
    assert_eq!(gone.json()["message_id"], json!(id));
    assert_eq!(recipient.call("PUT", &format!("{path}/status/acknowledged"), &[], b"").status, 410);

    let inbox = sender.get("/inbox").json();
    assert_eq!(inbox["messages"].as_array().unwrap().len(), 1, "one report");
    let about = inbox["messages"][0].as_str().unwrap().to_owned();
    assert_ne!(about, id);
    let report = sender.get(&format!("/inbox/{about}"));
    assert_eq!((report.status, report.body.len()), (200, 0));
    for (name, value) in [
        ("mex-messagetype", "REPORT"),
        ("mex-messageid", &about),
        ("mex-linkedmsgid", &id),
        ("mex-statuscode", "14"),
        ("mex-statusevent", "SEND"),
        ("mex-statussuccess", "ERROR"),
        ("mex-statusdescription", "Message not collected by recipient after 5 days"),
        ("mex-statustimestamp", "20260606120000"),
        ("mex-workflowid", "TEST_WORKFLOW"),
        ("mex-localid", "local-1"),
        ("mex-subject", "NDR: Results"),
        ("mex-to", "X26ABC2"),
        ("content-length", "0"),
    ] {
        assert_eq!(report.header(name), Some(value), "{name}");
    }
    for absent in ["mex-from", "content-encoding", "content-type"] {
        assert_eq!(report.header(absent), None, "{absent}");
    }
    let tracking = sender.get(&format!("/outbox/tracking?messageID={id}")).json();
    for (name, value) in [
        ("status", json!("undeliverable")),
        ("status_success", json!(false)),
        ("status_code", json!("14")),
        ("status_event", json!("SEND")),
    ] {
        assert_eq!(tracking[name], value, "{name}");
    }
    let tracking = sender.get("/outbox/tracking/local-1").json();
    assert_eq!(
        (&tracking["statusSuccess"], &tracking["failureDate"]),
        (&json!("ERROR"), &json!("20260606120000"))
    );
    let acknowledge = format!("/inbox/{about}/status/acknowledged");
    assert_eq!(sender.call("PUT", &acknowledge, &[], b"").status, 200);
    assert_eq!(sender.get("/count").json()["count"], 0);
}

#[test]
fn message_without_a_subject_is_reported_without_one() {
    let (mesh, clock) = timed();
    let mut sender = client(&mesh);
    sender.call("POST", "/outbox", &LETTER[..2], b"x");
    at(&mut sender, &clock, 5, 0);
    let report = sender.get("/inbox").json()["messages"][0].as_str().unwrap().to_owned();
    let report = sender.get(&format!("/inbox/{report}"));
    assert_eq!((report.header("mex-subject"), report.header("mex-localid")), (Some("NDR"), None));
}

#[test]
fn acknowledged_message_is_not_reported_and_nobody_reports_a_report() {
    let (mesh, clock) = timed();
    let (mut sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let id = id_of(&sender.call("POST", "/outbox", &LETTER, b"x"));
    recipient.call("PUT", &format!("/inbox/{id}/status/acknowledged"), &[], b"");
    let other = id_of(&sender.call("POST", "/outbox", &LETTER, b"y"));
    at(&mut sender, &clock, 6, 0);
    assert_eq!(sender.get("/count").json()["count"], 1, "of the one that was not acknowledged");
    // The report came on the fifth day, though nobody asked then; on the tenth it is gone.
    at(&mut sender, &clock, 10, 0);
    assert_eq!(sender.get("/count").json()["count"], 0);
    assert_eq!(sender.get(&format!("/outbox/tracking?messageID={id}")).json()["status"], "acknowledged");
    assert_eq!(sender.get(&format!("/outbox/tracking?messageID={other}")).json()["status"], "undeliverable");
    at(&mut sender, &clock, 30, 0);
    for id in [id, other] {
        assert_eq!(sender.get(&format!("/outbox/tracking?messageID={id}")).status, 404, "after 30 days");
    }
    assert_eq!(sender.get("/outbox/tracking/local-1").status, 404);
}

#[test]
fn message_that_is_never_finished_is_dropped_and_not_reported() {
    let (mesh, clock) = timed();
    let mut sender = client(&mesh);
    let headers: Vec<_> = LETTER.into_iter().chain([("mex-chunk-range", "1:2")]).collect();
    let id = id_of(&sender.call("POST", "/outbox", &headers, b"one"));
    let more = |sender: &Client<'_>| {
        let answer = sender.call("POST", &format!("/outbox/{id}/2"), &[("mex-chunk-range", "2:2")], b"two");
        answer.status
    };
    at(&mut sender, &clock, 5, 0);
    assert_eq!(more(&sender), 404);
    assert_eq!(sender.get("/count").json()["count"], 0);
}

#[test]
fn five_days_begin_with_the_last_chunk() {
    let (mesh, clock) = timed();
    let (mut sender, mut recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let headers: Vec<_> = LETTER.into_iter().chain([("mex-chunk-range", "1:2")]).collect();
    let id = id_of(&sender.call("POST", "/outbox", &headers, b"one"));
    at(&mut sender, &clock, 4, 0);
    sender.call("POST", &format!("/outbox/{id}/2"), &[("mex-chunk-range", "2:2")], b"two");
    at(&mut recipient, &clock, 9, -1);
    assert_eq!(recipient.get(&format!("/inbox/{id}")).status, 206);
    at(&mut recipient, &clock, 9, 0);
    assert_eq!(recipient.get(&format!("/inbox/{id}")).status, 410);
}
