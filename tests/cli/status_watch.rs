//! `status --watch`: certificates that were made elsewhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Authority, Elsewhere, Mailbox, NOW, Output};

/// A home without mailboxes, and files beside it.
struct Watch {
    home: Mailbox,
    folder: PathBuf,
}

impl Watch {
    fn new() -> Self {
        let home = Mailbox::none();
        let folder = home.file("watched");
        fs::create_dir(&folder).unwrap();
        Self { home, folder }
    }

    fn look(&self, now: &str, more: &[&str]) -> Output {
        self.home.program().now(now).args(["-v", "status", "--watch"]).arg(&self.folder).args(more).run()
    }

    /// A certificate with its key beside it.
    fn leaf(&self, path: &str, until: &str) -> PathBuf {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let stem = self.home.file("leaf");
        let leaf = Authority::ours().leaf(&stem, "leaf.example").with_new_key(&stem);
        leaf.valid("20260101000000Z", until).sign(&path)
    }
}

fn paths(answer: &Value) -> Vec<PathBuf> {
    let watched = answer["watched"].as_array().expect("what is watched");
    watched.iter().map(|one| one["path"].as_str().unwrap().into()).collect()
}

#[test]
fn certificate_made_elsewhere_is_told_and_sets_the_exit_code() {
    let watch = Watch::new();
    let path = watch.leaf("a/leaf.pem", "20280601000000Z");
    let answer = watch.look("2028-01-01T00:00:00Z", &[]).expect(0).json();
    let one = &answer["watched"][0];
    assert_eq!(one["path"], path.display().to_string());
    assert_eq!(one["subject"], "O=nhs, OU=Devices, CN=leaf.example");
    assert_eq!((&one["not_after"], &one["days_left"]), (&"2028-06-01T00:00:00Z".into(), &151.into()));
    let near = watch.look("2028-05-20T00:00:00Z", &[]).expect(3);
    assert!(near.stderr.contains("it stops working on 1 June 2028"), "{}", near.shown());
    watch.look("2028-05-20T00:00:00Z", &["--within", "7d"]).expect(0);
    let text = watch.home.person().args(["status", "--watch"]).arg(&watch.folder).run().expect(0).stdout;
    assert!(text.contains("WATCHED FILE") && text.contains("leaf.example"), "{text}");
    assert!(!text.contains("No mailbox is known"), "{text}");
}

#[test]
fn certificates_are_found_in_every_form_and_those_of_authorities_are_left_out() {
    let watch = Watch::new();
    let made = Elsewhere::new("elsewhere.example");
    let place = |from: &Path, name: &str| fs::copy(from, watch.folder.join(name)).unwrap();
    place(&made.leaf(), "leaf.pem");
    place(&made.key(), "key.pem");
    let der = made.with_openssl("leaf.der", "", "x509 -in {leaf} -outform DER -out {out}");
    place(&der, "leaf.der");
    let p7b = made.with_openssl("leaf.p7b", "", "crl2pkcs7 -nocrl -certfile {leaf} -out {out}");
    place(&p7b, "leaf.p7b");
    let locked = made.with_openssl(
        "locked.pfx",
        "a password",
        "pkcs12 -export -inkey {key} -in {leaf} -passout env:PASS -out {out}",
    );
    place(&locked, "locked.pfx");
    place(&Authority::ours().root(), "root.pem");
    let chain = [fs::read(made.leaf()).unwrap(), fs::read(Authority::ours().sub()).unwrap()].concat();
    fs::write(watch.folder.join("chain.pem"), chain).unwrap();
    fs::write(watch.folder.join("notes.txt"), "renew these").unwrap();
    let output = watch.look(NOW, &[]).expect(0);
    let names: Vec<_> =
        paths(&output.json()).iter().map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["chain.pem", "leaf.der", "leaf.p7b", "leaf.pem"]);
    assert!(
        output.stderr.contains("locked.pfx is not watched: a password protects all of it"),
        "{}",
        output.shown()
    );
    // Key, root and notes.
    assert!(
        output.stderr.contains("left out, without a certificate of a client or server: 3"),
        "{}",
        output.shown()
    );
}

