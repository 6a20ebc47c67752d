//! `token`: a header for one request, and what is wrong with one.

use serde_json::Value;

use crate::keys;
use crate::support::{Mailbox, Output, Program, tree};

const PASSWORD: &str = "a MARKED password";
const KEY: &str = "a MARKED key";
/// Made by `printf 'X26ABC1:1c820cd4-be3e-43ff-807f-e65362892722:0:a MARKED password:202606011200' |
/// openssl dgst -sha256 -hmac 'a MARKED key'`.
const GOOD: &str = "NHSMESH X26ABC1:1c820cd4-be3e-43ff-807f-e65362892722:0:202606011200:ec9715a753d3463e6a847ca0514344d3978dee4332b396ce24a340484610c2a4";

fn with_secrets(program: Program) -> Program {
    program.env("MESH_MAILBOX_PASSWORD", PASSWORD).env("MESH_SHARED_KEY", KEY)
}

/// `token X26ABC1`, in JSON, of a mailbox that is not stored.
fn token(mailbox: &Mailbox) -> Program {
    with_secrets(mailbox.program()).args(["token", "X26ABC1"])
}

fn verify(header: &str) -> Output {
    token(&Mailbox::none()).args(["--verify", header]).run()
}

fn codes(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().expect("findings");
    findings.iter().map(|finding| finding["code"].as_str().expect("a code")).collect()
}

#[track_caller]
fn shows_no_secret(output: &Output) {
    assert!(!output.shown().contains("MARKED"), "{}", output.shown());
}

#[test]
fn header_is_printed_with_what_it_is_good_for() {
    let mailbox = Mailbox::none();
    let output = with_secrets(mailbox.person()).args(["token", "x26abc1"]).run().expect(0);
    let header = output.stdout.trim_end();
    assert!(header.starts_with("NHSMESH X26ABC1:"), "{header}");
    assert_eq!(output.stdout.lines().count(), 1);
    shows_no_secret(&output);
    let output = output.says("one request").says("2026-06-01T14:00:00Z");
    assert!(tree(&mailbox.home()).is_empty(), "{}", output.shown());
    let second = with_secrets(mailbox.person()).args(["token", "X26ABC1"]).run().expect(0);
    assert_ne!(second.stdout, output.stdout, "a header serves once");
}

#[test]
fn json_has_the_header_and_when_it_ends() {
    let mailbox = Mailbox::none();
    let answer = token(&mailbox).run().expect(0).json();
    assert_eq!(keys(&answer), ["authorization", "expires_at", "mailbox"]);
    assert_eq!(answer["expires_at"], "2026-06-01T14:00:00Z");
    let answer = token(&mailbox).args(["--env", "int"]).run().expect(0).json();
    assert_eq!(answer["environment"], "integration");
    let requested = token(&Mailbox::requested()).run().expect(0).json();
    assert_eq!(requested["environment"], "sandbox", "a stored mailbox knows its environment");
}

#[test]
fn header_of_our_own_is_verified() {
    let header = token(&Mailbox::none()).run().expect(0).json()["authorization"].clone();
    let answer = verify(header.as_str().unwrap()).expect(0).json();
    assert_eq!((&answer["verdict"], codes(&answer)), (&Value::from("pass"), Vec::new()));
    assert_eq!(answer["fields"]["mailbox"], "X26ABC1");
    assert_eq!(keys(&answer["fields"]), ["hash", "mailbox", "nonce", "nonce_count", "timestamp"]);
    let hash = header.as_str().unwrap().rsplit(':').next().unwrap();
    assert_eq!(answer["fields"]["hash"], format!("{}…", &hash[..8]), "all of it would be a token again");
}

#[test]
fn header_that_openssl_made_is_verified() {
    let output = verify(GOOD).expect(0);
    assert_eq!(codes(&output.json()), [""; 0], "{}", output.shown());
}

#[test]
fn header_that_fails_is_explained_with_exit_code_3() {
    let lower = GOOD.replace("NHSMESH X26ABC1", "x26abc1");
    let output = verify(&lower).expect(3);
    let answer = output.json();
    assert_eq!(codes(&answer), ["scheme_missing", "mailbox_case"]);
    assert_eq!(answer["verdict"], "fail");
    for finding in answer["findings"].as_array().unwrap() {
        assert_eq!(keys(finding), ["code", "message", "remedy", "severity"]);
        assert_eq!(finding["severity"], "fail");
    }
    let person = with_secrets(Mailbox::none().person());
    let output = person.args(["token", "X26ABC1", "--verify", &lower]).run().expect(3);
    for words in ["scheme_missing", "'NHSMESH '", "mailbox_case", "capitals", "refuses"] {
        assert!(output.stdout.contains(words), "{words}\n{}", output.shown());
    }
    shows_no_secret(&output);
}

