//! A program in the place of another, which keeps its arguments and what it is given on its standard input.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// One program in a folder of its own. It prints `answer` where its second argument is `ls`.
pub struct Recorder(PathBuf);

/// One call of it.
pub struct Recorded {
    pub args: Vec<String>,
    pub stdin: Vec<u8>,
}

const SCRIPT: &str = r#"#!/bin/sh
set -eu
folder=$(dirname "$0")/calls
number=$(find "$folder" -name '*.args' | wc -l)
printf '%s\037' "$@" > "$folder/$number.args"
if [ "$2" = ls ]; then cat "$folder/answer"; else cat > "$folder/$number.stdin"; fi
"#;

impl Recorder {
    pub fn new(folder: &Path, program: &str) -> Self {
        fs::create_dir_all(folder.join("calls")).expect("a folder");
        let path = folder.join(program);
        fs::write(&path, SCRIPT).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script can be run");
        let recorder = Self(folder.to_owned());
        recorder.answer("");
        recorder
    }

    /// What it prints from now on.
    pub fn answer(&self, text: &str) {
        fs::write(self.0.join("calls/answer"), text).expect("an answer");
    }

    /// A `PATH` in which it comes first.
    pub fn path(&self) -> OsString {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths([self.0.clone()].into_iter().chain(std::env::split_paths(&path)))
            .expect("a path")
    }

    /// The calls since this was asked before.
    pub fn calls(&self) -> Vec<Recorded> {
        let calls = self.0.join("calls");
        let taken = |path: PathBuf| {
            let bytes = fs::read(&path).unwrap_or_default();
            let _ = fs::remove_file(path);
            bytes
        };
        let one = |number: usize| {
            let args = calls.join(format!("{number}.args"));
            args.exists().then(|| Recorded {
                args: String::from_utf8(taken(args))
                    .expect("arguments are text")
                    .split_terminator('\u{1f}')
                    .map(str::to_owned)
                    .collect(),
                stdin: taken(calls.join(format!("{number}.stdin"))),
            })
        };
        (0..).map_while(one).collect()
    }
}
