//! tinyproxy as a fixture: a free port, a log of what it was asked, gone when dropped.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long it may take to listen.
const READY: Duration = Duration::from_secs(10);

pub struct Tinyproxy {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Tinyproxy {
    /// Starts it with more lines in its configuration.
    pub fn start(more: &str) -> Self {
        (0..3).find_map(|_| Self::try_start(more)).expect("tinyproxy starts")
    }

    /// `None` if it ended, as when another took the port.
    fn try_start(more: &str) -> Option<Self> {
        let folder = super::scratch();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = folder.path().join("log");
        let settings = format!(
            "Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 20\nMaxClients 20\nLogLevel Connect\nLogFile \"{}\"\n{more}\n",
            log.display()
        );
        let configuration = folder.path().join("tinyproxy.conf");
        fs::write(&configuration, settings).unwrap();
        let process = Command::new("tinyproxy")
            .arg("-d")
            .arg("-c")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tinyproxy is missing; install it: apt-get install --yes tinyproxy-bin");
        let mut proxy = Self { process, folder, port };
        let end = Instant::now() + READY;
        while Instant::now() < end && proxy.process.try_wait().unwrap().is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(proxy);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// Its address, with `user:password@` before it if there is a login.
    pub fn url(&self, login: &str) -> String {
        format!("http://{login}127.0.0.1:{}", self.port)
    }

    /// How often it was asked for a way.
    pub fn asked(&self) -> usize {
        fs::read_to_string(self.log()).unwrap_or_default().matches(": CONNECT ").count()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        // Its own process and no other; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("--- tinyproxy\n{}", fs::read_to_string(self.log()).unwrap_or_default());
        }
    }
}
