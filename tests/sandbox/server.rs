//! The sandbox as a fixture: a free port, client certificates required, gone when dropped.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Authority, Mailbox, Program, openssl, path_arg, venv_python};

/// How long the sandbox may take to listen; it needs about a second.
const READY: Duration = Duration::from_secs(30);

/// A running mesh-sandbox and a home whose rehearsal CA it trusts for clients.
pub struct Sandbox {
    process: Child,
    folder: TempDir,
    /// Where credentials for it are made.
    pub mailbox: Mailbox,
    pub url: String,
}

/// How the sandbox is entered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Over TLS, with a client certificate of the rehearsal CA, or of the tests' own.
    MutualTls,
    /// The same, where only the root of the tests' own is known, as it should be.
    RootAlone,
    /// Over TLS, by anyone; its own certificate is that of `openssl req -x509`, an authority's.
    SelfSigned,
    /// Over plain HTTP.
    Plain,
}

impl Sandbox {
    pub fn start() -> Self {
        Self::start_with(Door::MutualTls)
    }

    pub fn start_with(door: Door) -> Self {
        let mailbox = Mailbox::requested();
        // The rehearsal CA is made on first use; issuing is the use.
        issue(&mailbox, &mailbox.csr(), &mailbox.file("reply.pem"));
        let folder = crate::support::scratch();
        let (certificate, key) = match door {
            Door::SelfSigned => self_signed(folder.path()),
            _ => Authority::ours().server(folder.path()),
        };
        let rehearsal = mailbox.home().join("rehearsal-ca/ca-bundle.pem");
        let ours = Authority::ours();
        let known = match door {
            Door::RootAlone => vec![ours.root()],
            _ => vec![rehearsal, ours.root(), ours.sub()],
        };
        let known: Vec<_> = known.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let clients = folder.path().join("clients.pem");
        fs::write(&clients, known.concat()).unwrap();
        let log = folder.path().join("sandbox.log");
        let mut settings = Vec::new();
        if door != Door::Plain {
            settings.extend([
                "--ssl-certfile".into(),
                path_arg(&certificate),
                "--ssl-keyfile".into(),
                path_arg(&key),
            ]);
        }
        if matches!(door, Door::MutualTls | Door::RootAlone) {
            settings.extend([
                "--ssl-ca-certs".into(),
                path_arg(&clients),
                "--ssl-cert-reqs".into(),
                "2".into(),
            ]);
        }
        let (process, port) = (0..3)
            .find_map(|_| listen(folder.path(), &settings, &log))
            .unwrap_or_else(|| panic!("the sandbox does not start:\n{}", fs::read_to_string(&log).unwrap()));
        let scheme = if door == Door::Plain { "http" } else { "https" };
        Self { process, folder, mailbox, url: format!("{scheme}://localhost:{port}") }
    }

    /// The server's own certificate.
    pub fn own_certificate(&self) -> PathBuf {
        self.folder.path().join("self.pem")
    }

    /// Whom to trust for the server.
    pub fn server_ca(&self) -> PathBuf {
        Authority::ours().root()
    }

    /// Ends it; nothing listens there any more.
    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// `check` against the sandbox, with password and shared key in the environment.
    pub fn check(&self) -> Program {
        self.secrets(self.mailbox.program().real_clock())
            .args(["check", "--env", "sandbox", "--url", &self.url])
            .arg("--ca")
            .arg(self.server_ca())
    }

    pub fn secrets(&self, program: Program) -> Program {
        program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey")
    }

    /// Imports the certificate that the rehearsal CA issued.
    pub fn import(&self) -> serde_json::Value {
        let ca = self.mailbox.home().join("rehearsal-ca");
        let program = self.mailbox.program().real_clock().args(["import", Mailbox::ID]);
        let program = program.arg(self.mailbox.file("reply.pem"));
        let program = program.arg("--ca").arg(ca.join("root.pem")).arg("--ca").arg(ca.join("sub.pem"));
        program.run().expect(0).json()
    }

    /// What the sandbox printed, for a failing test.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("sandbox.log")).unwrap_or_default()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Its own process and no other; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("--- sandbox\n{}", self.log());
        }
    }
}

/// What guides make for a sandbox, with its key.
fn self_signed(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("self.pem"), folder.join("self.key"));
    openssl(&format!(
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout {} -out {}",
        path_arg(&key),
        path_arg(&certificate)
    ));
    (certificate, key)
}

/// Lets the rehearsal CA sign a CSR.
pub fn issue(mailbox: &Mailbox, csr: &Path, to: &Path) {
    let program = mailbox.program().real_clock().args(["rehearse", "--issue"]);
    program.arg(csr).arg("--to").arg(to).run().expect(0);
}

/// Starts the sandbox and waits until it listens; `None` if it ended, as when another took the port.
fn listen(folder: &Path, settings: &[String], log: &Path) -> Option<(Child, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = File::create(log).unwrap();
    let mut process = Command::new(venv_python())
        .args(["-m", "uvicorn", "mesh_sandbox.api:app", "--host", "127.0.0.1", "--workers", "1"])
        .args(["--port", &port.to_string()])
        .args(settings)
        .env("SHARED_KEY", "TestKey")
        .env("AUTH_MODE", "full")
        .env("STORE_MODE", "memory")
        .env("ENV", "local")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .expect("the sandbox starts");
    let end = Instant::now() + READY;
    while Instant::now() < end {
        if process.try_wait().unwrap().is_some() {
            return None;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((process, port));
        }
        thread::sleep(Duration::from_millis(50));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    None
}
