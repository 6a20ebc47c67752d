//! One certificate or request by itself.

use time::OffsetDateTime;

use super::{Findings, name};
use crate::expiry::{Deadlines, SOON, day};
use crate::inspection::authority::{CertificateAuthority, Role};
use crate::inspection::facts::Facts;
use crate::pki::{Certificate, CertificateRequest};

/// What MESH asks for at least.
const KEY_BITS: usize = 2048;

pub(super) fn judge(findings: &mut Findings, certificate: &Certificate, facts: &Facts, now: OffsetDateTime) {
    let who = shown(certificate.common_name(), certificate.subject());
    dates(findings, certificate, &who, now);
    if certificate.key_bits().is_some_and(|bits| bits < KEY_BITS) {
        let bits = certificate.key_bits().unwrap_or_default();
        findings
            .fail("weak_key", format!("the key of {who} has {bits} bits; at least {KEY_BITS} are needed"));
    }
    let is_root = facts.role == Some(Role::Root);
    let details = certificate.details();
    // A root's signature of itself proves nothing and is not checked.
    if details.weak_signature && !is_root {
        findings.fail(
            "weak_signature",
            format!("{who} is signed with {}, which is no longer accepted", details.signature_algorithm),
        );
    }
    if facts.authority == Some(CertificateAuthority::NhsG1) {
        findings.fail(
            "retired_authority",
            format!("{who} belongs to the retired first-generation (G1) authority of the NHS"),
        );
    }
    if facts.role != Some(Role::Leaf) {
        return;
    }
    if !certificate.may_authenticate_client() {
        findings.fail("no_client_auth", format!("{who} may not be used by a client (extended key usage)"));
    }
    if certificate.is_self_issued() {
        findings.warn(
            "self_signed",
            format!("{who} is self-signed, as keytool makes it before the answer of the desk is imported"),
        );
    }
    email(findings, &details.email_addresses, &who);
    name::judge(findings, certificate.common_name());
}

/// A request carries what the certificate will say.
pub(super) fn judge_request(findings: &mut Findings, request: &CertificateRequest) {
    let who = shown(request.common_name(), request.subject());
    let details = request.details();
    if let Some(bits) = details.key_bits.filter(|bits| *bits < KEY_BITS) {
        findings
            .fail("weak_key", format!("the key of {who} has {bits} bits; at least {KEY_BITS} are needed"));
    }
    if details.weak_signature {
        findings
            .warn("weak_signature", format!("the request is signed with {}", details.signature_algorithm));
    }
    email(findings, &details.email_addresses, &who);
    name::judge(findings, request.common_name());
}

fn email(findings: &mut Findings, emails: &[String], who: &str) {
    if let Some(email) = emails.first() {
        findings.warn(
            "email_in_subject",
            format!("{who} carries the email address {email}; the desk wants that field blank"),
        );
    }
}

fn dates(findings: &mut Findings, certificate: &Certificate, who: &str, now: OffsetDateTime) {
    let deadlines = Deadlines::of(certificate, now);
    if deadlines.is_over() {
        findings.fail("expired", format!("{who}: {}", deadlines.expiry_sentence()));
    } else if certificate.not_before() > now {
        findings.fail("not_yet_valid", format!("{who} is valid only from {}", day(certificate.not_before())));
    } else if deadlines.falls_within(SOON) {
        findings.warn("expires_soon", format!("{who}: {}", deadlines.expiry_sentence()));
    }
    let Some(sentence) = deadlines.key_usage_sentence().filter(|_| !deadlines.is_over()) else { return };
    if deadlines.key_usage_is_over() {
        findings.warn("key_usage_period_over", format!("{who}: {sentence}"));
    } else if deadlines.key_usage_falls_within(SOON) {
        findings.info("key_usage_period_ends_soon", format!("{who}: {sentence}"));
    }
}

fn shown(common_name: Option<&str>, subject: &str) -> String {
    match (common_name, subject) {
        (Some(name), _) => name.to_owned(),
        (None, "") => "a certificate without a name".to_owned(),
        (None, subject) => subject.to_owned(),
    }
}
