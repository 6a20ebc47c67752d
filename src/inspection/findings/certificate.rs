//! One certificate or request by itself.

use time::OffsetDateTime;

use super::{Findings, name};
use crate::expiry::{Deadlines, SOON, day};
use crate::inspection::authority::{CertificateAuthority, Role};
use crate::inspection::facts::Facts;
use crate::inspection::relations::Issuers;
use crate::pki::sniff::Key;
use crate::pki::{Certificate, CertificateRequest};

/// What MESH asks for at least.
const KEY_BITS: usize = 2048;

pub(super) fn judge(
    findings: &mut Findings,
    certificate: &Certificate,
    facts: &Facts,
    issuers: &Issuers,
    now: OffsetDateTime,
) {
    let who = shown(certificate.common_name(), certificate.subject());
    dates(findings, certificate, facts, &who, now);
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
    if let Some(authority) = facts.id.and_then(|id| issuers.forged(id)) {
        findings.fail(
            "authority_forged",
            format!(
                "{who} names the authority {}, which did not sign it: it is not what it says",
                shown(authority.common_name(), authority.subject())
            ),
        );
    }
    if let Some(signer) = facts.id.and_then(|id| issuers.signer_without_right(id)) {
        let signer = shown(signer.common_name(), signer.subject());
        findings.fail("issuer_not_ca", format!("{who} is signed by {signer}, which is no CA"));
    }
    if facts.role != Some(Role::Leaf) {
        return;
    }
    if certificate.key_bits().is_none() {
        findings.fail(
            "key_not_rsa",
            format!("the key of {who} is {}; MESH issues for RSA", details.key_algorithm),
        );
    }
    if !certificate.may_authenticate_client() {
        findings.fail("no_client_auth", format!("{who} may not be used by a client (extended key usage)"));
    }
    if certificate.is_self_issued() {
        findings.warn(
            "self_signed",
            format!("{who} names itself as its issuer, as keytool makes it before the answer of the desk is imported"),
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
    if details.key_bits.is_none() {
        let algorithm = details.key_algorithm;
        findings.fail("key_not_rsa", format!("the key of {who} is {algorithm}; MESH issues for RSA"));
    }
    email(findings, &details.email_addresses, &who);
    name::judge(findings, request.common_name());
}

/// A key file by itself.
pub(super) fn judge_key(findings: &mut Findings, key: &Key) {
    match key {
        Key::Rsa(key) if key.bits() < KEY_BITS => findings.fail(
            "weak_key",
            format!("the private key has {} bits; at least {KEY_BITS} are needed", key.bits()),
        ),
        Key::Foreign { algorithm, .. } => {
            findings.fail("key_not_rsa", format!("the private key is {algorithm}; MESH issues for RSA"));
        }
        _ => {}
    }
}

fn email(findings: &mut Findings, emails: &[String], who: &str) {
    if let Some(email) = emails.first() {
        findings.warn(
            "email_in_subject",
            format!("{who} carries the email address {email}; the desk wants none in a request"),
        );
    }
}

fn dates(findings: &mut Findings, certificate: &Certificate, facts: &Facts, who: &str, now: OffsetDateTime) {
    let deadlines = Deadlines::of(certificate, now);
    if deadlines.is_over() {
        findings.fail("expired", format!("{who}: {}", deadlines.expiry_sentence()));
    } else if certificate.not_before() > now {
        findings.fail("not_yet_valid", format!("{who} is valid only from {}", day(certificate.not_before())));
    } else if deadlines.falls_within(SOON) {
        findings.warn("expires_soon", format!("{who}: {}", deadlines.expiry_sentence()));
    }
    // Only a client certificate is the reader's to renew.
    let renewable = facts.role == Some(Role::Leaf) && !deadlines.is_over();
    let Some(sentence) = deadlines.key_usage_sentence().filter(|_| renewable) else { return };
    if deadlines.key_usage_is_over() {
        findings.warn("key_usage_period_over", format!("{who}: {sentence}"));
    } else if deadlines.key_usage_falls_within(SOON) {
        findings.info("key_usage_period_ends_soon", format!("{who}: {sentence}"));
    }
}

pub(super) fn shown(common_name: Option<&str>, subject: &str) -> String {
    match (common_name, subject) {
        (Some(name), _) if !name.is_empty() => name.to_owned(),
        (_, "") => "a certificate without a name".to_owned(),
        (_, subject) => subject.to_owned(),
    }
}
