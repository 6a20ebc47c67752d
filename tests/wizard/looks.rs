//! How it looks on terminals of every kind.

use crate::several::every_kind;
use crate::support::{Mailbox, PASSPHRASE, Program, Terminal};
use crate::visit::{LEAVE, MENU, command_lines, with_enter};

/// Through the opening, a renewal with its request, and what is known.
const TALK: [(&str, &str); 16] = [
    (MENU, "X26SOON"),
    ("What next", "1"),
    ("Why", ""),
    ("Is that still right", ""),
    ("Reference", "CS1234567"),
    ("Its file", ""),
    ("Go ahead", ""),
    ("Passphrase for the new key", PASSPHRASE),
    ("The same again", PASSPHRASE),
    (MENU, "X26WELL"),
    ("What next", "1"),
    ("How far", "<"),
    ("What next", "<"),
    (MENU, "X26SOON"),
    ("What next", "<"),
    LEAVE,
];

/// What is on the screen of a terminal with this many columns.
fn seen(columns: u16, environment: &[(&str, &str)]) -> String {
    let home = Mailbox::none();
    every_kind(&home.home());
    let program = Program::new().home(&home.home());
    let program = environment.iter().fold(program, |program, (name, value)| program.env(name, value));
    let terminal = Terminal { size: Some((50, columns)), quick: true, watch: None };
    let typed: Vec<_> = TALK.iter().map(|(words, answer)| (*words, with_enter(answer))).collect();
    let typed: Vec<_> = typed.iter().map(|(words, answer)| (*words, answer.as_str())).collect();
    let seen = program.in_terminal_like(&terminal, &typed);
    assert_eq!(seen.status, 0, "{}", seen.screen);
    seen.screen.replace('\r', "")
}

/// Lines that are too wide although they could break: more than a word, no command, no prompt with its answer.
fn too_wide(screen: &str, columns: usize) -> Vec<&str> {
    let whole = |line: &str| {
        let one_word = line.split_whitespace().count() == 1;
        // A label and one value; a question and what was typed; a line to be copied.
        let labelled =
            line.trim_start().split_once("  ").is_some_and(|(_, value)| !value.trim().contains(' '));
        let typed = TALK.iter().any(|(_, answer)| !answer.is_empty() && line.ends_with(answer));
        // A secret is asked for by the command, as everywhere.
        let asked = line.ends_with(": ");
        one_word || labelled || typed || asked || line.contains("mesh-onboard ")
    };
    screen.lines().filter(|line| line.chars().count() > columns && !whole(line)).collect()
}

#[test]
fn narrow_terminal_breaks_lines_at_words_and_no_command() {
    for columns in [40, 60, 80, 100] {
        let screen = seen(columns, &[("TERM", "dumb")]);
        let wide = too_wide(&screen, columns.into());
        assert!(wide.is_empty(), "too wide for {columns}: {wide:#?}\nof\n{screen}");
        // A line that is to be pasted is printed as one, whatever the width.
        let line = command_lines(&screen).remove(0);
        let whole = ["renew", "X26SOON", "--env", "live", "--reason", "renewal", "--ticket", "CS1234567"];
        assert_eq!(line[1..], whole, "{screen}");
    }
}

#[test]
fn dumb_terminal_gets_plain_lines() {
    let screen = seen(80, &[("TERM", "dumb"), ("LANG", "en_GB.UTF-8")]);
    assert!(!screen.contains('\u{1b}'), "{screen:?}");
    assert!(screen.is_ascii(), "{screen}");
}

#[test]
fn locale_without_utf8_gets_ascii() {
    let screen = seen(80, &[("TERM", "xterm-256color"), ("LANG", "C")]);
    assert!(screen.is_ascii(), "{screen}");
}

#[test]
fn colour_is_left_out_where_nobody_wants_it_and_tells_nothing_alone() {
    let with = seen(80, &[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
    let without = seen(80, &[("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")]);
    let colours = |screen: &str| {
        let styles = screen.split("\u{1b}[").skip(1).filter_map(|rest| rest.split_once('m'));
        let styles = styles.map(|(style, _)| style.to_owned());
        styles.filter(|style| style.starts_with('3') && style.len() == 2).collect::<Vec<_>>()
    };
    assert!(!colours(&with).is_empty(), "{with:?}");
    assert!(colours(&without).is_empty(), "{without:?}");
    let plain = |screen: &str| anstream::adapter::strip_str(screen).to_string();
    for said in ["✗ stopped working on 30 May 2026", "! stops working on 11 June 2026"] {
        assert!(plain(&with).contains(said) && plain(&without).contains(said), "{without}");
    }
}
