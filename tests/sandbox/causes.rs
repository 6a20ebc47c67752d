//! The causes that can be arranged at the sandbox, whose server closes without alerts: each is named by its probe and its
//! code, and by nothing else.

use std::path::Path;

use serde_json::Value;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::server::{Door, Sandbox};
use crate::support::{Authority, Leaf, Mailbox, Output, Program};

/// The probes that are not well, with their codes.
fn not_well(answer: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let probes = answer["probes"].as_array().expect("probes").iter();
    probes
        .filter(|probe| probe["status"] == "fail" || probe["status"] == "warn")
        .map(|probe| format!("{} {} {}", text(&probe["id"]), text(&probe["status"]), text(&probe["code"])))
        .collect()
}

/// Asserts what is not well, in the order of the probes, and the exit code.
#[track_caller]
fn assert_names(cause: &str, output: &Output, expected: &[&str], exit: i32) {
    assert_eq!(output.code(), Some(exit), "{cause}\n{}", output.shown());
    assert_eq!(not_well(&output.json()), expected, "{cause}\n{}", output.shown());
}

#[test]
fn refused_logins_are_told_apart() {
    let sandbox = Sandbox::start();
    sandbox.import();
    for (cause, password, shared_key, code) in [
        ("wrong password", "wrong", "TestKey", "login_refused"),
        ("both wrong", "wrong", "wrong too", "login_refused"),
        ("wrong shared key", "password", "wrong", "sandbox_shared_key"),
        ("shared key of the package", "password", "Banana", "sandbox_shared_key"),
        ("swapped", "TestKey", "password", "secrets_swapped"),
        ("shared key twice", "TestKey", "TestKey", "secrets_equal"),
    ] {
        let program = sandbox.check().arg(Mailbox::ID).env("MESH_MAILBOX_PASSWORD", password);
        let output = program.env("MESH_SHARED_KEY", shared_key).run();
        assert_names(cause, &output, &[&format!("authorization fail {code}")], 3);
    }
    // The server answers a wrong password and a wrong shared key alike, so both have to be named.
    let output = sandbox.check().arg(Mailbox::ID).env("MESH_MAILBOX_PASSWORD", "MARK-wrong").run();
    for word in ["password", "shared key"] {
        assert!(output.stdout.contains(word), "'{word}' is missing: {}", output.shown());
    }
    assert!(!output.shown().contains("MARK"), "the password is shown: {}", output.shown());
}

#[test]
fn unknown_mailbox_is_named() {
    let sandbox = Sandbox::start();
    sandbox.import();
    let (stranger, files) = ("X26ZZZ9", sandbox.mailbox.credential(1));
    let program = sandbox.check().arg(stranger).arg("--cert").arg(files.join("bundles-01/fullchain.pem"));
    let output = program.arg("--key").arg(files.join("key.pem")).run();
    assert_names("unknown mailbox", &output, &["authorization fail mailbox_unknown"], 3);
    assert!(output.stdout.contains(stranger), "{}", output.shown());
}

/// `check` with a certificate that was signed with a key of its own.
fn with_leaf(sandbox: &Sandbox, leaf: impl Fn(Leaf) -> Leaf, chain: &[&Path]) -> Program {
    let stem = sandbox.mailbox.file("leaf");
    let authority = Authority::ours();
    let described = leaf(valid_for_years(authority.leaf(&stem, Mailbox::COMMON_NAME)).with_new_key(&stem));
    let signed = described.sign(&stem.with_extension("pem"));
    let parts = std::iter::once(signed.as_path()).chain(chain.iter().copied());
    let text: Vec<_> = parts.map(|part| std::fs::read_to_string(part).expect("PEM")).collect();
    let certificate = sandbox.mailbox.file_with("shown.pem", text.concat());
    let program = sandbox.check().arg(Mailbox::ID);
    program.arg("--cert").arg(certificate).arg("--key").arg(stem.with_extension("key"))
}

/// Long enough to be warned of nothing.
fn valid_for_years(leaf: Leaf) -> Leaf {
    let day = |days| {
        let day = OffsetDateTime::now_utc() + Duration::days(days);
        day.format(format_description!("[year][month][day]000000Z")).expect("a date can be written")
    };
    leaf.valid(&day(-1), &day(1000)).key_usage_ends(&day(700))
}

