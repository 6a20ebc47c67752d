//! A program in another's place: it records what it is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stage::alone;

/// What a stand-in was asked, an entry a call.
pub fn asked(record: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(record).unwrap_or_default();
    let words = |line: &str| line.split_terminator('\u{1f}').map(str::to_owned).collect();
    text.lines().map(words).collect()
}

/// `sh SCRIPT` from another folder, with the stand-in in front of the path.
pub fn script(script: &Path, stand_in: &Path, elsewhere: &Path) -> Command {
    let mut shell = alone("sh", elsewhere);
    let path = std::env::var("PATH").unwrap_or_default();
    shell.arg(script).env("PATH", format!("{}:{path}", stand_in.display()));
    shell
}

/// A folder with a program that records its arguments and does `body`; and the record.
pub fn stand_in(folder: &Path, program: &str, body: &str) -> (PathBuf, PathBuf) {
    let (bin, record) = (folder.join("bin"), folder.join("asked"));
    fs::create_dir_all(&bin).unwrap();
    let _ = fs::remove_file(&record);
    let path = bin.join(program);
    let record_all = format!("printf '%s\\037' \"$@\" >> '{0}'; echo >> '{0}'", record.display());
    fs::write(&path, format!("#!/bin/sh\n{record_all}\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (bin, record)
}

/// No argument is or holds a secret of X26ABC1.
#[track_caller]
pub fn no_secret_in(calls: &[Vec<String>]) {
    assert!(!calls.is_empty(), "nothing was asked");
    for word in calls.iter().flatten() {
        let holds = ["TestKey", "-----BEGIN"].iter().any(|secret| word.contains(secret));
        assert!(!holds && word != "password", "a secret stands in an argument: {word}");
    }
}
