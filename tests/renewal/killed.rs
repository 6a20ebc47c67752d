//! Killed anywhere in an import that checks and switches, the old credential is in use or the new one.

use crate::support::{Mailbox, Mesh, PASSPHRASE, at_every_point, killed_at};

#[test]
fn killed_import_leaves_the_old_credential_in_use_or_the_new_one() {
    let mesh = Mesh::start();
    let answer = mesh.renewed();
    // The server's own files are no client's.
    let prepared = Mailbox::none();
    std::fs::create_dir(prepared.home()).unwrap();
    for folder in ["rehearsal", "rehearsal-ca"] {
        crate::support::copy_folder(&mesh.home().join(folder), &prepared.home().join(folder));
    }
    let points = at_every_point(|point| {
        let mailbox = Mailbox::copy_of(&prepared.home());
        let import = || mesh.import(&answer).home(&mailbox.home()).env("MESH_KEY_PASSPHRASE", PASSPHRASE);
        let killed = killed_at(import(), point);
        let states = mailbox.states();
        assert_eq!(states.iter().filter(|state| *state == "current").count(), 1, "point {point}: {states:?}");
        mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
        if states != ["archived", "current"] {
            assert_eq!(states[0], "current", "point {point}: {states:?}");
            import().run().expect(0);
        }
        assert_eq!(mailbox.states(), ["archived", "current"], "point {point}");
        mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
        killed
    });
    // Six bundles, and mailbox.toml twice.
    assert!(points >= 25, "only {points} fault points were met");
}
