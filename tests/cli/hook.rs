//! The deploy hook: a program of the user's, after every switch.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Mailbox, Program, tree};

/// A hook that notes what it is told.
fn noting(mailbox: &Mailbox) -> PathBuf {
    hook(
        mailbox,
        "env | sort > \"${0%/*}/noted-$MESH_ONBOARD_EVENT-$MESH_ONBOARD_CREDENTIAL\"; echo \"args: $*\"",
    )
}

fn hook(mailbox: &Mailbox, script: &str) -> PathBuf {
    let path = mailbox.file_with("hook.sh", format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn noted(mailbox: &Mailbox, event: &str) -> Vec<String> {
    let path = mailbox.file(&format!("noted-{event}"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(str::to_owned).collect()
}

fn activate(mailbox: &Mailbox) -> Program {
    mailbox.program().args(["activate", Mailbox::ID])
}

fn with_settings(mailbox: &Mailbox, text: &str) {
    fs::write(mailbox.home().join("settings.toml"), text).unwrap();
}

#[test]
fn hook_of_an_import_is_told_names_and_files() {
    let mailbox = Mailbox::requested();
    let path = noting(&mailbox);
    let program = mailbox
        .import([mailbox.certificate()])
        .arg("--deploy-hook")
        .arg(format!("{} 'two words' '$HOME;*'", path.display()));
    let answer = program.run().expect(0).says("args: two words $HOME;*").json();
    let ran = &answer["deploy_hook"];
    assert_eq!(ran["command"], serde_json::json!([path, "two words", "$HOME;*"]), "it was given to a shell");
    assert_eq!(
        (&ran["status"], &ran["exit"], &ran["output"]),
        (&"ok".into(), &0.into(), &"args: two words $HOME;*\n".into())
    );
    let told = noted(&mailbox, "import-1");
    let bundles = mailbox.credential(1).join("bundles-01");
    for (name, value) in [
        ("MAILBOX", "X26ABC1".to_owned()),
        ("ENVIRONMENT", "sandbox".into()),
        ("CREDENTIAL", "1".into()),
        ("EVENT", "import".into()),
        ("HOME", mailbox.home().display().to_string()),
        ("CERTIFICATE", bundles.join("certificate.pem").display().to_string()),
        ("FULLCHAIN", bundles.join("fullchain.pem").display().to_string()),
        ("CHAIN", bundles.join("chain.pem").display().to_string()),
        ("CA_BUNDLE", bundles.join("ca-bundle.pem").display().to_string()),
        ("PFX", bundles.join("X26ABC1.pfx").display().to_string()),
        ("PFX_BASE64", bundles.join("X26ABC1.pfx.b64").display().to_string()),
        ("KEY", mailbox.credential(1).join("key.pem").display().to_string()),
        ("NOT_AFTER", "2029-01-01T00:30:00Z".into()),
    ] {
        assert!(told.contains(&format!("MESH_ONBOARD_{name}={value}")), "{name} is not in {told:#?}");
    }
}

#[test]
fn hook_inherits_no_secret_and_nothing_that_looks_like_ours() {
    let mailbox = Mailbox::ready();
    let program = activate(&mailbox).arg("--deploy-hook").arg(noting(&mailbox));
    let secrets = [
        "MESH_KEY_PASSPHRASE",
        "MESH_PFX_PASSWORD",
        "MESH_MAILBOX_PASSWORD",
        "MESH_SHARED_KEY",
        "MESH_CLIENT_SHARED_KEY",
    ];
    let program = secrets.iter().fold(program, |program, name| program.env(name, "a secret of twelve"));
    program.env("MESH_ONBOARD_KEYSTORE", "/from/outside").env("OTHER", "stays").run().expect(0);
    let told = noted(&mailbox, "activate-2");
    assert!(told.contains(&"OTHER=stays".to_owned()), "{told:#?}");
    assert!(told.contains(&"MESH_ONBOARD_PREVIOUS_CREDENTIAL=1".to_owned()), "{told:#?}");
    for line in told {
        let name = line.split('=').next().unwrap();
        assert!(!secrets.contains(&name) && !line.contains("a secret of twelve"), "{line}");
        assert_ne!(name, "MESH_ONBOARD_KEYSTORE", "{line}");
    }
}

#[test]
fn hook_recorded_by_renew_runs_after_every_switch_from_then_on() {
    let mailbox = Mailbox::imported();
    noting(&mailbox);
    let program = mailbox.renew(&["--deploy-hook", "./hook.sh recorded"]);
    program.directory(mailbox.file("hook.sh").parent().unwrap()).run().expect(0);
    let record = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).unwrap();
    let record: toml::Table = record.parse().unwrap();
    let path = mailbox.file("hook.sh").display().to_string();
    assert_eq!(record["deploy_hook"], toml::Value::from(vec![path, "recorded".to_owned()]));
    // Nothing is in use that was not before.
    mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0);
    assert!(!mailbox.file("noted-import-2").exists());
    activate(&mailbox).run().expect(0).says("args: recorded");
    mailbox.program().args(["rollback", Mailbox::ID]).run().expect(0);
    for event in ["activate-2", "rollback-1"] {
        noted(&mailbox, event);
    }
}

#[test]
fn flag_comes_before_the_mailbox_and_the_mailbox_before_the_settings() {
    let mailbox = Mailbox::ready();
    let output = |program: Program| program.run().expect(0).json()["deploy_hook"]["output"].clone();
    with_settings(&mailbox, "deploy_hook = [\"echo\", \"settings\"]\n");
    assert_eq!(output(activate(&mailbox)), "settings\n");
    mailbox.renew(&["--deploy-hook", "echo mailbox"]).run().expect(0);
    let rollback = || mailbox.program().args(["rollback", Mailbox::ID]);
    assert_eq!(output(rollback()), "mailbox\n");
    assert_eq!(output(rollback().args(["--deploy-hook", "echo flag"])), "flag\n");
    assert_eq!(output(rollback()), "mailbox\n", "the flag is for one run");
}

#[test]
fn failed_hook_is_reported_and_the_switch_is_kept() {
    for (script, status, exit) in
        [("echo the cause; exit 7", "failed", Some(7)), ("kill -9 $$", "failed", None)]
    {
        let mailbox = Mailbox::ready();
        let answer =
            activate(&mailbox).arg("--deploy-hook").arg(hook(&mailbox, script)).run().expect(3).json();
        let ran = &answer["deploy_hook"];
        assert_eq!((&ran["status"], ran["exit"].as_i64()), (&Value::from(status), exit), "{answer}");
        assert_eq!(answer["credential"], 2);
        assert_eq!(mailbox.states(), ["archived", "current"]);
    }
    let mailbox = Mailbox::ready();
    let output = mailbox
        .person()
        .args(["activate", Mailbox::ID, "--deploy-hook", "/no/such/hook 'a b'"])
        .run()
        .expect(3);
    assert!(output.stdout.contains("The deploy hook failed: it could not be started"), "{}", output.shown());
    let by_hand = output.stdout.lines().find(|line| line.ends_with("/no/such/hook 'a b'"));
    let by_hand = by_hand.unwrap_or_else(|| panic!("{}", output.shown()));
    assert!(by_hand.contains("MESH_ONBOARD_CREDENTIAL=2"), "{by_hand}");
    assert_eq!(mailbox.states(), ["archived", "current"]);
}

#[test]
fn hook_that_hangs_is_ended_and_one_that_leaves_others_running_is_not_waited_for() {
    let mailbox = Mailbox::ready();
    with_settings(&mailbox, "deploy_hook = [\"sleep\", \"50\"]\ndeploy_hook_timeout = 1\n");
    let begin = Instant::now();
    let answer = activate(&mailbox).run().expect(3).json();
    assert_eq!(answer["deploy_hook"]["status"], "timed_out", "{answer}");
    let left = hook(&mailbox, "sleep 15 &\necho done");
    let answer =
        mailbox.program().args(["rollback", Mailbox::ID, "--deploy-hook"]).arg(left).run().expect(0).json();
    assert_eq!(answer["deploy_hook"]["output"], "done\n");
    assert!(begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
    assert_eq!(mailbox.states(), ["current", "archived"]);
}

#[test]
fn ctrl_c_while_a_hook_runs_says_what_is_in_use_and_does_not_cut_the_hook_off() {
    let mailbox = Mailbox::ready();
    let slow = hook(&mailbox, "sleep 2\n: > \"${0%/*}/finished\"");
    let switch = mailbox.person().args(["activate", Mailbox::ID, "--deploy-hook"]).arg(slow);
    let talk = switch.in_terminal(&[("Running the deploy hook", "\u{3}")]);
    assert_eq!(talk.status, 130, "{}", talk.screen);
    for words in
        ["credential 2 is in use now, and stays so", "run it again: env", "MESH_ONBOARD_CREDENTIAL=2"]
    {
        assert!(talk.screen.contains(words), "{words} is missing\n{}", talk.screen);
    }
    assert_eq!(mailbox.states(), ["archived", "current"]);
    let (finished, begin) = (mailbox.file("finished"), Instant::now());
    while !finished.exists() {
        assert!(begin.elapsed() < Duration::from_secs(20), "the hook was cut off");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn control_characters_of_a_hook_reach_no_terminal() {
    let mailbox = Mailbox::ready();
    let script = hook(&mailbox, "printf 'red \\033[31m text\\n'");
    let output =
        mailbox.person().args(["activate", Mailbox::ID, "--deploy-hook"]).arg(script).run().expect(0);
    assert!(
        output.stderr.contains("red \\u{1b}[31m text") && !output.stderr.contains('\u{1b}'),
        "{}",
        output.shown()
    );
}

#[test]
fn hook_finds_the_lock_free() {
    let mailbox = Mailbox::ready();
    let program = env!("CARGO_BIN_EXE_mesh-onboard");
    let script = hook(
        &mailbox,
        &format!("exec {program} --json renew X26ABC1 --key-passphrase-file \"${{0%/*}}/passphrase\""),
    );
    mailbox.file_with("passphrase", "correct horse battery");
    let answer = activate(&mailbox).arg("--deploy-hook").arg(script).run().expect(0).json();
    assert_eq!(answer["deploy_hook"]["status"], "ok", "{answer}");
    assert_eq!(mailbox.states(), ["archived", "current", "requested"]);
}

#[test]
fn hook_that_is_no_command_line_is_refused_before_anything_is_done() {
    let mailbox = Mailbox::ready();
    let before = tree(&mailbox.home());
    for command in ["", "  ", "echo 'open"] {
        activate(&mailbox).args(["--deploy-hook", command]).run().expect_error(2, "usage");
    }
    assert_eq!(tree(&mailbox.home()), before);
}
