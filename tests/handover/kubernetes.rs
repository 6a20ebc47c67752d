//! Kubernetes: the published schemas, and what a container of the example sees.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::kept::Kept;
use crate::stage::{alone, handed_over, printed, stage};
use crate::support::{Mesh, venv_python};
use crate::yaml::texts;

fn python(script: &str, folder: &Path) -> Command {
    let mut python = alone(venv_python(), folder);
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover").join(script));
    python
}

/// The environment of the container, whose files lie below `root`.
fn container(folder: &Path, root: &Path) -> Vec<(String, String)> {
    let mut kubelet = python("kubernetes/container.py", folder);
    kubelet.args(["secret.yaml", "deployment-example.yaml"]).arg(root);
    texts(&serde_json::from_str::<Value>(&printed(kubelet)).unwrap())
}

#[test]
fn pod_connects_with_nothing_but_the_manifests() {
    let mesh = stage();
    let folder = handed_over(&mesh, "kubernetes", &["--set", "namespace=live-1"]);
    let mut validator = python("kubernetes/validate.py", &folder);
    validator.args(["secret.yaml", "deployment-example.yaml"]);
    let valid = printed(validator);
    for object in ["Secret/mesh-x26abc1:", "Secret/mesh-x26abc1-login:", "Deployment/application:"] {
        assert!(valid.contains(&format!("{object} valid for Kubernetes")), "{valid}");
    }

    let root = mesh.file("root");
    let environment = container(&folder, &root);
    let kept = Kept::of(&mesh);
    for (name, value) in [("tls.crt", &kept.chain), ("tls.key", &kept.key), ("ca.crt", &kept.ca)] {
        assert_eq!(fs::read_to_string(root.join("etc/mesh").join(name)).unwrap(), *value, "{name}");
    }
    let mut application = python("handshake.py", &folder);
    for (name, value) in environment {
        application.env(name, value.replace("/etc/mesh", root.join("etc/mesh").to_str().unwrap()));
    }
    assert_eq!(printed(application), "200\n");
}

#[test]
fn passwords_of_any_kind_come_back_from_the_manifest() {
    let mesh = stage();
    let password = " a'b\"c\\d $HOME ${X} `id` #é:{{ x }}";
    let folder = mesh.file("odd");
    export(&mesh, &folder, &["--set", "name=odd.name-1"])
        .env("MESH_MAILBOX_PASSWORD", password)
        .run()
        .expect(0);
    let environment = container(&folder, &mesh.file("root"));
    assert!(
        environment.contains(&("MESH_MAILBOX_PASSWORD".into(), password.trim().into())),
        "{environment:?}"
    );
}

fn export(mesh: &Mesh, folder: &Path, more: &[&str]) -> crate::support::Program {
    mesh.answers("export", "X26ABC1").args(["--for", "kubernetes", "--to"]).arg(folder).args(more)
}
