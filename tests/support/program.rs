//! Runs the program with nothing of the developer's own in sight: no variables, no home, no keyring.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The time at which the tests take place unless they say otherwise.
pub const NOW: &str = "2026-06-01T12:00:00Z";

/// The longest that any run may take.
const DEADLINE: Duration = Duration::from_secs(180);

/// One run of the program, to be described and then run.
#[derive(Clone)]
pub struct Program {
    /// What runs the program; nothing runs it directly.
    runner: Vec<OsString>,
    args: Vec<OsString>,
    last: Vec<OsString>,
    env: BTreeMap<OsString, OsString>,
    stdin: Vec<u8>,
    directory: Option<PathBuf>,
}

impl Program {
    pub fn new() -> Self {
        super::needs_test_hooks();
        let mut program = Self {
            runner: Vec::new(),
            args: Vec::new(),
            last: Vec::new(),
            env: BTreeMap::new(),
            stdin: Vec::new(),
            directory: None,
        };
        for kept in ["PATH", "LD_LIBRARY_PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(kept) {
                program = program.env(kept, value);
            }
        }
        // Most backups guard nothing; tests/backup proves the factor of those that do.
        program.env("MESH_ONBOARD_TEST_NOW", NOW).env("MESH_ONBOARD_TEST_WORK_FACTOR", "10")
    }

    /// The home of the program. What else it looks for in a user's home is redirected beside it.
    pub fn home(self, home: &Path) -> Self {
        let user = home.with_file_name("user");
        let mut program = self.env("MESH_ONBOARD_HOME", home).env("HOME", &user);
        for (name, folder) in [
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "runtime"),
        ] {
            program = program.env(name, user.join(folder));
        }
        program
    }

    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Arguments that stand behind all others, whatever comes.
    pub fn last_args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.last.extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    fn all_args(&self) -> impl Iterator<Item = &OsString> {
        self.args.iter().chain(&self.last)
    }

    pub fn arg(self, arg: impl AsRef<OsStr>) -> Self {
        self.args([arg])
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Has another command run it: the words of that, to which its own are added.
    pub fn run_by<A: AsRef<OsStr>>(mut self, runner: impl IntoIterator<Item = A>) -> Self {
        self.runner = runner.into_iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// As a shell would be told it.
    pub fn command_line(&self) -> String {
        let words = self.all_args().map(|arg| arg.to_str().expect("test arguments are UTF-8"));
        shell_words::join(std::iter::once(env!("CARGO_BIN_EXE_mesh-onboard")).chain(words))
    }

    /// The variables that it would run with.
    pub fn environment(self) -> Vec<(OsString, OsString)> {
        self.env.into_iter().collect()
    }

    pub fn without_env(mut self, name: &str) -> Self {
        self.env.remove(OsStr::new(name));
        self
    }

    /// The time, in RFC 3339.
    pub fn now(self, now: &str) -> Self {
        self.env("MESH_ONBOARD_TEST_NOW", now)
    }

    /// The machine's own clock, for tests that talk to servers which have no other.
    pub fn real_clock(self) -> Self {
        self.without_env("MESH_ONBOARD_TEST_NOW")
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    pub fn directory(mut self, directory: &Path) -> Self {
        self.directory = Some(directory.to_owned());
        self
    }

    /// Starts it; whoever does so ends it.
    pub fn spawn(&self) -> Child {
        let program = OsString::from(env!("CARGO_BIN_EXE_mesh-onboard"));
        let mut words = self.runner.iter().chain([&program]).chain(self.all_args());
        let mut command = Command::new(words.next().expect("the program at least"));
        command.args(words).env_clear().envs(&self.env);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Runs it to its end, whatever that is.
    pub fn run(self) -> Output {
        let mut child = self.spawn();
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let input = self.stdin.clone();
        // A program that does not read its input closes the pipe, which is no failure.
        let feeder = thread::spawn(move || drop(stdin.write_all(&input)));
        let stdout = read_all(child.stdout.take().expect("stdout is piped"));
        let stderr = read_all(child.stderr.take().expect("stderr is piped"));
        let status = wait(&mut child);
        feeder.join().expect("the feeder ends");
        let text = |reader: thread::JoinHandle<Vec<u8>>| {
            String::from_utf8(reader.join().expect("the reader ends")).expect("output is UTF-8")
        };
        Output { described: self.described(), stdout: text(stdout), stderr: text(stderr), status }
    }

    /// Runs it in a pseudo-terminal: waits for each of the words, then types the answer.
    pub fn in_terminal(self, talk: &[(&str, &str)]) -> Talk {
        self.in_terminal_like(&Terminal::default(), talk)
    }

    /// The same in a terminal of a certain kind.
    pub fn in_terminal_like(self, kind: &Terminal, talk: &[(&str, &str)]) -> Talk {
        let mut command = self.runner.clone();
        command.push(env!("CARGO_BIN_EXE_mesh-onboard").into());
        command.extend(self.all_args().cloned());
        let text = |t: OsString| t.into_string().expect("UTF-8");
        let command: Vec<_> = command.into_iter().map(text).collect();
        let env: BTreeMap<_, _> = self.env.into_iter().map(|(n, v)| (text(n), text(v))).collect();
        terminal(kind, &command, &env, talk)
    }

    fn described(&self) -> String {
        let args: Vec<_> = self.all_args().map(|a| a.to_string_lossy()).collect();
        format!("mesh-onboard {}", args.join(" "))
    }
}

/// Runs any command in a pseudo-terminal: waits for each of the words, then types the answer.
pub fn terminal(
    kind: &Terminal,
    command: &[String],
    env: &BTreeMap<String, String>,
    talk: &[(&str, &str)],
) -> Talk {
    let task = serde_json::json!({
        "command": command, "env": env, "talk": talk,
        "size": kind.size, "quick": kind.quick, "watch": kind.watch,
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/terminal.py");
    let mut python = Command::new("python3");
    python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = python.spawn().expect("python3 starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(task.to_string().as_bytes()).expect("python3 reads its task");
    drop(stdin);
    let output = child.wait_with_output().expect("python3 ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script answers in JSON")
}

fn read_all(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe is readable");
        bytes
    })
}

fn wait(child: &mut Child) -> ExitStatus {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        if Instant::now() > end {
            child.kill().expect("our own child can be killed");
            return child.wait().expect("a killed child ends");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// What a pseudo-terminal is like.
#[derive(Debug, Clone, Default)]
pub struct Terminal {
    /// Rows and columns; a terminal that says nothing of them has none.
    pub size: Option<(u16, u16)>,
    /// Whether to type as soon as the program waits, and not only after a moment.
    pub quick: bool,
    /// The folder whose files are looked at before each answer, and at the end.
    pub watch: Option<PathBuf>,
}

/// What was seen in a terminal.
#[derive(Debug, serde::Deserialize)]
pub struct Talk {
    /// The exit code; negative, the signal.
    pub status: i32,
    /// Everything that was printed.
    pub screen: String,
    /// Whether the terminal echoes what is typed, as it does before and should do afterwards.
    pub echo: bool,
    /// The files of the watched folder with their hashes: before each answer, and at the end.
    pub trees: Vec<BTreeMap<String, String>>,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Output {
    described: String,
    pub stdout: String,
    pub stderr: String,
    status: ExitStatus,
}

impl Output {
    /// The exit code; `None` if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "exit code\n{}", self.shown());
        self
    }

    /// The one JSON object on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("stdout is not one JSON object: {e}\n{}", self.shown()));
        assert!(value.is_object(), "stdout is not a JSON object\n{}", self.shown());
        value
    }

    /// Asserts a failure with an exit code and the `code` of its error; returns the error.
    #[track_caller]
    pub fn expect_error(self, code: i32, error: &str) -> Value {
        let output = self.expect(code);
        let value = output.json();
        let found = &value["error"];
        assert_eq!(found["code"], error, "error code\n{}", output.shown());
        assert!(found["message"].as_str().is_some_and(|m| !m.is_empty()), "message\n{}", output.shown());
        assert!(found["because"].is_array(), "because\n{}", output.shown());
        found.clone()
    }

    /// Asserts that stderr says something, case ignored.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let found = self.stderr.to_lowercase().contains(&words.to_lowercase());
        assert!(found, "stderr does not say '{words}'\n{}", self.shown());
        self
    }

    pub fn shown(&self) -> String {
        format!(
            "$ {}\n--- {}\n--- stdout\n{}\n--- stderr\n{}",
            self.described, self.status, self.stdout, self.stderr
        )
    }
}
