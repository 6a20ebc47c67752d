//! What is asked of MESH and changes little: inbox, ack, track, lookup, validate.

use serde_json::json;

use crate::support::{Answer, Mailbox, Mesh, Program, WebServer};

/// Nobody listens there.
fn nowhere(program: Program) -> Program {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    program.args(["--url", &format!("https://127.0.0.1:{port}")])
}

#[test]
fn inbox_lists_one_id_a_line_and_says_what_to_do_next() {
    let mesh = Mesh::start();
    let empty = mesh.says("inbox", "X26ABC2").run().expect(0);
    assert_eq!((empty.stdout.as_str(), empty.stderr.as_str()), ("", "The inbox of X26ABC2 is empty.\n"));
    let ids = [mesh.sent(b"one", &[]), mesh.sent(b"two", &[])];
    let two = mesh.says("inbox", "X26ABC2").run().expect(0);
    assert_eq!(two.stdout, format!("{}\n{}\n", ids[0], ids[1]));
    let url = mesh.url();
    assert_eq!(
        two.stderr,
        format!("2 messages wait. Next: mesh-onboard receive X26ABC2 --url {url} --all --to DIR\n")
    );
    let answer = mesh.answers("inbox", "X26ABC2").run().expect(0);
    assert_eq!(answer.json(), json!({"messages": ids, "count": 2}));
}

#[test]
fn inbox_follows_pages_to_the_limit_and_filters_by_workflow() {
    let mesh = Mesh::start();
    let ids: Vec<_> = (0..13).map(|_| mesh.sent(b"x", &[])).collect();
    let inbox = |more: &[&str]| mesh.answers("inbox", "X26ABC2").args(more).run().expect(0).json();
    assert_eq!(inbox(&["--limit", "12"])["messages"], json!(ids[..12]));
    assert_eq!(inbox(&["--limit", "3"]), json!({"messages": ids[..3], "count": 3}));
    assert_eq!(inbox(&[])["count"], 13);
    assert_eq!(inbox(&["--workflow", "TEST_WORKFLOW"])["count"], 13);
    assert_eq!(inbox(&["--workflow", "!TEST*"])["count"], 0);
    mesh.says("inbox", "X26ABC2").args(["--limit", "3"]).run().expect(0).says("3 messages wait, and more.");
    mesh.answers("inbox", "X26ABC2").args(["--workflow", "*_ACK"]).run().expect_error(2, "usage");
}

