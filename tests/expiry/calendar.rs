//! The calendar, as the Python package icalendar reads it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::scene::{AWKWARD, MAILBOX_ENDS, SUMMER_ENDS, Scene, WINTER_ENDS, python};
use crate::support::NOW;

struct Calendar {
    path: PathBuf,
    answer: Value,
}

fn export(scene: &Scene, now: &str) -> Calendar {
    let path = scene.mailbox.file("mesh.ics");
    let output = scene.status(now, &["--calendar", path.to_str().unwrap()]);
    assert!(output.stdout.contains("Wrote "), "{}", output.shown());
    let answer = python("events.py", &[&path]);
    assert_eq!(answer["errors"], json!([]), "{answer}");
    Calendar { path, answer }
}

impl Calendar {
    fn event(&self, summary: &str) -> &Value {
        let events = self.answer["events"].as_array().unwrap();
        let found: Vec<_> =
            events.iter().filter(|e| e["summary"].as_str().is_some_and(|s| s.contains(summary))).collect();
        assert_eq!(found.len(), 1, "{summary}\n{}", self.answer);
        found[0]
    }
}

#[test]
fn each_credential_in_use_and_each_watched_certificate_is_one_event() {
    let scene = Scene::new();
    let calendar = export(&scene, NOW);
    assert_eq!(calendar.answer["events"].as_array().unwrap().len(), 3, "{}", calendar.answer);
    let mailbox = calendar.event("X26ABC1");
    assert_eq!(mailbox["start"], MAILBOX_ENDS);
    assert_eq!((&mailbox["is_utc"], &mailbox["takes"]), (&json!(true), &json!("0:00:00")));
    let description = mailbox["description"].as_str().unwrap();
    for words in [
        "mesh-onboard renew X26ABC1",
        "by 19 December 2028",
        "key usage period ends on 1 February 2028",
        "X26ABC2 uses it too",
    ] {
        assert!(description.contains(words), "'{words}' is missing in {description}");
    }
    assert_eq!(calendar.event("winter.example")["start"], WINTER_ENDS);
    assert_eq!(calendar.event("summer.example")["start"], SUMMER_ENDS);
    let mode = fs::metadata(&calendar.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn command_line_in_a_calendar_works_from_any_folder() {
    let scene = Scene::new();
    let folder = scene.mailbox.home().parent().unwrap().to_owned();
    let relative = scene.mailbox.home().file_name().unwrap().to_owned();
    let program = scene.mailbox.person().directory(&folder).arg("--home").arg(relative);
    program.args(["status", "--calendar", "relative.ics"]).run().expect(0);
    let answer = python("events.py", &[&folder.join("relative.ics")]);
    let home = shell_words::quote(scene.mailbox.home().to_str().unwrap()).into_owned();
    let line = format!("To ask: mesh-onboard --home {home} renew X26ABC1");
    let mut told = answer["events"].as_array().unwrap().iter();
    assert!(told.any(|e| e["description"].as_str().unwrap().contains(&line)), "{line}\n{answer}");
}

#[test]
fn alarms_are_whole_days_of_24_hours_before_the_end_over_both_changes_of_the_clocks() {
    let scene = Scene::new();
    let calendar = export(&scene, NOW);
    // It ends in winter; clocks went back on 29 October 2028, between the second alarm and the third.
    let winter = calendar.event("winter.example");
    let expected =
        ["2028-09-02T10:00:00Z", "2028-10-02T10:00:00Z", "2028-11-01T10:00:00Z", "2028-11-24T10:00:00Z"];
    assert_eq!(winter["alarms"], json!(expected));
    assert_eq!(winter["in_london"][1], "2028-10-02T11:00:00+01:00");
    assert_eq!(winter["in_london"][2], "2028-11-01T10:00:00+00:00");
    // It ends in summer, at half past midnight of the next day in London; clocks went forward on 25 March 2029.
    let summer = calendar.event("summer.example");
    let expected =
        ["2029-03-02T23:30:00Z", "2029-04-01T23:30:00Z", "2029-05-01T23:30:00Z", "2029-05-24T23:30:00Z"];
    assert_eq!(summer["alarms"], json!(expected));
    assert_eq!(summer["in_london"][0], "2029-03-02T23:30:00+00:00");
    assert_eq!(summer["in_london"][1], "2029-04-02T00:30:00+01:00");
    let reminders = summer["reminders"].as_array().unwrap();
    assert_eq!(reminders[0], "The certificate of summer.example stops working in 90 days");
    assert_eq!(reminders[3], "The certificate of summer.example stops working in 7 days");
}

#[test]
fn second_export_is_the_same_and_replaces_the_first() {
    let scene = Scene::new();
    let first = fs::read(export(&scene, NOW).path).unwrap();
    let second = fs::read(export(&scene, "2027-02-03T04:05:06Z").path).unwrap();
    assert_eq!(String::from_utf8(first).unwrap(), String::from_utf8(second).unwrap());
    let left: Vec<_> = fs::read_dir(scene.mailbox.file("mesh.ics").parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".tmp"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn renewal_moves_the_event() {
    let scene = Scene::new();
    let before = export(&scene, NOW);
    let at = "2028-12-12T09:00:00Z";
    scene.mailbox.renew(&[]).now(at).run().expect(0);
    let csr = scene.mailbox.credential(2).join("request.csr");
    let leaf = crate::support::Authority::ours().leaf(&csr, "X26ABC1.X26.api.mesh-client.nhs.uk");
    let next = leaf.valid("20281201000000Z", "20311212093000Z").sign(&scene.mailbox.file("next.pem"));
    scene.mailbox.import([next]).arg("--no-check").now(at).run().expect(0);
    scene.mailbox.program().args(["activate", "X26ABC1"]).now(at).run().expect(0);
    let after = export(&scene, "2028-12-12T09:01:00Z");
    let (before, after) = (before.event("X26ABC1"), after.event("X26ABC1"));
    assert_eq!(before["uid"], after["uid"]);
    assert_eq!(after["start"], "2031-12-12T09:30:00Z");
    assert_eq!(
        (&after["stamp"], &after["modified"]),
        (&json!("2028-12-12T09:00:00Z"), &json!("2028-12-12T09:00:00Z"))
    );
    assert!(after["sequence"].as_i64() > before["sequence"].as_i64(), "{before}\n{after}");
    assert!(after["sequence"].as_i64().unwrap() < i64::from(i32::MAX));
    assert_eq!(after["alarms"][0], "2031-09-13T09:30:00Z");
}

#[test]
fn certificate_in_the_place_of_another_is_the_same_event() {
    let scene = Scene::new();
    let before = export(&scene, NOW);
    let stem = scene.watched().join("winter");
    let authority = crate::support::Authority::ours();
    let leaf = authority.leaf(&stem.with_extension("csr"), "winter.example");
    leaf.valid("20281001000000Z", "20311001000000Z").sign(&stem.with_extension("pem"));
    let after = export(&scene, "2028-10-02T00:00:00Z");
    let (before, after) = (before.event("winter.example"), after.event("winter.example"));
    assert_eq!(before["uid"], after["uid"]);
    assert_eq!(after["start"], "2031-10-01T00:00:00Z");
    assert!(after["sequence"].as_i64() > before["sequence"].as_i64(), "{before}\n{after}");
}

#[test]
fn only_a_calendar_of_ours_is_replaced() {
    let scene = Scene::new();
    let path = scene.mailbox.file("mesh.ics");
    let refused = |why: &str| {
        let words = ["--json", "--calendar", path.to_str().unwrap()];
        let error = scene.status(NOW, &words).expect_error(1, "io");
        assert!(error["message"].as_str().is_some_and(|m| m.contains(why)), "{error}");
    };
    let other = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nEND:VCALENDAR\r\n";
    for content in [other, "", "notes"] {
        fs::write(&path, content).unwrap();
        refused("was not made by mesh-onboard");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::remove_file(&path).unwrap();
    // Not even one of ours by way of a link: it may lead anywhere.
    let target = scene.mailbox.file("target.ics");
    scene.status(NOW, &["--calendar", target.to_str().unwrap()]).expect(0);
    symlink(&target, &path).unwrap();
    refused("was not made by mesh-onboard");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    refused("was not made by mesh-onboard");
}

#[test]
fn awkward_names_come_back_whole() {
    let scene = Scene::new();
    scene.add_awkward();
    let calendar = export(&scene, NOW);
    assert!(calendar.event(AWKWARD)["description"].as_str().unwrap().contains(r#"an "awkward" \name"#));
    let text = fs::read_to_string(&calendar.path).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
}

#[test]
fn calendar_is_named_in_json() {
    let scene = Scene::new();
    let path = scene.mailbox.file("mesh.ics");
    let answer = scene.status(NOW, &["--json", "--calendar", path.to_str().unwrap()]).expect(0).json();
    assert_eq!(answer["calendar"], json!({"file": path.display().to_string(), "events": 3}));
}
