//! What one probe found may be the reason for what a later one sees. Told twice, it would send people after two causes.

use super::report::{Finding, ProbeId, Status};

/// Refusals that are about the certificate as such, whatever the server said or did not say.
const ABOUT_THE_CERTIFICATE: [&str; 6] = [
    "closed_without_alert",
    "unknown_ca",
    "certificate_expired",
    "certificate_revoked",
    "unsupported_certificate",
    "bad_certificate",
];

/// Warnings of `chain` that come true where a server knows only the root.
const ABOUT_THE_SUB_CA: [&str; 2] = ["sub_ca_missing", "chain_incomplete"];

/// A server that refuses a certificate of which `chain` or `expiry` said that it would: the refusal confirms them, and is
/// no cause of its own. Where `chain` only warned of it, the refusal stands, and says what it warned of.
pub(super) fn by_what_was_found(found: &[Finding], finding: Finding) -> Finding {
    let refused = finding.probe == ProbeId::ClientCertificate
        && finding.status == Status::Fail
        && finding.code.is_some_and(|code| ABOUT_THE_CERTIFICATE.contains(&code));
    if !refused {
        return finding;
    }
    let judges = |f: &&Finding| matches!(f.probe, ProbeId::Chain | ProbeId::Expiry);
    if let Some(reason) = found.iter().filter(judges).find(|f| f.status == Status::Fail) {
        let evidence = format!("{}; {} says why", finding.evidence, reason.probe.as_str());
        return Finding::skipped(ProbeId::ClientCertificate, evidence);
    }
    let foretold = |f: &&Finding| f.code.is_some_and(|code| ABOUT_THE_SUB_CA.contains(&code));
    match found.iter().find(foretold) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::report::Cause;

    static EXPIRED: Cause = Cause { probe: ProbeId::Expiry, code: "expired", meaning: "" };
    static SUB_CA: Cause = Cause { probe: ProbeId::Chain, code: "sub_ca_missing", meaning: "" };
    static SOON: Cause = Cause { probe: ProbeId::Expiry, code: "expires_soon", meaning: "" };
    static CLOSED: Cause =
        Cause { probe: ProbeId::ClientCertificate, code: "closed_without_alert", meaning: "" };
    static DENIED: Cause = Cause { probe: ProbeId::ClientCertificate, code: "access_denied", meaning: "" };

    #[test]
    fn refusal_of_a_certificate_that_is_over_is_told_once() {
        let found = [Finding::failure(&EXPIRED, "it is over", "renew")];
        let refusal = by_what_was_found(&found, Finding::failure(&CLOSED, "hung up", "look"));
        assert_eq!((refusal.status, refusal.code), (Status::Skipped, None));
        assert_eq!(refusal.evidence, "hung up; expiry says why");
        // Another reason is another cause.
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
}
