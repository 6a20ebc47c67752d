//! GitHub: what gh gets from the script is recorded and kept as gh keeps it; the steps of the workflow run with that.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::kept::Kept;
use crate::recorder::{Recorded, Recorder};
use crate::stage::{alone, handed_over, printed, stage};
use crate::support::{Mesh, tool, venv_python};
use crate::yaml::{texts, yaml};

/// Runs the script as a user would, in a repository of his own, and returns what gh got.
fn set_secrets(mesh: &Mesh, folder: &Path) -> Vec<Recorded> {
    tool("shellcheck", [folder.join("set-secrets.sh")]);
    let gh = Recorder::new(&mesh.file("gh"), "gh");
    let mut shell = alone("sh", &mesh.file(""));
    shell.arg(folder.join("set-secrets.sh")).env("PATH", gh.path());
    assert_eq!(printed(shell), "");
    gh.calls()
}

/// Secrets and variables by their names in expressions. gh cuts the line ends off what comes by standard input.
fn kept_by_github(calls: &[Recorded]) -> BTreeMap<String, String> {
    let one = |call: &Recorded| {
        let value = match &*call.args[0] {
            "secret" => {
                assert!(!call.args.iter().any(|arg| arg == "--body"), "a secret in the list of processes");
                String::from_utf8(call.stdin.clone()).unwrap().trim_end_matches(['\r', '\n']).to_owned()
            }
            _ => call.args.last().unwrap().clone(),
        };
        let kind = if call.args[0] == "secret" { "secrets" } else { "vars" };
        (format!("{kind}.{}", call.args[2]), value)
    };
    calls.iter().map(one).collect()
}

/// A step as the runner of GitHub starts it.
fn step(step: &Value, github: &BTreeMap<String, String>, runner: &Path, more: &str) -> Command {
    assert_eq!(step["shell"].as_str().unwrap_or("bash"), "bash");
    let script = runner.join("step.sh");
    fs::write(&script, format!("{}{more}", step["run"].as_str().unwrap())).unwrap();
    tool("shellcheck", ["--shell=bash".as_ref(), script.as_os_str()]);
    let mut bash = alone("bash", runner);
    bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(script).env("RUNNER_TEMP", runner);
    if step["env"].is_object() {
        for (name, expression) in texts(&step["env"]) {
            let inner = expression.strip_prefix("${{ ").and_then(|text| text.strip_suffix(" }}")).unwrap();
            // What is not set is empty.
            bash.env(name, github.get(inner).map_or("", String::as_str));
        }
    }
    bash
}

#[test]
fn job_connects_with_what_gh_was_given() {
    let mesh = stage();
    let folder = handed_over(&mesh, "github-actions", &[]);
    let calls = set_secrets(&mesh, &folder);
    assert!(calls.iter().all(|call| !call.args.iter().any(|arg| arg == "--repo" || arg == "--env")));
    let github = kept_by_github(&calls);
    let workflow = yaml(&folder.join("workflow-example.yml"));
    let steps = workflow["jobs"]["mesh"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 3);
    let runner = mesh.file("runner");
    fs::create_dir(&runner).unwrap();

    // Written as they were, the last line end too, for nobody else, and not shown.
    let mut write = step(&steps[0], &github, &runner, "");
    write.env("OTHER", "");
    assert_eq!(printed(write), "");
    let kept = Kept::of(&mesh);
    for (name, value) in [("client.pem", &kept.chain), ("key.pem", &kept.key), ("ca.pem", &kept.ca)] {
        let file = runner.join("mesh").join(name);
        assert_eq!(fs::read_to_string(&file).unwrap(), *value, "{name}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let handshake = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover/handshake.py");
    let application = format!("exec '{}' '{}'\n", venv_python().display(), handshake.display());
    let answer = printed(step(&steps[1], &github, &runner, &application));
    assert_eq!(answer, format!("mailbox X26ABC1 at {}\n200\n", mesh.url()));
    printed(step(&steps[2], &github, &runner, ""));
    assert!(!runner.join("mesh").exists());

    // A pull request from a fork.
    let without = step(&steps[0], &BTreeMap::new(), &runner, "").output().unwrap();
    assert!(!without.status.success());
    assert!(String::from_utf8_lossy(&without.stderr).contains("there is no such secret for this job"));
}

#[test]
fn repository_environment_and_names_are_those_that_were_set() {
    let mesh = stage();
    let settings = ["repo=example.org/our-team/a.b", "github-environment=Path to live", "prefix=X26_2"];
    let settings = settings.map(|setting| ["--set", setting]).concat();
    let folder = handed_over(&mesh, "github-actions", &settings);
    let calls = set_secrets(&mesh, &folder);
    let target = ["--repo", "example.org/our-team/a.b", "--env", "Path to live"];
    assert!(calls.iter().all(|call| call.args[3..7] == target), "every one goes there");
    let github = kept_by_github(&calls);
    let names: Vec<_> = github.keys().map(String::as_str).collect();
    let of_secrets = ["CA_CERT", "CLIENT_CERT", "CLIENT_KEY", "MAILBOX_PASSWORD", "SHARED_KEY"];
    let secrets = of_secrets.map(|name| format!("secrets.X26_2_{name}"));
    assert_eq!(names[..5], secrets);
    assert_eq!(names[5..], ["vars.X26_2_MAILBOX_ID", "vars.X26_2_URL"]);

    let workflow = yaml(&folder.join("workflow-example.yml"));
    assert_eq!(workflow["jobs"]["mesh"]["environment"], "Path to live");
    let steps = workflow["jobs"]["mesh"]["steps"].as_array().unwrap();
    let used: Vec<_> =
        steps[..2].iter().flat_map(|step| texts(&step["env"])).map(|(_, value)| value).collect();
    assert!(used.iter().all(|used| github.contains_key(used.trim_matches(['$', '{', '}', ' ']))), "{used:?}");
    assert_eq!(used.len(), github.len());
}
