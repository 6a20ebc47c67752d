use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{Program, Rehearsal, scratch};

/// A rehearsal MESH at which things go wrong, and a person with its credentials in files.
pub struct Drill {
    folder: TempDir,
    server: Rehearsal,
}

impl Drill {
    /// With these fault rules.
    pub fn with(rules: &[&str]) -> Self {
        let folder = scratch();
        let program = Program::new().home(&folder.path().join("server")).real_clock();
        let faults: Vec<&str> = rules.iter().flat_map(|rule| ["--fault", *rule]).collect();
        let server = Rehearsal::start(program, &faults);
        Self { folder, server }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of interrupted transfers of a mailbox.
    pub fn journals(&self, mailbox: &str) -> Vec<PathBuf> {
        let folder = self.file("home/sandbox").join(mailbox).join("transfers");
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
    }

    /// A command for a mailbox, answered in JSON. What it waits for between tries is short.
    pub fn program(&self, command: &str, mailbox: &str) -> Program {
        let program = Program::new().home(&self.file("home")).real_clock().args(["--json", "--no-input"]);
        let program =
            program.args([command, mailbox, "--url", &self.server.url()]).arg("--ca").arg(self.server.ca());
        let program = program.arg("--cert").arg(self.server.file(mailbox, "certificate"));
        let program = program.arg("--key").arg(self.server.file(mailbox, "key"));
        program
            .env("MESH_MAILBOX_PASSWORD", "password")
            .env("MESH_SHARED_KEY", "TestKey")
            .env("MESH_ONBOARD_TEST_FIRST_WAIT", "10")
    }

    /// Sends a file from X26ABC1 to X26ABC2.
    pub fn send(&self, file: &Path) -> Program {
        let program = self.program("send", "X26ABC1").arg(file);
        program.args(["--to", "X26ABC2", "--workflow", "TEST_WORKFLOW"])
    }

    /// What waits for X26ABC2.
    pub fn inbox(&self) -> Vec<String> {
        let answer = self.program("inbox", "X26ABC2").run().expect(0).json();
        let ids = answer["messages"].as_array().expect("IDs").iter();
        ids.map(|id| id.as_str().expect("an ID").to_owned()).collect()
    }

    /// Ends the server; how often each rule has happened, in their order.
    pub fn fired(self) -> Vec<u64> {
        let (code, _, said) = self.server.stop(Signal::TERM);
        assert_eq!(code, Some(0), "{said}");
        let count = |line: &str| match line.rsplit_once("': ")?.1 {
            "once" => Some(1),
            times => times.strip_suffix(" times")?.parse().ok(),
        };
        said.lines()
            .filter(|line| line.starts_with("fault '"))
            .map(|line| count(line).expect("a count"))
            .collect()
    }
}

/// Bytes that nothing compresses, the same each time.
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut noise = Vec::with_capacity(bytes + 8);
    while noise.len() < bytes {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        noise.extend((z ^ (z >> 31)).to_le_bytes());
    }
    noise.truncate(bytes);
    noise
}
