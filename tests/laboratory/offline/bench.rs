//! Credentials to spoil, made with openssl or by the program itself.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::{Authority, Leaf, Mailbox, Output, Program, path_arg, scratch};

/// A folder with credentials that nobody stored, and an empty home.
pub struct Bench(TempDir);

impl Bench {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(scratch())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `leaf.key` and `leaf.pem`, signed by the tests' own CA after `change`.
    pub fn with_leaf(change: impl FnOnce(Leaf) -> Leaf) -> Self {
        Self::issued(&Authority::ours(), change)
    }

    /// The same by another CA.
    pub fn issued(authority: &Authority, change: impl FnOnce(Leaf) -> Leaf) -> Self {
        let bench = Self::new();
        let leaf = authority.leaf(Path::new(""), Mailbox::COMMON_NAME).with_new_key(&bench.file("leaf"));
        change(leaf).sign(&bench.leaf());
        bench.joined("fullchain.pem", &[&bench.leaf(), &authority.sub(), &authority.root()]);
        bench
    }

    pub fn leaf(&self) -> PathBuf {
        self.file("leaf.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.file("leaf.key")
    }

    /// Leaf, sub CA, root.
    pub fn fullchain(&self) -> PathBuf {
        self.file("fullchain.pem")
    }

    /// A file of the texts of others.
    pub fn joined(&self, name: &str, parts: &[&Path]) -> PathBuf {
        let text: Vec<u8> = parts.iter().flat_map(|part| fs::read(part).expect("a part is there")).collect();
        let path = self.file(name);
        fs::write(&path, text).expect("a test can write here");
        path
    }

    /// `check` without MESH.
    pub fn program(&self) -> Program {
        Program::new().home(&self.file("home")).args(["check", "--offline", "--json", "--no-input"])
    }

    /// The same of a certificate and a key for an environment.
    pub fn pair(&self, environment: &str, certificate: &Path, key: &Path) -> Program {
        self.program().args(["--env", environment, "--cert", &path_arg(certificate), "--key", &path_arg(key)])
    }

    /// The same for a sandbox, which trusts whatever CA is in the file.
    pub fn sandbox(&self) -> Program {
        self.pair("sandbox", &self.fullchain(), &self.key())
    }
}

/// `check` of a stored credential without MESH.
pub fn stored(mailbox: &Mailbox) -> Program {
    mailbox.program().args(["check", Mailbox::ID, "--offline"])
}

/// A file of its bundles.
pub fn bundle(mailbox: &Mailbox, name: &str) -> PathBuf {
    mailbox.credential(1).join("bundles-01").join(name)
}

/// `check` after the bundle was given other bytes.
pub fn edited(name: &str, edit: impl FnOnce(&Mailbox, Vec<u8>) -> Vec<u8>) -> Output {
    let mailbox = Mailbox::imported();
    let path = bundle(&mailbox, name);
    let bytes = edit(&mailbox, fs::read(&path).expect("import made it"));
    fs::write(&path, bytes).expect("a test can write here");
    stored(&mailbox).run()
}

/// A credential of the rehearsal CA in a home.
pub struct Rehearsed(TempDir);

impl Rehearsed {
    pub fn new() -> Self {
        let rehearsed = Self(scratch());
        let program = || rehearsed.program().args(["--json", "--no-input"]);
        let request = ["request", "X26ABC1", "--ods", "X26", "--env", "rehearsal"];
        let request = program().args(request).run().expect(0).json();
        let csr = request["files"]["csr"].as_str().expect("a path").to_owned();
        let answer = rehearsed.0.path().join("answer.pem");
        program().args(["rehearse", "--issue", &csr, "--to", &path_arg(&answer)]).run().expect(0);
        program().args(["import", "X26ABC1", &path_arg(&answer)]).run().expect(0);
        rehearsed
    }

    fn program(&self) -> Program {
        let passphrase = crate::support::PASSPHRASE;
        Program::new().home(&self.0.path().join("home")).env("MESH_KEY_PASSPHRASE", passphrase)
    }

    fn credential(&self) -> PathBuf {
        self.0.path().join("home/rehearsal/X26ABC1/credentials/0001")
    }

    /// The PEM blocks of leaf, sub CA and root.
    pub fn chain(&self) -> Vec<String> {
        let text = fs::read_to_string(self.credential().join("bundles-01/fullchain.pem")).expect("a chain");
        let end = "-----END CERTIFICATE-----\n";
        text.split_inclusive(end).map(str::to_owned).collect()
    }

    /// `check` of a file with these blocks and the key of the credential.
    pub fn check(&self, environment: &str, blocks: &[&str], more: &[&str]) -> Output {
        let file = self.0.path().join("file.pem");
        fs::write(&file, blocks.concat()).expect("a test can write here");
        let sub_ca = self.0.path().join("sub.pem");
        fs::write(&sub_ca, &self.chain()[1]).expect("a test can write here");
        let key = self.credential().join("key.pem");
        let program =
            self.program().args(["check", "--offline", "--json", "--no-input", "--env", environment]);
        let program = program.args(["--cert", &path_arg(&file), "--key", &path_arg(&key)]);
        program.args(["--ca", &path_arg(&sub_ca)]).args(more).run()
    }
}
