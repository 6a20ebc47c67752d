//! Where secrets are looked for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Mailbox, PASSPHRASE, Program, openssl_with, path_arg, tree};

const REQUEST: [&str; 6] = ["request", "X26ABC1", "--ods", "X26", "--env", "sandbox"];
const SECRET: &str = "from another place";

/// Asserts that the key of the mailbox opens with the passphrase.
#[track_caller]
fn opens_with(mailbox: &Mailbox, passphrase: &str) {
    let key = path_arg(&mailbox.credential(1).join("key.pem"));
    openssl_with(passphrase, &format!("pkey -in {key} -passin env:PASS -noout"));
}

fn private(path: &Path) -> &Path {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn without_passphrase(mailbox: &Mailbox) -> Program {
    mailbox.program().without_env("MESH_KEY_PASSPHRASE").args(REQUEST)
}

#[test]
fn file_comes_before_the_environment_and_loses_its_line_end() {
    let mailbox = Mailbox::none();
    let file = mailbox.file_with("passphrase", format!("{SECRET}\r\n"));
    let program = mailbox.program().args(REQUEST).arg("--key-passphrase-file").arg(private(&file));
    program.run().expect(0);
    opens_with(&mailbox, SECRET);
}

#[test]
fn dash_reads_the_secret_from_stdin() {
    let mailbox = Mailbox::none();
    let program = without_passphrase(&mailbox).args(["--key-passphrase-file", "-"]);
    program.stdin(format!("{SECRET}\n")).run().expect(0);
    opens_with(&mailbox, SECRET);
}

#[test]
fn secrets_file_is_read_as_lines_and_as_toml() {
    for text in
        [format!("# ours\nMESH_KEY_PASSPHRASE={SECRET}\n"), format!("MESH_KEY_PASSPHRASE = \"{SECRET}\"\n")]
    {
        let mailbox = Mailbox::none();
        let file = mailbox.file_with("secrets", text);
        without_passphrase(&mailbox).arg("--secrets").arg(private(&file)).run().expect(0);
        opens_with(&mailbox, SECRET);
    }
}

#[test]
fn misspelt_name_in_a_secrets_file_is_refused() {
    for text in ["MESH_KEY_PASSFRASE=x\n", "MESH_KEY_PASSFRASE = \"x\"\n"] {
        let mailbox = Mailbox::none();
        let file = mailbox.file_with("secrets", text);
        let program = without_passphrase(&mailbox).arg("--secrets").arg(private(&file));
        program.run().expect_error(2, "usage");
    }
}

#[test]
fn secrets_file_that_others_can_read_is_refused() {
    let mailbox = Mailbox::none();
    let file = mailbox.file_with("secrets", format!("MESH_KEY_PASSPHRASE={SECRET}\n"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let output = without_passphrase(&mailbox).arg("--secrets").arg(&file).run();
    assert!(matches!(output.code(), Some(1 | 2)), "{}", output.shown());
    assert!(!output.shown().contains(SECRET), "{}", output.shown());
    assert!(tree(&mailbox.home()).is_empty());
}

#[test]
fn command_from_the_settings_is_asked() {
    let mailbox = Mailbox::none();
    fs::create_dir(mailbox.home()).unwrap();
    let settings = format!("secret_command = [\"sh\", \"-c\", \"echo '{SECRET}'\"]\n");
    fs::write(mailbox.home().join("settings.toml"), settings).unwrap();
    without_passphrase(&mailbox).run().expect(0);
    opens_with(&mailbox, SECRET);
}

#[test]
fn white_space_around_a_secret_is_kept_with_a_note() {
    let mailbox = Mailbox::none();
    let padded = format!("{SECRET} ");
    let output = mailbox.program().args(REQUEST).env("MESH_KEY_PASSPHRASE", &padded).run().expect(0);
    let kept = openssl_opens(&mailbox, &padded);
    assert!(kept || openssl_opens(&mailbox, SECRET), "the key opens with neither");
    assert!(!output.stderr.is_empty(), "nothing is said of the space\n{}", output.shown());
}

fn openssl_opens(mailbox: &Mailbox, passphrase: &str) -> bool {
    let key = fs::read(mailbox.credential(1).join("key.pem")).unwrap();
    let passphrase = mesh_onboard::secret::Passphrase::new(passphrase);
    mesh_onboard::pki::PrivateKey::parse(&key, Some(&passphrase)).is_ok()
}

/// As `--secrets <(vault read)` does: what was read from a pipe is not there again.
#[test]
fn secrets_that_come_through_a_pipe_are_all_found() {
    let mailbox = Mailbox::requested();
    let secrets = format!("MESH_KEY_PASSPHRASE={PASSPHRASE}\nMESH_PFX_PASSWORD={SECRET}\n");
    let file = mailbox.file_with("secrets", secrets);
    let import = mailbox.import([mailbox.certificate()]).without_env("MESH_KEY_PASSPHRASE");
    let piped = format!("\"$@\" --secrets <(cat {})", path_arg(private(&file)));
    let answer = import.run_by(["bash", "-c", &piped, "bash"]).run().expect(0).json();
    let pfx = answer["files"]["pfx"].as_str().unwrap();
    openssl_with(SECRET, &format!("pkcs12 -in {pfx} -passin env:PASS -noout"));
}
