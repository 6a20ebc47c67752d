//! Nothing is lost: the program is killed at every fault point of what it writes, and each
//! time what is on disk is whole, and the next run goes on from there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use mesh_onboard::pki::{CertificateRequest, Pfx, PrivateKey, sniff};
use mesh_onboard::secret::Passphrase;
use serde_json::Value;

mod support;

use support::{
    Authority, Elsewhere, Mailbox, PASSPHRASE, Program, at_every_point, authority_args, killed_at,
};

const REQUEST: [&str; 6] = ["request", Mailbox::ID, "--ods", "X26", "--env", "sandbox"];

/// Every file that bears a final name is whole, and no CSR stands without its key.
fn assert_whole(mailbox: &Mailbox, point: u32) {
    let mut files = Vec::new();
    final_names(&mailbox.home(), &mut files);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let broken = |what: &str| -> ! { panic!("point {point}: {} {what}", file.display()) };
        match name {
            "mailbox.toml" => {
                let text = String::from_utf8(bytes).unwrap_or_else(|_| broken("is not UTF-8"));
                if text.parse::<toml::Table>().is_err() {
                    broken("does not parse");
                }
            }
            "key.pem" => drop(key(file)),
            "request.csr" => {
                let csr = csr(file).unwrap_or_else(|| broken("is no CSR"));
                let key = key(&file.with_file_name("key.pem"));
                assert_eq!(csr.key_fingerprint(), key.fingerprint(), "point {point}: {}", file.display());
            }
            "request.eml" | "request.txt" => {
                assert!(file.with_file_name("request.csr").exists(), "point {point}: {name} without a CSR");
                if bytes.is_empty() {
                    broken("is empty");
                }
            }
            _ if name.ends_with(".pfx") => {
                let pfx = Pfx::read(&bytes, &Passphrase::new(PASSPHRASE));
                let pfx = pfx.unwrap_or_else(|e| broken(&format!("does not open: {e}")));
                assert_eq!(pfx.certificates.len(), 3, "point {point}: {}", file.display());
            }
            _ if name.ends_with(".pfx.b64") => {
                use base64::Engine;
                let pfx = base64::prelude::BASE64_STANDARD.decode(&bytes).unwrap();
                assert_eq!(pfx, fs::read(file.with_extension("")).unwrap(), "point {point}: {name}");
            }
            _ if name.ends_with(".pem") => {
                let expected = match name {
                    "certificate.pem" => 1,
                    "chain.pem" | "ca-bundle.pem" => 2,
                    "fullchain.pem" => 3,
                    _ => broken("is unknown here"),
                };
                let found = sniff::certificates(&bytes).unwrap_or_else(|e| broken(&e));
                assert_eq!(found.len(), expected, "point {point}: {}", file.display());
            }
            _ => broken("is unknown here"),
        }
    }
    // A bundle folder has its final name only when all of it is there.
    let bundles: BTreeSet<_> = files.iter().filter_map(|f| f.parent()).filter(|p| is_bundles(p)).collect();
    for folder in bundles {
        assert_eq!(fs::read_dir(folder).unwrap().count(), 6, "point {point}: {}", folder.display());
    }
}

fn is_bundles(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("bundles-"))
}

