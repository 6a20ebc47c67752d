//! `.env` files: what a shell, python-dotenv and Node read is what was meant, and connects.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::kept::Kept;
use crate::stage::{alone, handed_over, printed, stage};
use crate::support::{Mesh, venv_python};

const NAMES: &str = "MESH_URL MESH_MAILBOX_ID MESH_MAILBOX_PASSWORD MESH_SHARED_KEY MESH_CLIENT_CERT MESH_CLIENT_KEY MESH_CA_CERT";

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover").join(name)
}

/// What each reader makes of `mesh.env`, by its name.
fn readings(folder: &Path) -> [(&'static str, Value); 3] {
    let names = NAMES.replace(' ', "','");
    let mut shell = alone("sh", folder);
    let told = format!("import json, os; print(json.dumps({{n: os.environ[n] for n in ['{names}']}}))");
    shell.args(["-c", "set -eua; . ./mesh.env; exec \"$0\" -c \"$1\""]).arg(venv_python()).arg(told);
    let mut python = alone(venv_python(), folder);
    python.args(["-c", "import dotenv, json; print(json.dumps(dotenv.dotenv_values('mesh.env')))"]);
    let mut node = alone("node", folder);
    let told =
        format!("console.log(JSON.stringify(Object.fromEntries(['{names}'].map(n => [n, process.env[n]]))))");
    node.args(["--env-file=mesh.env", "-e", &told]);
    [("sh", shell), ("python-dotenv", python), ("node", node)]
        .map(|(name, command)| (name, serde_json::from_str(&printed(command)).unwrap()))
}

#[test]
fn one_file_tells_every_reader_all_of_it() {
    let mesh = stage();
    let folder = handed_over(&mesh, "dotenv", &[]);
    let kept = Kept::of(&mesh);
    let meant = json!({
        "MESH_URL": mesh.url(),
        "MESH_MAILBOX_ID": "X26ABC1",
        "MESH_MAILBOX_PASSWORD": "password",
        "MESH_SHARED_KEY": "TestKey",
        "MESH_CLIENT_CERT": kept.chain,
        "MESH_CLIENT_KEY": kept.key,
        "MESH_CA_CERT": kept.ca,
    });
    for (reader, read) in readings(&folder) {
        assert_eq!(read, meant, "{reader}");
    }
    let mut node = alone("node", &folder);
    node.arg("--env-file=mesh.env").arg(script("dotenv/connect.js"));
    assert_eq!(printed(node), "200\n");
}

#[test]
fn paths_lead_an_application_to_the_files() {
    let mesh = stage();
    let folder = mesh.file("dotenv \"1\" #2 \\x");
    let export = mesh.answers("export", "X26ABC1").args(["--for", "dotenv", "--set", "values=paths", "--to"]);
    export.arg(&folder).run().expect(0);
    let read = readings(&folder);
    assert!(read.iter().all(|(_, one)| *one == read[0].1), "{read:?}");
    let mut shell = alone("sh", Path::new("/"));
    shell.args(["-c", "set -a; . \"$0/mesh.env\"; exec \"$1\" \"$2\""]);
    shell.arg(&folder).arg(venv_python()).arg(script("handshake.py"));
    assert_eq!(printed(shell), "200\n");
}

/// Hands over with that password, and returns the file's folder and the warnings.
fn with_password(mesh: &Mesh, number: usize, password: &str) -> (PathBuf, Value) {
    let folder = mesh.file(&format!("dotenv-{number}"));
    let export = mesh.answers("export", "X26ABC1").args(["--for", "dotenv", "--to"]).arg(&folder);
    let answer = export.env("MESH_MAILBOX_PASSWORD", password).run().expect(0).json();
    (folder, answer["warnings"].clone())
}

#[test]
fn password_that_readers_disagree_on_is_told_and_no_other() {
    let mesh = stage();
    let alike = ["p#q w\"e$x\\`y!z=%&*(){}[]|;<>?~^", "it's #1 = fine!", "é $HOME", "a\\b"];
    for (number, password) in alike.into_iter().enumerate() {
        let (folder, warnings) = with_password(&mesh, number, password);
        assert_eq!(warnings, json!([]), "{password}");
        for (reader, read) in readings(&folder) {
            assert_eq!(read["MESH_MAILBOX_PASSWORD"], password, "{reader}");
        }
    }
    for (number, password) in ["${HOME}", "a\\\\b", "'\"", "it's $5", "end\\"].into_iter().enumerate() {
        let (folder, warnings) = with_password(&mesh, 10 + number, password);
        assert_eq!(warnings.as_array().map(Vec::len), Some(1), "{password}: {warnings}");
        let [(_, shell), ..] = readings(&folder);
        assert_eq!(shell["MESH_MAILBOX_PASSWORD"], password, "a shell reads it all the same");
    }
}

/// Names and values of a file as `docker run --env-file` reads it: the rest of each line that is no comment.
fn as_docker_reads(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once('=').unwrap()).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn container_that_docker_runs_connects() {
    let mesh = stage();
    let folder =
        handed_over(&mesh, "dotenv", &["--set", "values=docker", "--installed-at", "/run/in container"]);
    let mut application = alone(venv_python(), &folder);
    application.arg(script("handshake.py"));
    for (name, value) in as_docker_reads(&folder.join("mesh.env")) {
        application.env(name, value.replace("/run/in container", folder.to_str().unwrap()));
    }
    assert_eq!(printed(application), "200\n");
}

#[test]
fn docker_gets_a_password_as_it_is_and_nothing_of_two_lines() {
    let mesh = stage();
    let password = "p#q 'w\"e$x\\y";
    let to = |folder: &Path| {
        let export =
            mesh.answers("export", "X26ABC1").args(["--for", "dotenv", "--set", "values=docker", "--to"]);
        export.arg(folder).env("MESH_MAILBOX_PASSWORD", password).run()
    };
    let folder = mesh.file("docker");
    to(&folder).expect(0);
    let read = as_docker_reads(&folder.join("mesh.env"));
    assert!(read.contains(&("MESH_MAILBOX_PASSWORD".into(), password.into())), "{read:?}");
    // The path of a folder with a line end in its name.
    let folder = mesh.file("two\nlines");
    to(&folder).expect(1);
    assert!(!folder.exists());
}