#[test]
fn header_comes_from_standard_input_without_its_line_end() {
    for end in ["", "\n", "\r\n"] {
        let program = token(&Mailbox::none()).args(["--verify", "-"]).stdin(format!("{GOOD}{end}"));
        assert_eq!(codes(&program.run().expect(0).json()), [""; 0], "{end:?}");
    }
    let program = token(&Mailbox::none()).args(["--verify", "-"]).stdin(format!("{GOOD}\n\n"));
    assert_eq!(codes(&program.run().expect(3).json()), ["line_end"]);
    let program = token(&Mailbox::none()).args(["--verify", "-"]).stdin([0xff, 0xfe, b'N', 0]);
    program.run().expect_error(2, "usage");
}

#[test]
fn standard_input_serves_once() {
    let program = token(&Mailbox::none()).args(["--verify", "-", "--shared-key-file", "-"]);
    program.stdin(GOOD).run().expect_error(2, "usage");
}

#[test]
fn header_from_a_log_is_judged_at_its_own_time() {
    let mailbox = Mailbox::none();
    let late = || token(&mailbox).args(["--verify", GOOD]).now("2026-06-03T09:17:00Z");
    assert_eq!(codes(&late().run().expect(3).json()), ["timestamp_old"]);
    late().args(["--at", "2026-06-01T13:05:00+01:00"]).run().expect(0);
    late().args(["--at", "yesterday"]).run().expect_error(2, "usage");
    token(&mailbox).args(["--at", "2026-06-01T12:00:00Z"]).run().expect_error(2, "usage");
}

#[test]
fn local_time_is_recognised() {
    let header = |stamp: &str| GOOD.replace("202606011200", stamp);
    let answer = verify(&header("202606011300")).expect(3).json();
    assert_eq!(codes(&answer), ["timestamp_local", "message_timestamp"]);
    let local = &answer["findings"][0];
    assert_eq!(local["severity"], "warn");
    assert!(local["message"].as_str().unwrap().contains("British summer time"), "{local}");
}

#[test]
fn secret_that_a_header_gives_away_is_told_and_not_repeated() {
    let header = GOOD.replace(":0:2026", &format!(":0:{PASSWORD}:2026"));
    let mailbox = Mailbox::none();
    let program = token(&mailbox).args(["--verify", "-"]).stdin(header);
    let output = program.run().expect(3);
    assert_eq!(codes(&output.json()), ["field_count", "secret_in_header"]);
    shows_no_secret(&output);
}

#[test]
fn wrong_secret_is_said_to_be_one_of_two() {
    let program = token(&Mailbox::none()).env("MESH_SHARED_KEY", "another").args(["--verify", GOOD]);
    let output = program.run().expect(3);
    assert_eq!(codes(&output.json()), ["secrets_differ"]);
    let remedy = output.json()["findings"][0]["remedy"].to_string();
    assert!(remedy.contains("nobody can tell which"), "{remedy}");
}

#[test]
fn secrets_are_found_as_everywhere() {
    let mailbox = Mailbox::none();
    let (password, key) = (mailbox.file_with("password", PASSWORD), mailbox.file_with("key", KEY));
    let program = mailbox.program().args(["token", "X26ABC1", "--verify", GOOD]);
    let program = program.arg("--mailbox-password-file").arg(password).arg("--shared-secret-file").arg(key);
    program.run().expect(0);
    let error = mailbox.program().args(["token", "X26ABC1"]).run().expect_error(2, "input_needed");
    assert!(error["hint"].to_string().contains("--mailbox-password-file"), "{error}");
}

#[test]
fn secret_command_is_asked_where_the_environment_is_known() {
    let mailbox = Mailbox::none();
    std::fs::create_dir(mailbox.home()).unwrap();
    let script = format!("case \\\"$1\\\" in MESH_SHARED_KEY) echo '{KEY}';; *) echo '{PASSWORD}';; esac");
    let settings = format!("secret_command = [\"sh\", \"-c\", \"{script}\", \"sh\"]\n");
    std::fs::write(mailbox.home().join("settings.toml"), settings).unwrap();
    let program = || mailbox.program().args(["token", "X26ABC1", "--verify", GOOD]);
    program().args(["--env", "int"]).run().expect(0);
    program().run().expect_error(2, "input_needed");
}

#[test]
fn mailbox_of_two_environments_has_to_be_told_apart() {
    let mailbox = Mailbox::requested();
    let request = ["request", "X26ABC1", "--ods", "X26", "--env", "int"];
    mailbox.program().args(request).run().expect(0);
    token(&mailbox).run().expect_error(2, "ambiguous_mailbox");
    token(&mailbox).args(["--env", "int"]).run().expect(0);
}

#[test]
fn usage_is_refused() {
    let mailbox = Mailbox::none();
    mailbox.program().arg("token").run().expect_error(2, "usage");
    mailbox.program().args(["token", "no mailbox"]).run().expect_error(2, "usage");
    let long = "x".repeat(10_000);
    token(&mailbox).args(["--verify", "-"]).stdin(long.clone()).run().expect_error(2, "usage");
    token(&mailbox).args(["--verify", &long]).run().expect_error(2, "usage");
}
