//! What an application loads, handed over from the wizard.

use std::fs;

use crate::interrupted::{loses_nothing, talk};
use crate::support::{Mailbox, PASSPHRASE, tree};
use crate::visit::{LEAVE, MENU, Visit, command_lines, in_one_line};

const LOGIN: [(&str, &str); 2] =
    [("Password of mailbox X26ABC1", "hunter2-hunter2"), ("Shared key of sandbox", "TestKey-TestKey")];

/// From the opening to the question for which application.
const HAND_OVER: [(&str, &str); 2] = [(MENU, "1"), ("What next", "2")];

/// A home whose credential is in use, and the user's own folder beside it.
fn in_use() -> Mailbox {
    with_user(Mailbox::imported())
}

fn with_user(mailbox: Mailbox) -> Mailbox {
    fs::create_dir_all(mailbox.file("user")).expect("a test can write beside its home");
    mailbox
}

/// Every answer that a handover to Mavis takes.
fn to_mavis() -> Vec<(&'static str, &'static str)> {
    let asked = [
        ("Which application", "Mavis"),
        ("Address of MESH [https://localhost:8700]", ""),
        ("New folder [~/mavis-x26abc1]", ""),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
    ];
    [&HAND_OVER[..], &asked, &LOGIN].concat()
}

#[test]
fn application_gets_its_files_where_it_was_said_and_no_secret_is_shown() {
    let home = in_use();
    let screen = Visit::of(&home).through(&to_mavis());
    let folder = home.file("user/mavis-x26abc1");
    let settings = fs::read_to_string(folder.join("settings.local.yml")).expect("a file");
    assert!(settings.contains("password: \"hunter2-hunter2\""), "{settings}");
    let line = [
        "export",
        "X26ABC1",
        "--env",
        "sandbox",
        "--for",
        "mavis",
        "--url",
        "https://localhost:8700",
        "--to",
    ];
    let shown = &command_lines(&screen)[0][1..];
    assert_eq!(shown[..9], line);
    assert_eq!(shown[9..], [folder.display().to_string()]);
    for secret in ["hunter2", "TestKey", PASSPHRASE] {
        assert!(!screen.contains(secret), "{screen}");
    }
    // What is written is told before.
    let before = screen.split("Go ahead").next().expect("a beginning");
    assert!(!screen.contains("\\n"), "{screen}");
    assert!(before.contains("mesh_ca_bundle.pem") && before.contains("mailbox password"), "{before}");
    assert!(screen.contains("Next: Put mesh_ca_bundle.pem into config/"), "{screen}");
}

#[test]
fn only_what_an_application_needs_is_asked() {
    let home = in_use();
    // No address, no password: PEM files hold none.
    let talk = [("Which application", ""), ("New folder", "~/for-nginx"), ("Go ahead", "")];
    let talk = [&HAND_OVER[..], &talk, &[("Passphrase of the key", PASSPHRASE)]].concat();
    Visit::of(&home).through(&talk);
    assert!(home.file("user/for-nginx/client.pem").exists());
    // What is needed and not known, with its own check; the same folder takes it once more.
    let talk = [
        ("Which application", "aws-ssm"),
        ("Name_prefix", "not a prefix"),
        ("Name_prefix", "dev"),
        ("Address of MESH", "https://user:word@localhost"),
        ("Address of MESH", "https://localhost:9000"),
        ("New folder", "~/for-nginx"),
        ("New folder", "~/for-aws"),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
    ];
    let screen = Visit::of(&home).through(&[&HAND_OVER[..], &talk, &LOGIN].concat());
    let line = command_lines(&screen).remove(0).join(" ");
    assert!(line.contains("--for aws-ssm --set prefix=dev --url https://localhost:9000 --to"), "{line}");
    assert!(in_one_line(&screen).contains("for-nginx is there already, and is not replaced"), "{screen}");
    assert!(home.file("user/for-aws").is_dir());
}

