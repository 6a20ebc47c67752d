use std::path::{Path, PathBuf};

use mesh_onboard::mesh::token::Login;
use mesh_onboard::mesh::{Client, Identity, Outgoing, Retries, Service, TlsSettings, Trust};
use mesh_onboard::pki::{Certificate, PrivateKey};
use mesh_onboard::secret::{MailboxPassword, SharedKey};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::support::{Program, Rehearsal, scratch};

/// A rehearsal MESH at which one thing may be wrong, and credentials for it in files.
pub struct Scene {
    server: Rehearsal,
    folder: TempDir,
}

impl Scene {
    /// With these fault rules.
    pub fn with(rules: &[&str]) -> Self {
        let faults: Vec<&str> = rules.iter().flat_map(|rule| ["--fault", *rule]).collect();
        Self::started(Program::real_clock, &faults)
    }

    /// At another time than the clock's.
    pub fn at(now: &str) -> Self {
        Self::started(|program| program.now(now), &[])
    }

    /// With the mailbox X26ABC1 and these secrets.
    pub fn with_secrets(password: &str, shared_key: &str) -> Self {
        let folder = scratch();
        let config = format!(
            "shared_key = '{shared_key}'\n[[mailboxes]]\nid = 'X26ABC1'\nods = 'X26'\npassword = '{password}'\n"
        );
        let file = folder.path().join("rehearsal.toml");
        std::fs::write(&file, config).expect("a test can write into its folder");
        let program = Program::new().home(&folder.path().join("server")).real_clock();
        let server = Rehearsal::start(program, &["--config", file.to_str().expect("UTF-8")]);
        Self { server, folder }
    }

    fn started(clock: impl Fn(Program) -> Program, more: &[&str]) -> Self {
        let folder = scratch();
        let server = Rehearsal::start(clock(Program::new().home(&folder.path().join("server"))), more);
        Self { server, folder }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of the server's: `certificate` or `key` of X26ABC1.
    pub fn credential(&self, which: &str) -> PathBuf {
        self.server.file("X26ABC1", which)
    }

    pub fn ca(&self) -> PathBuf {
        self.server.ca()
    }

    /// Ends the server; what it says of its faults.
    pub fn stop(self) -> String {
        self.server.stop(rustix::process::Signal::TERM).2
    }

    /// `check` of X26ABC1, with the right secrets.
    pub fn check(&self) -> Program {
        self.check_of("X26ABC1")
    }

    pub fn check_of(&self, mailbox: &str) -> Program {
        self.program("check", mailbox).args(["--url", &self.url()]).arg("--ca").arg(self.ca())
    }

    /// `check` of X26ABC1 at a plain address.
    pub fn check_plainly(&self, url: &str) -> Program {
        self.program("check", "X26ABC1").args(["--env", "sandbox", "--url", url])
    }

    /// `check` with a round trip whose message has a second to come back.
    pub fn round_trip(&self) -> Program {
        self.check().args(["--round-trip", "--wait", "1s"])
    }

    pub fn program(&self, command: &str, mailbox: &str) -> Program {
        let program = Program::new().home(&self.file("home")).real_clock().args(["--json", "--no-input"]);
        let program = program.args([command, mailbox]).arg("--cert").arg(self.credential("certificate"));
        let program = program.arg("--key").arg(self.credential("key"));
        program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey")
    }

    /// What waits for X26ABC1.
    pub fn inbox(&self) -> Vec<String> {
        let program =
            self.program("inbox", "X26ABC1").args(["--url", &self.url()]).arg("--ca").arg(self.ca());
        let answer = program.run().expect(0).json();
        let ids = answer["messages"].as_array().expect("IDs").iter();
        ids.map(|id| id.as_str().expect("an ID").to_owned()).collect()
    }

    /// Puts so many messages into the inbox of X26ABC1.
    pub fn fill(&self, messages: usize) {
        let identity = Identity {
            certificates: certificates(&self.credential("certificate")),
            key: PrivateKey::parse(&std::fs::read(self.credential("key")).expect("a key"), None)
                .expect("a key"),
        };
        let settings = TlsSettings::new(Trust::Roots(certificates(&self.ca())), Some(identity), None);
        let service = Service::new(
            self.url().parse().expect("a URL"),
            &settings.expect("they belong together"),
            std::sync::Arc::new(OffsetDateTime::now_utc),
        );
        let login =
            Login { password: MailboxPassword::new("password"), shared_key: SharedKey::new("TestKey") };
        let client =
            Client::new(service.with_retries(Retries::none()), "X26ABC1".parse().expect("an ID"), login);
        let message = Outgoing { to: "X26ABC1", workflow: "TEST_WORKFLOW2", ..Outgoing::default() };
        for _ in 0..messages {
            client.send(&message, &b"one of many".as_slice()).expect("the server takes it");
        }
    }
}

fn certificates(file: &Path) -> Vec<Certificate> {
    let text = std::fs::read(file).expect("a file of certificates");
    let found = pem::parse_many(text).expect("PEM");
    found.iter().map(|pem| Certificate::from_der(pem.contents()).expect("a certificate")).collect()
}
