//! Certificates that are not what they look like: under a borrowed name, or of CAs alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Authority, Elsewhere, Mailbox, openssl, path_arg, tree};

/// A certificate that says the NHS issued it, and that another key signed.
fn forgery(made: &Elsewhere) -> PathBuf {
    let anchor = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pki/anchors/int-sub-g2.pem");
    let config = made.file("false.cnf");
    // The parts of the name are printable strings, as in the true one.
    fs::write(
        &config,
        "[req]\nstring_mask=nombstr\nprompt=no\ndistinguished_name=name\n[name]\nC=GB\nO=nhs\nOU=CA\nCN=NHS INT Authentication G2\n",
    )
    .unwrap();
    let [config, key, ca, csr, leaf] = ["false.cnf", "false.key", "false.pem", "made.csr", "forged.pem"]
        .map(|name| path_arg(&made.file(name)));
    openssl(&format!("req -x509 -newkey rsa:2048 -nodes -config {config} -keyout {key} -out {ca} -days 900"));
    let names = |file: &Path| openssl(&format!("x509 -in {} -noout -subject_hash", path_arg(file)));
    assert_eq!(names(&made.file("false.pem")), names(&anchor), "the name is that of the true one");
    openssl(&format!("x509 -req -in {csr} -CA {ca} -CAkey {key} -CAcreateserial -days 800 -out {leaf}"));
    made.file("forged.pem")
}

#[test]
fn certificate_under_the_name_of_the_nhs_is_not_adopted() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let forged = forgery(&made);
    let adopt = || mailbox.program().real_clock().args(["adopt", Mailbox::ID, "--cert"]).arg(&forged);
    let before = tree(&mailbox.home());
    let error = adopt().args(["--env", "integration"]).run().expect_error(1, "chain_incomplete");
    assert!(error["because"].to_string().contains("not signed by the key of that authority"), "{error}");
    let error = adopt().run().expect_error(2, "usage");
    let because = error["because"].to_string();
    assert!(
        because.contains("bears the name of an NHS authority") && !because.contains("no authority"),
        "{error}"
    );
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn certificates_of_cas_alone_are_named_as_such() {
    let mailbox = Mailbox::requested();
    let authority = Authority::ours();
    let error = mailbox.import([authority.sub(), authority.root()]).run().expect_error(1, "key_mismatch");
    let told = |error: &serde_json::Value| {
        assert!(error["message"].as_str().unwrap().contains("only CA certificates"), "{error}");
        assert!(error["because"][0].as_str().unwrap().ends_with("is the certificate of a CA"), "{error}");
    };
    told(&error);
    let adopt =
        || mailbox.program().args(["adopt", "X26ABC2", "--env", "sandbox", "--cert"]).arg(authority.sub());
    told(&adopt().run().expect_error(1, "not_a_certificate"));
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    told(&adopt().arg("--key").arg(made.key()).run().expect_error(1, "key_mismatch"));
}

#[test]
fn long_lists_are_cut_short() {
    let mailbox = Mailbox::requested();
    let files = (0..9).map(|number| mailbox.file_with(&format!("{number}.txt"), "nothing"));
    let error = mailbox.import(files).run().expect_error(1, "not_a_certificate");
    assert_eq!(error["because"].as_array().unwrap().len(), 7, "{error}");
    assert_eq!(error["because"][6], "and 3 more", "{error}");
}

#[test]
fn wrong_password_of_a_reply_is_hinted_at() {
    let (mailbox, made) = (Mailbox::requested(), Elsewhere::new(Mailbox::COMMON_NAME));
    let program = mailbox.import([made.pfx(Elsewhere::PASSWORD)]);
    let program = program.env("MESH_PFX_PASSWORD", "not the password");
    let error = program.run().expect_error(1, "not_a_certificate");
    assert!(error["hint"].as_str().unwrap().contains("--pfx-password-file"), "{error}");
}
