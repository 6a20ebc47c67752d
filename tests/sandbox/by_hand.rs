//! `check` of credentials that somebody made by hand with openssl, and that we never stored.

use std::fs;

use serde_json::Value;

use crate::server::{Sandbox, issue};
use crate::support::{Mailbox, openssl, path_arg, tree};

/// What a check says, apart from times and texts that name files.
fn said(answer: &Value) -> Vec<(String, String)> {
    let probes = answer["probes"].as_array().expect("probes");
    let text = |probe: &Value, key: &str| probe[key].as_str().unwrap_or_default().to_owned();
    let mut said: Vec<_> = probes.iter().map(|p| (text(p, "id"), text(p, "status"))).collect();
    said.push(("verdict".into(), answer["verdict"].as_str().expect("a verdict").into()));
    said
}

#[test]
fn check_of_files_made_by_hand_says_the_same_and_writes_nothing() {
    let sandbox = Sandbox::start();
    sandbox.import();
    let imported = sandbox.check().arg(Mailbox::ID).run().expect(0).json();

    let mailbox = &sandbox.mailbox;
    let (key, csr) = (mailbox.file("hand.key"), mailbox.file("hand.csr"));
    let subject = format!("/CN={}", Mailbox::COMMON_NAME);
    openssl(&format!(
        "req -new -newkey rsa:2048 -nodes -keyout {} -out {} -subj {subject}",
        path_arg(&key),
        path_arg(&csr)
    ));
    let reply = mailbox.file("hand.pem");
    issue(mailbox, &csr, &reply);
    // By hand one keeps leaf and sub CA in one file, as servers want them.
    let leaf = fs::read_to_string(&reply).unwrap();
    let sub = fs::read_to_string(mailbox.home().join("rehearsal-ca/sub.pem")).unwrap();
    let chain = if leaf.matches("BEGIN CERTIFICATE").count() > 1 { leaf } else { leaf + &sub };
    fs::write(&reply, chain).unwrap();

    // Everything that the run could reach: its home, its user's home, the working and temporary folders.
    let world = crate::support::scratch();
    for folder in ["here", "tmp"] {
        fs::create_dir(world.path().join(folder)).unwrap();
    }
    let home = world.path().join("home");
    let program = sandbox.check().home(&home).directory(&world.path().join("here"));
    let program = program.env("TMPDIR", world.path().join("tmp")).without_env("MESH_KEY_PASSPHRASE");
    let before = (tree(world.path()), tree(&mailbox.home()));
    let program = program.arg(Mailbox::ID).arg("--cert").arg(&reply).arg("--key").arg(&key);
    let by_hand = program.run().expect(0).json();
    assert_eq!((tree(world.path()), tree(&mailbox.home())), before, "check wrote something");
    assert_eq!(said(&by_hand), said(&imported), "{by_hand}\n{imported}");
}

#[test]
fn check_of_a_pfx_says_the_same() {
    let sandbox = Sandbox::start();
    let answer = sandbox.import();
    let imported = sandbox.check().arg(Mailbox::ID).run().expect(0).json();
    let pfx = answer["files"]["pfx"].as_str().expect("a path");
    let world = crate::support::scratch();
    let program = sandbox.check().home(&world.path().join("home")).args([Mailbox::ID, "--pfx", pfx]);
    let of_pfx = program.env("MESH_PFX_PASSWORD", crate::support::PASSPHRASE).run().expect(0).json();
    assert_eq!(said(&of_pfx), said(&imported), "{of_pfx}\n{imported}");
    assert!(tree(world.path()).is_empty(), "check wrote something");
}
