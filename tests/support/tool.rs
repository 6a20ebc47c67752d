//! Other people's programs, to judge ours: openssl, keytool, Python.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a tool that has to succeed and returns its stdout. A missing one names what installs it.
#[track_caller]
pub fn tool<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> String {
    let mut command = Command::new(name);
    command.args(args);
    String::from_utf8_lossy(&run(command, name)).into_owned()
}

/// Runs a tool that has to refuse, and returns all that it says.
#[track_caller]
pub fn refused<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> String {
    let mut command = Command::new(name);
    command.args(args);
    let output = command.output().unwrap_or_else(|e| missing(name, &e));
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.code().is_some_and(|code| code != 0), "{command:?} took it\n{text}");
    text
}

/// `openssl` with arguments as one would type them, none of which holds a space.
#[track_caller]
pub fn openssl(line: &str) -> String {
    tool("openssl", line.split_whitespace())
}

/// The same with a passphrase in the variable `PASS`, and stdout as bytes.
#[track_caller]
pub fn openssl_with(passphrase: &str, line: &str) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(line.split_whitespace()).env("PASS", passphrase);
    run(command, "openssl")
}

/// A path for [`openssl`], which splits at spaces.
pub fn path_arg(path: &Path) -> String {
    let text = path.to_str().expect("test paths are UTF-8").to_owned();
    assert!(!text.contains(' '), "the tests cannot run below a folder with a space in its name: {text}");
    text
}

/// Runs a Python script with nothing but the standard library.
#[track_caller]
pub fn python<A: AsRef<OsStr>>(script: &str, args: impl IntoIterator<Item = A>) -> String {
    let mut command = Command::new("python3");
    command.arg("-c").arg(script).args(args);
    String::from_utf8_lossy(&run(command, "python3")).into_owned()
}

/// The interpreter with mesh-sandbox and mesh-client, which `tests/run` prepares.
pub fn venv_python() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    assert!(path.exists(), "{} is missing: run tests/run, which makes it", path.display());
    path
}

#[track_caller]
fn run(mut command: Command, name: &str) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|e| missing(name, &e));
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[track_caller]
fn missing(name: &str, error: &std::io::Error) -> ! {
    panic!("{name} does not start ({error}): run tests/run, which installs what the tests need")
}
