//! Messages in a folder outlive the server.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::store::files;

fn kept(folder: &Path, now: OffsetDateTime) -> std::io::Result<RehearsalMesh> {
    let config = RehearsalConfig { state: Some(folder.to_owned()), ..RehearsalConfig::default() };
    RehearsalMesh::start(config, &CA, Arc::new(move || now))
}

fn scratch() -> files::TemporaryFolder {
    files::temporary_home().unwrap()
}

const LETTER: [(&str, &str); 4] = [
    ("mex-to", "X26ABC2"),
    ("mex-workflowid", "TEST_WORKFLOW"),
    ("mex-localid", "l\u{f6}cal"),
    ("content-type", "text/csv"),
];

fn send(client: &Client<'_>, range: &str, body: &[u8]) -> String {
    let headers: Vec<_> = LETTER.into_iter().chain([("mex-chunk-range", range)]).collect();
    let answer = client.call("POST", "/outbox", &headers, body);
    answer.json()["message_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let mut found: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    found
}

#[test]
fn messages_survive_a_restart_in_every_state() {
    let folder = scratch();
    let state = folder.path().join("state");
    let large = vec![b'x'; 200_000];
    let (waiting, taken, half) = {
        let mesh = kept(&state, NOW).unwrap();
        let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
        let ids =
            (send(&sender, "1:1", &large), send(&sender, "1:1", b"small"), send(&sender, "1:3", b"one"));
        recipient.call("PUT", &format!("/inbox/{}/status/acknowledged", ids.1), &[], b"");
        let range = [("mex-chunk-range", "2:3")];
        assert_eq!(sender.call("POST", &format!("/outbox/{}/2", ids.2), &range, &large).status, 202);
        ids
    };
    let mesh = kept(&state, NOW).unwrap();
    let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    assert_eq!(recipient.get("/inbox").json()["messages"], json!([waiting]));
    let message = recipient.get(&format!("/inbox/{waiting}"));
    assert_eq!((message.status, &message.body), (200, &large));
    assert_eq!(message.header("content-type"), Some("text/csv"));
    assert_eq!(message.header("mex-localid"), Some("l\u{f6}cal"));
    assert_eq!(recipient.get(&format!("/inbox/{taken}")).status, 410);
    assert_eq!(sender.get("/outbox/tracking/l%C3%B6cal").status, 300, "all three");
    let range = [("mex-chunk-range", "3:3")];
    assert_eq!(sender.call("POST", &format!("/outbox/{half}/3"), &range, b"three").status, 202);
    assert_eq!(recipient.get("/inbox").json()["messages"], json!([waiting, half]));
    assert_eq!(recipient.get(&format!("/inbox/{half}/2")).body, large);
    let new = send(&sender, "1:1", b"new");
    assert!(![&waiting, &taken, &half].contains(&&new), "no ID is given twice");
}

#[test]
fn what_ends_leaves_no_body_and_what_is_forgotten_no_file() {
    let folder = scratch();
    {
        let mesh = kept(folder.path(), NOW).unwrap();
        let id = send(&client(&mesh), "1:1", b"x");
        assert_eq!(names(&folder.path().join("bodies")), [format!("{id}.1")]);
        client(&mesh).of("X26ABC2").call("PUT", &format!("/inbox/{id}/status/acknowledged"), &[], b"");
        assert!(names(&folder.path().join("bodies")).is_empty());
        assert_eq!(names(&folder.path().join("messages")), [format!("{id}.json")]);
    }
    // A killed server leaves such names behind.
    for orphan in ["bodies/.tmp-abc", "bodies/20260601120000000000_000009.1", "messages/.tmp-abc"] {
        fs::write(folder.path().join(orphan), "half").unwrap();
    }
    let mesh = kept(folder.path(), NOW + time::Duration::days(30)).unwrap();
    for name in ["bodies", "messages"] {
        assert!(names(&folder.path().join(name)).is_empty(), "{name}");
    }
    drop(mesh);
}

#[test]
fn what_expired_while_nobody_served_is_reported() {
    let folder = scratch();
    let id = send(&client(&kept(folder.path(), NOW).unwrap()), "1:1", b"x");
    let later = NOW + time::Duration::days(6);
    {
        kept(folder.path(), later).unwrap();
    }
    let mesh = kept(folder.path(), later).unwrap();
    let mut sender = client(&mesh);
    sender.now = later;
    let report = sender.get("/inbox").json()["messages"][0].as_str().unwrap().to_owned();
    let report = sender.get(&format!("/inbox/{report}"));
    assert_eq!(report.header("mex-linkedmsgid"), Some(id.as_str()));
    assert_eq!(report.header("mex-to"), Some("X26ABC2"));
}

#[test]
fn folder_serves_one_server_at_a_time_and_damage_is_named() {
    let folder = scratch();
    let mesh = kept(folder.path(), NOW).unwrap();
    assert!(kept(folder.path(), NOW).is_err());
    let id = send(&client(&mesh), "1:1", b"x");
    drop(mesh);
    fs::write(folder.path().join(format!("bodies/{id}.1")), "longer than it was").unwrap();
    let error = kept(folder.path(), NOW).unwrap_err().to_string();
    assert!(error.contains(&id) && error.contains("18 bytes instead of 1"), "{error}");
}
