//! What holds for every command: errors, exit codes, help, `--output`.

use std::fs;

use crate::keys;
use crate::support::{Mailbox, Program, tree};

const COMMANDS: &[&str] =
    &["request", "import", "check", "status", "sent", "validate", "token", "rehearse", "completions"];

#[test]
fn failure_is_told_a_script_as_one_object() {
    let mailbox = Mailbox::none();
    let error = mailbox.program().args(["status", "X26NONE"]).run().expect_error(1, "no_such_mailbox");
    for key in keys(&error) {
        assert!(["code", "message", "because", "hint"].contains(&key), "unexpected {key}: {error}");
    }
    assert!(error.to_string().contains("X26NONE"), "{error}");
}

#[test]
fn failure_is_told_a_person_in_three_lines() {
    let mailbox = Mailbox::requested();
    let file = mailbox.file_with("reply.cer", "");
    let output = mailbox.import_with(mailbox.person(), [file]).run().expect(1);
    assert_eq!(output.stdout, "");
    let lines: Vec<_> = output.stderr.lines().collect();
    assert!(lines.iter().any(|l| l.starts_with("error: ")), "{}", output.shown());
    assert!(lines.iter().any(|l| l.starts_with("hint: ")), "{}", output.shown());
}

#[test]
fn wrong_usage_exits_2_and_says_so_in_json_too() {
    let mailbox = Mailbox::none();
    mailbox.program().args(["request", "--nonsense"]).run().expect_error(2, "usage");
    mailbox.program().args(["nonsense"]).run().expect_error(2, "usage");
    let output = mailbox.person().args(["request", "--nonsense"]).run().expect(2);
    assert!(output.stderr.contains("--nonsense"), "{}", output.shown());
    assert_eq!(output.stdout, "");
}

#[test]
fn unknown_mailbox_is_named_by_every_command_that_takes_one() {
    let mailbox = Mailbox::none();
    let file = mailbox.file_with("reply.cer", "");
    for command in [&["status", "X26ABC1"][..], &["sent", "X26ABC1"], &["check", "X26ABC1", "--offline"]] {
        mailbox.program().args(command).run().expect_error(1, "no_such_mailbox");
    }
    let program = mailbox.program().args(["import", "X26ABC1"]).arg(file);
    program.run().expect_error(1, "no_such_mailbox");
    assert!(tree(&mailbox.home()).is_empty(), "asking for a mailbox made one");
}

#[test]
fn mailbox_in_two_environments_is_ambiguous_until_one_is_named() {
    let mailbox = Mailbox::requested();
    let request = ["request", "X26ABC1", "--ods", "X26", "--env", "int"];
    mailbox.program().args(request).run().expect(0);
    let output = mailbox.program().args(["sent", "X26ABC1"]).run();
    let code = output.code().expect("it exits");
    assert!(matches!(code, 1 | 2), "{}", output.shown());
    let error = output.expect_error(code, "ambiguous_mailbox");
    let shown = error.to_string();
    for words in ["--env", "sandbox", "integration"] {
        assert!(shown.contains(words), "'{words}' is missing: {error}");
    }
    mailbox.program().args(["sent", "X26ABC1", "--env", "int"]).run().expect(0);
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    let mailbox = Mailbox::requested();
    let before = mailbox.person().args(["--json", "status"]).run().expect(0).json();
    let after = mailbox.person().args(["status", "--json"]).run().expect(0).json();
    assert_eq!(before, after);
    let elsewhere = mailbox.file("elsewhere");
    let answer = mailbox.program().arg("status").arg("--home").arg(elsewhere).run().expect(0).json();
    assert_eq!(answer["mailboxes"], serde_json::json!([]));
}

#[test]
fn output_writes_the_result_to_a_file() {
    let mailbox = Mailbox::requested();
    let file = mailbox.file("status.json");
    let output = mailbox.program().arg("status").arg("--output").arg(&file).run().expect(0);
    assert_eq!(output.stdout, "");
    let text = fs::read_to_string(file).expect("the file is UTF-8");
    let written: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(written, mailbox.program().arg("status").run().expect(0).json());
}

#[test]
fn no_command_without_a_terminal_is_help() {
    let output = Program::new().home(&Mailbox::none().home()).run().expect(2);
    assert!(output.stdout.is_empty(), "{}", output.shown());
    output.says("Usage: mesh-onboard").says("EXAMPLES:");
}

#[test]
fn no_command_is_help_where_nobody_may_be_asked() {
    let home = Mailbox::none();
    let program = || Program::new().home(&home.home());
    for forbidden in [program().arg("--no-input"), program().env("MESH_ONBOARD_NO_INPUT", "1")] {
        // At a terminal, too.
        let talk = forbidden.clone().in_terminal(&[]);
        assert_eq!(talk.status, 2, "{}", talk.screen);
        assert!(
            talk.screen.contains("Usage: mesh-onboard") && !talk.screen.contains("Which one"),
            "{}",
            talk.screen
        );
        forbidden.run().expect(2).says("Usage: mesh-onboard");
    }
    assert!(!home.home().exists());
}

#[test]
fn no_command_with_json_is_an_error_of_usage() {
    let program = || Program::new().home(&Mailbox::none().home()).arg("--json");
    program().run().expect_error(2, "usage");
    let talk = program().in_terminal(&[]);
    assert_eq!(talk.status, 2, "{}", talk.screen);
    assert!(
        talk.screen.contains("a command is needed") && !talk.screen.contains("Which one"),
        "{}",
        talk.screen
    );
}

#[test]
fn every_help_has_examples_and_exit_codes() {
    let mailbox = Mailbox::none();
    for command in COMMANDS {
        let output = mailbox.person().args([command, "--help"]).run().expect(0);
        for part in ["EXAMPLES", "EXIT CODES"] {
            assert!(output.stdout.contains(part), "{command} --help lacks {part}\n{}", output.shown());
        }
    }
    let output = mailbox.person().arg("--help").run().expect(0);
    for command in COMMANDS {
        assert!(output.stdout.contains(command), "--help lacks {command}");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    let mailbox = Mailbox::none();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = mailbox.person().args(["completions", shell]).run().expect(0);
        assert!(output.stdout.contains("mesh-onboard"), "{}", output.shown());
    }
}

#[test]
fn newer_format_is_refused_with_a_clear_message() {
    let mailbox = Mailbox::requested();
    let record = mailbox.own_folder().join("mailbox.toml");
    let text = fs::read_to_string(&record).unwrap();
    assert!(text.contains("format = 1"), "{text}");
    fs::write(&record, text.replace("format = 1", "format = 2")).unwrap();
    let before = tree(&mailbox.home());
    let output = mailbox.program().args(["sent", "X26ABC1"]).run().expect(1);
    assert!(output.json()["error"].to_string().contains("format"), "{}", output.shown());
    assert_eq!(tree(&mailbox.home()), before);
}
