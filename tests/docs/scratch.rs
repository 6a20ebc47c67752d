//! A home and a working folder of their own, and a shell in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// An account of its own on this machine, as far as a shell can tell. Removed when dropped.
pub struct Scratch {
    folder: TempDir,
    secrets: bool,
}

/// What a shell left behind.
pub struct Ran {
    pub code: Option<i32>,
    /// Standard output and standard error as they came.
    pub output: String,
}

impl Scratch {
    /// No secrets anywhere: the text has to give them.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("docs-").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let folder = folder.expect("a folder");
        for name in ["home", "work", "tmp"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self { folder, secrets: false }
    }

    /// Every secret in the environment, as examples take for granted.
    pub fn with_secrets() -> Self {
        Self { secrets: true, ..Self::new() }
    }

    /// Another that is as this one is now.
    pub fn copy(&self) -> Self {
        let copy = Self { secrets: self.secrets, ..Self::new() };
        let from = format!("{}/.", self.path("home").display());
        let status = Command::new("cp").args(["-a", &from]).arg(copy.path("home")).status();
        assert!(status.is_ok_and(|status| status.success()), "cp copies a home");
        copy
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the shell begins.
    pub fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Runs a script by `sh -c`, in the working folder, with the program in the path.
    pub fn sh(&self, script: &str) -> Ran {
        let program = Path::new(env!("CARGO_BIN_EXE_mesh-onboard"));
        let programs = program.parent().expect("the program lies in a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let home = self.path("home");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(self.work())
            // No MESH_*, no XDG_*, no session bus with a keyring of the developer's behind it.
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            // Nobody has the time to wait for a server that is not there.
            .env("MESH_ONBOARD_TEST_FIRST_WAIT", "10")
            .env("HOME", &home)
            .env("TMPDIR", self.path("tmp"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("XDG_RUNTIME_DIR", self.path("tmp"))
            .stdin(Stdio::null());
        if self.secrets {
            shell
                .env("MESH_KEY_PASSPHRASE", "four random words here")
                .env("MESH_MAILBOX_PASSWORD", "password")
                .env("MESH_SHARED_KEY", "TestKey")
                .env("MESH_BACKUP_PASSPHRASE", "another four words");
        }
        let ran = shell.output().expect("sh starts");
        let output = String::from_utf8(ran.stdout).expect("output is UTF-8");
        // As the documents write them.
        let output = output.replace(home.to_str().expect("UTF-8"), "~");
        let output = output.replace(self.path("tmp").to_str().expect("UTF-8"), "/tmp");
        Ran { code: ran.status.code(), output }
    }

    /// Runs a script that has to succeed.
    #[track_caller]
    pub fn prepare(&self, script: &str) {
        let ran = self.sh(&format!("set -e\n{script}"));
        assert_eq!(ran.code, Some(0), "preparing:\n{script}\n---\n{}", ran.output);
    }
}