#[test]
fn certificate_that_the_server_hangs_up_on_is_told_once_and_for_its_own_reason() {
    let sandbox = Sandbox::start();
    let sub = Authority::ours().sub();
    let output = with_leaf(&sandbox, |leaf| leaf, &[&sub]).run();
    assert_names("nothing is wrong", &output, &[], 0);

    let over = |leaf: Leaf| leaf.valid("20220101000000Z", "20250101000000Z");
    let output = with_leaf(&sandbox, over, &[&sub]).run();
    assert_names("expired", &output, &["expiry fail expired"], 3);

    let for_servers = |leaf: Leaf| leaf.extended_key_usage("serverAuth");
    let output = with_leaf(&sandbox, for_servers, &[&sub]).run();
    assert_names("no clientAuth", &output, &["chain fail no_client_auth"], 3);
}

#[test]
fn sub_ca_that_is_not_shown_is_behind_the_refusal() {
    let sandbox = Sandbox::start_with(Door::RootAlone);
    let output = with_leaf(&sandbox, |leaf| leaf, &[&Authority::ours().sub()]).run();
    assert_names("the sub CA is shown", &output, &[], 0);
    let output = with_leaf(&sandbox, |leaf| leaf, &[]).run();
    let expected = ["chain warn chain_incomplete", "client_certificate fail closed_without_alert"];
    assert_names("the sub CA is not shown", &output, &expected, 3);
    assert!(output.stdout.contains("chain warned: "), "{}", output.shown());
}

#[test]
fn certificate_of_another_ca_is_named() {
    let sandbox = Sandbox::start();
    let (mailbox, foreign) = (&sandbox.mailbox, Authority::foreign());
    let reply = foreign.leaf(&mailbox.csr(), Mailbox::COMMON_NAME);
    let reply = valid_for_years(reply).sign(&mailbox.file("foreign.pem"));
    let program = mailbox.program().real_clock().args(["import", Mailbox::ID]).arg(reply);
    program.arg("--ca").arg(foreign.root()).arg("--ca").arg(foreign.sub()).run().expect(0);
    let output = sandbox.check().arg(Mailbox::ID).run();
    assert_names("foreign CA", &output, &["client_certificate fail closed_without_alert"], 3);
}

/// `check` of the imported credential there, trusting this for the server.
fn at(sandbox: &Sandbox, url: &str, ca: &Path) -> Output {
    let program = sandbox.secrets(sandbox.mailbox.program().real_clock());
    program.args(["check", Mailbox::ID, "--url", url]).arg("--ca").arg(ca).run()
}

#[test]
fn server_that_is_not_trusted_not_named_or_not_there_is_named() {
    let mut sandbox = Sandbox::start();
    sandbox.import();
    let output = at(&sandbox, &sandbox.url, &Authority::foreign().root());
    assert_names("untrusted server", &output, &["server_trust fail unknown_root"], 3);
    sandbox.stop();
    let output = at(&sandbox, &sandbox.url, &sandbox.server_ca());
    assert_names("closed port", &output, &["connect fail refused"], 4);

    let sandbox = Sandbox::start_with(Door::SelfSigned);
    sandbox.import();
    let other = sandbox.url.replace("localhost", "127.0.0.1");
    let output = at(&sandbox, &other, &sandbox.own_certificate());
    assert_names("another name", &output, &["server_trust fail server_name"], 3);
}

#[test]
fn message_whose_id_is_no_time_is_dated_by_its_headers() {
    let sandbox = Sandbox::start();
    sandbox.import();
    let file = sandbox.mailbox.file_with("waits", "waits to be read");
    let program =
        sandbox.secrets(sandbox.mailbox.program().real_clock()).args(["send", Mailbox::ID]).arg(file);
    let program = program.args(["--to", Mailbox::ID, "--workflow", "TEST_WORKFLOW2", "--url", &sandbox.url]);
    program.arg("--ca").arg(sandbox.server_ca()).run().expect(0);
    let answer = sandbox.check().arg(Mailbox::ID).run().expect(0).json();
    let probes = answer["probes"].as_array().expect("probes").iter();
    let found = probes.filter(|probe| probe["id"] == "mailbox").map(|probe| probe["evidence"].to_string());
    let evidence: String = found.collect();
    assert!(evidence.contains("1 message in the inbox; the oldest came at 20"), "{evidence}");
}
