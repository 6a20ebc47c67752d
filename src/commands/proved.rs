//! How a certificate and its chain are told.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Context, rfc3339};
use crate::expiry::Deadlines;
use crate::onboarding::Warning;
use crate::pki::Certificate;
use crate::pki::chain::Chain;

/// Warnings that the result for people says in its own place.
const DEADLINES: [&str; 2] = ["expires", "key_usage_period"];

/// `certificate` in JSON.
pub fn certificate_json(leaf: &Certificate, now: OffsetDateTime) -> Value {
    json!({
        "subject": leaf.subject(),
        "issuer": leaf.issuer(),
        "serial": leaf.serial(),
        "sha256": leaf.fingerprint().to_string(),
        "not_before": rfc3339(leaf.not_before()),
        "not_after": rfc3339(leaf.not_after()),
        "key_usage_ends": leaf.key_usage_ends().map(rfc3339),
        "days_left": Deadlines::of(leaf, now).days_left(),
    })
}

/// `chain` in JSON: the subjects, leaf first; empty where it is not known.
pub fn chain_json(chain: Option<&Chain>) -> Value {
    chain.map(Chain::leaf_first).into_iter().flatten().map(Certificate::subject).collect()
}

/// The common name for people; without one the subject, which may be empty too.
pub fn name(leaf: &Certificate) -> &str {
    let name = leaf.common_name().filter(|name| !name.trim().is_empty());
    name.unwrap_or(called(leaf.subject()))
}

fn called(subject: &str) -> &str {
    let nameless = matches!(subject.trim(), "" | "CN=");
    if nameless { "a certificate without a name" } else { subject }
}

/// For people: who, by whom, until when.
pub fn text(leaf: &Certificate, chain: Option<&Chain>, now: OffsetDateTime) -> String {
    let deadlines = Deadlines::of(leaf, now);
    let mut rows = vec![("Certificate", called(leaf.subject()).to_owned())];
    match chain {
        Some(chain) => {
            let sub_ca = chain.intermediates.first().map(Certificate::subject);
            rows.push(("Sub CA", sub_ca.unwrap_or("none: issued by the root itself").to_owned()));
            rows.push(("Root", chain.root.subject().to_owned()));
        }
        None => rows.push(("Issuer", leaf.issuer().to_owned())),
    }
    rows.push(("Expiry", deadlines.expiry_sentence()));
    rows.extend(deadlines.key_usage_sentence().map(|sentence| ("Key usage", sentence)));
    rows.iter().map(|(name, value)| format!("  {name:<12} {}\n", crate::ui::clean(value))).collect()
}

/// Warnings and notes on standard error, but for the deadlines, which stand in the result.
pub fn warn(context: &Context, warnings: &[Warning]) {
    for warning in warnings.iter().filter(|w| !DEADLINES.contains(&w.code)) {
        if warning.is_note {
            context.screen.note(&format!("note: {}", warning.message));
        } else {
            context.screen.warning(&warning.message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn subject_without_anything_in_it_is_told_in_words() {
        for nothing in ["", " ", "CN="] {
            assert_eq!(called(nothing), "a certificate without a name");
        }
        assert_eq!(called("O=nhs, CN="), "O=nhs, CN=");
    }
}