/// Files whose own name and whose folders' names are not temporary ones, which begin with a dot.
fn final_names(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            assert!(
                !is_bundles(&path) || path.read_dir().unwrap().count() > 0,
                "{} is empty",
                path.display()
            );
            final_names(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn key(file: &Path) -> PrivateKey {
    let bytes = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    PrivateKey::parse(&bytes, Some(&Passphrase::new(PASSPHRASE)))
        .unwrap_or_else(|e| panic!("{} does not open: {e}", file.display()))
}

fn csr(file: &Path) -> Option<CertificateRequest> {
    sniff::read(&fs::read(file).ok()?, &[]).request().cloned()
}

/// Where the mailbox stands by `status`, if it stands at all.
fn standing(mailbox: &Mailbox) -> Option<Value> {
    let answer = mailbox.program().arg("status").run().expect(0).json();
    answer["mailboxes"].as_array().unwrap().first().cloned()
}

/// Numbers of the credential folders, orphans among them.
fn numbers(mailbox: &Mailbox) -> BTreeSet<u64> {
    let Ok(entries) = fs::read_dir(mailbox.own_folder().join("credentials")) else { return BTreeSet::new() };
    entries.filter_map(|e| e.unwrap().file_name().to_str()?.parse().ok()).collect()
}

/// Numbers that `mailbox.toml` names.
fn named(mailbox: &Mailbox) -> BTreeSet<u64> {
    let Ok(text) = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")) else {
        return BTreeSet::new();
    };
    let record: toml::Table = text.parse().unwrap();
    let credentials = record.get("credential").and_then(|c| c.as_array()).cloned().unwrap_or_default();
    credentials.iter().map(|c| c["number"].as_integer().unwrap().try_into().unwrap()).collect()
}

/// Goes on from wherever the mailbox stands until its credentials are in use, and checks them.
fn goes_on(mailbox: &Mailbox, point: u32) {
    if standing(mailbox).is_none_or(|m| m["state"] != "current") {
        let number = standing(mailbox)
            .filter(|m| m["state"] == "requested")
            .map_or_else(|| request(mailbox, &[]), |m| m["credential"].as_u64().unwrap());
        let csr = mailbox.credential(number.try_into().unwrap()).join("request.csr");
        let reply = Authority::ours().leaf(&csr, Mailbox::COMMON_NAME).sign(&mailbox.file("resumed.pem"));
        let answer = mailbox.import([reply]).run().expect(0).json();
        assert_eq!(answer["credential"], number, "point {point}");
        assert_eq!(answer["state"], "current", "point {point}");
    }
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
    assert_whole(mailbox, point);
    let mut left = Vec::new();
    temporary_names(&mailbox.own_folder(), &mut left);
    assert!(left.is_empty(), "point {point}: temporary names are left: {left:?}");
}

/// A new request. Its number was never used before, not even by a run that was killed.
fn request(mailbox: &Mailbox, more: &[&str]) -> u64 {
    let used = &numbers(mailbox) | &named(mailbox);
    let answer = mailbox.program().args(REQUEST).args(more).run().expect(0).json();
    let number = answer["credential"].as_u64().unwrap();
    assert!(!used.contains(&number), "number {number} was used before: {used:?}");
    number
}

fn temporary_names(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') && name != ".lock" {
            found.push(path);
        } else if path.is_dir() {
            temporary_names(&path, found);
        }
    }
}

#[test]
fn killed_first_request_leaves_a_usable_state() {
    let points = at_every_point(|point| {
        let mailbox = Mailbox::none();
        let killed = killed_at(mailbox.program().args(REQUEST), point);
        assert_whole(&mailbox, point);
        goes_on(&mailbox, point);
        killed
    });
    // Key, CSR, two forms of the email, mailbox.toml: none of them is written in fewer steps than three.
    assert!(points >= 15, "only {points} fault points were met");
}

#[test]
fn killed_replacement_leaves_the_old_request_or_the_new_one() {
    let prepared = Mailbox::requested();
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let killed = killed_at(mailbox.program().args(REQUEST).arg("--again"), point);
        assert_whole(&mailbox, point);
        let standing = standing(&mailbox).expect("the mailbox is there");
        assert_eq!(standing["state"], "requested", "point {point}");
        // An answer to the first request is welcome whichever of the two counts.
        let reply = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME);
        let reply = reply.sign(&mailbox.file("first.pem"));
        mailbox.import([reply]).arg("--dry-run").run().expect(0);
        let number = request(&mailbox, &["--again"]);
        assert_eq!(self::standing(&mailbox).unwrap()["credential"], number, "point {point}");
        goes_on(&mailbox, point);
        killed
    });
    assert!(points >= 15, "only {points} fault points were met");
}

