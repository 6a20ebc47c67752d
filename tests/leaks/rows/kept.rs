//! Secrets that the keyring keeps, and backups.

use super::super::row::{Row, row};
use super::super::scene::Scene;
use super::super::secrets::{BACKUP, CLIENT, Kind, PASSPHRASE, Source, WRONG};
use crate::support::Keyring::{Locked, NoBus, Unlocked};
use crate::support::{Account, Keyring, Program};

/// With a keyring that lies apart from everything that is searched.
fn lent(s: &Scene, state: Keyring, words: &[&str]) -> Program {
    // The runs of a mode follow one another; what one has kept the next one finds.
    Account::new(s.path("account").into()).lends(s.bare().args(words), state, &[])
}

/// `secret set` of a value that lies in a file.
fn set(s: &Scene, state: Keyring, name: &str, file: &str) -> Program {
    lent(s, state, &["secret", "set", "X26ABC1", name, "--value-file", &s.path(&format!("given/{file}"))])
}

pub fn rows() -> Vec<Row> {
    [secrets(), backups()].into_iter().flatten().collect()
}

fn secrets() -> Vec<Row> {
    let all = [Kind::Passphrase, Kind::Pfx, Kind::Password, Kind::SharedKey];
    let mut rows = Vec::new();
    for source in [Source::Environment, Source::Files, Source::Lines, Source::Toml, Source::Command] {
        rows.push(row(format!("secret list of {source:?}"), 0, "mailbox-password", move |s| {
            s.with(source, &all).args(["secret", "list"])
        }));
    }
    let names = [
        ("mailbox-password", "MESH_MAILBOX_PASSWORD"),
        ("shared-key", "MESH_SHARED_KEY"),
        ("pfx-password", "MESH_PFX_PASSWORD"),
        ("key-passphrase", "MESH_KEY_PASSPHRASE"),
    ];
    for (name, file) in names {
        rows.push(row(format!("secret set {name} without a keyring"), 1, "", move |s| {
            set(s, NoBus, name, file)
        }));
        rows.push(row(format!("secret set {name}"), 0, "", move |s| set(s, Unlocked, name, file)));
        rows.push(row(format!("secret set {name} again"), 0, "", move |s| set(s, Unlocked, name, file)));
    }
    rows.push(row("secret set of another password", 0, "replace", |s| {
        set(s, Unlocked, "mailbox-password", "MESH_SHARED_KEY")
    }));
    rows.push(row("secret set of a passphrase that is wrong", 1, "", |s| {
        let file = s.given("wrong", WRONG);
        lent(s, Unlocked, &["secret", "set", "X26ABC1", "key-passphrase", "--value-file", &file])
    }));
    rows.push(row("secret set with the secret in the place of a file", 1, "--value-file", |s| {
        lent(s, Unlocked, &["secret", "set", "X26ABC1", "mailbox-password", "--value-file", PASSPHRASE])
    }));
    rows.push(row("secret list with a keyring", 0, "keyring", |s| lent(s, Unlocked, &["secret", "list"])));
    rows.push(row("secret list with a locked keyring", 0, "locked", |s| {
        lent(s, Locked, &["secret", "list"])
    }));
    rows.push(row("validate with the wrong password from a keyring", 1, "", |s| {
        lent(s, Unlocked, &["validate", "X26ABC1", "--url", &s.url()])
    }));
    rows
}

fn backups() -> Vec<Row> {
    vec![
        row("backup without a keyring", 1, "X26ABC1 (rehearsal), credential", |s| {
            s.with(Source::Environment, BACKUP).args(["backup", "kept.age"])
        }),
        row("backup with a keyring", 0, "", |s| {
            lent(s, Unlocked, &["backup", "kept.age", "--backup-passphrase-file"])
                .arg(s.path("given/MESH_BACKUP_PASSPHRASE"))
        }),
        row("backup with a weak passphrase", 2, "", |s| {
            lent(s, Unlocked, &["backup", "weak.age"]).env("MESH_BACKUP_PASSPHRASE", &WRONG[..9])
        }),
        row("backup --without-passphrases", 0, "", |s| {
            s.with(Source::Lines, BACKUP).args(["backup", "without.age", "--without-passphrases"])
        }),
        row("restore with a wrong passphrase", 1, "", |s| {
            s.bare().args(["restore", "kept.age"]).env("MESH_BACKUP_PASSPHRASE", WRONG)
        }),
        row("restore --dry-run", 0, "", |s| {
            s.with(Source::Toml, BACKUP).args(["--home", "restored", "restore", "kept.age", "--dry-run"])
        }),
        row("restore without a keyring or anybody", 2, "--without-passphrases", |s| {
            s.with(Source::Files, BACKUP).args(["--home", "restored", "restore", "kept.age"])
        }),
        row("restore", 0, "", |s| {
            lent(s, Unlocked, &["--home", "restored", "restore", "kept.age", "--backup-passphrase-file"])
                .arg(s.path("given/MESH_BACKUP_PASSPHRASE"))
        }),
        row("restore of what is no backup", 1, "", |s| {
            s.with(Source::Environment, BACKUP).args(["restore", "../given/lines"])
        }),
        row("secret forget without a yes", 2, "--yes", |s| {
            lent(s, Unlocked, &["secret", "forget", "X26ABC1", "key-passphrase"])
        }),
        row("secret forget", 0, "", |s| {
            lent(s, Unlocked, &["secret", "forget", "X26ABC1", "key-passphrase", "--yes"])
        }),
        row("secret forget of a password", 0, "", |s| {
            lent(s, Unlocked, &["secret", "forget", "X26ABC1", "mailbox-password"])
        }),
        row("status with every secret", 0, "", |s| s.with(Source::Environment, CLIENT).arg("status")),
    ]
}
