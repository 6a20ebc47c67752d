//! Secrets where they do not belong, and files that are not what they should be.

use super::super::row::{Row, row};
use super::super::scene::Scene;
use super::super::secrets::{CLIENT, LOGIN, MAILBOX_PASSWORD, PASSPHRASE, SHARED_KEY, Source};
use crate::support::Program;

/// A header that was made with these secrets and is still good.
pub fn header() -> String {
    use mesh_onboard::mesh::token::{Login, header};
    use mesh_onboard::secret::{MailboxPassword, SharedKey};
    let login =
        Login { password: MailboxPassword::new(MAILBOX_PASSWORD), shared_key: SharedKey::new(SHARED_KEY) };
    let now = time::macros::datetime!(2026-06-01 12:01 UTC);
    header(&"X26ABC1".parse().expect("an ID"), &login, "1c820cd4-be3e-43ff-807f-e65362892722", 0, now)
}

fn verify(s: &Scene, header: &str) -> Program {
    s.with(Source::Files, LOGIN).args(["token", "X26ABC1", "--verify", header])
}

/// With another home, whose file of this name holds this text.
fn home_with(s: &Scene, file: &str, text: &str) -> Program {
    let home = s.path(&format!("given/home-{}", text.len()));
    let path = std::path::Path::new(&home).join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).unwrap();
    std::fs::write(path, text).unwrap();
    s.bare().env("MESH_ONBOARD_HOME", home)
}

fn toml(text: &str) -> String {
    toml::Value::from(text).to_string()
}

pub fn rows() -> Vec<Row> {
    [headers(), command_lines(), secrets_files(), own_files()].into_iter().flatten().collect()
}

/// `token --verify`.
fn headers() -> Vec<Row> {
    let mut rows = vec![
        row("token --verify a good header", 0, "", |s| verify(s, &header())),
        row("token --verify a header from standard input", 0, "", |s| {
            s.with(Source::Files, LOGIN).args(["token", "X26ABC1", "--verify", "-"]).stdin(header())
        }),
        row("token --verify a header of another mailbox", 3, "", |s| {
            verify(s, &header().replace("X26ABC1", "X26ABC2"))
        }),
        row("token --verify a header without its scheme", 3, "", |s| {
            verify(s, &header().replace("NHSMESH ", ""))
        }),
        row("token --verify a header in capitals", 3, "", |s| verify(s, &header().to_uppercase())),
        row("token --verify without secrets", 2, "", |s| {
            s.bare().args(["token", "X26ABC1", "--verify", "-"]).stdin(header())
        }),
        row("token with the header in the place of a flag", 2, "", |s| {
            s.bare().args(["token", "X26ABC1", &header()])
        }),
        row("token with the header as the mailbox", 2, "", |s| s.bare().args(["token", &header()])),
        row("token --verify a header at no time", 2, "", |s| {
            verify(s, &header()).args(["--at", "yesterday"])
        }),
    ];
    for (what, secret) in [("the password", MAILBOX_PASSWORD), ("the shared key", SHARED_KEY)] {
        for place in 0..5 {
            rows.push(row(
                format!("token --verify a header with {what} in place {place}"),
                3,
                "",
                move |s| {
                    let header = header();
                    let mut fields: Vec<&str> = header.trim_start_matches("NHSMESH ").split(':').collect();
                    fields[place] = secret;
                    verify(s, &format!("NHSMESH {}", fields.join(":")))
                },
            ));
        }
    }
    rows
}

/// What people type in a hurry.
fn command_lines() -> Vec<Row> {
    let mut rows = Vec::new();
    for flag in ["--key-passphrase", "--pfx-password", "--mailbox-password", "--shared-key", "--password"] {
        rows.push(row(format!("check {flag}=SECRET"), 2, flag, move |s| {
            s.bare().args(["check", "X26ABC1", &format!("{flag}={PASSPHRASE}")])
        }));
        rows.push(row(format!("check {flag} SECRET"), 2, flag, move |s| {
            s.bare().args(["check", "X26ABC1", flag, PASSPHRASE])
        }));
    }
    for flag in ["--key-passphrase-file", "--mailbox-password-file", "--shared-key-file", "--secrets"] {
        rows.push(row(format!("check {flag} SECRET"), 1, flag, move |s| {
            let program = s.with(Source::Environment, CLIENT).args(["check", "X26ABC1", "--url", &s.url()]);
            program.args([flag, PASSPHRASE])
        }));
    }
    rows.push(row("check --pfx-password-file SECRET", 1, "--pfx-password-file", |s| {
        let pfx = s.path("work/bundles/X26ABC3.pfx");
        s.bare().args([
            "check",
            "--pfx",
            &pfx,
            "--offline",
            "--env",
            "rehearsal",
            "--pfx-password-file",
            PASSPHRASE,
        ])
    }));
    rows
}

