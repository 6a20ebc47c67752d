//! `import` where another credential is in use: it stays in use until the new one is proved.

use crate::keys;
use crate::support::{Mailbox, Program, changes, closed_port, tree};

/// With the secrets that open MESH.
fn with_login(program: Program) -> Program {
    program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey")
}

fn nobody() -> String {
    closed_port().replace("http:", "https:").trim_end_matches('/').to_owned()
}

#[test]
fn credential_that_cannot_be_checked_stays_ready_with_the_reason() {
    let mailbox = Mailbox::renewing();
    let answer = mailbox.import([mailbox.next_certificate()]).run().expect(3).json();
    assert_eq!((answer["credential"].as_u64(), &answer["state"]), (Some(2), &"ready".into()));
    assert_eq!(answer["reason"]["code"], "check_impossible", "{answer}");
    let reason = answer["reason"]["message"].as_str().unwrap();
    assert!(reason.contains("mailbox password") && reason.contains("--mailbox-password-file"), "{reason}");
    assert!(answer["next"].as_str().unwrap().contains("activate X26ABC1"), "{answer}");
    assert!(!keys(&answer).contains(&"check"), "{answer}");
    assert_eq!(mailbox.states(), ["current", "ready"]);
    assert!(mailbox.credential(2).join("bundles-01/X26ABC1.pfx").exists());

    // The same once more is a second try, and not a second credential.
    let output = mailbox.import_with(mailbox.person(), [mailbox.next_certificate()]).run().expect(3);
    assert!(
        output.stdout.contains("Credential 1 stays in use and credential 2 stays ready"),
        "{}",
        output.shown()
    );
    assert_eq!(mailbox.states(), ["current", "ready"]);
}

#[test]
fn credential_stays_ready_where_mesh_cannot_be_reached() {
    let mailbox = Mailbox::renewing();
    let program = with_login(mailbox.import([mailbox.next_certificate()])).args(["--url", &nobody()]);
    let answer = program.run().expect(4).json();
    assert_eq!((&answer["state"], &answer["reason"]["code"]), (&"ready".into(), &"unreachable".into()));
    assert_eq!(answer["check"]["verdict"], "fail", "{answer}");
    assert_eq!(mailbox.states(), ["current", "ready"]);
    let program = with_login(mailbox.import_with(mailbox.person(), [mailbox.next_certificate()]));
    let output = program.args(["--url", &nobody()]).run().expect(4);
    for said in [
        "connect failed",
        "Credential 1 stays in use",
        "activate X26ABC1",
        "mesh-onboard check X26ABC1 --credential 2 --url",
    ] {
        assert!(output.stdout.contains(said), "'{said}' is missing\n{}", output.shown());
    }
}

#[test]
fn no_check_leaves_the_credential_ready_and_is_no_failure() {
    let mailbox = Mailbox::renewing();
    let answer = mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0).json();
    assert_eq!((&answer["state"], &answer["reason"]["code"]), (&"ready".into(), &"not_checked".into()));
    assert_eq!(mailbox.states(), ["current", "ready"]);
}

#[test]
fn first_credential_is_current_without_a_check() {
    let mailbox = Mailbox::requested();
    let program = with_login(mailbox.import([mailbox.certificate()])).args(["--url", &nobody()]);
    let answer = program.run().expect(0).json();
    assert_eq!(answer["state"], "current");
    assert!(!keys(&answer).contains(&"reason") && !keys(&answer).contains(&"check"), "{answer}");
    assert!(mailbox.history()[0]["in_use_from"].is_string());
}

#[test]
fn dry_run_says_what_would_become_of_it_and_writes_nothing() {
    let mailbox = Mailbox::renewing();
    let (before, next) = (tree(&mailbox.home()), mailbox.next_certificate());
    let program = mailbox.import_with(mailbox.person(), [next]).arg("--dry-run");
    let output = program.run().expect(0);
    assert!(output.stdout.contains("credential 2, would become ready"), "{}", output.shown());
    assert!(output.stdout.contains("until a check with the new one passes"), "{}", output.shown());
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn answer_to_a_credential_that_gave_way_does_not_bring_it_back() {
    let mailbox = Mailbox::switched();
    let answer =
        with_login(mailbox.import([mailbox.certificate()])).args(["--url", &nobody()]).run().expect(0).json();
    assert_eq!((answer["credential"].as_u64(), &answer["state"]), (Some(1), &"archived".into()));
    assert!(answer["next"].as_str().unwrap().contains("rollback X26ABC1"), "{answer}");
    assert_eq!(mailbox.states(), ["archived", "current"]);
}

#[test]
fn whatever_is_wrong_with_the_login_is_said_before_anything_is_written() {
    let mailbox = Mailbox::renewing();
    let next = mailbox.next_certificate();
    let before = tree(&mailbox.home());
    for (more, exit, code) in [
        (["--mailbox-password-file", "no-such-file"], 1, "io"),
        (["--url", "http://localhost:8700"], 2, "usage"),
        (["--proxy", "http://user:secret@localhost"], 2, "usage"),
    ] {
        let output = with_login(mailbox.import([&next])).args(more).run();
        let changed = changes(&before, &tree(&mailbox.home()));
        assert!(changed.is_empty(), "{more:?} changed {changed:?}");
        output.expect_error(exit, code);
    }
}

#[test]
fn empty_answers_leave_the_credential_ready_unchecked() {
    let mailbox = Mailbox::renewing();
    let program = mailbox.import_with(mailbox.person(), [mailbox.next_certificate()]);
    let talk = program.in_terminal(&[("Password of mailbox X26ABC1", "\r"), ("Shared key", "\r")]);
    assert_eq!(talk.status, 3, "{}", talk.screen);
    assert!(talk.screen.contains("an empty answer leaves it ready"), "{}", talk.screen);
    assert!(talk.screen.contains("no mailbox password was given"), "{}", talk.screen);
    assert_eq!(mailbox.states(), ["current", "ready"]);
}

#[test]
fn hook_of_an_import_that_leaves_the_credential_ready_runs_when_it_is_activated() {
    let mailbox = Mailbox::renewing();
    let program = with_login(mailbox.import([mailbox.next_certificate()]));
    program.args(["--url", &nobody(), "--deploy-hook", "echo now"]).run().expect(4);
    assert_eq!(mailbox.states(), ["current", "ready"]);
    let answer = mailbox.program().args(["activate", Mailbox::ID]).run().expect(0).json();
    assert_eq!(answer["deploy_hook"]["output"], "now\n", "{answer}");
}
