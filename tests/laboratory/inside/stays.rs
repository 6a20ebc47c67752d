//! What a check leaves behind inside MESH, and what it never shows.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::keyring::with_keyring;
use super::scene::Scene;

fn evidence<'a>(answer: &'a Value, id: &str) -> &'a str {
    let probes = answer["probes"].as_array().expect("probes");
    probes.iter().find(|p| p["id"] == id).expect("the probe")["evidence"].as_str().expect("evidence")
}

#[test]
fn message_of_the_round_trip_is_acknowledged_only_when_it_came_back_as_it_was() {
    let whole = Scene::with(&[]);
    whole.round_trip().run().expect(0);
    assert_eq!(whole.inbox(), Vec::<String>::new());

    let changed = Scene::with(&["GET /inbox/* corrupt"]);
    let answer = changed.round_trip().run().expect(3).json();
    let [id] = &changed.inbox()[..] else { panic!("one message: {answer:#}") };
    assert!(evidence(&answer, "round_trip").contains(id.as_str()), "{answer:#}");
    let probe = answer["probes"].as_array().unwrap().last().expect("a probe");
    let remedy = probe["remedy"].as_str().expect("a remedy");
    let (_, command) = remedy.split_once("mesh-onboard ").expect("a command that takes it out");
    let words = shell_words::split(command).expect("a command line");
    let program = changed.program(&words[0], &words[1]);
    // Its own words name certificate and key, as the command that is suggested does.
    let words: Vec<_> = words.into_iter().skip(2).collect();
    let first_flag = words.iter().position(|word| word == "--cert");
    assert!(first_flag.is_some(), "{words:?}");
    let rest = without(&without(&words, "--cert"), "--key");
    program.args(rest).run().expect(0);
    assert_eq!(changed.inbox(), Vec::<String>::new());
}

/// Words without a flag and its value.
fn without(words: &[String], flag: &str) -> Vec<String> {
    let at = words.iter().position(|word| word == flag).expect("the flag");
    [&words[..at], &words[at + 2..]].concat()
}

#[test]
fn interrupted_round_trip_says_which_message_stays() {
    let scene = Scene::with(&["GET /inbox/* status=404"]);
    let program = scene.check().args(["--round-trip", "--wait", "50s"]);
    let mut child = program.spawn();
    let end = Instant::now() + Duration::from_secs(20);
    let id = loop {
        if let Some(id) = scene.inbox().first() {
            break id.clone();
        }
        assert!(Instant::now() < end, "no message was sent");
        thread::sleep(Duration::from_millis(50));
    };
    // It is there before the sender is told its ID.
    thread::sleep(Duration::from_millis(500));
    kill_process(Pid::from_child(&child), Signal::INT).expect("it waits for the message");
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let hint = answer["error"]["hint"].as_str().expect("a hint");
    assert!(hint.contains(&format!("message {id} stays in the inbox")), "{hint}");
    assert!(hint.contains("mesh-onboard ack X26ABC1"), "{hint}");
}

#[test]
fn looking_into_a_refused_login_shows_no_secret_and_asks_a_few_times_only() {
    let (password, key, other) = ("MARK-password", "MARK-key", "MARK-of-another");
    let scene = Scene::with(&["POST / delay=1ms"]);
    let program = scene.check().arg("--verbose");
    let program = program
        .env("MESH_MAILBOX_PASSWORD", format!(" {password} "))
        .env("MESH_SHARED_KEY", format!("'{key}'"));
    let output =
        with_keyring(&scene, program, &[("live/shared-key", key), ("live/X26ABC1/mailbox-password", other)])
            .run();
    let output = output.expect(3);
    let answer = output.json();
    assert!(evidence(&answer, "authorization").contains("the keyring here holds for live"), "{answer:#}");
    assert!(!output.shown().contains("MARK"), "{}", output.shown());
    // The first, three with what was around them, the two swapped, and two published keys.
    let said = scene.stop();
    assert!(said.contains("fault 'POST / delay=1ms': 7 times\n"), "{said}");
}

#[test]
fn healthy_inbox_takes_one_request() {
    let scene = Scene::with(&["GET /inbox delay=1ms", "HEAD /inbox/* delay=1ms"]);
    scene.fill(3);
    let answer = scene.check().run().expect(0).json();
    assert!(
        evidence(&answer, "mailbox").starts_with("3 messages in the inbox; the oldest came at "),
        "{answer:#}"
    );
    let said = scene.stop();
    assert!(
        said.contains("'GET /inbox delay=1ms': once") && said.contains("'HEAD /inbox/* delay=1ms': 0 "),
        "{said}"
    );
}

#[test]
fn what_surrounds_a_secret_in_the_keyring_is_left_out_and_said() {
    let scene = Scene::with(&[]);
    let program = scene.check().without_env("MESH_MAILBOX_PASSWORD").without_env("MESH_SHARED_KEY");
    let entries = [("sandbox/X26ABC1/mailbox-password", " password "), ("sandbox/shared-key", "\"TestKey\"")];
    let output = with_keyring(&scene, program, &entries).run().expect(0);
    let output = output.says("white space around the mailbox password in the keyring left out");
    output.says("quotes around the shared key in the keyring left out");
}
