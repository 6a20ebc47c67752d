//! Renalware: its variables, with PEM texts and with paths, and OpenSSL for Ruby.

use std::path::Path;
use std::process::Command;

use crate::stage::{alone, handed_over, handed_over_to, printed, refusal, stage};
use crate::support::Authority;

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/handover/renalware/reader.rb");

/// The reader with the variables of `file`, in a folder that stands for Renalware's own.
fn read(root: &Path, file: &Path, more: &str) -> String {
    printed(reader(root, file, more))
}

fn reader(root: &Path, file: &Path, more: &str) -> Command {
    let mut shell = alone("sh", root);
    shell.args(["-c", "set -a; . \"$1\"; set +a; exec ruby \"$0\" $2", READER]).arg(file).arg(more);
    shell
}

#[test]
fn renalware_connects_with_texts_and_with_paths() {
    let mesh = stage();
    let texts = handed_over(&mesh, "renalware", &[]).join("renalware.env");
    for more in ["", "spaces"] {
        let root = mesh.file(&format!("root-{more}"));
        std::fs::create_dir(&root).unwrap();
        assert_eq!(read(&root, &texts, more), "200\n");
        let made: Vec<_> = std::fs::read_dir(root.join("tmp")).unwrap().collect();
        assert_eq!(made.len(), 1, "the CA certificates are put into one file");
    }
    let folder = handed_over(&mesh, "renalware", &["--set", "values=paths"]);
    assert!(!folder.join("renalware.env").exists());
    assert_eq!(read(&mesh.file("root-"), &folder.join("renalware-paths.env"), ""), "200\n");
}

#[test]
fn renalware_still_shows_its_sub_ca_when_the_cas_of_the_server_are_named_and_takes_the_new_ones() {
    let mesh = stage();
    let root = mesh.file("root");
    std::fs::create_dir(&root).unwrap();
    // What was believed before, under the same last day.
    let foreign = Authority::foreign().root();
    let before = handed_over(&mesh, "renalware", &["--ca", foreign.to_str().expect("UTF-8")]);
    refusal(reader(&root, &before.join("renalware.env"), ""));
    let named = mesh.home().join("rehearsal-ca/root.pem");
    let named = ["--ca", named.to_str().expect("UTF-8")];
    let texts = handed_over_to(&mesh, "renalware", &mesh.file("texts"), &named);
    assert_eq!(read(&root, &texts.join("renalware.env"), ""), "200\n");
    let more = [named.as_slice(), &["--set", "values=paths"]].concat();
    let paths = handed_over_to(&mesh, "renalware", &mesh.file("paths"), &more);
    assert_eq!(read(&root, &paths.join("renalware-paths.env"), ""), "200\n");
}