#[test]
fn acknowledged_messages_leave_the_inbox_and_the_others_are_told_apart() {
    let mesh = Mesh::start();
    let ids = [mesh.sent(b"one", &[]), mesh.sent(b"two", &[])];
    let output = mesh.answers("ack", "X26ABC2").args([&ids[0], "NOBODY", &ids[1]]).run().expect(1);
    let answer = output.json();
    assert_eq!(answer["acknowledged"], json!(ids));
    assert_eq!(answer["failed"][0]["id"], "NOBODY", "{answer}");
    assert_eq!(answer["failed"][0]["error"]["code"], "mesh");
    let hint = answer["failed"][0]["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("mesh-onboard inbox X26ABC2 --url"), "{hint}");
    assert!(mesh.inbox("X26ABC2").is_empty());
    mesh.answers("ack", "X26ABC2").arg("../../x").run().expect_error(2, "usage");
}

#[test]
fn track_says_in_words_where_a_message_stands() {
    let mesh = Mesh::start();
    let id = mesh.sent(b"one", &["--local-id", "mine/1"]);
    let track = |more: &[&str]| mesh.answers("track", "X26ABC1").args(more).run().expect(0).json();
    let accepted = track(&[&id]);
    assert_eq!((&accepted["message_id"], &accepted["status"]), (&json!(id), &json!("accepted")));
    assert_eq!(accepted["meaning"], "MESH has it; the recipient has not acknowledged it yet");
    assert_eq!(accepted["local_id"], "mine/1");
    mesh.answers("ack", "X26ABC2").arg(&id).run().expect(0);
    let by_local_id = mesh.says("track", "X26ABC1").args(["--local-id", "mine/1"]).run().expect(0);
    let first = by_local_id.stdout.lines().next().unwrap();
    assert_eq!(first, format!("{id} is acknowledged: the recipient has it"));
    assert!(by_local_id.stdout.contains("\n  Recipient  X26ABC2, TESTMB2\n"), "{}", by_local_id.stdout);
    assert!(by_local_id.stdout.contains("\n  Sent       2026-06-01T12:00:"), "{}", by_local_id.stdout);
    assert!(accepted["upload_timestamp"].as_str().unwrap().starts_with("2026-06-01T12:00:"), "{accepted}");
    let error = mesh.answers("track", "X26ABC1").arg("NOBODY").run().expect_error(1, "mesh");
    assert!(error["hint"].as_str().unwrap().contains("no such message"), "{error}");
}

#[test]
fn lookup_finds_mailboxes_without_password_and_shared_key() {
    let mesh = Mesh::start();
    let lookup = || {
        let program = mesh.answers("lookup", "X26ABC1").without_env("MESH_MAILBOX_PASSWORD");
        program.without_env("MESH_SHARED_KEY")
    };
    let found = lookup().args(["--ods", "X26", "--workflow", "TEST_WORKFLOW"]).run().expect(0).json();
    assert_eq!(
        (&found["count"], &found["mailboxes"][0]["mailbox"]),
        (&json!(1), &json!("X26ABC2")),
        "{found}"
    );
    let all = lookup().args(["--workflow", "TEST_WORKFLOW2"]).run().expect(0).json();
    assert_eq!(all["count"], 3, "{all}");
    let program = mesh.says("lookup", "X26ABC1").args(["--ods", "X27", "--workflow", "TEST_WORKFLOW"]);
    let none = program.run().expect(0);
    assert_eq!(none.stdout, "");
    none.says("No mailbox of X27 takes TEST_WORKFLOW.");
}

#[test]
fn refusals_come_with_what_to_do() {
    let mesh = Mesh::start();
    let error = mesh.answers("validate", "X26ABC1").env("MESH_MAILBOX_PASSWORD", "wrong");
    let error = error.run().expect_error(1, "mesh");
    assert!(
        error["hint"].as_str().unwrap().contains("password of X26ABC1 or the shared key is wrong"),
        "{error}"
    );
    let send = |to: &str, workflow: &str| {
        let file = mesh.file_with("a.txt", "a");
        let program = mesh.answers("send", "X26ABC1").arg(file).args(["--to", to, "--workflow", workflow]);
        program.run().expect_error(1, "mesh")
    };
    let unknown = send("X26NONE", "TEST_WORKFLOW");
    assert_eq!(unknown["because"], json!(["the recipient's mailbox is not registered"]));
    assert!(unknown["hint"].as_str().unwrap().contains("mesh-onboard lookup X26ABC1 --url"), "{unknown}");
    let not_allowed = send("X26ABC1", "TEST_WORKFLOW_ACK");
    assert_eq!(
        not_allowed["because"],
        json!(["the sender is not allowed to send messages of this workflow"])
    );
    assert!(
        not_allowed["hint"].as_str().unwrap().contains("which workflows X26ABC1 may send"),
        "{not_allowed}"
    );
}

#[test]
fn exit_code_is_4_where_nobody_answers_and_each_wait_is_said() {
    let mesh = Mesh::start();
    let program = nowhere(mesh.person().args(["inbox", "X26ABC1"]));
    let output = program.run().expect(4);
    assert_eq!(output.stderr.matches("; trying again in ").count(), 5, "{}", output.stderr);
    let error = nowhere(mesh.person().args(["--json", "inbox", "X26ABC1"])).run().expect_error(4, "network");
    assert!(error["hint"].as_str().unwrap().contains("mesh-onboard check X26ABC1 --url"), "{error}");
}

#[test]
fn clock_that_is_off_is_said_once_in_either_direction() {
    let mut mesh = Mesh::start();
    // Its certificate begins when it starts, so that a client whose clock is behind has to look away.
    let unseeing = |mesh: &Mesh, command: &str| {
        let credential = mesh.home().join("rehearsal/X26ABC1/credentials/0001");
        let program = mesh.says(command, "X26ABC1").args(["--env", "sandbox", "--insecure", "--cert"]);
        program.arg(credential.join("bundles-01/fullchain.pem")).arg("--key").arg(credential.join("key.pem"))
    };
    mesh.restart_at("2026-06-01T12:12:00Z");
    let output = unseeing(&mesh, "inbox").run().expect(0);
    assert_eq!(output.stderr.matches("warning: the clock").count(), 1, "{}", output.stderr);
    output.says("minutes behind that of MESH");
    // So far that the token is refused.
    mesh.restart_at("2026-06-01T16:00:00Z");
    unseeing(&mesh, "validate")
        .run()
        .expect(1)
        .says("3 hours 5")
        .says("minutes behind that of MESH")
        .says("HTTP 403");
    mesh.restart_at("2026-06-01T12:00:00Z");
    let output = mesh.says("inbox", "X26ABC1").now("2026-06-01T12:30:00Z").run().expect(0);
    assert_eq!(output.stderr.matches("warning: the clock").count(), 1, "{}", output.stderr);
    output.says("minutes ahead of that of MESH");
    assert_eq!(mesh.says("validate", "X26ABC1").run().expect(0).stderr, "");
}

/// A sandbox without TLS, and a home that knows nothing of it.
fn plain(server: &WebServer, command: &str) -> Program {
    let program = Mailbox::none().person().without_env("MESH_KEY_PASSPHRASE").args([command, "X26ABC1"]);
    let secrets = [("MESH_MAILBOX_PASSWORD", "password"), ("MESH_SHARED_KEY", "TestKey")];
    let program = secrets.iter().fold(program, |program, (name, value)| program.env(name, value));
    let program = program.args(["--env", "sandbox", "--url", &server.url("")]);
    program.env("MESH_ONBOARD_TEST_FIRST_WAIT", "10").arg("--no-input")
}

#[test]
fn sandbox_that_asks_for_no_certificate_is_reached_without_any() {
    let server = WebServer::start(|path| match path.split('?').next() {
        Some("/messageexchange/X26ABC1/inbox") => Answer::Body(br#"{"messages":["A_1"]}"#.to_vec()),
        _ => Answer::Status(404),
    });
    let output = plain(&server, "inbox").run().expect(0);
    assert_eq!(output.stdout, "A_1\n");
    let line = plain(&server, "inbox").arg("--curl").run().expect(0).stdout;
    assert!(line.contains(" --noproxy '*' ") && !line.contains("--cert"), "{line}");
}

#[test]
fn each_wait_names_the_status_of_the_server() {
    let server = WebServer::start(|_| Answer::Status(503));
    let output = plain(&server, "inbox").run().expect(1);
    assert_eq!(
        output.stderr.matches("MESH answers 503; trying again in 1 s\n").count(),
        5,
        "{}",
        output.stderr
    );
    assert_eq!(server.asked(), 6);
    let server = WebServer::start(|_| Answer::Status(429));
    let error = plain(&server, "inbox").arg("--json").run().expect_error(1, "mesh");
    assert_eq!(error["because"], json!(["too many requests in too short a time"]));
}
