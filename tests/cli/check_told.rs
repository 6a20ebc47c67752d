//! How `check` is told: to somebody who watches, to a file, to cron.

use crate::support::{Mailbox, Mesh, Program};

fn offline(mailbox: &Mailbox) -> Program {
    mailbox.person().args(["check", Mailbox::ID, "--offline"])
}

/// As a terminal of today is.
fn in_terminal(program: Program) -> String {
    let talk = program.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").in_terminal(&[]);
    assert_eq!(talk.status, 3, "{}", talk.screen);
    talk.screen.replace("\r\n", "\n")
}

#[test]
fn first_failure_is_told_in_full_below_one_line_for_each_probe() {
    let mailbox = Mailbox::imported();
    let output = offline(&mailbox).env("MESH_KEY_PASSPHRASE", "wrong horse battery").run().expect(3);
    let lines: Vec<_> = output.stdout.lines().collect();
    let begins = [
        "  pass     files               ",
        "  fail     key                 ",
        "  skipped  match               ",
    ];
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    let (_, paragraph) =
        output.stdout.split_once("\n\nkey failed (passphrase_wrong)\n").expect("a paragraph");
    let order: Vec<_> =
        ["  Evidence       ", "  What to do     "].iter().map(|row| paragraph.find(row)).collect();
    assert!(order[0].is_some() && order.is_sorted(), "{paragraph}");
    assert!(output.stdout.ends_with("\nIt does not work.\n"), "{}", output.stdout);
    assert!(!output.stdout.contains('\u{1b}'), "no colour where no terminal is");
    assert_eq!(output.stdout.matches("there is no key to judge").count(), 1, "said once: {}", output.stdout);
}

#[test]
fn terminal_gets_signs_colour_and_lines_that_fit() {
    let mailbox = Mailbox::imported();
    let failing = || offline(&mailbox).env("MESH_KEY_PASSPHRASE", "wrong horse battery");
    let screen = in_terminal(failing());
    assert!(
        screen.contains("✓ pass") && screen.contains("✗ fail") && screen.contains("\u{1b}[3"),
        "{screen}"
    );
    // Each probe once, as it ended, and not again at the end.
    assert_eq!(screen.matches(" files ").count(), 1, "{screen}");
    let plain = in_terminal(failing().env("NO_COLOR", "1"));
    assert!(plain.contains("✗ fail") && !plain.contains("\u{1b}[3"), "{plain}");
    let words = plain.lines().filter(|line| !line.contains('/'));
    for line in words {
        assert!(line.chars().count() <= 80, "wider than the terminal: {line}");
    }
    let ascii = in_terminal(failing().env("LC_ALL", "C"));
    assert!(ascii.contains("fail") && !ascii.contains(['✓', '✗']), "{ascii}");
}

#[test]
fn dumb_terminal_gets_words_alone() {
    let mailbox = Mailbox::imported();
    let talk = offline(&mailbox).env("TERM", "dumb").env("LANG", "C.UTF-8").in_terminal(&[]);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    assert!(
        talk.screen.contains("pass     files") && !talk.screen.contains(['✓', '\u{1b}']),
        "{}",
        talk.screen
    );
}

#[test]
fn output_file_holds_the_lines_without_colour() {
    let mailbox = Mailbox::imported();
    let file = mailbox.file("result.txt");
    let program = offline(&mailbox).args(["--color", "always", "--output"]).arg(&file);
    program.run().expect(0);
    let text = std::fs::read_to_string(file).unwrap();
    assert!(
        text.contains("  pass     files  ") && text.contains("All is well that needs no network."),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let mesh = Mesh::start();
    for program in
        [mesh.says("check", "X26ABC1"), mesh.person().args(["check", "--all", "--url", &mesh.url()])]
    {
        let output = program.args(["--quiet", "--no-input"]).run().expect(0);
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    }
}

#[test]
fn quiet_says_which_mailbox_is_not_well_and_why() {
    let mailbox = Mailbox::imported();
    let output = offline(&mailbox).arg("--quiet").now("2028-12-01T00:00:00Z").run().expect(0);
    assert!(
        output.stdout.starts_with("  warn     X26ABC1  sandbox   expiry (expires_soon)\n"),
        "{}",
        output.stdout
    );
    let (_, paragraph) = output.stdout.split_once("expiry warns (expires_soon)\n").expect("a paragraph");
    assert!(paragraph.contains("\n  Evidence       "), "no line of the probe has it: {}", output.stdout);
    assert!(!output.stdout.contains("files"), "{}", output.stdout);
    assert_eq!(output.stderr, "");
    let json = offline(&mailbox).args(["--quiet", "--json"]).run().expect(0).json();
    assert_eq!(json["verdict"], "pass", "scripts always get their object");
}

#[test]
fn verbose_lines_have_the_time_that_each_probe_took() {
    let mailbox = Mailbox::imported();
    let output = offline(&mailbox).arg("-v").run().expect(0);
    assert!(output.stdout.lines().take(5).all(|line| line.ends_with(" ms)")), "{}", output.stdout);
}
