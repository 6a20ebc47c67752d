//! What one probe found may be the reason for what a later one sees. Told twice, it would send people after two causes.

use super::report::{Finding, ProbeId, Status};

/// What a server that refuses a certificate sends for what `chain` or `expiry` found wrong with it (RFC 8446, 6.2, and what
/// OpenSSL, Java and rustls do).
const REASONS: [(&[&str], &[&str]); 4] = [
    (&["expired", "not_yet_valid", "issuer_expired"], &["certificate_expired"]),
    (&["revoked"], &["certificate_revoked"]),
    (&["no_client_auth"], &["unsupported_certificate"]),
    (
        &[
            "chain_incomplete",
            "chain_untrusted",
            "chain_invalid",
            "issuer_expired",
            "wrong_environment",
            "retired_authority",
        ],
        &["unknown_ca"],
    ),
];

/// Refusals of a certificate that do not say why: whatever is wrong with it may be the reason.
const WITHOUT_A_REASON: [&str; 2] = ["closed_without_alert", "bad_certificate"];

/// Warnings of `chain` that come true where a server knows only the root, and the refusals that say so.
const ABOUT_THE_SUB_CA: ([&str; 2], [&str; 3]) =
    (["sub_ca_missing", "chain_incomplete"], ["unknown_ca", "closed_without_alert", "bad_certificate"]);

/// Dates of ours and of the server's that are wrong in the same way by this clock.
const BY_THE_CLOCK: [(&str, &str); 2] =
    [("expired", "server_expired"), ("not_yet_valid", "server_not_yet_valid")];

/// Puts a finding beside those that came before it, and says what they have to do with each other.
pub(super) fn by_what_was_found(found: &[Finding], finding: Finding) -> Finding {
    match (finding.probe, finding.status, finding.code) {
        (ProbeId::ClientCertificate, Status::Fail, Some(code)) => refusal(found, code, finding),
        (ProbeId::ServerTrust, Status::Fail, Some(code)) => wrong_clock(found, code, finding),
        _ => finding,
    }
}

/// A server that refuses a certificate for what `chain` or `expiry` said of it: the refusal confirms them, and is no cause
/// of its own. Where `chain` only warned of it, the refusal stands, and says what it warned of.
fn refusal(found: &[Finding], refused: &str, finding: Finding) -> Finding {
    let judges = |f: &&Finding| matches!(f.probe, ProbeId::Chain | ProbeId::Expiry);
    let says_why =
        |f: &&Finding| f.status == Status::Fail && f.code.is_some_and(|code| is_reason(code, refused));
    if let Some(reason) = found.iter().filter(judges).find(says_why) {
        let evidence = format!("{}; {} says why", finding.evidence, reason.probe.as_str());
        return Finding::skipped(ProbeId::ClientCertificate, evidence);
    }
    let (warnings, refusals) = ABOUT_THE_SUB_CA;
    let foretold =
        |f: &&Finding| refusals.contains(&refused) && f.code.is_some_and(|code| warnings.contains(&code));
    match found.iter().filter(judges).find(foretold) {
        Some(warning) => Finding {
            evidence: format!(
                "{}; {} warned: {}",
                finding.evidence,
                warning.probe.as_str(),
                warning.evidence
            ),
            remedy: warning.remedy.clone().or(finding.remedy),
            ..finding
        },
        None => finding,
    }
}

/// Whether what was found wrong with a certificate is the reason for which a server refused it.
fn is_reason(found: &str, refused: &str) -> bool {
    WITHOUT_A_REASON.contains(&refused)
        || REASONS.iter().any(|(codes, refusals)| codes.contains(&found) && refusals.contains(&refused))
}

