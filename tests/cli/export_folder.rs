//! Whose folder it is that a handover takes the place of.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::export::{again, export, recorded, with_login};
use crate::support::{Mailbox, Program, tree};

#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, code: (i32, &str), words: &str) {
    let home = mailbox.home();
    let before = tree(home.parent().unwrap());
    let error: Value = program.run().expect_error(code.0, code.1);
    assert_eq!(tree(home.parent().unwrap()), before, "something was written");
    assert!(error.to_string().contains(words), "'{words}' is not in {error}");
}

const NOT_OURS: (i32, &str) = (1, "not_ours");

fn of_two(mailbox: &Mailbox, more: &[&str]) -> Program {
    with_login(mailbox.program()).args(["export", "X26ABC2"]).args(more)
}

#[test]
fn folder_that_another_mailbox_took_is_not_taken_back() {
    let mailbox = Mailbox::imported();
    mailbox.program().args(["adopt", "X26ABC2", "--share", "X26ABC1"]).run().expect(0);
    export(&mailbox, "pem", "shared").run().expect(0);
    let record = mailbox.own_folder().join("mailbox.toml");
    let stale = fs::read(&record).unwrap();
    fs::remove_dir_all(mailbox.file("shared")).unwrap();
    let program = of_two(&mailbox, &["--for", "pem", "--to"]).arg(mailbox.file("shared"));
    let output = program.run().expect(0);
    // The old record is gone, and that is said.
    let answer = output.json();
    assert_eq!(answer["warnings"][0]["code"], "handover_forgotten", "{answer}");
    assert!(output.stderr.contains("X26ABC1 (sandbox) to pem"), "{}", output.shown());
    assert!(recorded(&mailbox).is_empty());
    // As a home has it that was made before, or brought back.
    fs::write(&record, stale).unwrap();
    refused(&mailbox, again(&mailbox, "--refresh"), NOT_OURS, "export X26ABC2 --env sandbox --forget");
    refused(&mailbox, export(&mailbox, "pem", "shared"), NOT_OURS, "for X26ABC2 (sandbox) to pem");
    refused(&mailbox, of_two(&mailbox, &["--refresh"]), NOT_OURS, "export X26ABC1 --env sandbox --forget");
    again(&mailbox, "--forget").arg(mailbox.file("shared")).run().expect(0);
    of_two(&mailbox, &["--refresh"]).run().expect(0);
}

#[test]
fn folder_of_another_consumer_that_is_gone_is_forgotten_aloud() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "to").run().expect(0);
    fs::remove_dir_all(mailbox.file("to")).unwrap();
    let answer = export(&mailbox, "mesh-client", "to").run().expect(0).json();
    assert_eq!(answer["warnings"][0]["code"], "handover_forgotten", "{answer}");
    assert_eq!(recorded(&mailbox).len(), 1);
    // Its own is made again without a word.
    fs::remove_dir_all(mailbox.file("to")).unwrap();
    let answer = again(&mailbox, "--refresh").run().expect(0).json();
    assert_eq!(answer["exports"][0]["warnings"], serde_json::json!([]), "{answer}");
}

#[test]
fn files_that_are_not_those_that_were_written_stay() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "mesh-client", "to").run().expect(0);
    let certificate = mailbox.file("to/client.pem");
    let ours = fs::read(&certificate).unwrap();
    fs::write(&certificate, "another's").unwrap();
    refused(&mailbox, again(&mailbox, "--refresh"), NOT_OURS, "client.pem is not what was handed over");
    refused(&mailbox, export(&mailbox, "mesh-client", "to"), NOT_OURS, "move the folder away");
    // One that is absent is made again.
    fs::remove_file(&certificate).unwrap();
    again(&mailbox, "--refresh").run().expect(0);
    assert_eq!(fs::read(&certificate).unwrap(), ours);
    // And all of it, once the folder is away.
    fs::write(&certificate, "another's").unwrap();
    fs::rename(mailbox.file("to"), mailbox.file("to.old")).unwrap();
    again(&mailbox, "--refresh").run().expect(0);
    assert_eq!(fs::read(&certificate).unwrap(), ours);
}

#[test]
fn what_programs_leave_unasked_is_passed_over() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "mesh-client", "to").run().expect(0);
    let to = mailbox.file("to");
    fs::create_dir(to.join("__pycache__")).unwrap();
    for name in ["__pycache__/connect.cpython-311.pyc", ".DS_Store", "Thumbs.db", "desktop.ini"] {
        fs::write(to.join(name), "theirs").unwrap();
    }
    again(&mailbox, "--refresh").run().expect(0);
    assert!(mailbox.file("to.before-1/.DS_Store").is_file());
}

