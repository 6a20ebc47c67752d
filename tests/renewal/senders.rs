//! Clients that go on sending whatever happens, and count.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::support::{PASSPHRASE, Program, venv_python};

/// How long a client may take for a few messages.
const PATIENCE: Duration = Duration::from_secs(40);

/// One client.
pub struct Sender {
    name: &'static str,
    results: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    python: Option<Child>,
    thread: Option<JoinHandle<()>>,
}

impl Sender {
    /// Our own `send`, one run a message.
    pub fn ours(program: Program) -> Self {
        let (results, stop) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicBool::new(false)));
        let (told, stopped) = (results.clone(), stop.clone());
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                let output = program.clone().run();
                let result = if output.code() == Some(0) { "sent".to_owned() } else { output.shown() };
                told.lock().unwrap().push(result);
            }
        });
        Self { name: "send", results, stop, python: None, thread: Some(thread) }
    }

    /// The official Python client, with the bundles of one credential.
    pub fn python(url: &str, credential: &Path, ca: &Path) -> Self {
        let settings = serde_json::json!({
            "url": url,
            "certificate": credential.join("bundles-01/fullchain.pem"),
            "key": credential.join("key.pem"),
            "passphrase": PASSPHRASE,
            "ca": ca,
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/renewal/keeps_sending.py");
        let mut command = Command::new(venv_python());
        command.arg(script).arg(settings.to_string()).env_remove("HTTPS_PROXY");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let results = Arc::<Mutex<Vec<String>>>::default();
        let told = results.clone();
        let thread = thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                told.lock().unwrap().push(line);
            }
        });
        Self { name: "Python", results, stop: Arc::default(), python: Some(child), thread: Some(thread) }
    }

    /// How many messages it has tried.
    pub fn tried(&self) -> usize {
        self.results.lock().unwrap().len()
    }

    /// Waits until it has tried some more.
    pub fn goes_on(&self) {
        let (enough, end) = (self.tried() + 4, Instant::now() + PATIENCE);
        while self.tried() < enough {
            assert!(
                Instant::now() < end,
                "{} does not go on: {:?}",
                self.name,
                self.results.lock().unwrap().last()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it. Returns how many it sent; none of them may have failed.
    pub fn ends(mut self) -> usize {
        self.end();
        let results = self.results.lock().unwrap();
        let failed: Vec<_> = results.iter().filter(|result| *result != "sent").collect();
        assert!(
            failed.is_empty(),
            "{}: {} of {} failed: {failed:#?}",
            self.name,
            failed.len(),
            results.len()
        );
        results.len()
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(mut child) = self.python.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.end();
    }
}
