//! An export that is killed at any write: the handover from before or the new one is there, whole, and the next run goes
//! on.

use std::fs;
use std::path::{Path, PathBuf};

use mesh_onboard::pki::{PrivateKey, sniff};
use mesh_onboard::secret::Passphrase;

use crate::support::{Mailbox, Program, at_every_point, killed_at, tree};

fn export(mailbox: &Mailbox, key: &str) -> Program {
    let program = mailbox.program().args(["export", Mailbox::ID, "--for", "pem", "--to"]);
    program.arg(mailbox.file("handover")).args(["--set", &format!("key={key}")])
}

fn refresh(mailbox: &Mailbox) -> Program {
    mailbox.program().args(["export", Mailbox::ID, "--refresh"])
}

/// Every folder beside the home: handovers, and what a killed run has left.
fn folders(mailbox: &Mailbox) -> Vec<PathBuf> {
    let home = mailbox.home();
    let beside = fs::read_dir(home.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    beside.filter(|path| path.is_dir() && !path.ends_with("home") && !path.ends_with("user")).collect()
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with(".tmp-")
}

/// The key opens, and belongs to the certificate.
fn assert_whole(folder: &Path, point: u32) {
    let read =
        |name: &str| fs::read(folder.join(name)).unwrap_or_else(|e| panic!("point {point}: {name}: {e}"));
    let password = folder.join("key-password.txt");
    let password = password.exists().then(|| Passphrase::new(fs::read_to_string(password).unwrap()));
    let key = PrivateKey::parse(&read("key.pem"), password.as_ref());
    let key = key.unwrap_or_else(|e| panic!("point {point}: {}: {e}", folder.display()));
    let client = sniff::certificates(&read("client.pem")).unwrap();
    assert_eq!((client.len(), client[0].key_fingerprint()), (2, key.fingerprint()), "point {point}");
    assert_eq!(sniff::certificates(&read("ca.pem")).unwrap().len(), 2, "point {point}");
}

/// What a killed run leaves, and that `next` goes on from there.
fn goes_on(
    mailbox: &Mailbox,
    point: u32,
    credentials: &std::collections::BTreeMap<String, (u32, String)>,
    next: Program,
) {
    for folder in folders(mailbox) {
        match is_temporary(&folder) {
            // Nobody else may look at what is not whole.
            true => assert_eq!(mode(&folder), 0o700, "point {point}"),
            false => assert_whole(&folder, point),
        }
    }
    next.run().expect(0);
    mailbox.program().args(["export", Mailbox::ID, "--verify"]).run().expect(0);
    for folder in folders(mailbox) {
        assert!(!is_temporary(&folder), "point {point}: {} is left", folder.display());
        assert_whole(&folder, point);
    }
    assert_eq!(&tree(&mailbox.own_folder().join("credentials")), credentials, "point {point}");
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn killed_export_leaves_nothing_or_the_handover() {
    let prepared = Mailbox::imported();
    let credentials = tree(&prepared.own_folder().join("credentials"));
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let killed = killed_at(export(&mailbox, "pkcs8"), point);
        goes_on(&mailbox, point, &credentials, export(&mailbox, "pkcs8"));
        killed
    });
    // Three files, their folder, and mailbox.toml.
    assert!(points >= 20, "only {points} fault points were met");
}

#[test]
fn killed_refresh_leaves_the_handover_from_before_or_the_new_one() {
    let prepared = Mailbox::imported();
    let credentials = tree(&prepared.own_folder().join("credentials"));
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        export(&mailbox, "pkcs8").run().expect(0);
        let killed = killed_at(refresh(&mailbox), point);
        assert!(mailbox.file("handover").is_dir(), "point {point}: the application finds nothing");
        goes_on(&mailbox, point, &credentials, refresh(&mailbox));
        killed
    });
    assert!(points >= 25, "only {points} fault points were met");
}

#[test]
fn killed_export_with_more_files_than_before_can_be_run_again() {
    let prepared = Mailbox::imported();
    let credentials = tree(&prepared.own_folder().join("credentials"));
    at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        export(&mailbox, "pkcs1").run().expect(0);
        let killed = killed_at(export(&mailbox, "encrypted"), point);
        goes_on(&mailbox, point, &credentials, export(&mailbox, "encrypted"));
        killed
    });
}

#[test]
fn what_another_mailbox_is_writing_beside_it_is_not_swept_away() {
    let mailbox = Mailbox::imported();
    let foreign = mailbox.file(".tmp-0123456789ab-others");
    fs::create_dir(&foreign).unwrap();
    export(&mailbox, "pkcs8").run().expect(0);
    assert!(foreign.is_dir());
}
