//! Whether the certificate is valid now, and for how long.

use time::OffsetDateTime;
use time::macros::format_description;

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

/// Judges the dates; `shown_by` is the command that shows them.
pub(super) fn probe(leaf: &Certificate, shown_by: &str, now: OffsetDateTime) -> Finding {
    let deadlines = Deadlines::of(leaf, now);
    let evidence = deadlines.expiry_sentence();
    if deadlines.is_over() {
        return Finding::failure(
            &EXPIRED,
            format!("{evidence}; the clock here says {}; see: {shown_by}", minute(now)),
            "check the clock of this machine (date -u); if it is right, ask the service desk now for a new certificate with a new key",
        );
    }
    if now < leaf.not_before() {
        return Finding::failure(
            &NOT_YET_VALID,
            format!(
                "it is valid only from {}, and the clock here says {}; see: {shown_by}",
                minute(leaf.not_before()),
                minute(now)
            ),
            "check the clock of this machine (date -u), or wait until then",
        );
    }
    if deadlines.falls_within(SOON) {
        let remedy =
            "ask the service desk for a new certificate with a new key: it takes up to 5 working days";
        return Finding::warning(&EXPIRES_SOON, format!("{evidence}; see: {shown_by}"), remedy);
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

/// A time for people who compare it with a clock.
fn minute(at: OffsetDateTime) -> String {
    let at = at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(at);
    at.format(format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))
        .unwrap_or_else(|_| at.to_string())
}