#[test]
fn files_stand_one_below_the_other_on_a_narrow_terminal_and_no_word_is_cut() {
    for columns in [80, 100] {
        let home = in_use();
        let screen = Visit::of(&home).columns(columns).through(&to_mavis());
        let screen = anstream::adapter::strip_str(&screen).to_string();
        assert!(!screen.contains("\\n"), "{screen}");
        // Before it is written, and as the result.
        let table = |line: &&str| line.trim_end().starts_with("  settings.local.yml  ");
        assert_eq!(screen.lines().filter(table).count(), 2, "{screen}");
        let of_files = |line: &&str| {
            ["  settings.local.yml ", "  mesh_ca_bundle.pem ", "    secrets: "]
                .iter()
                .any(|s| line.starts_with(s))
        };
        let wide: Vec<_> =
            screen.lines().filter(of_files).filter(|line| line.len() > columns.into()).collect();
        assert!(wide.is_empty(), "{wide:#?}\n{screen}");
        // Two files with secrets, told before and after.
        let secrets = "    secrets: encrypted private key, the key's password,";
        assert_eq!(screen.matches(secrets).count(), 4, "{screen}");
    }
}

#[test]
fn answers_that_cannot_be_are_asked_again() {
    let home = in_use();
    let before = tree(&home.home());
    let talk = [
        ("Which application", "0"),
        ("Which application", "mavid"),
        ("Which application", "nhais"),
        ("Address of MESH", "localhost"),
        ("Address of MESH", ""),
        ("New folder", "~/not-there/below"),
        ("New folder", "/"),
        ("New folder", ""),
        ("Go ahead", "no"),
        ("New folder", "<"),
        ("Address of MESH", "<"),
        ("Which application", "<"),
        ("What next", "<"),
    ];
    let screen = in_one_line(&Visit::of(&home).through(&[&HAND_OVER[..], &talk].concat()));
    assert!(screen.contains("There is no folder") && screen.contains("looks like https://localhost:8700"));
    assert_eq!(tree(&home.home()), before);
    assert_eq!(fs::read_dir(home.file("user")).unwrap().count(), 0);
}

#[test]
fn one_step_back_from_the_secrets_and_another_application_asks_anew() {
    let home = in_use();
    let talk = [
        ("Which application", "azure-key-vault"),
        ("Name of the key vault", "our-vault"),
        ("New folder", ""),
        ("Go ahead", ""),
        ("Passphrase of the key", "<"),
        ("Go ahead", "<"),
        ("New folder", "<"),
        ("Name of the key vault [our-vault]", "<"),
        ("Which application", "pem"),
        ("New folder [~/pem-x26abc1]", ""),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
    ];
    Visit::of(&home).through(&[&HAND_OVER[..], &talk].concat());
    let made: Vec<_> =
        fs::read_dir(home.file("user")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made, ["pem-x26abc1"]);
}

#[test]
fn interrupt_at_any_question_leaves_everything_as_it_was() {
    let prepared = Mailbox::imported();
    let begin = || with_user(Mailbox::copy_of(&prepared.home()));
    let asked = [&to_mavis()[..], &[LEAVE]].concat();
    let program = |home: &Mailbox| (Visit::of(home).program(), home.home());
    loses_nothing(begin, program, None, &talk(&asked, &["Shared key of sandbox"]));
}

#[test]
fn renewal_leads_to_what_was_handed_over_and_makes_it_again() {
    let home = with_user(Mailbox::ready());
    let folder = home.file("for-nginx");
    let export = home.program().args(["export", "X26ABC1", "--for", "pem", "--to"]).arg(&folder);
    export.run().expect(0);
    let old = fs::read(folder.join("client.pem")).unwrap();
    home.program().args(["activate", "X26ABC1"]).run().expect(0);
    let talk = [
        ("make again what was handed over", "1"),
        ("What next", ""),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
        // Nothing is left to make again.
        (MENU, "1"),
        ("What next", "2"),
        ("Which application", "<"),
        ("What next", "<"),
    ];
    let screen = Visit::of(&home).through(&talk);
    assert!(screen.contains(&format!("pem in {}, credential 1", folder.display())), "{screen}");
    assert!(!screen.contains("\\n"), "{screen}");
    assert_eq!(command_lines(&screen)[0][1..], ["export", "X26ABC1", "--env", "sandbox", "--refresh"]);
    assert_ne!(fs::read(folder.join("client.pem")).unwrap(), old);
    assert_eq!(fs::read(home.file("for-nginx.before-1/client.pem")).unwrap(), old);
}
