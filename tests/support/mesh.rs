//! A rehearsal MESH in this process, and mailboxes with credentials for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;
use tempfile::TempDir;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::{NOW, PASSPHRASE, Program};

/// The server, and a home whose X26ABC1, X26ABC2 and X26ABC3 have one certificate of its CA.
pub struct Mesh {
    folder: TempDir,
    url: String,
    days: Arc<AtomicI64>,
    ahead: Arc<AtomicI64>,
    /// Serves until it is dropped.
    _server: Box<dyn std::any::Any>,
}

impl Mesh {
    /// At the time of the tests.
    pub fn start() -> Self {
        let folder = super::scratch();
        let home = folder.path().join("home");
        let start = OffsetDateTime::parse(NOW, &Rfc3339).expect("a time");
        let (days, ahead) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let (passed, off) = (days.clone(), ahead.clone());
        let clock = move || {
            let passed = Duration::days(passed.load(Ordering::SeqCst));
            start + passed + Duration::minutes(off.load(Ordering::SeqCst))
        };
        let server =
            mesh_onboard::serve_rehearsal_mesh(&home, Arc::new(clock)).expect("the rehearsal MESH starts");
        let mesh = Self { folder, url: server.url(), days, ahead, _server: Box::new(server) };
        let setup = || mesh.bare().args(["--json", "--no-input"]);
        let request =
            setup().args(["request", "X26ABC1", "--ods", "X26", "--env", "rehearsal"]).run().expect(0).json();
        let csr = request["files"]["csr"].as_str().expect("a path").to_owned();
        let answer = mesh.file("answer.pem");
        setup().args(["rehearse", "--issue", &csr, "--to"]).arg(&answer).run().expect(0);
        setup().args(["import", "X26ABC1"]).arg(&answer).run().expect(0);
        for other in ["X26ABC2", "X26ABC3"] {
            setup().args(["adopt", other, "--share", "X26ABC1"]).run().expect(0);
        }
        mesh
    }

    /// Days pass, for the server and whoever asks it from now on.
    pub fn pass(&self, days: i64) {
        self.days.fetch_add(days, Ordering::SeqCst);
    }

    /// The server's clock goes ahead of everybody's by so many minutes.
    pub fn set_ahead(&self, minutes: i64) {
        self.ahead.store(minutes, Ordering::SeqCst);
    }

    pub fn url(&self) -> String {
        self.url.clone()
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
        std::fs::write(&path, bytes).expect("a test can write beside its home");
        path
    }

    fn bare(&self) -> Program {
        Program::new().home(&self.home()).env("MESH_KEY_PASSPHRASE", PASSPHRASE)
    }

    /// The program with every secret in the environment, for a person.
    pub fn person(&self) -> Program {
        let start = OffsetDateTime::parse(NOW, &Rfc3339).expect("a time");
        let now =
            (start + Duration::days(self.days.load(Ordering::SeqCst))).format(&Rfc3339).expect("a time");
        let secrets = [("MESH_MAILBOX_PASSWORD", "password"), ("MESH_SHARED_KEY", "TestKey")];
        let program = secrets.iter().fold(self.bare(), |program, (name, value)| program.env(name, value));
        program.now(&now).env("MESH_ONBOARD_TEST_FIRST_WAIT", "10").directory(self.folder.path())
    }

    /// A command for a person that goes there.
    pub fn says(&self, command: &str, mailbox: &str) -> Program {
        self.person().args([command, mailbox, "--url", &self.url()])
    }

    /// The same for a script.
    pub fn answers(&self, command: &str, mailbox: &str) -> Program {
        self.says(command, mailbox).args(["--json", "--no-input"])
    }

    /// Sends bytes from X26ABC1 to X26ABC2; the message ID.
    pub fn sent(&self, bytes: &[u8], more: &[&str]) -> String {
        let file = self.file_with("to-send", bytes);
        let program = self.answers("send", "X26ABC1").arg(file).args([
            "--to",
            "X26ABC2",
            "--workflow",
            "TEST_WORKFLOW",
        ]);
        let answer = program.args(more).run().expect(0).json();
        answer["message_id"].as_str().expect("an ID").to_owned()
    }

    /// The IDs in the inbox of a mailbox.
    pub fn inbox(&self, mailbox: &str) -> Vec<Value> {
        self.answers("inbox", mailbox).run().expect(0).json()["messages"].as_array().expect("IDs").clone()
    }
}