/// A group that is not the first of this account, where there is one; root may give any.
fn other_group() -> u32 {
    let id = |flag: &str| {
        let output = Command::new("id").arg(flag).output().expect("id runs");
        String::from_utf8(output.stdout).unwrap()
    };
    match id("-u").trim() {
        "0" => 54321,
        _ => id("-G").split_whitespace().last().expect("a group").parse().unwrap(),
    }
}

#[test]
fn readers_of_a_group_stay_readers() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "to").args(["--mode", "640"]).run().expect(0);
    let (to, group) = (mailbox.file("to"), other_group());
    let paths = |folder: &Path| {
        let below = tree(folder).into_keys().map(|name| folder.join(name)).collect::<Vec<_>>();
        std::iter::once(folder.to_owned()).chain(below).collect::<Vec<_>>()
    };
    for path in paths(&to) {
        chown(path, None, Some(group)).unwrap();
    }
    let answer = again(&mailbox, "--refresh").run().expect(0).json();
    assert_eq!(answer["exports"][0]["warnings"], serde_json::json!([]), "{answer}");
    assert_eq!(paths(&to).len(), 4);
    for path in paths(&to) {
        let found = fs::metadata(&path).unwrap();
        assert_eq!(found.gid(), group, "{}", path.display());
        assert_eq!(found.mode() & 0o777, if path == to { 0o750 } else { 0o640 }, "{}", path.display());
    }
}

#[test]
fn folder_is_the_same_however_it_is_spelled() {
    let mailbox = Mailbox::imported();
    fs::create_dir(mailbox.file("real")).unwrap();
    symlink("real", mailbox.file("link")).unwrap();
    export(&mailbox, "pem", "link/../link/to/").run().expect(0);
    let real = mailbox.file("real/to");
    assert_eq!(recorded(&mailbox)[0]["folder"].as_str(), real.to_str());
    for spelled in ["real/to", "link/to", "real/./to/", "real/../link/to"] {
        again(&mailbox, "--refresh").arg("--to").arg(mailbox.file(spelled)).run().expect(0);
        export(&mailbox, "pem", spelled).run().expect(0);
    }
    assert_eq!(recorded(&mailbox).len(), 1);
    let program = mailbox.program().args(["export", Mailbox::ID, "--refresh", "--to", "to"]);
    program.directory(&mailbox.file("link")).run().expect(0);
    again(&mailbox, "--forget").arg(mailbox.file("link/to/")).run().expect(0);
}

#[test]
fn folder_that_became_a_link_is_not_taken_apart() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "to").run().expect(0);
    fs::rename(mailbox.file("to"), mailbox.file("to.v1")).unwrap();
    symlink("to.v1", mailbox.file("to")).unwrap();
    let (home, files) = (tree(&mailbox.home()), tree(&mailbox.file("to.v1")));
    for program in [again(&mailbox, "--refresh"), export(&mailbox, "pem", "to")] {
        let error = program.run().expect_error(1, "not_ours");
        assert!(error.to_string().contains("is a link now"), "{error}");
    }
    assert!(mailbox.file("to").is_symlink());
    assert_eq!((tree(&mailbox.home()), tree(&mailbox.file("to.v1"))), (home, files));
}

#[test]
fn names_that_settings_cannot_hold_are_refused() {
    let mailbox = Mailbox::imported();
    let odd = std::ffi::OsStr::from_bytes(b"bad\xff");
    let usage = (2, "usage");
    let program = with_login(mailbox.program()).args(["export", Mailbox::ID, "--for", "pem", "--to"]);
    refused(&mailbox, program.arg(mailbox.home().with_file_name(odd)), usage, "--to takes a name in UTF-8");
    let program = export(&mailbox, "pem", "to").arg("--installed-at").arg(Path::new("/etc").join(odd));
    refused(&mailbox, program, usage, "--installed-at takes a name in UTF-8");
    for relative in ["rel/x", "~/mesh", "C:mesh"] {
        let program = export(&mailbox, "pem", "to").args(["--installed-at", relative]);
        refused(&mailbox, program, usage, "takes a whole path");
    }
    export(&mailbox, "pem", "to").args(["--installed-at", r"C:\mesh"]).run().expect(0);
}

#[test]
fn record_that_was_spoilt_opens_no_other_trust() {
    let mailbox = Mailbox::imported();
    let root = crate::support::Authority::ours().root();
    export(&mailbox, "pem", "to").arg("--ca").arg(root).run().expect(0);
    let path = mailbox.own_folder().join("mailbox.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (before, export) = text.split_once("[[export]]").expect("the handover is recorded");
    let spoilt = export.replacen("MII", "!!!", 1);
    assert_ne!(spoilt, export);
    fs::write(&path, format!("{before}[[export]]{spoilt}")).unwrap();
    let code = (1, "record_unreadable");
    refused(&mailbox, again(&mailbox, "--refresh"), code, "server_ca is no certificate");
}
