//! What `export` writes for the NHAIS and lab-results adaptors. They show their certificate without its sub CA, so they
//! connect to a server that knows it, as this one does.

use std::path::Path;
use std::process::Command;

use crate::server::Sandbox;
use crate::support::{Authority, Mailbox, PASSPHRASE, Program};

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sandbox/adaptors/Adaptor.java");

/// The export of the mailbox to `consumer`, for a server whose certificate comes from the tests' own authority.
fn exported(sandbox: &Sandbox, consumer: &str, folder: &Path) -> Program {
    let authority = Authority::ours();
    let program = sandbox.secrets(sandbox.mailbox.program().real_clock());
    program
        .env("MESH_KEY_PASSPHRASE", PASSPHRASE)
        .args(["export", Mailbox::ID, "--for", consumer, "--url", &sandbox.url, "--to"])
        .arg(folder)
        .arg("--ca")
        .arg(authority.root())
        .arg("--ca")
        .arg(authority.sub())
}

#[test]
fn adaptors_connect_with_the_certificate_alone_and_the_sub_ca_alone() {
    let sandbox = Sandbox::start();
    sandbox.import();
    for (consumer, prefix) in [("nhais", "NHAIS"), ("lab-results", "LAB_RESULTS")] {
        let folder = sandbox.mailbox.file(consumer);
        exported(&sandbox, consumer, &folder).run().expect(0);
        let output = Command::new("sh")
            .args(["-c", "set -a; . \"./$2.env\"; set +a; exec java \"$0\" \"$1\"", READER, prefix, consumer])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(&folder)
            .output()
            .expect("a shell starts");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(shown, "200\n", "{consumer}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn several_sub_cas_are_refused_before_anything_is_written() {
    let sandbox = Sandbox::start();
    sandbox.import();
    let folder = sandbox.mailbox.file("nhais");
    let run = exported(&sandbox, "nhais", &folder).arg("--ca").arg(Authority::foreign().sub()).run();
    let error = run.expect(1).json()["error"].clone();
    assert!(error["message"].as_str().expect("a message").contains("several sub CAs"), "{error}");
    assert!(!folder.exists());
}
