//! `rehearse --serve` as scripts and applications meet it.
#![cfg(all(unix, feature = "rehearsal"))]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};
use support::{Mailbox, Program, Rehearsal, folder_of, openssl, path_arg, scratch, tool};

/// With the machine's own clock, which openssl and curl have, too.
fn program(home: &Path) -> Program {
    Program::new().home(home).real_clock()
}

/// Runs curl, which has to succeed, and returns the body.
fn curl(mut arguments: Vec<String>, more: &[&str]) -> String {
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    tool("curl", arguments)
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn send(mesh: &Rehearsal, body: &Path) -> String {
    let data = format!("@{}", path_arg(body));
    let more = ["-H", "mex-to: X26ABC2", "-H", "mex-workflowid: TEST_WORKFLOW", "--data-binary", &data];
    let answer = json_of(&curl(mesh.curl("X26ABC1", "/outbox"), &more));
    answer["message_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn inbox(mesh: &Rehearsal) -> Value {
    json_of(&curl(mesh.curl("X26ABC2", "/inbox"), &[]))["messages"].clone()
}

#[test]
fn settings_are_one_line_that_connects_and_all_is_gone_in_the_end() {
    let home = scratch();
    let mesh = Rehearsal::start(program(&home.path().join("home")), &[]);
    let settings = mesh.settings.as_object().unwrap();
    let names: Vec<_> = settings.keys().map(String::as_str).collect();
    assert_eq!(names, ["url", "ca", "shared_key", "mailboxes"]);
    assert_eq!(settings["shared_key"], "TestKey");
    let url = mesh.url();
    let port = url.strip_prefix("https://127.0.0.1:").expect("on loopback");
    assert!(port.parse::<u16>().is_ok(), "{url}");
    let mailboxes = settings["mailboxes"].as_array().unwrap();
    assert_eq!(mailboxes.len(), 3);
    for mailbox in mailboxes {
        let names: Vec<_> = mailbox.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["mailbox", "ods", "password", "certificate", "key"]);
    }
    assert_eq!(mailboxes[2]["ods"], "X27");

    let folder = folder_of(&mesh);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let (certificate, key) = (mesh.file("X26ABC1", "certificate"), mesh.file("X26ABC1", "key"));
    assert_eq!((mode(&certificate), mode(&key)), (0o600, 0o600));
    assert!(fs::read_to_string(&key).unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
    assert_eq!(fs::read_to_string(&certificate).unwrap().matches("BEGIN CERTIFICATE").count(), 2);
    let ca = path_arg(&mesh.ca());
    let (certificate, key) = (path_arg(&certificate), path_arg(&key));
    openssl(&format!("verify -CAfile {ca} -untrusted {certificate} {certificate}"));
    let said = openssl(&format!(
        "s_client -connect 127.0.0.1:{port} -CAfile {ca} -cert {certificate} -cert_chain {certificate} \
         -key {key} -verify_return_error -verify_ip 127.0.0.1"
    ));
    assert!(said.contains("Verify return code: 0 (ok)"), "{said}");

    let (code, stdout, stderr) = mesh.stop(Signal::TERM);
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    assert!(stderr.contains("has stopped"), "{stderr}");
    assert!(!folder.exists());
}

#[test]
fn interrupt_ends_it_as_well_and_no_temporary_file_is_left() {
    let folder = scratch();
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let program = program(&folder.path().join("home")).env("TMPDIR", &temporary);
    let mesh = Rehearsal::start(program, &[]);
    let body = folder.path().join("body");
    fs::write(&body, vec![b'x'; 300_000]).unwrap();
    send(&mesh, &body);
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 2, "credentials and messages");
    let (code, ..) = mesh.stop(Signal::INT);
    assert_eq!(code, Some(0));
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn kept_folder_goes_on_with_the_same_credentials_and_messages() {
    let folder = scratch();
    let (home, keep) = (folder.path().join("home"), folder.path().join("mesh"));
    let body = folder.path().join("body");
    fs::write(&body, vec![b'x'; 300_000]).unwrap();
    let start = || Rehearsal::start(program(&home), &["--keep", &path_arg(&keep)]);
    let mesh = start();
    let id = send(&mesh, &body);
    assert!(mesh.ca().starts_with(&keep) && mesh.file("X26ABC2", "key").starts_with(&keep));
    let settings = mesh.settings["mailboxes"].clone();
    let key = fs::read(mesh.file("X26ABC2", "key")).unwrap();
    assert_eq!(mesh.stop(Signal::TERM).0, Some(0));

    let mesh = start();
    assert_eq!(mesh.settings["mailboxes"], settings);
    assert_eq!(fs::read(mesh.file("X26ABC2", "key")).unwrap(), key);
    assert_eq!(inbox(&mesh), json!([id]));
    let got = curl(mesh.curl("X26ABC2", &format!("/inbox/{id}")), &[]);
    assert_eq!(got.len(), 300_000);
    assert!(!home.exists(), "what is kept is kept in one place");
}

#[test]
fn killed_server_has_lost_nothing_of_what_it_accepted() {
    let folder = scratch();
    let keep = path_arg(&folder.path().join("mesh"));
    let body = folder.path().join("body");
    fs::write(&body, "hello").unwrap();
    let start = || Rehearsal::start(program(&folder.path().join("home")), &["--keep", &keep]);
    let mesh = start();
    let id = send(&mesh, &body);
    assert_eq!(mesh.stop(Signal::KILL).0, None);
    assert_eq!(inbox(&start()), json!([id]));
}

#[test]
fn settings_for_people_work_when_they_are_pasted() {
    let folder = scratch();
    let home = folder.path().join("a home");
    let settings = folder.path().join("settings");
    let program_of = program(&home).arg("--output").arg(&settings).args(["rehearse", "--serve"]);
    let mut process = program_of.spawn();
    let begin = std::time::Instant::now();
    while !settings.exists() && begin.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let text = fs::read_to_string(&settings).unwrap_or_default();
    let (_, rest) = text.split_once("Try it from another shell:\n").expect("examples");
    let (commands, _) = rest.split_once("The official Python client:").expect("an end");
    let shell = Command::new("sh")
        .args(["-ec", commands])
        .env_clear()
        .env(
            "PATH",
            format!(
                "{}:{}",
                path_arg(Path::new(env!("CARGO_BIN_EXE_mesh-onboard")).parent().unwrap()),
                std::env::var("PATH").unwrap()
            ),
        )
        .env("MESH_ONBOARD_HOME", folder.path().join("another"))
        .env("HOME", folder.path())
        .output()
        .unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&process), Signal::TERM).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(0));
    let said =
        format!("{}{}", String::from_utf8_lossy(&shell.stdout), String::from_utf8_lossy(&shell.stderr));
    assert!(shell.status.success(), "{commands}\n{said}");
    assert!(said.contains("MESH validated mailbox X26ABC1"), "{said}");
    assert!(said.contains("X26ABC2"), "{said}");
}

