//! The pictures in docs are what the program shows. To draw them again after a change:
//! `UPDATE_PICTURES=1 cargo test --release --features test-hooks --test wizard pictures`

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::several::{Credential, mailbox};
use crate::support::{PASSPHRASE, Program, Terminal, venv_python};
use crate::visit::{LEAVE, MENU, with_enter};

const COLUMNS: u16 = 90;

/// The question after the opening.
const PROMPT: &str = "Which one [1]: ";

/// The home that is shown; the one that is used is as long, so that every line breaks in the same place.
const HOME: &str = "/home/you/mesh-onboard";

/// What to draw of a talk.
struct Picture<'a> {
    file: &'a str,
    title: &'a str,
    description: &'a str,
    /// Words in the first and in the last line.
    part: (&'a str, &'a str),
}

impl Picture<'_> {
    /// Draws it, and compares it with the one in docs.
    fn is_kept(&self, prepare: impl Fn(&Path), talk: &[(&str, &str)]) {
        let random = HOME.len() - "/tmp/mesh-".len();
        let folder = tempfile::Builder::new().prefix("mesh-").rand_bytes(random).tempdir_in("/tmp");
        let folder = folder.expect("a folder");
        prepare(folder.path());
        let home = folder.path().to_str().expect("UTF-8");
        let program = Program::new().home(folder.path()).env("HOME", home);
        let program = program.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        let typed: Vec<_> = talk.iter().map(|(words, answer)| (*words, with_enter(answer))).collect();
        let typed: Vec<_> = typed.iter().map(|(words, answer)| (*words, answer.as_str())).collect();
        let terminal = Terminal { size: Some((60, COLUMNS)), quick: true, watch: None };
        let seen = program.in_terminal_like(&terminal, &typed);
        assert_eq!(seen.status, 0, "{}", seen.screen);
        // Of a question, before anything is typed.
        let end = seen.screen.find(self.part.1).expect("the end of the part") + self.part.1.len();
        let shown = if self.part.1 == PROMPT { &seen.screen[..end] } else { &seen.screen };
        let drawn = self.drawn(&shown.replace(home, HOME));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures").join(self.file);
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            fs::write(&path, &drawn).expect("docs can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == drawn,
            "{} is not what the program shows now; draw it again as the head of this file says\n{drawn}",
            path.display()
        );
    }

    fn drawn(&self, screen: &str) -> String {
        let task = json!({
            "screen": screen, "columns": COLUMNS, "from": self.part.0, "to": self.part.1.trim_end(),
            "title": self.title, "description": self.description,
        });
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wizard/picture.py");
        let mut python = Command::new(venv_python());
        python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = python.spawn().expect("python starts");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        stdin.write_all(task.to_string().as_bytes()).expect("python reads its task");
        drop(stdin);
        let output = child.wait_with_output().expect("python ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

#[test]
fn opening_with_several_mailboxes_is_as_pictured() {
    let picture = Picture {
        file: "opening.svg",
        title: "The wizard opens with where every mailbox stands",
        description: "A terminal with five mailboxes, the most urgent first. Each has its state and its next step: one \
                      certificate stops working in 9 days and is to be renewed, one answer of the desk is late, one email \
                      was sent 6 days ago, one request is not sent yet, and one certificate works until 2028. Below them: a new \
                      mailbox, taking in a key and certificate, what is this file, back everything up, leave.",
        part: ("Where your mailboxes stand", PROMPT),
    };
    let prepare = |home: &Path| {
        let one = |environment, id, credential| mailbox(home, environment, id, None, &[credential]);
        one("live", "X26HC005", Credential::current("2026-06-11T12:00:00Z"));
        one(
            "integration",
            "X26ABC2",
            Credential::requested("2026-05-18T09:00:00Z", Some("2026-05-18T10:00:00Z")),
        );
        one("integration", "X26ABC3", Credential::requested("2026-05-31T09:00:00Z", None));
        one(
            "integration",
            "X26ABC1",
            Credential::requested("2026-05-26T09:00:00Z", Some("2026-05-26T10:00:00Z")),
        );
        let well = Credential {
            key_usage_ends: Some("2027-08-01T00:00:00Z"),
            ..Credential::current("2028-07-01T12:00:00Z")
        };
        one("integration", "X26HC005", well);
    };
    picture.is_kept(prepare, &[LEAVE]);
}

#[test]
fn end_of_a_request_is_as_pictured() {
    let picture = Picture {
        file: "request.svg",
        title: "The end of a request: what was made, what to do next and when to come back",
        description: "A terminal after the last answer. It shows the same as a command line, the common name, the files of the \
                      key, the CSR and the email, where the email goes, the command for when it was sent, and the day by which the \
                      desk answers.",
        part: ("The same as a command", "certificate."),
    };
    let talk = [
        (MENU, "1"),
        ("Which way", ""),
        ("Mailbox ID", "X26ABC1"),
        ("Environment [", ""),
        ("ODS code", ""),
        ("Your name", "A. Engineer"),
        ("email address", "a.engineer@example.nhs.uk"),
        ("telephone number", ""),
        ("Your organisation", "Example Trust"),
        ("Application", "Example App"),
        ("Reference", ""),
        ("Go ahead", ""),
        ("Passphrase for the new key", PASSPHRASE),
        ("The same again", PASSPHRASE),
        LEAVE,
    ];
    picture.is_kept(|_| {}, &talk);
}
