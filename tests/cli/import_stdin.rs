//! `import -`: the answer of the desk as it is piped, or as the wizard has had it pasted.

use std::fs;

use crate::support::{Mailbox, tree};

#[test]
fn certificate_from_standard_input_is_imported() {
    let mailbox = Mailbox::requested();
    let letter = format!("Please find below:\r\n\r\n{}", fs::read_to_string(mailbox.certificate()).unwrap());
    let answer = mailbox.import(["-"]).stdin(letter).run().expect(0).json();
    assert_eq!(answer["state"], "current");
}

#[test]
fn ca_certificates_may_come_on_standard_input_beside_a_file() {
    let mailbox = Mailbox::requested();
    let certificate = mailbox.certificate();
    let sub = fs::read(crate::support::Authority::ours().sub()).unwrap();
    let program = mailbox.program().args(["import", Mailbox::ID]).arg(certificate).args(["-", "--ca"]);
    program.arg(crate::support::Authority::ours().root()).stdin(sub).run().expect(0);
}

#[test]
fn standard_input_serves_one_purpose() {
    let mailbox = Mailbox::requested();
    let pem = fs::read(mailbox.certificate()).unwrap();
    let before = tree(&mailbox.home());
    mailbox.import(["-", "-"]).stdin(pem.clone()).run().expect_error(2, "usage");
    let both = mailbox.import(["-"]).args(["--key-passphrase-file", "-"]);
    both.stdin(pem).run().expect_error(2, "usage");
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn standard_input_without_a_certificate_is_named_for_what_it_is() {
    let mailbox = Mailbox::requested();
    for stdin in [&b""[..], b"Dear colleague,\n", &[0xff, 0x00, 0x12]] {
        let error = mailbox.import(["-"]).stdin(stdin).run().expect_error(1, "not_a_certificate");
        assert!(error["message"].as_str().unwrap().contains("standard input"), "{error}");
    }
}