#[test]
fn example_of_the_documentation_is_served() {
    let document =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rehearsal-mesh.md")).unwrap();
    let (_, example) = document.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let folder = scratch();
    let file = folder.path().join("rehearsal.toml");
    fs::write(&file, example).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let more = ["--config", path_arg(&file).as_str(), "--port", &port].map(str::to_owned);
    let mesh = Rehearsal::start(program(&folder.path().join("home")), &more.each_ref().map(String::as_str));
    assert_eq!(mesh.url(), format!("https://127.0.0.1:{port}"), "--port comes before the file");
    assert_eq!(mesh.settings["shared_key"], "rehearsal shared key");
    let ids: Vec<_> = mesh.settings["mailboxes"].as_array().unwrap().iter().map(|m| &m["mailbox"]).collect();
    assert_eq!(ids, ["X26HC005", "X26HC006"]);
    assert!(folder.path().join("messages/bodies").is_dir(), "state lies beside the file");
}

#[test]
fn mistakes_in_the_configuration_are_named_with_their_line() {
    let folder = scratch();
    let file = folder.path().join("rehearsal.toml");
    fs::write(&file, "shared_key = \"a\"\n\n[[mailboxes]]\nid = \"X26ABC1\"\npasswrd = \"b\"\n").unwrap();
    let args = ["--json", "--no-input", "rehearse", "--serve", "--config"];
    let run = || program(&folder.path().join("home")).args(args).arg(&file).run();
    let error = run().expect_error(2, "usage");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("rehearsal.toml: line 5: unknown field `passwrd`"), "{message}");
    fs::remove_file(&file).unwrap();
    run().expect_error(1, "io");
}

#[test]
fn taken_port_and_taken_folder_are_told() {
    let folder = scratch();
    let home = folder.path().join("home");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let serve =
        |more: &[&str]| program(&home).args(["--json", "--no-input", "rehearse", "--serve"]).args(more).run();
    let error = serve(&["--port", &port]).expect_error(1, "rehearsal_failed");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&format!("port {port}")) && message.contains("in use"), "{error}");
    let keep = path_arg(&folder.path().join("mesh"));
    let _mesh = Rehearsal::start(program(&home), &["--keep", &keep]);
    let error = serve(&["--keep", &keep]).expect_error(1, "rehearsal_failed");
    assert!(error["message"].as_str().unwrap().contains("is in use by a rehearsal MESH"), "{error}");
}

#[test]
fn mailbox_of_the_home_checks_against_it_at_the_time_of_its_clock() {
    let mailbox = Mailbox::none();
    let run = |args: &[&str]| mailbox.program().args(args).run().expect(0);
    run(&["request", Mailbox::ID, "--ods", "X26", "--env", "rehearsal"]);
    let csr = mailbox.home().join("rehearsal/X26ABC1/credentials/0001/request.csr");
    let reply = path_arg(&mailbox.file("reply.pem"));
    run(&["rehearse", "--issue", &path_arg(&csr), "--to", &reply]);
    run(&["import", Mailbox::ID, &reply]);
    // Both at the tests' own time, months or years from the machine's.
    let mesh = Rehearsal::start(Program::new().home(&mailbox.home()), &[]);
    let check = mailbox.program().args(["check", Mailbox::ID, "--url", &mesh.url(), "--round-trip"]);
    let check = check.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey");
    let answer = check.run().expect(0).json();
    assert_eq!(answer["verdict"], "pass", "{answer}");
}

#[test]
fn large_messages_do_not_lie_in_memory() {
    let folder = scratch();
    let mesh = Rehearsal::start(program(&folder.path().join("home")), &[]);
    let body = folder.path().join("body");
    fs::write(&body, vec![b'x'; 90_000_000]).unwrap();
    let before = mesh.peak();
    for _ in 0..3 {
        let id = send(&mesh, &body);
        let to = path_arg(&folder.path().join("got"));
        curl(mesh.curl("X26ABC2", &format!("/inbox/{id}")), &["--output", &to]);
        assert_eq!(fs::metadata(&to).unwrap().len(), 90_000_000);
    }
    let grown = mesh.peak() - before;
    assert!(grown < 24 * 1024, "it grew by {grown} KiB for messages of 90 MB");
}
