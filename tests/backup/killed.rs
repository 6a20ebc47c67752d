//! Killed at any instant, a backup is there whole or not at all, and a restore goes on from where it was.

use std::fs;
use std::path::Path;

use crate::scene::{kept, put, run, run_in};
use crate::support::{Mailbox, Program, changes};

const SIGKILL: i32 = 9;

/// Runs the program to a fault point; whether it died there.
fn killed_at(program: Program, point: u32) -> bool {
    let output = program.env("MESH_ONBOARD_TEST_KILL_AT", point.to_string()).run();
    match output.signal() {
        Some(SIGKILL) => true,
        Some(_) => panic!("another signal\n{}", output.shown()),
        None => {
            output.expect(0);
            false
        }
    }
}

fn small() -> Mailbox {
    let mailbox = Mailbox::requested();
    put(&mailbox.home().join("settings.toml"), "[contact]\norganisation = \"Example Trust\"\n");
    mailbox
}

#[test]
fn killed_backup_leaves_no_file_of_its_name_and_the_next_one_works() {
    let mailbox = small();
    let before = kept(&mailbox.home());
    let mut points = 0;
    for point in 1.. {
        let file = mailbox.file(&format!("kept-{point}.age"));
        let killed = killed_at(run(&mailbox, &["backup"]).arg(&file), point);
        if file.exists() {
            // It has its name: it is whole.
            run(&mailbox, &["restore", "--dry-run"]).arg(&file).run().expect(0);
        }
        assert_eq!(kept(&mailbox.home()), before, "point {point}");
        if !killed {
            assert!(file.exists());
            break;
        }
        points += 1;
    }
    assert!(points >= 6, "only {points} points");
}

#[test]
fn killed_restore_leaves_nothing_in_half_and_the_same_command_goes_on() {
    let mailbox = small();
    let file = mailbox.file("kept.age");
    run(&mailbox, &["backup"]).arg(&file).run().expect(0);
    let whole = kept(&mailbox.home());
    let mut points = 0;
    // Every third point: each try costs three runs.
    for point in (1..).step_by(3) {
        let home = mailbox.file(&format!("restored-{point}"));
        let restore = || run_in(&mailbox, &home, &["restore"]).arg(&file);
        let killed = killed_at(restore(), point);
        assert_nothing_in_half(&home, &whole, point);
        restore().run().expect(0);
        assert!(
            changes(&kept(&home), &whole).is_empty(),
            "point {point}: {:?}",
            changes(&kept(&home), &whole)
        );
        if !killed {
            break;
        }
        points += 1;
    }
    assert!(points >= 10, "only {points} points");
}

/// A mailbox is there with all of its files, or not at all; every file is as it should be.
fn assert_nothing_in_half(
    home: &Path,
    whole: &std::collections::BTreeMap<String, (u32, String)>,
    point: u32,
) {
    let found = kept(home);
    let ours = found.iter().filter(|(name, _)| !name.split('/').any(|part| part.starts_with('.')));
    for (name, what) in ours {
        assert_eq!(whole.get(name), Some(what), "point {point}: {name}");
    }
    let mailbox = home.join("sandbox/X26ABC1");
    if mailbox.exists() {
        let expected = whole.keys().filter(|name| name.starts_with("sandbox/X26ABC1/")).count();
        let there = found.keys().filter(|name| name.starts_with("sandbox/X26ABC1/")).count();
        assert_eq!(there, expected, "point {point}: {:?}", fs::read_dir(&mailbox).unwrap().count());
    }
}
