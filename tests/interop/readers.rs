//! Each bundle of both profiles is opened by every reader that it is meant for, which finds the same key,
//! the same certificates and the same names in it, and refuses another password.

use std::fs;
use std::path::{Path, PathBuf};

use mesh_onboard::pki::sniff;
use serde_json::Value;

use crate::support::{Authority, Mailbox, PASSPHRASE};

mod gnutls;
mod java;
mod node;
mod nss;
mod openssl;
mod python;
mod ruby;

const WRONG: &str = "incorrect horse battery";

const PROFILES: [&str; 2] = ["modern", "legacy"];

/// Every bundle that there is, of one profile.
struct Bundles {
    profile: &'static str,
    answer: Value,
}

impl Bundles {
    /// Of both profiles, and the mailbox that they belong to. The certificate is valid now by the machine's
    /// own clock, which is the one that the readers have.
    fn both() -> (Mailbox, [Bundles; 2]) {
        let mailbox = Mailbox::requested();
        let leaf = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME).valid_now();
        let leaf = leaf.sign(&mailbox.file("reply.pem"));
        let both = PROFILES.map(|profile| Self::of(&mailbox, profile, mailbox.import([&leaf])));
        (mailbox, both)
    }

    /// What an import answers that is asked for everything.
    fn of(mailbox: &Mailbox, profile: &'static str, import: crate::support::Program) -> Self {
        let form = if profile == "modern" { "pkcs8" } else { "pkcs1" };
        let import = import.args(["--pfx-profile", profile, "--keystore", "--truststore"]);
        let import = import.args(["--plaintext-key", form, "--i-understand"]);
        let answer = import.real_clock().run().expect(0).json();
        assert!(mailbox.home().is_dir());
        Self { profile, answer }
    }

    fn file(&self, role: &str) -> PathBuf {
        self.answer["files"][role].as_str().unwrap_or_else(|| panic!("{role}: {}", self.answer)).into()
    }

    /// SHA-256 of leaf, sub CA, root.
    fn chain(&self) -> Vec<String> {
        sha256_of(&self.file("fullchain"))
    }

    /// SHA-256 of leaf, sub CA, root in any order, as often as they are in the keystore: the trusted entries
    /// beside the chain.
    fn in_keystore(&self) -> Vec<String> {
        let chain = self.chain();
        sorted([&chain[..], &chain[1..]].concat())
    }
}

/// SHA-256 of each certificate in a PEM file, in its order.
fn sha256_of(pem: &Path) -> Vec<String> {
    let found = sniff::certificates(&fs::read(pem).unwrap()).unwrap();
    found.iter().map(|c| c.fingerprint().to_string()).collect()
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}

/// A file with the password in it, for readers that take it from one.
fn password_file(mailbox: &Mailbox, password: &str) -> PathBuf {
    mailbox.file_with("password", password)
}

/// One line of JSON for each file that a script was given.
fn answers(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().unwrap_or_else(|| panic!("no list: {value}"));
    list.iter().map(|v| v.as_str().expect("text").to_owned()).collect()
}

/// The arguments of a script: the password, then files.
fn script_args(script: &str, password: &str, files: &[PathBuf]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/readers").join(script);
    let files = files.iter().map(|f| f.to_str().expect("UTF-8").to_owned());
    [script.to_str().expect("UTF-8").to_owned(), password.to_owned()].into_iter().chain(files).collect()
}

/// What the scripts of Python, Ruby and Node find in the PKCS#12 files of both profiles.
fn assert_opened(mailbox: &Mailbox, both: &[Bundles; 2], run: impl Fn(&str, &[PathBuf]) -> String) {
    for bundles in both {
        let files = ["pfx", "keystore"].map(|role| bundles.file(role));
        let found = answers(&run(PASSPHRASE, &files));
        let [pfx, keystore] = found.as_slice() else { panic!("{found:?}") };
        for opened in [pfx, keystore] {
            assert_eq!(opened["key"], mailbox.request["key_sha256"], "{}: {opened}", bundles.profile);
            assert_eq!(texts(&opened["certificates"])[0], bundles.chain()[0], "{}", bundles.profile);
        }
        assert_eq!(texts(&pfx["certificates"]), bundles.chain(), "{}", bundles.profile);
        assert_eq!(sorted(texts(&keystore["certificates"])), bundles.in_keystore(), "{}", bundles.profile);
    }
}
