//! Mavis: its settings as YAML and as variables, read by the rules of the gem `config`, and OpenSSL for Ruby.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stage::{alone, handed_over, printed, stage};
use crate::support::{Mesh, Output};

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/handover/mavis/reader.rb");

/// The reader with the settings of the file.
fn by_file(folder: &Path, more: &[&str]) -> String {
    let mut ruby = alone("ruby", folder);
    ruby.args(["-E", "UTF-8", READER, "settings"]).args(more);
    printed(ruby)
}

/// The reader with the settings of the environment.
fn by_variables(folder: &Path, more: &[&str]) -> String {
    let mut shell: Command = alone("sh", folder);
    // Ruby takes the environment for what the locale says, and -E changes nothing about that.
    shell.env("LC_ALL", "C.UTF-8");
    shell
        .args(["-c", "set -a; . ./mesh.env; set +a; exec ruby -E UTF-8 \"$0\" env \"$@\"", READER])
        .args(more);
    printed(shell)
}

/// The same handover with another mailbox password, into a folder of its own.
fn with_password(mesh: &Mesh, name: &str, password: &str, more: &[&str]) -> (PathBuf, Output) {
    let folder = mesh.file(name);
    let program = mesh.answers("export", "X26ABC1").args(["--for", "mavis", "--to"]).arg(&folder);
    let run = program.args(more).env("MESH_MAILBOX_PASSWORD", password).run();
    (folder, run.expect(0))
}

#[test]
fn mavis_connects_with_its_settings_from_file_and_from_environment() {
    let mesh = stage();
    let folder = handed_over(&mesh, "mavis", &["--set", "dps-mailbox=X26ABC2"]);
    assert_eq!(by_file(&folder, &[]), "200\n");
    assert_eq!(by_variables(&folder, &[]), "200\n");
    assert_eq!(by_file(&folder, &["dps_mailbox"]), "\"X26ABC2\"\n");
    assert_eq!(by_variables(&folder, &["dps_mailbox"]), "\"X26ABC2\"\n");
    assert_eq!(by_file(&folder, &["base_url"]), format!("{:?}\n", mesh.url()));
}

#[test]
fn mavis_still_shows_its_sub_ca_when_the_cas_of_the_server_are_named() {
    let mesh = stage();
    let root = mesh.home().join("rehearsal-ca/root.pem");
    let folder = handed_over(&mesh, "mavis", &["--ca", root.to_str().expect("UTF-8")]);
    assert_eq!(by_file(&folder, &[]), "200\n");
}

#[test]
fn awkward_password_reaches_mavis_as_it_is() {
    let mesh = stage();
    // ERB runs over the settings of Rails.
    let password = "<%= 1 %> <%% #{2} \"q\" 's' \\n $HOME: - £";
    let (folder, _) = with_password(&mesh, "awkward", password, &[]);
    let seen = by_file(&folder, &["password"]);
    let mut ruby = alone("ruby", &folder);
    ruby.args(["-E", "UTF-8", "-e", "p ARGV[0]", password]);
    assert_eq!(seen, printed(ruby));
    assert_eq!(by_variables(&folder, &["password"]), seen);
}

#[test]
fn password_that_looks_like_a_number_is_warned_about_and_stays_text_in_the_file() {
    let mesh = stage();
    let (folder, run) = with_password(&mesh, "digits", "0123_4567", &[]);
    let warnings = run.json()["warnings"].to_string();
    assert!(warnings.contains("mailbox password: Mavis takes it for a number"), "{warnings}");
    assert!(!warnings.contains("shared key"), "{warnings}");
    assert_eq!(by_file(&folder, &["password"]), "\"0123_4567\"\n");
    // What the warning is about.
    assert_eq!(by_variables(&folder, &["password"]), format!("{}\n", 0o123_4567));
}

#[test]
fn one_form_alone_is_one_file_less() {
    let mesh = stage();
    for (form, there, gone) in
        [("settings", "settings.local.yml", "mesh.env"), ("env", "mesh.env", "settings.local.yml")]
    {
        let folder = handed_over(&mesh, "mavis", &["--set", &format!("form={form}")]);
        assert!(folder.join(there).exists() && !folder.join(gone).exists(), "{form}");
    }
}
