//! Docker: what it gets from the script is recorded; Compose files are read as Compose does; a container that has its
//! secrets from them connects.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::kept::Kept;
use crate::recorder::{Recorded, Recorder};
use crate::stage::{alone, handed_over, printed, stage};
use crate::support::{Authority, Mesh, tool, venv_python};
use crate::yaml::{texts, yaml};

const TARGETS: [&str; 5] =
    ["mesh_client_cert", "mesh_client_key", "mesh_ca", "mesh_mailbox_password", "mesh_shared_key"];

/// A folder whose name has in it what shell, YAML and Compose have a meaning for.
const ODD: &str = "docker $HOME ${X} 'q' \"d\" b\\s c:d #1";

/// Text of a Compose file after its variables were filled in: there are none, and `$$` is a `$`.
fn filled_in(text: &str) -> String {
    assert!(!text.replace("$$", "").contains('$'), "{text} names a variable");
    text.replace("$$", "$")
}

/// Connects as a container whose `/run/secrets` is that folder.
fn connects(service: &Value, secrets: &Path) {
    let mut application = alone(venv_python(), secrets);
    application.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover/handshake.py"));
    for (name, value) in texts(&service["environment"]) {
        application.env(name, filled_in(&value).replace("/run/secrets", secrets.to_str().unwrap()));
    }
    assert_eq!(printed(application), "200\n");
}

/// What each secret has to hold.
fn values(mesh: &Mesh) -> [Vec<u8>; 5] {
    let kept = Kept::of(mesh);
    [kept.chain, kept.key, kept.ca, "password".into(), "TestKey".into()].map(String::into_bytes)
}

fn handed_over_to(mesh: &Mesh, name: &str, more: &[&str]) -> PathBuf {
    let folder = mesh.file(name);
    let export = mesh.answers("export", "X26ABC1").args(["--for", "docker-secrets", "--to"]).arg(&folder);
    export.args(more).run().expect(0);
    folder
}

#[test]
fn container_of_compose_connects_with_its_secrets() {
    let mesh = stage();
    let folder = handed_over_to(&mesh, ODD, &["--set", "service=web.app_1"]);
    let compose = yaml(&folder.join("compose.mesh.yaml"));
    let service = &compose["services"]["web.app_1"];
    assert_eq!(service["secrets"], serde_json::json!(TARGETS));
    let mounted = mesh.file("run-secrets");
    fs::create_dir(&mounted).unwrap();
    for (name, value) in TARGETS.into_iter().zip(values(&mesh)) {
        let file = filled_in(compose["secrets"][name]["file"].as_str().unwrap());
        assert_eq!(fs::read(&file).unwrap(), value, "{name}");
        fs::copy(file, mounted.join(name)).unwrap();
    }
    connects(service, &mounted);
}

/// Runs `create.sh` from elsewhere, with a docker that keeps what it is given.
fn create(folder: &Path, docker: &Recorder, more: &[&str]) -> std::process::Output {
    let mut shell = alone("sh", Path::new("/"));
    shell.arg(folder.join("create.sh")).args(more).env("PATH", docker.path());
    shell.output().unwrap()
}

fn created(calls: &[Recorded]) -> Vec<(&str, &[u8])> {
    let (list, creations) = calls.split_first().expect("it asks what is there");
    assert_eq!(list.args, ["secret", "ls", "--format", "{{.Name}}"]);
    let creation = |call: &'_ Recorded| {
        let labels = ["--label", "managed-by=mesh-onboard", "--label", "mesh-onboard.mailbox=X26ABC1"];
        assert_eq!(call.args[..2], ["secret", "create"]);
        assert_eq!(call.args[2..6], labels);
        assert_eq!((call.args.len(), &*call.args[7]), (8, "-"));
    };
    creations.iter().for_each(creation);
    creations.iter().map(|call| (call.args[6].as_str(), call.stdin.as_slice())).collect()
}