/// `--secrets`.
fn secrets_files() -> Vec<Row> {
    let swapped = format!("{} = \"MESH_KEY_PASSPHRASE\"\n", serde_json::json!(PASSPHRASE));
    let files: [(&str, i32, String); 8] = [
        ("with an unknown name", 2, format!("MESH_KEY_PASSFRASE = {}\n", toml(PASSPHRASE))),
        ("with an unknown name in a line", 2, format!("MESH_KEY_PASSFRASE={PASSPHRASE}\n")),
        ("the wrong way round", 2, swapped),
        ("with the passphrase alone", 2, format!("{PASSPHRASE}\n")),
        ("with a line too many", 2, format!("MESH_KEY_PASSPHRASE={PASSPHRASE}\n{MAILBOX_PASSWORD}\n")),
        ("with a bare name that is one", 2, "Zanzibar42 = \"MESH_KEY_PASSPHRASE\"\n".into()),
        ("with a list", 2, format!("MESH_KEY_PASSPHRASE = [\n {}\n]\n", toml(PASSPHRASE))),
        ("with tables", 2, format!("[secrets]\nMESH_KEY_PASSPHRASE = {}\n", toml(PASSPHRASE))),
    ];
    let mut rows = Vec::new();
    for (index, (what, exit, text)) in files.into_iter().enumerate() {
        rows.push(row(format!("check --secrets of a file {what}"), exit, "", move |s| {
            let file = s.given(&format!("secrets-{index}"), &text);
            s.bare().args(["check", "X26ABC1", "--offline", "--secrets", &file])
        }));
    }
    rows.push(row("check --secrets of a file that is no text", 2, "", |s| {
        let file = s.given("latin1", [PASSPHRASE.as_bytes(), b"\xe9"].concat());
        s.bare().args(["check", "X26ABC1", "--offline", "--secrets", &file])
    }));
    rows.push(row("check with a passphrase that is no text", 2, "", |s| {
        let file = s.given("latin1-passphrase", [PASSPHRASE.as_bytes(), b"\xe9"].concat());
        s.bare().args(["check", "X26ABC1", "--offline", "--key-passphrase-file", &file])
    }));
    rows.push(row("check with a quoted passphrase", 0, "quotes", |s| {
        let file = s.given("quoted", format!("\u{feff}\"{PASSPHRASE}\" \r\n"));
        s.bare().args(["check", "X26ABC1", "--offline", "--key-passphrase-file", &file])
    }));
    rows.push(row("check --secrets of a file that others can read", 2, "", |s| {
        use std::os::unix::fs::PermissionsExt;
        let file = s.given("open", format!("MESH_KEY_PASSPHRASE={PASSPHRASE}\n"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        s.bare().args(["check", "X26ABC1", "--offline", "--secrets", &file])
    }));
    rows
}

/// Settings, records and configurations with a secret where something else should be.
fn own_files() -> Vec<Row> {
    let secret = toml(PASSPHRASE);
    let mut rows = Vec::new();
    for text in [
        format!("secret_command = {secret}\n"),
        format!("key_passphrase = {secret}\n"),
        format!("contact = {secret}\n# contact\n"),
        format!("[desk]\nlive = [{secret}]\n"),
        format!("[desk]\nlive = {secret}\nlive = {secret}\n"),
        format!("key_passphrase = {PASSPHRASE}\n# unquoted\n"),
    ] {
        rows.push(row("status with settings that cannot be read", 1, "settings.toml", move |s| {
            home_with(s, "settings.toml", &text).arg("status")
        }));
    }
    rows.push(row("status with a record that cannot be read", 1, "mailbox.toml", |s| {
        let text = format!("format = 1\nmailbox = [{}]\n", toml(PASSPHRASE));
        home_with(s, "rehearsal/X26ABC1/mailbox.toml", &text).arg("status")
    }));
    for text in [
        format!("port = {secret}\n"),
        format!("limits = {secret}\n"),
        format!("shared_key = [{secret}]\n"),
        format!("[[mailboxes]]\nid = \"X26ABC1\"\nods = \"X26\"\npassword = [{secret}]\n"),
    ] {
        rows.push(row("rehearse --serve with a configuration that cannot be read", 2, "line", move |s| {
            let file = s.given(&format!("config-{}", text.len()), &text);
            s.bare().args(["rehearse", "--serve", "--config", &file])
        }));
    }
    rows.push(row("request with a secret command that does not start", 1, "", |s| {
        let text = format!("secret_command = [\"/nowhere/to/be/found\", {}]\n", toml(PASSPHRASE));
        home_with(s, "settings.toml", &text).args([
            "request",
            "X26ABC1",
            "--ods",
            "X26",
            "--env",
            "rehearsal",
        ])
    }));
    rows
}
