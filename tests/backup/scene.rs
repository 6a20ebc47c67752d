use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::support::{Mailbox, Program, path_arg, tool, tree};

/// Of every backup here.
pub const PASSPHRASE: &str = "another four words";

/// A home with one of everything, all of it private: a copy of one that was made once.
pub fn home() -> Mailbox {
    static MADE: LazyLock<Mailbox> = LazyLock::new(make);
    let copy = Mailbox::none();
    tool("cp", ["-a", &path_arg(&MADE.home()), &path_arg(&copy.home())]);
    copy
}

fn make() -> Mailbox {
    let mailbox = Mailbox::imported();
    put(&mailbox.home().join("settings.toml"), "[contact]\norganisation = \"Example Trust\"\n");
    put(&mailbox.home().join("templates/check-letter.txt"), "Hello\n");
    put(&mailbox.home().join("rehearsal-ca/root.pem"), "a root\n");
    let live = ["request", "X26ABC2", "--ods", "X26", "--env", "live"];
    mailbox.program().args(live).run().expect(0);
    mailbox
}

/// A private file, with the folders above it.
pub fn put(path: &Path, text: &str) {
    let folder = path.parent().expect("a folder");
    if !folder.exists() {
        fs::create_dir_all(folder).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A script that knows the passphrase of the backup and no other secret.
pub fn run(mailbox: &Mailbox, words: &[&str]) -> Program {
    with_passphrase(mailbox.program().args(words), mailbox)
}

/// The same with any home, which need not be there.
pub fn run_in(mailbox: &Mailbox, home: &Path, words: &[&str]) -> Program {
    with_passphrase(Program::new().home(home).args(["--json", "--no-input"]).args(words), mailbox)
}

fn with_passphrase(program: Program, mailbox: &Mailbox) -> Program {
    let program = program.without_env("MESH_KEY_PASSPHRASE").env("MESH_BACKUP_PASSPHRASE", PASSPHRASE);
    program.directory(mailbox.home().parent().expect("a folder"))
}

/// A backup of the home.
pub fn back_up(mailbox: &Mailbox) -> PathBuf {
    let file = mailbox.file("kept.age");
    run(mailbox, &["backup"]).arg(&file).run().expect(0);
    file
}

/// What lies below a home, but for locks, which mean nothing elsewhere.
pub fn kept(home: &Path) -> BTreeMap<String, (u32, String)> {
    tree(home).into_iter().filter(|(name, _)| !name.ends_with(".lock")).collect()
}
