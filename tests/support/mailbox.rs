//! A home with a mailbox in it, as far along as a test needs it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{Authority, Program};

/// The passphrase of every key in the tests.
pub const PASSPHRASE: &str = "correct horse battery";

/// Mailbox X26ABC1 of X26 in the environment `sandbox`, whose issuer is the tests' own CA.
pub struct Mailbox {
    folder: TempDir,
    /// What `request` answered.
    pub request: Value,
}

impl Mailbox {
    pub const ID: &str = "X26ABC1";
    pub const COMMON_NAME: &str = "X26ABC1.X26.api.mesh-client.nhs.uk";

    /// An empty home.
    pub fn none() -> Self {
        Self { folder: super::scratch(), request: Value::Null }
    }

    /// With a copy of a prepared home.
    pub fn copy_of(home: &Path) -> Self {
        let copy = Self::none();
        super::copy_folder(home, &copy.home());
        copy
    }

    /// A request that waits for its certificate.
    pub fn requested() -> Self {
        let mut mailbox = Self::none();
        mailbox.request = mailbox.request_again(&[]);
        mailbox
    }

    /// A credential in use, valid from 2026-01-01 to 2029-01-01, key usage to 2028-02-01.
    pub fn imported() -> Self {
        let mailbox = Self::requested();
        mailbox.import([mailbox.certificate()]).run().expect(0);
        mailbox
    }

    /// A credential in use, and a request for the one that is to follow it.
    pub fn renewing() -> Self {
        let mailbox = Self::imported();
        mailbox.renew(&[]).run().expect(0);
        mailbox
    }

    /// A credential in use, and credential 2 ready to follow it, valid from 2026-05-01 to 2029-05-01.
    pub fn ready() -> Self {
        let mailbox = Self::renewing();
        mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0);
        mailbox
    }

    /// Credential 2 in use, and credential 1 before it.
    pub fn switched() -> Self {
        let mailbox = Self::ready();
        mailbox.program().args(["activate", Self::ID]).run().expect(0);
        mailbox
    }

    /// `renew` with more arguments.
    pub fn renew(&self, more: &[&str]) -> Program {
        self.program().args(["renew", Self::ID]).args(more)
    }

    /// A good certificate for credential 2.
    pub fn next_certificate(&self) -> PathBuf {
        let csr = self.credential(2).join("request.csr");
        let leaf = Authority::ours().leaf(&csr, Self::COMMON_NAME);
        leaf.valid("20260501000000Z", "20290501003000Z").sign(&self.file("next.pem"))
    }

    /// What `history` answers.
    pub fn history(&self) -> Vec<Value> {
        let answer = self.program().args(["history", Self::ID]).run().expect(0).json();
        answer["credentials"].as_array().expect("credentials").clone()
    }

    /// The states of the credentials in their order.
    pub fn states(&self) -> Vec<String> {
        let state = |credential: &Value| credential["state"].as_str().expect("a state").to_owned();
        self.history().iter().map(state).collect()
    }

    /// Runs `request` with more arguments and returns its answer.
    pub fn request_again(&self, more: &[&str]) -> Value {
        let request = ["request", Self::ID, "--ods", "X26", "--env", "sandbox"];
        self.program().args(request).args(more).run().expect(0).json()
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file of the test's own beside the home.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same with bytes in it.
    pub fn file_with(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, bytes).expect("a test can write beside its home");
        path
    }

    /// The program with this home, the passphrase in the environment, JSON, and nobody to ask.
    pub fn program(&self) -> Program {
        self.person().args(["--json", "--no-input"])
    }

    /// The same for a person: text, though there is no terminal.
    pub fn person(&self) -> Program {
        Program::new().home(&self.home()).env("MESH_KEY_PASSPHRASE", PASSPHRASE)
    }

    /// `import` of files, with root and sub CA of the tests given by `--ca`.
    pub fn import<P: AsRef<Path>>(&self, files: impl IntoIterator<Item = P>) -> Program {
        self.import_with(self.program(), files)
    }

    pub fn import_with<P: AsRef<Path>>(
        &self,
        program: Program,
        files: impl IntoIterator<Item = P>,
    ) -> Program {
        let program = program.args(["import", Self::ID]);
        let files: Vec<_> = files.into_iter().map(|f| f.as_ref().to_owned()).collect();
        let authority = Authority::ours();
        program.args(files).arg("--ca").arg(authority.root()).arg("--ca").arg(authority.sub())
    }

    /// The folder of the mailbox.
    pub fn own_folder(&self) -> PathBuf {
        self.home().join("sandbox").join(Self::ID)
    }

    pub fn credential(&self, number: u32) -> PathBuf {
        self.own_folder().join(format!("credentials/{number:04}"))
    }

    /// The CSR of the first credential.
    pub fn csr(&self) -> PathBuf {
        self.credential(1).join("request.csr")
    }

    /// A good certificate for the first credential.
    pub fn certificate(&self) -> PathBuf {
        Authority::ours().leaf(&self.csr(), Self::COMMON_NAME).sign(&self.file("reply.pem"))
    }
}
