//! Secrets that are not found where many mailboxes are checked: told of each, where one mailbox alone is asked for.

use crate::row::{Row, Shows, row};
use crate::support::{Mesh, Output};

pub const ROWS: &[Row] = &[
    row("nothing opens the key", Shows::Fails("key", "passphrase_missing", 3), || {
        without("MESH_KEY_PASSPHRASE")
    }),
    row("the mailbox password is not found", Shows::Fails("authorization", "secrets_missing", 3), || {
        without("MESH_MAILBOX_PASSWORD")
    }),
    row("the shared key is not found", Shows::Fails("authorization", "secrets_missing", 3), || {
        without("MESH_SHARED_KEY")
    }),
];

/// What `check --all` says of the first mailbox.
fn without(variable: &str) -> Output {
    let mesh = Mesh::start();
    let program = mesh.person().args(["--json", "--no-input", "check", "--all", "--url", &mesh.url()]);
    let mut output = program.without_env(variable).run();
    let answer = output.json();
    let mailboxes = answer["mailboxes"].as_array().expect("mailboxes");
    assert_eq!(mailboxes.len(), 3, "{answer}");
    output.stdout = mailboxes[0].to_string();
    output
}
