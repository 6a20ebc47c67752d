use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::bench::{Bench, Rehearsed, bundle, edited, stored};
use crate::support::{Authority, Mailbox, Output, path_arg, tool};

pub fn no_key() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    bench.pair("sandbox", &bench.fullchain(), &bench.file("gone.key")).run()
}

pub fn no_certificate() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    bench.pair("sandbox", &bench.file("gone.pem"), &bench.key()).run()
}

pub fn no_pfx() -> Output {
    let bench = Bench::new();
    bench.program().args(["--env", "sandbox", "--pfx", &path_arg(&bench.file("gone.pfx"))]).run()
}

pub fn folder_as_key() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let folder = bench.file("folder");
    fs::create_dir(&folder).unwrap();
    bench.pair("sandbox", &bench.fullchain(), &folder).run()
}

pub fn too_large() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let large = bench.file("large.pem");
    fs::File::create(&large).unwrap().set_len(11 * 1024 * 1024).unwrap();
    bench.pair("sandbox", &large, &bench.key()).run()
}

pub fn open_key() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    fs::set_permissions(bench.key(), Permissions::from_mode(0o640)).unwrap();
    bench.sandbox().run()
}

pub fn open_pfx() -> Output {
    let mailbox = Mailbox::imported();
    fs::set_permissions(bundle(&mailbox, "X26ABC1.pfx"), Permissions::from_mode(0o604)).unwrap();
    stored(&mailbox).run()
}

fn git(folder: &Path, args: &[&str]) {
    let folder = path_arg(folder);
    // Nothing of the developer's own, such as a template of hooks or an identity.
    let own =
        ["-C", &folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.templateDir="];
    tool("git", own.iter().chain(args));
}

/// A work tree with the key in the folder `keys`, whose `.gitignore` is this.
fn work_tree(ignored: &str) -> Bench {
    let bench = Bench::with_leaf(|leaf| leaf);
    git(bench.file("").as_path(), &["init", "--quiet"]);
    fs::create_dir(bench.file("keys")).unwrap();
    fs::rename(bench.key(), bench.file("keys/key.pem")).unwrap();
    fs::write(bench.file(".gitignore"), ignored).unwrap();
    bench
}

fn in_keys(bench: &Bench) -> Output {
    bench.pair("sandbox", &bench.fullchain(), &bench.file("keys/key.pem")).run()
}

pub fn in_git() -> Output {
    in_keys(&work_tree("*.key\n"))
}

pub fn tracked() -> Output {
    let bench = work_tree("keys/\n");
    git(bench.file("").as_path(), &["add", "--force", "keys/key.pem"]);
    in_keys(&bench)
}

pub fn second_work_tree() -> Output {
    let bench = work_tree("");
    let folder = bench.file("");
    git(&folder, &["add", ".gitignore"]);
    git(&folder, &["commit", "--quiet", "--no-gpg-sign", "--message", "one"]);
    git(&folder, &["worktree", "add", "--quiet", "second"]);
    fs::rename(bench.file("keys/key.pem"), bench.file("second/key.pem")).unwrap();
    bench.pair("sandbox", &bench.fullchain(), &bench.file("second/key.pem")).run()
}

#[test]
fn key_that_git_leaves_alone_is_well() {
    let output = in_keys(&work_tree("/keys/\n")).expect(0);
    assert_eq!(output.json()["verdict"], "pass", "{}", output.shown());
}

pub fn in_onedrive() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    fs::create_dir_all(bench.file("OneDrive-ExampleTrust/keys")).unwrap();
    let key = bench.file("OneDrive-ExampleTrust/keys/key.pem");
    fs::rename(bench.key(), &key).unwrap();
    bench.pair("sandbox", &bench.fullchain(), &key).run()
}

pub fn in_nextcloud() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    fs::create_dir(bench.file("shared")).unwrap();
    fs::write(bench.file("shared/.nextcloudsync.log"), "").unwrap();
    fs::rename(bench.key(), bench.file("shared/key.pem")).unwrap();
    symlink(bench.file("shared/key.pem"), bench.key()).unwrap();
    bench.sandbox().run()
}

pub fn other_certificate() -> Output {
    edited("certificate.pem", |mailbox, _| {
        let again = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME);
        fs::read(again.sign(&mailbox.file("again.pem"))).unwrap()
    })
}

pub fn other_fullchain() -> Output {
    edited("fullchain.pem", |mailbox, old| {
        let again = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME);
        let again = fs::read(again.sign(&mailbox.file("again.pem"))).unwrap();
        let leaf = fs::read(bundle(mailbox, "certificate.pem")).unwrap();
        [&again, &old[leaf.len()..]].concat()
    })
}

pub fn shorter_chain() -> Output {
    edited("chain.pem", |_, _| fs::read(Authority::ours().sub()).unwrap())
}

pub fn turned_bundle() -> Output {
    edited("ca-bundle.pem", |mailbox, _| fs::read(bundle(mailbox, "chain.pem")).unwrap())
}

pub fn other_base64() -> Output {
    edited("X26ABC1.pfx.b64", |_, mut text| {
        text[100] = if text[100] == b'A' { b'B' } else { b'A' };
        text
    })
}

#[test]
fn bundle_that_was_taken_away_or_saved_anew_is_no_edit() {
    let mailbox = Mailbox::imported();
    fs::remove_file(bundle(&mailbox, "X26ABC1.pfx")).unwrap();
    let path = bundle(&mailbox, "chain.pem");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("The CAs:\r\n{}", text.replace('\n', "\r\n"))).unwrap();
    let output = stored(&mailbox).run().expect(0);
    assert_eq!(output.json()["verdict"], "pass", "{}", output.shown());
    // Nothing of the rehearsal's is a fault either.
    let rehearsed = Rehearsed::new();
    let chain = rehearsed.chain();
    let blocks: Vec<&str> = chain.iter().map(String::as_str).collect();
    let output = rehearsed.check("rehearsal", &blocks, &[]).expect(0);
    assert_eq!(output.json()["verdict"], "pass", "{}", output.shown());
}

#[test]
fn everything_that_is_not_well_with_the_files_is_told_at_once() {
    let bench = work_tree("");
    fs::set_permissions(bench.file("keys/key.pem"), Permissions::from_mode(0o644)).unwrap();
    let answer = in_keys(&bench).expect(0).json();
    let told = &answer["probes"][0];
    assert_eq!(told["code"], "open_permissions");
    let evidence = told["evidence"].as_str().expect("evidence");
    assert!(evidence.contains("mode 0644") && evidence.contains("in_git_work_tree"), "{evidence}");
    assert!(told["remedy"].as_str().is_some_and(|remedy| remedy.contains("chmod 600")), "{told}");
}
