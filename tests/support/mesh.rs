//! `rehearse --serve` of a home, and mailboxes in that home with credentials for it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{NOW, PASSPHRASE, Program, Rehearsal};

/// The server, and a home whose X26ABC1, X26ABC2 and X26ABC3 have one certificate of its CA.
pub struct Mesh {
    folder: TempDir,
    server: Option<Rehearsal>,
    /// A minute after the server's: its certificate begins with it. The machine's own clock where there is none.
    now: Option<&'static str>,
}

impl Mesh {
    /// At the time of the tests.
    pub fn start() -> Self {
        Self::start_at(Some(NOW), Some("2026-06-01T12:01:00Z"), &[])
    }

    /// By the machine's own clock, for other people's clients; with faults, each as `--fault` has it.
    pub fn start_now(faults: &[&str]) -> Self {
        Self::start_at(None, None, faults)
    }

    fn start_at(server: Option<&str>, now: Option<&'static str>, faults: &[&str]) -> Self {
        let folder = super::scratch();
        let server = serve(folder.path(), server, faults);
        // The server has its CA from there, so the home is one of its clients, too.
        let mesh = Self { folder, server: Some(server), now };
        let setup = || mesh.setup();
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
        self.server = Some(serve(self.folder.path(), Some(now), &[]));
    }

    /// Six days later, by everybody's clock.
    pub fn six_days_pass(&mut self) {
        self.restart_at("2026-06-07T12:00:00Z");
        self.now = Some("2026-06-07T12:01:00Z");
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

    /// Renews X26ABC1; the rehearsal CA's answer.
    pub fn renewed(&self) -> PathBuf {
        let renewed = self.setup().args(["renew", "X26ABC1"]).run().expect(0).json();
        let csr = renewed["files"]["csr"].as_str().expect("a path").to_owned();
        let number = renewed["credential"].as_u64().expect("a number");
        let answer = self.file(&format!("answer-{number}.pem"));
        self.setup().args(["rehearse", "--issue", &csr, "--to"]).arg(&answer).run().expect(0);
        answer
    }

    /// `import` for X26ABC1 of what the CA has sent, with a check at this server.
    pub fn import(&self, answer: &Path) -> Program {
        self.answers("import", "X26ABC1").arg(answer)
    }

    /// The states of the credentials of X26ABC1 in their order.
    pub fn states(&self) -> Vec<String> {
        let answer = self.setup().args(["history", "X26ABC1"]).run().expect(0).json();
        let state = |credential: &Value| credential["state"].as_str().expect("a state").to_owned();
        answer["credentials"].as_array().expect("credentials").iter().map(state).collect()
    }

    /// What needs no server, for a script.
    pub fn setup(&self) -> Program {
        let program = self.bare().args(["--json", "--no-input"]);
        if self.now.is_none() { program.real_clock() } else { program }
    }

    fn bare(&self) -> Program {
        Program::new().home(&self.home()).env("MESH_KEY_PASSPHRASE", PASSPHRASE)
    }

    /// The program with every secret in the environment, for a person.
    pub fn person(&self) -> Program {
        let secrets = [("MESH_MAILBOX_PASSWORD", "password"), ("MESH_SHARED_KEY", "TestKey")];
        let program = secrets.iter().fold(self.bare(), |program, (name, value)| program.env(name, value));
        let program = program.env("MESH_ONBOARD_TEST_FIRST_WAIT", "10").directory(self.folder.path());
        match self.now {
            Some(now) => program.now(now),
            None => program.real_clock(),
        }
    }

    /// The same, for a shell.
    pub fn environment(&self) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
        self.person().environment()
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
fn serve(folder: &Path, now: Option<&str>, faults: &[&str]) -> Rehearsal {
    let config = folder.join("rehearsal.toml");
    std::fs::write(&config, "state = \"messages\"\n").expect("a test can write beside its home");
    let home = folder.join("home");
    let program = Program::new().home(&home);
    let program = match now {
        Some(now) => program.now(now),
        None => program.real_clock(),
    };
    let text = |path: &Path| path.to_str().expect("test paths are UTF-8").to_owned();
    let (home, config) = (text(&home), text(&config));
    let faults = faults.iter().flat_map(|rule| ["--fault", rule]);
    let arguments: Vec<&str> = ["--keep", &home, "--config", &config].into_iter().chain(faults).collect();
    Rehearsal::start(program, &arguments)
}