/// Two certificates of two owners seldom end at once: this clock is what they have in common.
fn wrong_clock(found: &[Finding], code: &str, finding: Finding) -> Finding {
    let same = |f: &&Finding| {
        f.probe == ProbeId::Expiry && f.code.is_some_and(|ours| BY_THE_CLOCK.contains(&(ours, code)))
    };
    match found.iter().find(same) {
        Some(_) => Finding {
            evidence: format!(
                "{}; your own certificate is the same by this clock (probe expiry), so both point to the clock of this machine",
                finding.evidence
            ),
            ..finding
        },
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::report::Cause;

    static EXPIRED: Cause = Cause { probe: ProbeId::Expiry, code: "expired", meaning: "" };
    static SUB_CA: Cause = Cause { probe: ProbeId::Chain, code: "sub_ca_missing", meaning: "" };
    static SOON: Cause = Cause { probe: ProbeId::Expiry, code: "expires_soon", meaning: "" };
    static CLOSED: Cause =
        Cause { probe: ProbeId::ClientCertificate, code: "closed_without_alert", meaning: "" };
    static BEGINS: Cause = Cause { probe: ProbeId::Expiry, code: "not_yet_valid", meaning: "" };
    static SERVER_OVER: Cause = Cause { probe: ProbeId::ServerTrust, code: "server_expired", meaning: "" };
    static REFUSALS: [Cause; 4] = [
        Cause { probe: ProbeId::ClientCertificate, code: "certificate_expired", meaning: "" },
        Cause { probe: ProbeId::ClientCertificate, code: "certificate_revoked", meaning: "" },
        Cause { probe: ProbeId::ClientCertificate, code: "unsupported_certificate", meaning: "" },
        Cause { probe: ProbeId::ClientCertificate, code: "unknown_ca", meaning: "" },
    ];
    static DENIED: Cause = Cause { probe: ProbeId::ClientCertificate, code: "access_denied", meaning: "" };

    #[test]
    fn refusal_of_a_certificate_that_is_over_is_told_once() {
        let found = [Finding::failure(&EXPIRED, "it is over", "renew")];
        let refusal = by_what_was_found(&found, Finding::failure(&CLOSED, "hung up", "look"));
        assert_eq!((refusal.status, refusal.code), (Status::Skipped, None));
        assert_eq!(refusal.evidence, "hung up; expiry says why");
        let over = static_cause("certificate_expired");
        assert_eq!(by_what_was_found(&found, Finding::failure(over, "over", "renew")).code, None);
        // Another reason is another cause.
        for other in ["unknown_ca", "certificate_revoked", "unsupported_certificate"] {
            let refusal = Finding::failure(static_cause(other), other, "look");
            assert_eq!(by_what_was_found(&found, refusal).code, Some(other));
        }
        let denied = by_what_was_found(&found, Finding::failure(&DENIED, "denied", "ask"));
        assert_eq!(denied.code, Some("access_denied"));
    }

    #[test]
    fn refusal_after_a_warning_stays_and_names_it() {
        let found = [Finding::warning(&SUB_CA, "no sub CA in the file", "give fullchain.pem")];
        let refusal = by_what_was_found(&found, Finding::failure(&CLOSED, "hung up", "look"));
        assert_eq!((refusal.status, refusal.code), (Status::Fail, Some("closed_without_alert")));
        assert_eq!(refusal.evidence, "hung up; chain warned: no sub CA in the file");
        assert_eq!(refusal.remedy.as_deref(), Some("give fullchain.pem"));
        // A date that is near has nothing to do with it.
        let found = [Finding::warning(&SOON, "30 days left", "renew")];
        let refusal = by_what_was_found(&found, Finding::failure(&CLOSED, "hung up", "look"));
        assert_eq!((refusal.evidence.as_str(), refusal.remedy.as_deref()), ("hung up", Some("look")));
    }

    fn static_cause(code: &str) -> &'static Cause {
        REFUSALS.iter().find(|cause| cause.code == code).expect("a refusal")
    }

    #[test]
    fn each_reason_explains_its_own_refusal() {
        for (code, refused) in [
            ("expired", "certificate_expired"),
            ("not_yet_valid", "certificate_expired"),
            ("revoked", "certificate_revoked"),
            ("no_client_auth", "unsupported_certificate"),
            ("chain_untrusted", "unknown_ca"),
            ("wrong_environment", "unknown_ca"),
            ("retired_authority", "unknown_ca"),
        ] {
            for refusal in &REFUSALS {
                assert_eq!(is_reason(code, refusal.code), refusal.code == refused, "{code} {}", refusal.code);
            }
            assert!(WITHOUT_A_REASON.iter().all(|refusal| is_reason(code, refusal)), "{code}");
        }
    }

    #[test]
    fn two_certificates_that_are_over_at_once_point_to_the_clock() {
        let server = || Finding::failure(&SERVER_OVER, "the server's is over", "look");
        let beside = |ours: Finding| by_what_was_found(&[ours], server()).evidence;
        let both = beside(Finding::failure(&EXPIRED, "it is over", "renew"));
        assert!(both.ends_with("both point to the clock of this machine"), "{both}");
        assert_eq!(beside(Finding::failure(&BEGINS, "it begins", "wait")), "the server's is over");
        assert_eq!(beside(Finding::warning(&SOON, "30 days left", "renew")), "the server's is over");
    }
}
