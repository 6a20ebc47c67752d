//! No secret, no byte of a key and no token is ever written where it does not belong: every command is run with marked
//! secrets, well and badly, and everything that it writes is searched for them in every form.
//!
//! The rows run in their order, once in each mode. What may be found, and where, stands in `allowed.rs` with its
//! reason. Whatever is given to the program by the tests themselves lies in a folder of its own, which must stay as
//! it was.

mod allowed;
mod echo;
mod numbers;
mod planted;
mod prompts;
mod row;
mod rows;
mod scene;
mod search;
mod secrets;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use row::{Mode, run_all};
use support::tool;

/// Flags that concern secrets: every command that has one is run with it.
const FLAGS: [&str; 12] = [
    "--backup-passphrase-file",
    "--value-file",
    "--secrets",
    "--key-passphrase-file",
    "--pfx-password-file",
    "--mailbox-password-file",
    "--shared-key-file",
    "--curl",
    "--verify",
    "--plaintext-key",
    "--report",
    "--show-secrets",
];

#[test]
fn nothing_secret_is_written_for_people() {
    run_all(Mode::Text);
}

#[test]
fn nothing_secret_is_written_for_scripts() {
    run_all(Mode::Json);
}

#[test]
fn every_command_has_a_row_and_every_flag_about_secrets_is_used() {
    let program = env!("CARGO_BIN_EXE_mesh-onboard");
    let mut commands = BTreeSet::new();
    for command in commands_of(&tool(program, ["--help"])) {
        // Those of `secret` are commands of their own.
        let below = commands_of(&tool(program, [command.as_str(), "--help"]));
        commands.extend(below.iter().map(|name| format!("{command} {name}")));
        commands.insert(command);
    }
    assert!(commands.len() >= 24, "{commands:?}");
    let used = rows::used();
    let mut without = Vec::new();
    for command in commands {
        let names: Vec<_> = command.split(' ').collect();
        let has_all = |words: &&Vec<String>| names.iter().all(|name| words.iter().any(|word| word == name));
        let rows: Vec<_> = used.iter().filter(has_all).collect();
        if rows.is_empty() {
            without.push(command.clone());
        }
        let help = tool(program, names.iter().chain(&["--help"]));
        for flag in FLAGS.iter().filter(|flag| help.split_whitespace().any(|word| word == **flag)) {
            if !rows.iter().any(|words| words.iter().any(|word| word == flag)) {
                without.push(format!("{command} {flag}"));
            }
        }
    }
    assert!(without.is_empty(), "without a row: {without:?}");
}

/// The names below `Commands:` in a help text, if there are any.
fn commands_of(help: &str) -> Vec<String> {
    let list = help.split_once("Commands:\n").and_then(|(_, rest)| rest.split("\n\n").next());
    // Descriptions that go on in the next line stand further in.
    let lines =
        list.unwrap_or_default().lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}
