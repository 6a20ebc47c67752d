//! White space, quotes, byte order marks and UTF-16 around a secret: noticed wherever it comes from.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use mesh_onboard::mesh::token::{Login, Token};
use mesh_onboard::secret::{MailboxPassword, SharedKey};

use crate::support::{Mailbox, Output, Program};

const PASSWORD: &str = "MARKED password";

/// What may be around it, and how that is called.
const AROUND: [(&str, &str, &str); 7] = [
    (" ", "\t", "white space"),
    ("\"", "\"", "quotes"),
    ("'", "'", "quotes"),
    ("\u{201c}", "\u{201d}", "quotes"),
    ("\u{feff}", "", "a byte order mark"),
    ("", "\u{a0}", "a space that is none of the keyboard's"),
    ("\u{200b}", "", "a character that nobody sees"),
];

/// A way for a secret to come in, with the words that name it.
type Source = (&'static str, fn(&Mailbox, &str) -> Program);

const SOURCES: [Source; 6] = [
    ("--mailbox-password-file", |mailbox, text| {
        let file = private(mailbox, "password", text);
        token(mailbox).arg("--mailbox-password-file").arg(file)
    }),
    ("--mailbox-password-file -", |mailbox, text| {
        token(mailbox).args(["--mailbox-password-file", "-"]).stdin(text)
    }),
    ("lines", |mailbox, text| {
        // The first of them is no TOML, in which quotes would be none of the secret's.
        let file =
            private(mailbox, "lines", format!("MESH_SHARED_KEY=TestKey\nMESH_MAILBOX_PASSWORD={text}\n"));
        token(mailbox).arg("--secrets").arg(file)
    }),
    ("toml", |mailbox, text| {
        // A string of JSON is one of TOML.
        let text = serde_json::to_string(text).expect("a string");
        let file = private(mailbox, "secrets.toml", format!("MESH_MAILBOX_PASSWORD = {text}\n"));
        token(mailbox).arg("--secrets").arg(file)
    }),
    ("MESH_MAILBOX_PASSWORD", |mailbox, text| token(mailbox).env("MESH_MAILBOX_PASSWORD", text)),
    ("secret_command", |mailbox, text| {
        vault(mailbox, text);
        token(mailbox)
    }),
];

/// `token` of a mailbox of integration, in JSON; its password comes from elsewhere.
fn token(mailbox: &Mailbox) -> Program {
    mailbox.program().env("MESH_SHARED_KEY", "TestKey").args(["token", "X26ABC1", "--env", "integration"])
}

fn private(mailbox: &Mailbox, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let file = mailbox.file_with(name, bytes);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a file of the test's own");
    file
}

/// Has a command of the settings tell the bytes.
fn vault(mailbox: &Mailbox, bytes: impl AsRef<[u8]>) {
    let told = private(mailbox, "told", bytes);
    fs::create_dir_all(mailbox.home()).expect("a home");
    // The secret's name, mailbox and environment follow, which this does not read.
    let settings = format!("secret_command = ['sh', '-c', 'cat \"$0\"', '{}']\n", told.display());
    fs::write(mailbox.home().join("settings.toml"), settings).expect("settings");
}

#[track_caller]
fn assert_made_with(password: &str, output: &Output, what: &str) {
    let header = output.json()["authorization"].as_str().expect("a header").to_owned();
    let login = Login { password: MailboxPassword::new(password), shared_key: SharedKey::new("TestKey") };
    assert!(Token::parse(&header).expect("a token").is_made_with(&login), "{what}\n{}", output.shown());
}

#[test]
fn what_surrounds_a_secret_is_left_out_and_said_whatever_it_comes_from() {
    let mailbox = Mailbox::none();
    for (source, given) in SOURCES {
        for (before, after, called) in AROUND {
            let what = format!("{called}, {source}");
            let output = given(&mailbox, &format!("{before}{PASSWORD}{after}")).run().expect(0);
            assert_made_with(PASSWORD, &output, &what);
            let note = format!("note: {called} around the mailbox password in ");
            assert!(output.stderr.contains(&note), "{what}\n{}", output.shown());
            assert!(!output.stderr.contains("MARKED"), "{what}\n{}", output.shown());
        }
        // A clean one, and one with a line end, give no note.
        let output = given(&mailbox, PASSWORD).run().expect(0);
        assert_made_with(PASSWORD, &output, source);
        assert!(!output.stderr.contains("note: "), "{source}\n{}", output.shown());
        let _ = fs::remove_file(mailbox.home().join("settings.toml"));
    }
}

#[test]
fn quotes_keep_what_is_inside_them() {
    let mailbox = Mailbox::none();
    for inside in [" spaced ", "'single'"] {
        let output = token(&mailbox).env("MESH_MAILBOX_PASSWORD", format!("\"{inside}\"")).run().expect(0);
        assert_made_with(inside, &output, inside);
    }
}

#[test]
fn utf_16_of_powershell_is_read_and_said() {
    let mailbox = Mailbox::none();
    let utf16 = |text: &str, mark: &str| -> Vec<u8> {
        mark.encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    for mark in ["\u{feff}", ""] {
        let bytes = utf16(&format!("{PASSWORD}\r\n"), mark);
        let file = private(&mailbox, "password", &bytes);
        let output = token(&mailbox).arg("--mailbox-password-file").arg(file).run().expect(0);
        assert_made_with(PASSWORD, &output, "a file");
        assert!(output.stderr.contains("was read as UTF-16"), "{}", output.shown());

        vault(&mailbox, &bytes);
        let output = token(&mailbox).run().expect(0).says("in secret_command was read as UTF-16");
        assert_made_with(PASSWORD, &output, "a command");
        fs::remove_file(mailbox.home().join("settings.toml")).expect("settings");

        for text in [
            format!("MESH_MAILBOX_PASSWORD={PASSWORD}\r\n"),
            format!("MESH_MAILBOX_PASSWORD = \"{PASSWORD}\"\r\n"),
        ] {
            let file = private(&mailbox, "secrets", utf16(&text, mark));
            let output = token(&mailbox).arg("--secrets").arg(file).run().expect(0);
            assert_made_with(PASSWORD, &output, &text);
        }
    }
    let file = private(&mailbox, "password", b"\xe9t\xe9");
    token(&mailbox).arg("--mailbox-password-file").arg(file).run().expect_error(2, "usage");
}

#[test]
fn what_surrounds_a_typed_password_is_left_out_and_said() {
    let mailbox = Mailbox::none();
    let program = mailbox.person().env("MESH_SHARED_KEY", "TestKey").args(["token", "X26ABC1"]);
    let talk = program.in_terminal(&[("Password of mailbox X26ABC1", &format!(" {PASSWORD} \r"))]);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    assert!(
        talk.screen.contains("white space around the mailbox password in what was typed"),
        "{}",
        talk.screen
    );
    assert!(!talk.screen.contains("MARKED"), "{}", talk.screen);
    let header = talk.screen.lines().find(|line| line.starts_with("NHSMESH ")).expect("a header").trim();
    let login = Login { password: MailboxPassword::new(PASSWORD), shared_key: SharedKey::new("TestKey") };
    assert!(Token::parse(header).expect("a token").is_made_with(&login), "{}", talk.screen);
}
