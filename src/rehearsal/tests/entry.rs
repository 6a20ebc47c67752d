use time::Duration;

use super::*;
use crate::mesh::wire::ACCEPT_V2;
use crate::secret::{MailboxPassword, SharedKey};

const HANDSHAKE: [(&str, &str); 3] =
    [("mex-clientversion", "test==1"), ("mex-osname", "Linux"), ("mex-osversion", "6")];
const READING: &str = "Error reading from Authorization header";
const MISMATCH: &str = "Mailbox id does not match token";
const INVALID: &str = "Invalid Authentication Token";

fn enter(client: &Client<'_>, path: &str, token: Option<&str>) -> client::Answer {
    let mut headers = HANDSHAKE.to_vec();
    headers.push(("accept", ACCEPT_V2));
    headers.extend(token.map(|token| ("authorization", token)));
    client.request("POST", &format!("/messageexchange/{path}"), &headers, b"").unwrap()
}

fn forbidden(answer: &client::Answer, event: &str, code: &str, text: &str) {
    assert_eq!(answer.refusal(), (403, event.into(), code.into(), text.into()));
}

#[test]
fn good_token_enters_and_the_date_is_the_clocks() {
    let mesh = mesh();
    let client = client(&mesh);
    for method in ["POST", "GET"] {
        let answer = client.call(method, "", &HANDSHAKE, b"");
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]));
        assert_eq!(answer.header("date"), Some("Mon, 01 Jun 2026 12:00:00 GMT"));
    }
    let token = client.token(NOW);
    let headers: Vec<_> = HANDSHAKE.into_iter().chain([("authorization", token.as_str())]).collect();
    let answer = client.request("POST", "/messageexchange/X26ABC1", &headers, b"").unwrap();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), serde_json::json!({ "mailboxId": "X26ABC1" }));
    assert_eq!(enter(&client, "x26abc1", Some(&client.token(NOW))).status, 200, "the path may be lower case");
}

#[test]
fn handshake_without_its_headers_names_them() {
    let mesh = mesh();
    let answer = client(&mesh).call("POST", "", &HANDSHAKE[..2], b"");
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/json")));
    assert_eq!(
        answer.json(),
        serde_json::json!({ "detail": [{ "type": "missing", "loc": ["header", "mex-osversion"], "msg": "Field required" }] })
    );
}

#[test]
fn token_enters_once() {
    let mesh = mesh();
    let client = client(&mesh);
    let token = client.token(NOW);
    assert_eq!(enter(&client, "X26ABC1", Some(&token)).status, 200);
    let again = enter(&client, "X26ABC1", Some(&token));
    forbidden(&again, "", "", "Error Duplicated Authentication Token");
}

#[test]
fn refused_token_is_not_spent() {
    let mesh = mesh();
    let client = client(&mesh);
    let token = client.token(NOW);
    let damaged = format!("{}0", &token[..token.len() - 1]);
    let other = format!("{}1", &token[..token.len() - 1]);
    let damaged = if damaged == token { other } else { damaged };
    forbidden(&enter(&client, "X26ABC1", Some(&damaged)), "", "", INVALID);
    assert_eq!(enter(&client, "X26ABC1", Some(&token)).status, 200);
}

#[test]
fn timestamp_more_than_two_hours_off_is_refused() {
    let mesh = mesh();
    let client = client(&mesh);
    for (minutes, status) in [(-120, 200), (120, 200), (-121, 403), (121, 403)] {
        let answer = enter(&client, "X26ABC1", Some(&client.token(NOW + Duration::minutes(minutes))));
        assert_eq!(answer.status, status, "{minutes} minutes");
        if status == 403 {
            forbidden(&answer, "", "", INVALID);
        }
    }
}

#[test]
fn header_that_cannot_be_read_is_refused() {
    let mesh = mesh();
    let client = client(&mesh);
    let token = client.token(NOW);
    let bare = token.strip_prefix("NHSMESH ").unwrap();
    let no_space = token.replacen(' ', "", 1);
    let short = token.rsplit_once(':').unwrap().0;
    for token in [None, Some(""), Some(bare), Some(&no_space), Some(short), Some("Basic Zm9v")] {
        forbidden(&enter(&client, "X26ABC1", token), "", "", READING);
    }
}

#[test]
fn token_of_another_mailbox_or_in_lower_case_does_not_match() {
    let mesh = mesh();
    let client = client(&mesh);
    forbidden(&enter(&client, "X26ABC2", Some(&client.token(NOW))), "", "", MISMATCH);
    let lower = client.token(NOW).replace("X26ABC1", "x26abc1");
    forbidden(&enter(&client, "X26ABC1", Some(&lower)), "", "", MISMATCH);
    forbidden(&enter(&client, "x26abc1", Some(&lower)), "", "", MISMATCH);
}

#[test]
fn unknown_mailbox_and_wrong_secrets_are_told_as_by_mesh() {
    let mesh = mesh();
    let stranger = client(&mesh).of("X26ZZZ9");
    let answer = enter(&stranger, "X26ZZZ9", Some(&stranger.token(NOW)));
    forbidden(&answer, "SEND", "EPL-151", "No mailbox matched");

    let mut client = client(&mesh);
    client.login.password = MailboxPassword::new("wrong");
    forbidden(&enter(&client, "X26ABC1", Some(&client.token(NOW))), "", "", INVALID);
    client.login.password = MailboxPassword::new("password");
    client.login.shared_key = SharedKey::new("wrong");
    forbidden(&enter(&client, "X26ABC1", Some(&client.token(NOW))), "", "", INVALID);
}

#[test]
fn refusal_in_version_1_has_its_shape() {
    let mesh = mesh();
    let answer = client(&mesh).request("GET", "/messageexchange/X26ABC1/inbox", &[], b"").unwrap();
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json(),
        serde_json::json!({ "errorEvent": "", "errorCode": "", "errorDescription": READING })
    );
}

#[test]
fn added_mailbox_enters_with_its_own_password_and_writes_to_itself() {
    let mut config = RehearsalConfig::default();
    config.add_mailbox(RehearsalMailbox {
        mailbox: "N1G3BOT001".parse().unwrap(),
        ods: "N1G3B".parse().unwrap(),
        password: MailboxPassword::new("its own"),
        name: String::new(),
    });
    let mesh = RehearsalMesh::start(config, &CA, Arc::new(|| NOW)).unwrap();
    let mut client = client(&mesh).of("N1G3BOT001");
    forbidden(&client.get("/inbox"), "", "", INVALID);
    client.login.password = MailboxPassword::new("its own");
    let headers = [("mex-to", "N1G3BOT001"), ("mex-workflowid", "TEST_WORKFLOW2")];
    assert_eq!(client.call("POST", "/outbox", &headers, b"round trip").status, 202);
}