#[test]
fn killed_import_leaves_the_request_or_the_credential() {
    let prepared = Mailbox::requested();
    let reply = prepared.certificate();
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let killed = killed_at(mailbox.import([&reply]), point);
        assert_whole(&mailbox, point);
        let state = standing(&mailbox).expect("the mailbox is there")["state"].clone();
        assert!(state == "requested" || state == "current", "point {point}: {state}");
        mailbox.import([&reply]).run().expect(0);
        goes_on(&mailbox, point);
        killed
    });
    // Six bundles and mailbox.toml.
    assert!(points >= 20, "only {points} fault points were met");
}

fn adopt(mailbox: &Mailbox, made: &Elsewhere) -> Program {
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--key"]).arg(made.key());
    program.arg("--cert").arg(made.leaf()).args(authority_args())
}

/// Runs the command again: it does what it did not do before, or says that it is done already.
fn adopted_at_last(program: Program) {
    let output = program.run();
    if output.code() != Some(0) {
        output.expect_error(1, "already_adopted");
    }
}

#[test]
fn killed_adoption_leaves_nothing_or_the_credential() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let points = at_every_point(|point| {
        let mailbox = Mailbox::none();
        let killed = killed_at(adopt(&mailbox, &made), point);
        assert_whole(&mailbox, point);
        if let Some(standing) = standing(&mailbox) {
            assert_eq!(standing["state"], "current", "point {point}");
        }
        adopted_at_last(adopt(&mailbox, &made));
        goes_on(&mailbox, point);
        killed
    });
    // The key, six bundles and mailbox.toml.
    assert!(points >= 25, "only {points} fault points were met");
}

#[test]
fn killed_adoption_of_a_key_leaves_its_certificate_or_both() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let prepared = Mailbox::none();
    let alone =
        prepared.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--cert"]).arg(made.leaf());
    alone.args(authority_args()).run().expect(0);
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let killed = killed_at(adopt(&mailbox, &made), point);
        let standing = standing(&mailbox).expect("the mailbox is there");
        let (number, elsewhere) = (standing["credential"].as_u64(), &standing["key_elsewhere"]);
        assert_eq!(standing["state"], "current", "point {point}");
        assert_eq!(elsewhere.as_bool().is_some(), number == Some(1), "point {point}: {standing}");
        adopted_at_last(adopt(&mailbox, &made));
        mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
        assert!(mailbox.credential(1).join("bundles-01/fullchain.pem").exists(), "point {point}");
        killed
    });
    assert!(points >= 25, "only {points} fault points were met");
}

#[test]
fn killed_sharing_leaves_the_mailbox_as_it_was_or_sharing() {
    let prepared = Mailbox::imported();
    let share = |mailbox: &Mailbox| mailbox.program().args(["adopt", "X26ABC2", "--share", Mailbox::ID]);
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let killed = killed_at(share(&mailbox), point);
        let all = mailbox.program().arg("status").run().expect(0).json();
        let all = all["mailboxes"].as_array().unwrap();
        assert_eq!(all[0]["state"], "current", "point {point}");
        assert!(all.get(1).is_none_or(|second| second["shares"] == Mailbox::ID), "point {point}: {all:?}");
        adopted_at_last(share(&mailbox));
        mailbox.program().args(["check", "X26ABC2", "--offline"]).run().expect(0);
        killed
    });
    assert!(points >= 5, "only {points} fault points were met");
}

/// Which credential is in use: there is always one, and it can be worked with.
fn in_use(mailbox: &Mailbox, point: u32) -> u64 {
    let standing = standing(mailbox).expect("the mailbox is there");
    let states = mailbox.states();
    assert_eq!(states.iter().filter(|state| *state == "current").count(), 1, "point {point}: {states:?}");
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
    standing["credential"].as_u64().unwrap()
}

