//! `rehearse --serve` of a home, and mailboxes in that home with credentials for it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{NOW, PASSPHRASE, Program, Rehearsal};

/// The server, and a home whose X26ABC1, X26ABC2 and X26ABC3 have one certificate of its CA.
pub struct Mesh {
    folder: TempDir,
    server: Option<Rehearsal>,
    /// A minute after the server's: its certificate begins with it.
    now: &'static str,
}

impl Mesh {
    /// At the time of the tests.
    pub fn start() -> Self {
        let folder = super::scratch();
        let server = serve(folder.path(), NOW);
        // The server has its CA from there, so the home is one of its clients, too.
        let mesh = Self { folder, server: Some(server), now: "2026-06-01T12:01:00Z" };
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

    /// The same server at another time, its messages kept; whoever asks it stays behind.
    pub fn restart_at(&mut self, now: &str) {
        self.server = None;
        self.server = Some(serve(self.folder.path(), now));
    }

    /// Six days later, by everybody's clock.
    pub fn six_days_pass(&mut self) {
        self.restart_at("2026-06-07T12:00:00Z");
        self.now = "2026-06-07T12:01:00Z";
    }

    pub fn url(&self) -> String {
        self.server.as_ref().expect("it serves").url()
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
        let secrets = [("MESH_MAILBOX_PASSWORD", "password"), ("MESH_SHARED_KEY", "TestKey")];
        let program = secrets.iter().fold(self.bare(), |program, (name, value)| program.env(name, value));
        program.now(self.now).env("MESH_ONBOARD_TEST_FIRST_WAIT", "10").directory(self.folder.path())
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

/// `--keep` makes a home of its folder.
fn serve(folder: &Path, now: &str) -> Rehearsal {
    let config = folder.join("rehearsal.toml");
    std::fs::write(&config, "state = \"messages\"\n").expect("a test can write beside its home");
    let home = folder.join("home");
    let program = Program::new().home(&home).now(now);
    let text = |path: &Path| path.to_str().expect("test paths are UTF-8").to_owned();
    Rehearsal::start(program, &["--keep", &text(&home), "--config", &text(&config)])
}
