//! A key and certificate made with other people's programs, in every form in which they are kept.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Authority, openssl, openssl_with, path_arg, tool};

/// Files named by what they are, of one key with a certificate of the tests' own CA.
pub struct Elsewhere {
    folder: TempDir,
}

impl Elsewhere {
    /// The password of every protected file, which no new key could have.
    pub const PASSWORD: &str = "changeit";

    /// For a common name, valid from 2026-01-01 to 2029-01-01.
    pub fn new(common_name: &str) -> Self {
        Self::valid(common_name, "20260101000000Z", "20290101003000Z")
    }

    pub fn valid(common_name: &str, from: &str, until: &str) -> Self {
        let made = Self { folder: super::scratch() };
        let leaf = Authority::ours().leaf(Path::new(""), common_name).with_new_key(&made.file("made"));
        leaf.valid(from, until).sign(&made.leaf());
        fs::rename(made.file("made.key"), made.key()).unwrap();
        made
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder with all of it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The key as `openssl req -nodes` writes it: PKCS#8 without encryption.
    pub fn key(&self) -> PathBuf {
        self.file("key.pem")
    }

    /// The certificate alone, PEM.
    pub fn leaf(&self) -> PathBuf {
        self.file("leaf.pem")
    }

    /// Runs openssl to make a file; `{key}`, `{leaf}` and `{out}` stand for paths, `env:PASS` for a password.
    pub fn with_openssl(&self, name: &str, password: &str, line: &str) -> PathBuf {
        let out = self.file(name);
        let line = line.replace("{key}", &path_arg(&self.key())).replace("{leaf}", &path_arg(&self.leaf()));
        openssl_with(password, &line.replace("{out}", &path_arg(&out)));
        out
    }

    /// The key encrypted as PKCS#8.
    pub fn encrypted_key(&self, passphrase: &str) -> PathBuf {
        let line = "pkcs8 -topk8 -v2 aes-256-cbc -in {key} -out {out} -passout env:PASS";
        self.with_openssl("encrypted.pem", passphrase, line)
    }

    /// A PFX with key and certificate.
    pub fn pfx(&self, password: &str) -> PathBuf {
        let line = "pkcs12 -export -in {leaf} -inkey {key} -name meshclient -passout env:PASS -out {out}";
        self.with_openssl("made.pfx", password, line)
    }

    /// A keystore of keytool's, JKS or PKCS12, with the alias `meshclient`.
    pub fn keystore(&self, kind: &str, password: &str, key_password: &str) -> PathBuf {
        let to = self.file(&format!("made.{}", kind.to_lowercase()));
        self.into_keystore(&to, kind, "meshclient", password, key_password);
        to
    }

    /// Adds key and certificate to a keystore, new or not.
    pub fn into_keystore(&self, to: &Path, kind: &str, alias: &str, password: &str, key_password: &str) {
        let pfx = self.pfx(Self::PASSWORD);
        let mut args = vec!["-importkeystore", "-noprompt", "-srcstoretype", "PKCS12"];
        let (from, to) = (path_arg(&pfx), path_arg(to));
        args.extend(["-srckeystore", &from, "-srcstorepass", Self::PASSWORD, "-srcalias", "meshclient"]);
        args.extend(["-destkeystore", &to, "-deststoretype", kind, "-deststorepass", password]);
        args.extend(["-destalias", alias, "-destkeypass", key_password]);
        tool("keytool", args);
    }

    /// SHA-256 over the public key, as openssl has it.
    pub fn key_sha256(&self) -> String {
        let der = self.file("public.der");
        openssl(&format!("pkey -in {} -pubout -outform DER -out {}", path_arg(&self.key()), path_arg(&der)));
        mesh_onboard::pki::Fingerprint::of(&fs::read(der).unwrap()).to_string()
    }
}

/// `--ca` for the root and the sub CA of the tests.
pub fn authority_args() -> Vec<std::ffi::OsString> {
    let authority = Authority::ours();
    vec!["--ca".into(), authority.root().into(), "--ca".into(), authority.sub().into()]
}
