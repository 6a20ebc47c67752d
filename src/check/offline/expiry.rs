//! Whether the certificate is valid now, and for how long.

use std::path::Path;

use time::OffsetDateTime;

use super::quoted;
use crate::check::report::{Cause, Finding, ProbeId};
use crate::expiry::{Deadlines, SOON, day};
use crate::pki::Certificate;

pub(super) static EXPIRED: Cause = Cause {
    probe: ProbeId::Expiry,
    code: "expired",
    meaning: "The certificate is over. MESH refuses it during TLS, before it looks at mailbox and password.",
};

pub(super) static NOT_YET_VALID: Cause = Cause {
    probe: ProbeId::Expiry,
    code: "not_yet_valid",
    meaning: "The certificate has not begun by the clock of this machine. A fresh one usually means that the clock is wrong.",
};

pub(super) static EXPIRES_SOON: Cause = Cause {
    probe: ProbeId::Expiry,
    code: "expires_soon",
    meaning: "The certificate works and is nearly over. The service desk answers within 5 working days, and the new one has to be put in place.",
};

pub(super) static KEY_USAGE_PERIOD_OVER: Cause = Cause {
    probe: ProbeId::Expiry,
    code: "key_usage_period_over",
    meaning: "The CA means the key to be replaced by now. That is advice: MESH goes on accepting the certificate until it expires.",
};

pub(super) fn probe(leaf: &Certificate, file: &Path, now: OffsetDateTime) -> Finding {
    let deadlines = Deadlines::of(leaf, now);
    let evidence = deadlines.expiry_sentence();
    let seen = format!("(openssl x509 -in {} -noout -dates)", quoted(file));
    if deadlines.is_over() {
        let remedy = "ask the service desk for a new certificate now: mesh-onboard request makes the email";
        return Finding::failure(&EXPIRED, format!("{evidence} {seen}"), remedy);
    }
    if now < leaf.not_before() {
        return Finding::failure(
            &NOT_YET_VALID,
            format!(
                "it is valid only from {}, and the clock here says {} {seen}",
                leaf.not_before(),
                now.replace_nanosecond(0).unwrap_or(now)
            ),
            "check the clock of this machine (date -u), or wait until then",
        );
    }
    if deadlines.falls_within(SOON) {
        let remedy = "ask the service desk for a new certificate: it takes up to 5 working days";
        return Finding::warning(&EXPIRES_SOON, format!("{evidence} {seen}"), remedy);
    }
    match deadlines.key_usage_sentence() {
        Some(sentence) if deadlines.key_usage_is_over() => Finding::warning(
            &KEY_USAGE_PERIOD_OVER,
            format!("{sentence}; {evidence}"),
            format!("plan the renewal; nothing fails before {}", day(deadlines.not_after)),
        ),
        Some(sentence) => Finding::pass(ProbeId::Expiry, format!("{evidence}; {sentence}")),
        None => Finding::pass(ProbeId::Expiry, evidence),
    }
}
