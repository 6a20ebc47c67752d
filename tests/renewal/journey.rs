//! Nine days left, and a keystore that somebody made three years ago.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{PASSPHRASE, Program, Rehearsal, openssl, openssl_with, path_arg, scratch, tool};

const THEN: &str = "2026-06-01T12:00:00Z";
/// Nine days and half an hour before it stops working.
const NOW: &str = "2029-05-23T12:00:00Z";
/// Three working days later.
const ANSWERED: &str = "2029-05-29T09:00:00Z";
const IN_USE: &str = "2029-05-29T09:01:00Z";

struct Newcomer {
    folder: tempfile::TempDir,
}

impl Newcomer {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn home(&self) -> PathBuf {
        self.file("home")
    }

    fn program(&self, now: &str) -> Program {
        let program = Program::new().home(&self.home()).now(now).directory(self.folder.path());
        let secrets = [
            ("MESH_KEY_PASSPHRASE", PASSPHRASE),
            ("MESH_MAILBOX_PASSWORD", "password"),
            ("MESH_SHARED_KEY", "TestKey"),
        ];
        secrets.iter().fold(program, |program, (name, value)| program.env(name, value)).arg("--no-input")
    }

    fn json(&self, now: &str, exit: i32, words: &[&str]) -> Value {
        self.program(now).arg("--json").args(words).run().expect(exit).json()
    }

    /// OLD.keystore, as the guides of then had it made; the rehearsal CA in the desk's place.
    fn old_keystore(&self) {
        let at = |name: &str| path_arg(&self.file(name));
        let subject = "/CN=X26ABC1.X26.api.mesh-client.nhs.uk";
        openssl(&format!(
            "req -newkey rsa:2048 -nodes -keyout {} -out {} -subj {subject}",
            at("old.key"),
            at("old.csr")
        ));
        self.json(THEN, 0, &["rehearse", "--issue", "old.csr", "--to", "old.pem"]);
        let line = "pkcs12 -export -name meshclient -passout env:PASS";
        openssl_with(
            "changeit",
            &format!("{line} -in {} -inkey {} -out {}", at("old.pem"), at("old.key"), at("old.p12")),
        );
        let (from, to) = (at("old.p12"), at("OLD.keystore"));
        tool(
            "keytool",
            [
                "-importkeystore",
                "-noprompt",
                "-srcstoretype",
                "PKCS12",
                "-srckeystore",
                &from,
                "-srcstorepass",
                "changeit",
                "-destkeystore",
                &to,
                "-deststoretype",
                "JKS",
                "-deststorepass",
                "changeit",
                "-destkeypass",
                "changeit",
            ],
        );
        for made in ["old.key", "old.csr", "old.pem", "old.p12"] {
            fs::remove_file(self.file(made)).unwrap();
        }
    }
}

fn path(answer: &Value, name: &str) -> PathBuf {
    PathBuf::from(answer["files"][name].as_str().unwrap_or_else(|| panic!("{name}: {answer}")))
}

#[test]
fn newcomer_with_nine_days_left_and_an_old_keystore_is_in_time() {
    let newcomer = Newcomer { folder: scratch() };
    newcomer.old_keystore();
    newcomer.file("changeit");
    fs::write(newcomer.file("password"), "changeit").unwrap();

    // What is this?
    let output = newcomer
        .program(NOW)
        .args(["inspect", "OLD.keystore", "--pfx-password-file", "password"])
        .run()
        .expect(0);
    assert!(output.stdout.contains("9 days left"), "{}", output.shown());

    // Taken in, and said to be urgent.
    let adopted = newcomer.json(
        NOW,
        0,
        &["adopt", "X26ABC1", "--key", "OLD.keystore", "--pfx-password-file", "password"],
    );
    assert_eq!((&adopted["state"], &adopted["environment"]), (&"current".into(), &"rehearsal".into()));
    let status = newcomer.json(NOW, 3, &["status"]);
    let shown = &status["mailboxes"][0];
    assert_eq!((&shown["state"], shown["days_left"].as_i64()), (&"expiring".into(), Some(9)));
    assert!(shown["next"].as_str().unwrap().contains("mesh-onboard renew X26ABC1"), "{shown}");

    // Asked for, by what the old certificate says.
    let renewed =
        newcomer.json(NOW, 0, &["renew", "X26ABC1", "--name", "A. Engineer", "--email", "a@example.nhs.uk"]);
    let email = fs::read_to_string(path(&renewed, "email_text")).unwrap();
    for said in [
        "Common name:   X26ABC1.X26.api.mesh-client.nhs.uk",
        adopted["certificate"]["serial"].as_str().unwrap(),
        "Valid until:   2029-06-01",
        "the service stops on 2029-06-01",
    ] {
        assert!(email.contains(said), "'{said}' is not in\n{email}");
    }
    newcomer.json(NOW, 0, &["sent", "X26ABC1"]);

    // The answer comes, and goes into use once MESH has accepted it.
    let csr = path_arg(&path(&renewed, "csr"));
    newcomer.json(ANSWERED, 0, &["rehearse", "--issue", &csr, "--to", "answer.pem"]);
    let home = path_arg(&newcomer.home());
    let server = Rehearsal::start(Program::new().home(&newcomer.home()).now(ANSWERED), &["--keep", &home]);
    let imported = newcomer.json(IN_USE, 0, &["import", "X26ABC1", "answer.pem", "--url", &server.url()]);
    assert_eq!((&imported["state"], imported["credential"].as_u64()), (&"current".into(), Some(2)));
    assert_eq!((&imported["check"]["verdict"], imported["previous"].as_u64()), (&"pass".into(), Some(1)));
    let checked = newcomer.json(IN_USE, 0, &["check", "X26ABC1", "--url", &server.url(), "--round-trip"]);
    assert!(evidence(&checked, "files").contains("credentials/0002"), "{checked}");
    let status = newcomer.json(IN_USE, 0, &["status"]);
    assert_eq!(status["mailboxes"][0]["state"], "current", "{status}");
    assert!(status["mailboxes"][0]["days_left"].as_i64() > Some(1000), "{status}");

    // And back, while the old one still works.
    newcomer.json(IN_USE, 0, &["rollback", "X26ABC1"]);
    let checked = newcomer.json(IN_USE, 0, &["check", "X26ABC1", "--url", &server.url()]);
    assert!(evidence(&checked, "files").contains("credentials/0001"), "{checked}");
    drop(server);
    let error = newcomer.program("2029-06-02T12:00:00Z").args(["--json", "activate", "X26ABC1"]).run();
    error.expect_error(1, "nothing_ready");
    newcomer.json("2029-06-02T12:00:00Z", 0, &["rollback", "X26ABC1"]);
    assert!(Path::new(&newcomer.file("OLD.keystore")).exists(), "what was there before is never touched");
}

fn evidence(answer: &Value, probe: &str) -> String {
    let probes = answer["probes"].as_array().unwrap();
    probes.iter().find(|p| p["id"] == probe).unwrap()["evidence"].as_str().unwrap().to_owned()
}
