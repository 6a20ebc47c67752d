//! Where nothing is wrong, nothing is said.

use serde_json::Value;

use crate::support::{Mesh, changes, tree};

#[test]
fn healthy_system_gives_no_warning() {
    let mesh = Mesh::start();
    let before = tree(&mesh.home());
    let answer = mesh.answers("check", "X26ABC1").arg("--round-trip").run().expect(0).json();
    assert_eq!(answer["verdict"], "pass", "{answer:#}");
    let not_passed: Vec<_> = answer["probes"]
        .as_array()
        .expect("probes")
        .iter()
        .filter(|probe| probe["status"] != "pass" || probe["code"] != Value::Null)
        .collect();
    assert_eq!(not_passed, Vec::<&Value>::new());
    let changed = changes(&before, &tree(&mesh.home()));
    let written: Vec<_> =
        changed.iter().filter(|change| !format!("{change:?}").contains("messages")).collect();
    assert!(written.is_empty(), "check wrote: {written:?}");
}
