//! `rehearse --serve` as a fixture: on a free port, stopped when dropped.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use mesh_onboard::mesh::token::{Login, header};
use mesh_onboard::secret::{MailboxPassword, SharedKey};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use time::OffsetDateTime;

use super::Program;

/// A rehearsal MESH that listens.
pub struct Rehearsal {
    process: Child,
    /// The line that it printed.
    pub settings: Value,
}

impl Rehearsal {
    /// Starts `program`, which names the home, with these arguments more.
    pub fn start(program: Program, more: &[&str]) -> Self {
        let program = program.args(["--json", "--no-input", "rehearse", "--serve"]).args(more);
        let mut process = program.spawn();
        drop(process.stdin.take());
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().expect("stdout is piped"));
        stdout.read_line(&mut line).expect("stdout is readable");
        process.stdout = Some(stdout.into_inner());
        let Ok(settings) = serde_json::from_str(&line) else {
            let mut said = String::new();
            let _ = process.stderr.take().expect("stderr is piped").read_to_string(&mut said);
            panic!("it does not serve: {line}\n{said}");
        };
        Self { process, settings }
    }

    pub fn url(&self) -> String {
        self.settings["url"].as_str().expect("a url").to_owned()
    }

    pub fn ca(&self) -> PathBuf {
        self.settings["ca"].as_str().expect("a path").into()
    }

    /// A file of a mailbox: `certificate` or `key`.
    pub fn file(&self, mailbox: &str, which: &str) -> PathBuf {
        let mailboxes = self.settings["mailboxes"].as_array().expect("mailboxes");
        let found = mailboxes.iter().find(|m| m["mailbox"] == mailbox).expect("the mailbox");
        found[which].as_str().expect("a path").into()
    }

    /// Arguments of curl for a call of a mailbox with a fresh token, on a path below it.
    pub fn curl(&self, mailbox: &str, path: &str) -> Vec<String> {
        let login =
            Login { password: MailboxPassword::new("password"), shared_key: SharedKey::new("TestKey") };
        let nonce = uuid::Uuid::new_v4().to_string();
        let token = header(&mailbox.parse().expect("an ID"), &login, &nonce, 0, OffsetDateTime::now_utc());
        let text = |path: PathBuf| path.into_os_string().into_string().expect("UTF-8");
        vec![
            "--silent".into(),
            "--show-error".into(),
            "--max-time".into(),
            "60".into(),
            "--cacert".into(),
            text(self.ca()),
            "--cert".into(),
            text(self.file(mailbox, "certificate")),
            "--key".into(),
            text(self.file(mailbox, "key")),
            "-H".into(),
            format!("Authorization: {token}"),
            "-H".into(),
            "Accept: application/vnd.mesh.v2+json".into(),
            format!("{}/messageexchange/{mailbox}{path}", self.url()),
        ]
    }

    /// The largest that it ever was in memory, in KiB.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        peak.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Sends a signal and waits for the end: exit code, rest of stdout, stderr.
    pub fn stop(mut self, signal: Signal) -> (Option<i32>, String, String) {
        let begin = Instant::now();
        kill_process(Pid::from_child(&self.process), signal).expect("it runs");
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.process.stdout.take().expect("stdout is piped").read_to_string(&mut stdout).expect("UTF-8");
        self.process.stderr.take().expect("stderr is piped").read_to_string(&mut stderr).expect("UTF-8");
        let status = self.process.wait().expect("it ends");
        assert!(begin.elapsed() < Duration::from_secs(10), "it took {:?} to end", begin.elapsed());
        (status.code(), stdout, stderr)
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        // Its own process and no other; it may have ended already. Asked, it takes its files away.
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        }
        let _ = self.process.wait();
    }
}

/// The folder that all files of a server lie in.
pub fn folder_of(rehearsal: &Rehearsal) -> PathBuf {
    let certificate = rehearsal.file("X26ABC1", "certificate");
    let above = certificate.ancestors().nth(3).map(Path::to_owned);
    above.expect("<folder>/credentials/X26ABC1/certificate.pem")
}
