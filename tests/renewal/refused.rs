//! A new credential that MESH refuses, or that nobody could ask MESH about, never goes into use.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Authority, Mesh, Output, Program, authority_args, closed_port};

/// Credential 2 stays ready with this reason, and the old one works as before.
#[track_caller]
fn stays_ready(mesh: &Mesh, output: Output, exit: i32, code: &str) -> Value {
    let output = output.expect(exit);
    let answer = output.json();
    assert_eq!(
        (&answer["state"], &answer["reason"]["code"]),
        (&"ready".into(), &code.into()),
        "{}",
        output.shown()
    );
    assert_eq!(mesh.states(), ["current", "ready"]);
    // Whoever comes back days later is told why.
    assert_eq!(noted(mesh), answer["reason"]["message"]);
    let status = mesh.setup().args(["status", "X26ABC1"]).run().expect(0).json();
    let next = status["mailboxes"][0]["next"].as_str().expect("a next step");
    assert!(next.starts_with("prove the new credential: ") && next.contains("--credential 2"), "{next}");
    mesh.answers("validate", "X26ABC1").run().expect(0);
    answer
}

/// Why credential 2 is not in use.
fn noted(mesh: &Mesh) -> Value {
    let history = mesh.setup().args(["history", "X26ABC1"]).run().expect(0).json();
    history["credentials"][1]["stays_ready"].clone()
}

fn probe<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let probes = answer["check"]["probes"].as_array().expect("probes");
    probes.iter().find(|probe| probe["id"] == id).expect("the probe")
}

/// The answer of a CA that this server does not trust for clients.
fn of_another_ca(mesh: &Mesh) -> std::path::PathBuf {
    mesh.renewed();
    let csr = mesh.home().join("rehearsal/X26ABC1/credentials/0002/request.csr");
    let leaf = Authority::ours().leaf(&csr, "X26ABC1.X26.api.mesh-client.nhs.uk");
    leaf.sign(&mesh.file("other.pem"))
}

fn import_of_another(mesh: &Mesh, answer: &Path) -> Program {
    mesh.import(answer).args(authority_args())
}

#[test]
fn certificate_that_mesh_does_not_trust_stays_ready() {
    let mesh = Mesh::start();
    let answer = of_another_ca(&mesh);
    let said = stays_ready(&mesh, import_of_another(&mesh, &answer).run(), 3, "check_failed");
    assert_eq!(probe(&said, "client_certificate")["status"], "fail", "{said}");
    assert!(said["reason"]["message"].as_str().unwrap().contains("client_certificate"), "{said}");
    // It can be looked into again, and the right answer brings it into use.
    let checked = mesh.answers("check", "X26ABC1").args(["--credential", "2"]).run().expect(3).json();
    assert_eq!(checked["verdict"], "fail", "{checked}");
    let csr = mesh.home().join("rehearsal/X26ABC1/credentials/0002/request.csr");
    let right = mesh.file("right.pem");
    mesh.setup().args(["rehearse", "--issue"]).arg(csr).arg("--to").arg(&right).run().expect(0);
    let said = mesh.import(&right).run().expect(0).json();
    assert_eq!(said["state"], "current", "{said}");
    assert_eq!(mesh.states(), ["archived", "current"]);
}

#[test]
fn login_that_mesh_refuses_leaves_it_ready_until_somebody_activates_it() {
    let mesh = Mesh::start();
    let answer = mesh.renewed();
    let output = mesh.import(&answer).env("MESH_SHARED_KEY", "wrong").run();
    let said = stays_ready(&mesh, output, 3, "check_failed");
    assert_eq!(probe(&said, "authorization")["status"], "fail", "{said}");
    mesh.setup().args(["activate", "X26ABC1"]).run().expect(0);
    assert_eq!(mesh.states(), ["archived", "current"]);
    assert!(noted(&mesh).is_null(), "it is in use");
    mesh.answers("validate", "X26ABC1").run().expect(0);
}

#[test]
fn nothing_changes_while_mesh_cannot_be_reached() {
    let mesh = Mesh::start();
    let answer = mesh.renewed();
    let nobody = closed_port().replace("http:", "https:");
    let import = mesh.person().args(["--json", "--no-input", "import", "X26ABC1"]).arg(&answer);
    let output = import.args(["--url", nobody.trim_end_matches('/')]).run();
    stays_ready(&mesh, output, 4, "unreachable");
    // Once it can be, the same command does the rest.
    assert_eq!(mesh.import(&answer).run().expect(0).json()["state"], "current");
}

#[test]
fn nothing_changes_while_mesh_answers_with_errors() {
    let mesh = Mesh::start_now(&["POST / status=503"]);
    let answer = mesh.renewed();
    let said = mesh.import(&answer).run().expect(3).json();
    assert_eq!(
        (&said["state"], &said["reason"]["code"]),
        (&"ready".into(), &"check_failed".into()),
        "{said}"
    );
    assert_eq!(mesh.states(), ["current", "ready"]);
}

#[test]
fn lock_is_free_while_mesh_is_waited_for_and_what_changes_meanwhile_counts() {
    let mesh = Mesh::start_now(&["GET /inbox delay=4s"]);
    let answer = mesh.renewed();
    thread::scope(|scope| {
        let import = scope.spawn(|| mesh.import(&answer).run());
        let end = Instant::now() + Duration::from_secs(20);
        while mesh.states() != ["current", "ready"] {
            assert!(Instant::now() < end, "it does not get ready");
            thread::sleep(Duration::from_millis(20));
        }
        // Somebody decides otherwise while the check waits.
        mesh.setup().args(["renew", "X26ABC1", "--again"]).run().expect(0);
        let said = import.join().unwrap().expect(3).json();
        assert_eq!(said["reason"]["code"], "changed_meanwhile", "{said}");
    });
    assert_eq!(mesh.states(), ["current", "archived", "requested"]);
}

#[test]
fn what_another_run_has_put_in_use_meanwhile_is_in_use() {
    let mesh = Mesh::start_now(&["GET /inbox delay=4s"]);
    let answer = mesh.renewed();
    thread::scope(|scope| {
        let import = scope.spawn(|| mesh.import(&answer).run());
        let end = Instant::now() + Duration::from_secs(20);
        while mesh.states() != ["current", "ready"] {
            assert!(Instant::now() < end, "it does not get ready");
            thread::sleep(Duration::from_millis(20));
        }
        mesh.setup().args(["activate", "X26ABC1"]).run().expect(0);
        let said = import.join().unwrap().expect(0).json();
        assert_eq!(said["state"], "current", "{said}");
    });
    assert_eq!(mesh.states(), ["archived", "current"]);
}
