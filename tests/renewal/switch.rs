//! Clients keep sending before, during and after the switch and the rollback.

use crate::senders::Sender;
use crate::support::Mesh;

#[test]
fn no_message_fails_while_a_renewal_is_switched_to_and_rolled_back() {
    let mesh = Mesh::start_now(&[]);
    let answer = mesh.renewed();
    let file = mesh.file_with("message", "something to send");
    let send = mesh.answers("send", "X26ABC1").arg(file);
    // By name: it follows the switch.
    let ours = Sender::ours(send.args(["--to", "X26ABC2", "--workflow", "TEST_WORKFLOW"]));
    // With the files of the old credential, as an application that was given them: it goes on with them.
    let old = mesh.home().join("rehearsal/X26ABC1/credentials/0001");
    let python = Sender::python(&mesh.url(), &old, &mesh.home().join("rehearsal-ca/root.pem"));
    let both_go_on = || [&ours, &python].map(Sender::goes_on);

    both_go_on();
    let imported = mesh.import(&answer).run().expect(0).json();
    assert_eq!((&imported["state"], &imported["check"]["verdict"]), (&"current".into(), &"pass".into()));
    assert_eq!(mesh.states(), ["archived", "current"]);
    both_go_on();
    for states in [["current", "archived"], ["archived", "current"]] {
        mesh.setup().args(["rollback", "X26ABC1"]).run().expect(0);
        assert_eq!(mesh.states(), states);
        both_go_on();
    }
    let sent = ours.ends() + python.ends();
    assert!(sent >= 32, "{sent}");
    let inbox = mesh.answers("inbox", "X26ABC2").run().expect(0).json();
    assert_eq!(inbox["count"].as_u64(), Some(sent as u64), "what was sent has arrived");
}

#[test]
fn mailboxes_that_share_switch_with_their_owner() {
    let mesh = Mesh::start();
    let imported = mesh.import(&mesh.renewed()).run().expect(0);
    assert!(imported.json()["state"] == "current", "{}", imported.shown());
    let checked = mesh.answers("check", "X26ABC2").run().expect(0).json();
    assert!(
        checked["probes"][0]["evidence"].as_str().unwrap().contains("X26ABC1/credentials/0002"),
        "{checked}"
    );
}

#[test]
fn person_sees_which_files_are_in_use_and_how_to_go_back() {
    let mesh = Mesh::start();
    let answer = mesh.renewed();
    let output = mesh.says("import", "X26ABC1").arg("--no-input").arg(answer).run().expect(0);
    for said in [
        "credential 2, now current",
        "Checked with the new credential, and put in use: All is well.",
        "In use before, credential 1",
        "does not change by itself",
        "X26ABC2 and X26ABC3 share it, and switched with it.",
        "to go back: mesh-onboard rollback X26ABC1",
    ] {
        assert!(output.stdout.contains(said), "'{said}' is missing\n{}", output.shown());
    }
}
