//! `history`: every credential that a mailbox ever had.

use crate::keys;
use crate::support::{Mailbox, openssl, path_arg};

#[test]
fn history_has_dates_and_fingerprints_of_every_credential() {
    let mailbox = Mailbox::ready();
    mailbox.program().args(["activate", Mailbox::ID]).now("2026-06-05T12:00:00Z").run().expect(0);
    let answer = mailbox.program().args(["history", Mailbox::ID]).run().expect(0).json();
    assert_eq!(keys(&answer), ["credentials", "environment", "mailbox", "orphans"]);
    let (first, second) = (&answer["credentials"][0], &answer["credentials"][1]);
    assert_eq!(
        keys(first),
        [
            "common_name",
            "credential",
            "days_left",
            "folder",
            "imported_at",
            "in_use_from",
            "in_use_until",
            "key_sha256",
            "key_usage_ends",
            "not_after",
            "requested_at",
            "serial",
            "sha256",
            "state"
        ]
    );
    assert_eq!((&first["state"], &second["state"]), (&"archived".into(), &"current".into()));
    assert_eq!(
        (&first["in_use_until"], &second["in_use_from"]),
        (&"2026-06-05T12:00:00Z".into(), &"2026-06-05T12:00:00Z".into())
    );
    assert_eq!(
        (&first["not_after"], &second["not_after"]),
        (&"2029-01-01T00:30:00Z".into(), &"2029-05-01T00:30:00Z".into())
    );
    for (number, credential) in [(1, first), (2, second)] {
        let pem = path_arg(&mailbox.credential(number).join("bundles-01/certificate.pem"));
        let sha256 = openssl(&format!("x509 -in {pem} -noout -fingerprint -sha256")).to_lowercase();
        assert_eq!(credential["sha256"], sha256.trim().rsplit('=').next().unwrap().replace(':', ""));
        assert_eq!(credential["folder"], mailbox.credential(number).display().to_string());
    }
    let text = mailbox.person().args(["history", Mailbox::ID]).run().expect(0).stdout;
    for said in [
        "Credential 1: archived",
        "In use       from 1 June 2026 until 5 June 2026",
        "Credential 2: current",
        "In use       since 5 June 2026",
    ] {
        assert!(text.contains(said), "'{said}' is missing\n{text}");
    }
}

#[test]
fn history_names_what_a_killed_run_left_and_whose_credentials_are_shared() {
    let mailbox = Mailbox::imported();
    mailbox.program().args(["adopt", "X26ABC2", "--share", Mailbox::ID]).run().expect(0);
    std::fs::create_dir(mailbox.credential(2)).unwrap();
    let answer = mailbox.program().args(["history", "X26ABC2"]).run().expect(0).json();
    assert_eq!(answer["shares"], Mailbox::ID);
    assert_eq!(answer["credentials"][0]["credential"], 1);
    assert_eq!(answer["orphans"][0]["credential"], 2);
    let text = mailbox.person().args(["history", "X26ABC2"]).run().expect(0).stdout;
    assert!(text.contains("uses the credentials of X26ABC1"), "{text}");
    assert!(text.contains("Credential 2: left from a run that was interrupted"), "{text}");
}

#[test]
fn history_is_refused_for_a_mailbox_that_is_not_here() {
    Mailbox::none().program().args(["history", Mailbox::ID]).run().expect_error(1, "no_such_mailbox");
}