#[test]
fn links_are_followed_within_the_folder_and_never_out_of_it() {
    let watch = Watch::new();
    // As Kubernetes mounts a Secret: a link to a link of a folder whose name changes.
    let real = watch.leaf("..2026_06_01/tls.crt", "20290101000000Z");
    symlink("..2026_06_01", watch.folder.join("..data")).unwrap();
    symlink("..data/tls.crt", watch.folder.join("tls.crt")).unwrap();
    let outside = watch.home.file("outside.pem");
    fs::copy(&real, &outside).unwrap();
    symlink(&outside, watch.folder.join("outside.pem")).unwrap();
    fs::create_dir(watch.home.file("elsewhere")).unwrap();
    fs::copy(&real, watch.home.file("elsewhere/other.pem")).unwrap();
    symlink(watch.home.file("elsewhere"), watch.folder.join("elsewhere")).unwrap();
    symlink("..", watch.folder.join("loop")).unwrap();
    symlink("nowhere", watch.folder.join("dangling.pem")).unwrap();
    let answer = watch.look(NOW, &[]).expect(0).json();
    assert_eq!(paths(&answer), [watch.folder.join("tls.crt")]);
    // The folder itself may be named by a link.
    let link = watch.home.file("link");
    symlink(&watch.folder, &link).unwrap();
    let answer = watch.home.program().args(["status", "--watch"]).arg(&link).run().expect(0).json();
    assert_eq!(paths(&answer), [link.join("tls.crt")]);
}

#[test]
fn depth_and_size_have_an_end() {
    let watch = Watch::new();
    let near = watch.leaf("1/2/3/4/5/6/7/near.pem", "20290101000000Z");
    let far = watch.folder.join("1/2/3/4/5/6/7/8/far.pem");
    fs::create_dir(far.parent().unwrap()).unwrap();
    fs::copy(&near, far).unwrap();
    let large = [fs::read(&near).unwrap(), vec![b'\n'; 11 * 1024 * 1024]].concat();
    fs::write(watch.folder.join("large.pem"), large).unwrap();
    assert_eq!(paths(&watch.look(NOW, &[]).expect(0).json()), [near]);
}

#[test]
fn what_cannot_be_read_is_said_and_hides_nothing() {
    let watch = Watch::new();
    let good = watch.leaf("good.pem", "20290101000000Z");
    fs::write(watch.folder.join("cut.pem"), &fs::read(&good).unwrap()[..400]).unwrap();
    let output = watch.look(NOW, &[]).expect(1);
    assert_eq!(paths(&output.json()), [good]);
    assert!(
        output.stderr.contains("cut.pem cannot be watched: it holds a damaged certificate"),
        "{}",
        output.shown()
    );
    let missing = watch.home.file("missing");
    let output = watch.home.program().args(["status", "--watch"]).arg(&missing).run().expect(1);
    assert!(output.stderr.contains("missing cannot be watched: No such file"), "{}", output.shown());
    assert_eq!(output.json()["watched"], serde_json::json!([]));
}

#[test]
fn several_folders_are_watched_and_each_once() {
    let watch = Watch::new();
    let first = watch.leaf("leaf.pem", "20290101000000Z");
    let other = watch.home.file("other");
    fs::create_dir(&other).unwrap();
    fs::copy(&first, other.join("leaf.pem")).unwrap();
    let (folder, other_text) = (watch.folder.display().to_string(), other.display().to_string());
    let answer = watch.look(NOW, &["--watch", &other_text, "--watch", &folder]).expect(0).json();
    assert_eq!(paths(&answer), [other.join("leaf.pem"), first.clone()]);
    // A file is as good as a folder.
    let answer = watch.home.program().args(["status", "--watch"]).arg(&first).run().expect(0).json();
    assert_eq!(paths(&answer), [first]);
}
