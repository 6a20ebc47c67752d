//! One visit: the wizard in a pseudo-terminal, driven by the keyboard alone.

use std::path::PathBuf;

use crate::support::{Mailbox, NOW, PASSPHRASE, Program, Talk, Terminal};

/// The prompt of the opening list, which follows whatever was done.
pub const MENU: &str = "Which one";

/// Leaves the wizard.
pub const LEAVE: (&str, &str) = (MENU, "<");

/// From the opening to the request of a mailbox of the rehearsal, which has no desk that would want to know more.
pub const REHEARSAL_REQUEST: [(&str, &str); 8] = [
    (MENU, "1"),
    ("Which way", ""),
    ("Mailbox ID", "x26abc1"),
    ("Environment [", "7"),
    ("ODS code", ""),
    ("Go ahead", ""),
    ("Passphrase for the new key", PASSPHRASE),
    ("The same again", PASSPHRASE),
];

/// From the opening to the request of a mailbox of integration.
pub const INTEGRATION_REQUEST: [(&str, &str); 14] = [
    (MENU, "1"),
    ("Which way", "1"),
    ("Mailbox ID", "X26ABC1"),
    ("Environment [", "1"),
    ("ODS code", "X26"),
    ("Your name", "Zoë O'Neil"),
    ("email address", "z.oneil@example.nhs.uk"),
    ("telephone number", "0113 496 0000"),
    ("Your organisation", "Example Trust"),
    ("Application", "Example App"),
    ("Reference", ""),
    ("Go ahead", "yes"),
    ("Passphrase for the new key", PASSPHRASE),
    ("The same again", PASSPHRASE),
];

/// Who visits, when, at what terminal.
pub struct Visit<'a> {
    mailbox: &'a Mailbox,
    now: &'a str,
    terminal: Terminal,
}

impl<'a> Visit<'a> {
    /// At the time of the tests, at a terminal that says nothing of itself.
    pub fn of(mailbox: &'a Mailbox) -> Self {
        Self { mailbox, now: NOW, terminal: Terminal { quick: true, ..Terminal::default() } }
    }

    pub fn at(self, now: &'a str) -> Self {
        Self { now, ..self }
    }

    /// At a terminal of this width, which can move its cursor.
    pub fn columns(mut self, columns: u16) -> Self {
        self.terminal.size = Some((40, columns));
        self
    }

    /// The wizard of this visit.
    pub fn program(&self) -> Program {
        let program = Program::new().home(&self.mailbox.home()).now(self.now);
        if self.terminal.size.is_some() { program.env("TERM", "xterm-256color") } else { program }
    }

    /// Gives each answer when its words are there, and Enter after it.
    pub fn answer(&self, talk: &[(&str, &str)]) -> Talk {
        self.answer_as(self.program(), talk)
    }

    /// The same for a program with something of its own.
    pub fn answer_as(&self, program: Program, talk: &[(&str, &str)]) -> Talk {
        let typed: Vec<_> = talk.iter().map(|(words, answer)| (*words, with_enter(answer))).collect();
        let typed: Vec<_> = typed.iter().map(|(words, answer)| (*words, answer.as_str())).collect();
        program.in_terminal_like(&self.terminal, &typed)
    }

    /// The same for a talk that ends by leaving.
    #[track_caller]
    pub fn through(&self, talk: &[(&str, &str)]) -> String {
        let seen = self.answer(&[talk, &[LEAVE]].concat());
        assert_eq!(seen.status, 0, "{}", seen.screen);
        assert!(seen.echo, "the terminal was left without echo");
        seen.screen.replace('\r', "")
    }
}

/// A line ends with Enter; what stands for a key does not.
pub fn with_enter(answer: &str) -> String {
    let line = answer.replace('\n', "\r");
    if line.ends_with(['\r', '\u{3}', '\u{4}']) { line } else { line + "\r" }
}

/// What was shown, without the line breaks that the width of the terminal made.
pub fn flat(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The command lines that were shown.
pub fn command_lines(screen: &str) -> Vec<Vec<String>> {
    let mut lines = screen.lines().map(str::trim_end);
    let mut found = Vec::new();
    while lines.any(|line| line == "The same as a command:") {
        let line = lines.next().expect("the line follows");
        found.push(shell_words::split(line).expect("a line for a shell"));
    }
    found
}

/// The folder of credential 1 of X26ABC1 there.
pub fn credential(mailbox: &Mailbox, environment: &str) -> PathBuf {
    mailbox.home().join(environment).join("X26ABC1/credentials/0001")
}

/// The answer of the rehearsal CA to the first request, as a file.
pub fn answered(mailbox: &Mailbox, name: &str, now: &str) -> PathBuf {
    let answer = mailbox.file(name);
    let csr = credential(mailbox, "rehearsal").join("request.csr");
    let program = mailbox.program().now(now).args(["rehearse", "--issue"]).arg(csr).arg("--to").arg(&answer);
    program.run().expect(0);
    answer
}

/// What is said, whatever the width of the terminal.
pub fn in_one_line(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}
