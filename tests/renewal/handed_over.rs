//! What was handed over does not change with a renewal: it is named wherever that matters, and made again.

use serde_json::{Value, json};

use crate::support::Mesh;

/// Hands a mailbox over, and returns where.
fn hand_over(mesh: &Mesh, mailbox: &str, consumer: &str) -> String {
    let folder = mesh.file(&format!("{mailbox}-{consumer}"));
    mesh.answers("export", mailbox).args(["--for", consumer, "--to"]).arg(&folder).run().expect(0);
    folder.display().to_string()
}

fn verified(mesh: &Mesh, code: i32) -> Vec<Value> {
    let answer = mesh.person().args(["export", "--verify", "--json"]).run().expect(code).json();
    answer["exports"].as_array().expect("exports").iter().map(|export| export["state"].clone()).collect()
}

#[test]
fn renewal_names_every_handover_and_refresh_makes_them_again() {
    let mesh = Mesh::start();
    let own = hand_over(&mesh, "X26ABC1", "pem");
    let settings = hand_over(&mesh, "X26ABC1", "mesh-client");
    let sharers = hand_over(&mesh, "X26ABC2", "pem");
    assert_eq!(verified(&mesh, 0), ["in_use", "in_use", "in_use"]);

    let answer = mesh.renewed();
    let status = mesh.person().args(["status", "X26ABC1"]).run().expect(0);
    for folder in [&own, &settings] {
        assert!(status.stdout.contains(folder.as_str()), "{}", status.shown());
    }
    let imported = mesh.import(&answer).run().expect(0).json();
    let named = |mailbox: &str, consumer: &str, folder: &str| json!({"mailbox": mailbox, "consumer": consumer, "folder": folder, "credential": 1});
    let all = json!([
        named("X26ABC1", "pem", &own),
        named("X26ABC1", "mesh-client", &settings),
        named("X26ABC2", "pem", &sharers),
    ]);
    assert_eq!(imported["handed_over"], all);
    assert_eq!(verified(&mesh, 3), ["stale", "stale", "stale"]);

    // Back and forth: what is in use counts.
    let back = mesh.person().args(["rollback", "X26ABC1"]).run().expect(0);
    assert!(!back.stdout.contains("Handed over"), "{}", back.shown());
    let forth = mesh.person().args(["rollback", "X26ABC1"]).run().expect(0);
    for said in [
        &own,
        &settings,
        &sharers,
        "mesh-onboard export X26ABC1 --refresh",
        "mesh-onboard export X26ABC2 --refresh",
    ] {
        assert!(forth.stdout.contains(said), "'{said}' is missing\n{}", forth.shown());
    }

    let again = mesh.person().args(["export", "--refresh", "--no-input"]).run().expect(0);
    assert_eq!(again.stdout.matches("made again in").count(), 3, "{}", again.shown());
    assert_eq!(verified(&mesh, 0), ["in_use", "in_use", "in_use"]);
    let history = mesh.setup().args(["history", "X26ABC1"]).run().expect(0).json();
    let current = history["credentials"][1]["sha256"].clone();
    let record =
        std::fs::read_to_string(mesh.home().join("rehearsal/X26ABC2/mailbox.toml")).expect("a record");
    assert!(record.contains(current.as_str().expect("a fingerprint")), "{record}");
}

#[test]
fn request_for_a_renewal_says_what_will_have_to_be_made_again() {
    let mesh = Mesh::start();
    let folder = hand_over(&mesh, "X26ABC1", "pem");
    let renewed = mesh.person().args(["renew", "X26ABC1", "--no-input"]).run().expect(0);
    let said = format!("Handed over to pem in {folder}, credential 1, 1 June 2026: to be made again");
    assert!(renewed.stdout.contains(&said), "{}", renewed.shown());
}
