//! Renalware: its variables, with PEM texts and with paths, and OpenSSL for Ruby.

use std::path::Path;

use crate::stage::{alone, handed_over, printed, stage};

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/handover/renalware/reader.rb");

/// The reader with the variables of `file`, in a folder that stands for Renalware's own.
fn read(root: &Path, file: &Path, more: &str) -> String {
    let mut shell = alone("sh", root);
    shell.args(["-c", "set -a; . \"$1\"; set +a; exec ruby \"$0\" $2", READER]).arg(file).arg(more);
    printed(shell)
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