#[test]
fn swarm_gets_every_secret_by_standard_input_under_the_names_of_the_stack() {
    let mesh = stage();
    let folder = handed_over_to(&mesh, ODD, &["--set", "prefix=A.b-c_1", "--set", "suffix=2b"]);
    tool("shellcheck", [folder.join("create.sh")]);
    let docker = Recorder::new(&mesh.file("docker"), "docker");
    let output = create(&folder, &docker, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.lines().next(), Some("created: A.b-c_1_cert_2b"), "{said}");

    let calls = docker.calls();
    let created = created(&calls);
    let bytes: Vec<_> = created.iter().map(|(_, bytes)| bytes.to_vec()).collect();
    assert_eq!(bytes, values(&mesh));

    // A container of the stack has each under its target.
    let stack = yaml(&folder.join("stack.mesh.yaml"));
    let service = &stack["services"]["application"];
    let mounted = mesh.file("run-secrets");
    fs::create_dir(&mounted).unwrap();
    for secret in service["secrets"].as_array().unwrap() {
        let declared = &stack["secrets"][secret["source"].as_str().unwrap()];
        assert_eq!(declared["external"], true);
        let named = filled_in(declared["name"].as_str().unwrap());
        let (_, bytes) = created.iter().find(|(name, _)| *name == named).expect("the script creates it");
        fs::write(mounted.join(secret["target"].as_str().unwrap()), bytes).unwrap();
    }
    connects(service, &mounted);
}

#[test]
fn secrets_that_are_there_are_kept_and_said() {
    let mesh = stage();
    let folder = handed_over(&mesh, "docker-secrets", &["--set", "suffix=2"]);
    let docker = Recorder::new(&mesh.file("docker"), "docker");
    let key = "mesh_x26abc1_key_2";

    docker.answer(&format!("other\n{key}\n"));
    let refused = create(&folder, &docker, &[]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains(&format!("\n  {key}\n")) && said.contains("--missing"), "{said}");
    assert_eq!(created(&docker.calls()), []);

    let output = create(&folder, &docker, &["--missing"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("kept: {key}\n")));
    assert_eq!(created(&docker.calls()).len(), 4);

    // A name that only begins like it is another one.
    docker.answer(&format!("{key}-other\n"));
    assert!(create(&folder, &docker, &[]).status.success());
    assert_eq!(created(&docker.calls()).len(), 5);

    // No swarm, no success.
    fs::write(mesh.file("docker").join("docker"), "#!/bin/sh\nexit 1\n").unwrap();
    refused_by(&create(&folder, &docker, &["--missing"]));
}

/// The names in the swarm, in the order of [`TARGETS`].
fn names(folder: &Path) -> [String; 5] {
    let stack = yaml(&folder.join("stack.mesh.yaml"));
    TARGETS.map(|target| filled_in(stack["secrets"][target]["name"].as_str().unwrap()))
}

#[test]
fn name_of_a_secret_changes_with_what_is_in_it_and_tells_nothing_of_a_password() {
    let mesh = stage();
    let folder = handed_over(&mesh, "docker-secrets", &[]);
    tool("shellcheck", [folder.join("create.sh")]);
    let docker = Recorder::new(&mesh.file("docker"), "docker");
    assert!(create(&folder, &docker, &[]).status.success());
    let first = names(&folder);
    let calls = docker.calls();
    let made: Vec<_> = created(&calls).into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(made, first);
    let record = mesh.setup().args(["history", "X26ABC1"]).run().json()["credentials"][0].clone();
    let (day, sha256) = (record["not_after"].as_str().unwrap(), record["sha256"].as_str().unwrap());
    assert_eq!(first[1], format!("mesh_x26abc1_key_{}-{}", &day[..10], &sha256[..8]));

    // Run again, it keeps what is there, without a question.
    docker.answer(&format!("{}\n", first[..4].join("\n")));
    assert!(create(&folder, &docker, &[]).status.success());
    assert_eq!(created(&docker.calls()).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), [&first[4]]);

    // The same certificate with, for all that a name may tell, another password.
    let second = names(&handed_over_to(&mesh, "second", &[]));
    assert_eq!(first[..3], second[..3]);
    assert!(first[3] != second[3] && first[4] != second[4], "{second:?}");
    // Other CAs to believe.
    let root = Authority::foreign().root();
    let third = names(&handed_over_to(&mesh, "third", &["--ca", root.to_str().unwrap()]));
    assert!(first[..2] == third[..2] && first[2] != third[2], "{third:?}");
    // Issued anew on the same day: it ends on the same day, too.
    mesh.import(&mesh.renewed()).run().expect(0);
    let fourth = names(&handed_over_to(&mesh, "fourth", &[]));
    assert!(first[0] != fourth[0] && first[1] != fourth[1] && first[2] == fourth[2], "{fourth:?}");
}

#[track_caller]
fn refused_by(output: &std::process::Output) {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}
