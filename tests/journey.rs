//! `rehearse`: the whole journey on one machine, end to end.

use std::fs;

use serde_json::Value;

mod support;

use support::{Mailbox, Program, openssl, path_arg, tree};

const STEPS: [&str; 6] = ["authority", "request", "issue", "import", "serve", "check"];

/// The rehearsal's own passphrase, which it prints.
const PASSPHRASE: &str = "rehearsal passphrase";

fn rehearse(mailbox: &Mailbox) -> Program {
    Program::new().home(&mailbox.home()).args(["--json", "--no-input", "rehearse"])
}

fn assert_passed(answer: &Value) {
    assert_eq!(answer["verdict"], "pass", "{answer}");
    let steps = answer["steps"].as_array().expect("steps");
    let ids: Vec<_> = steps.iter().map(|s| s["id"].as_str().expect("an id")).collect();
    assert_eq!(ids, STEPS);
    for step in steps {
        assert_eq!(step["status"], "pass", "{step}");
        assert!(step["millis"].is_number(), "{step}");
        assert!(step["evidence"].as_str().is_some_and(|e| !e.is_empty()), "{step}");
    }
}

#[test]
fn rehearsal_passes_every_step_and_leaves_nothing() {
    let mailbox = Mailbox::none();
    let temporary = mailbox.file("tmp");
    fs::create_dir(&temporary).unwrap();
    let output = rehearse(&mailbox).env("TMPDIR", &temporary).run().expect(0);
    let answer = output.json();
    assert_passed(&answer);
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["steps", "verdict"]);
    assert!(tree(&temporary).is_empty(), "the temporary home is still there");
    assert!(tree(&mailbox.home()).is_empty(), "the user's own home was touched");
    // A line a step for the person who watches.
    assert!(STEPS.iter().all(|step| output.stderr.contains(step)), "{}", output.shown());
}

#[test]
fn rehearsal_passes_at_any_time() {
    for now in ["2024-02-29T23:59:59Z", "2049-12-31T12:00:00Z", "2050-01-01T00:00:00Z"] {
        assert_passed(&rehearse(&Mailbox::none()).now(now).run().expect(0).json());
    }
}

#[test]
fn kept_rehearsal_is_a_home_like_any_other() {
    let mailbox = Mailbox::none();
    let kept = mailbox.file("kept");
    assert_passed(&rehearse(&mailbox).arg("--keep").arg(&kept).run().expect(0).json());

    let at_home = || mailbox.program().home(&kept).env("MESH_KEY_PASSPHRASE", PASSPHRASE);
    let status = at_home().arg("status").run().expect(0).json();
    assert_eq!(status["mailboxes"][0]["state"], "current", "{status}");
    let answer = at_home().args(["check", Mailbox::ID, "--offline"]).run().expect(0).json();
    assert_eq!(answer["verdict"], "pass", "{answer}");

    let bundles = kept.join("rehearsal/X26ABC1/credentials/0001/bundles-01");
    let (root, chain) = (kept.join("rehearsal-ca/root.pem"), bundles.join("chain.pem"));
    let leaf = bundles.join("certificate.pem");
    let at = "1780315200"; // the time of the tests, 2026-06-01T12:00:00Z
    openssl(&format!(
        "verify -attime {at} -purpose sslclient -x509_strict -CAfile {} -untrusted {} {}",
        path_arg(&root),
        path_arg(&chain),
        path_arg(&leaf)
    ));
    for (path, (mode, _)) in tree(&kept) {
        assert_eq!(mode & 0o077, 0, "others can look at {path:?}");
    }
}

#[test]
fn rehearsal_leaves_a_folder_in_use_alone() {
    let mailbox = Mailbox::requested();
    let before = tree(&mailbox.home());
    rehearse(&mailbox).arg("--keep").arg(mailbox.home()).run().expect_error(2, "usage");
    assert_eq!(tree(&mailbox.home()), before);
}