#[test]
fn killed_renewal_leaves_the_credential_in_use_as_it_is() {
    let prepared = Mailbox::imported();
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let killed = killed_at(mailbox.renew(&[]), point);
        assert_whole(&mailbox, point);
        assert_eq!(in_use(&mailbox, point), 1, "point {point}");
        let used = numbers(&mailbox);
        if mailbox.states().len() == 1 {
            let answer = mailbox.renew(&[]).run().expect(0).json();
            assert!(!used.contains(&answer["credential"].as_u64().unwrap()), "point {point}: {used:?}");
        }
        assert_eq!(mailbox.states(), ["current", "requested"], "point {point}");
        killed
    });
    assert!(points >= 15, "only {points} fault points were met");
}

#[test]
fn killed_import_beside_a_credential_in_use_leaves_that_in_use() {
    let prepared = Mailbox::renewing();
    let answer = prepared.next_certificate();
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let killed = killed_at(mailbox.import([&answer]).arg("--no-check"), point);
        assert_whole(&mailbox, point);
        assert_eq!(in_use(&mailbox, point), 1, "point {point}");
        mailbox.import([&answer]).arg("--no-check").run().expect(0);
        assert_eq!(mailbox.states(), ["current", "ready"], "point {point}");
        assert_whole(&mailbox, point);
        killed
    });
    assert!(points >= 20, "only {points} fault points were met");
}

#[test]
fn killed_switch_leaves_the_old_credential_in_use_or_the_new_one() {
    for (prepared, command, old, new) in
        [(Mailbox::ready(), "activate", 1, 2), (Mailbox::switched(), "rollback", 2, 1)]
    {
        let points = at_every_point(|point| {
            let mailbox = Mailbox::copy_of(&prepared.home());
            let killed = killed_at(mailbox.program().args([command, Mailbox::ID]), point);
            assert_whole(&mailbox, point);
            let number = in_use(&mailbox, point);
            assert!(number == old || number == new, "point {point}: {number}");
            if number == old {
                mailbox.program().args([command, Mailbox::ID]).run().expect(0);
            }
            assert_eq!(in_use(&mailbox, point), new, "point {point}");
            killed
        });
        assert!(points >= 5, "{command}: only {points} fault points were met");
    }
}

#[test]
fn one_of_two_simultaneous_requests_wins_and_the_other_names_it() {
    let mailbox = Mailbox::none();
    let lock = mailbox.own_folder().join(".lock");
    thread::scope(|scope| {
        let first = scope
            .spawn(|| mailbox.program().args(REQUEST).env("MESH_ONBOARD_TEST_HOLD_LOCK_MS", "1500").run());
        let end = Instant::now() + Duration::from_secs(10);
        let holder = loop {
            let holder = fs::read_to_string(&lock).unwrap_or_default();
            if !holder.is_empty() {
                break holder;
            }
            assert!(Instant::now() < end, "nobody is named in the lock");
            thread::sleep(Duration::from_millis(10));
        };
        let error = mailbox.program().args(REQUEST).run().expect_error(1, "locked");
        assert!(error.to_string().contains(holder.split_whitespace().next().unwrap()), "{holder}: {error}");
        let digits: Vec<_> = holder.split(|c: char| !c.is_ascii_digit()).filter(|d| !d.is_empty()).collect();
        assert!(
            digits.iter().any(|number| error.to_string().contains(number)),
            "the holder '{holder}' is not told: {error}"
        );
        first.join().unwrap().expect(0);
    });
    assert_eq!(numbers(&mailbox), BTreeSet::from([1]));
    assert_eq!(fs::read(lock).unwrap(), b"", "the lock still names a holder");
}

#[test]
fn simultaneous_requests_never_share_a_number() {
    let mailbox = Mailbox::none();
    let outputs: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| mailbox.program().args(REQUEST).run())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let won = outputs.iter().filter(|o| o.code() == Some(0)).count();
    assert_eq!(won, 1, "{}", outputs.iter().map(|o| o.shown()).collect::<Vec<_>>().join("\n"));
    for output in outputs.into_iter().filter(|o| o.code() != Some(0)) {
        let code = output.json()["error"]["code"].clone();
        assert!(code == "locked" || code == "request_outstanding", "{code}");
        assert_eq!(output.code(), Some(1));
    }
    goes_on(&mailbox, 0);
}
