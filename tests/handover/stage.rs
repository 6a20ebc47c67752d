//! One rehearsal MESH for all the consumers of a test run, and handovers from its mailbox.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Mesh, needs_test_hooks};

/// A rehearsal MESH, by the machine's own clock, whose home has credentials for it.
pub fn stage() -> Mesh {
    needs_test_hooks();
    Mesh::start_now(&[])
}

/// Hands X26ABC1 over to `consumer` in a new folder, with `more` arguments.
#[track_caller]
pub fn handed_over(mesh: &Mesh, consumer: &str, more: &[&str]) -> PathBuf {
    handed_over_to(mesh, consumer, &mesh.file(consumer), more)
}

/// The same to a folder of another name, for a second one.
#[track_caller]
pub fn handed_over_to(mesh: &Mesh, consumer: &str, folder: &Path, more: &[&str]) -> PathBuf {
    mesh.answers("export", "X26ABC1")
        .args(["--for", consumer, "--to"])
        .arg(folder)
        .args(more)
        .run()
        .expect(0);
    folder.to_owned()
}

/// A command that sees nothing of this machine but its path: no home, no proxy, no secret of the tests.
pub fn alone(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder).env("HOME", folder);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs it, and returns what it prints; it has to succeed.
#[track_caller]
pub fn printed(mut command: Command) -> String {
    let output =
        command.output().unwrap_or_else(|e| panic!("{command:?}: {e}: tests/run installs what is missing"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    stdout.into_owned()
}

/// Runs it, and returns all that it says; it has to fail.
#[track_caller]
pub fn refusal(mut command: Command) -> String {
    let output =
        command.output().unwrap_or_else(|e| panic!("{command:?}: {e}: tests/run installs what is missing"));
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!output.status.success(), "{command:?} went well\n{text}");
    text
}
