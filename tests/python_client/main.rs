//! The official Python client, which does everything it can at `rehearse --serve`, over mutual TLS with the
//! files that it makes.

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use support::{Program, Rehearsal, path_arg, scratch, venv_python};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// Runs a part of the script, which has to succeed, and returns what it printed.
fn python(part: &str, mesh: &Rehearsal, more: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_client/everything.py");
    let mut command = Command::new(venv_python());
    command.arg(script).arg(part).arg(mesh.settings.to_string()).args(more).env_remove("HTTPS_PROXY");
    let output = command.output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said.trim().to_owned()
}

fn program(folder: &Path) -> Program {
    Program::new().home(&folder.join("home"))
}

#[test]
fn official_client_does_everything_that_it_can() {
    let folder = scratch();
    let mesh = Rehearsal::start(program(folder.path()).real_clock(), &[]);
    let said = python("everything", &mesh, &[]);
    assert_eq!(said.lines().count(), 14, "{said}");
    assert!(said.ends_with("wrong_login"), "{said}");
}

#[test]
fn official_client_reads_the_report_of_a_message_that_nobody_collected() {
    let folder = scratch();
    let keep = path_arg(&folder.path().join("keep"));
    let then = OffsetDateTime::now_utc() - Duration::days(5) - Duration::minutes(1);
    let then = then.replace_nanosecond(0).expect("none").format(&Rfc3339).expect("a date can be written");
    let mesh = Rehearsal::start(program(folder.path()).now(&then), &["--keep", &keep]);
    let undelivered = python("send", &mesh, &[&then]);
    drop(mesh);
    let mesh = Rehearsal::start(program(folder.path()).real_clock(), &["--keep", &keep]);
    assert_eq!(python("report", &mesh, &[&undelivered]), "report");
}
