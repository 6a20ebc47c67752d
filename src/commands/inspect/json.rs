use std::path::Path;

use serde_json::{Value, json};

use super::super::{Context, known, rfc3339};
use crate::inspection::{Facts, Inspection};
use crate::pki::sniff::{Content, Key, Object, Protection};

pub(super) fn of(context: &Context, inspection: &Inspection) -> Value {
    let files: Vec<Value> = inspection
        .files
        .iter()
        .zip(&inspection.facts)
        .map(|(file, facts)| {
            let contents = &file.contents;
            let protection: Vec<Value> = contents.protection.iter().map(protection).collect();
            let objects: Vec<Value> =
                contents.objects.iter().zip(facts).map(|(o, f)| object(context, o, f)).collect();
            let notes: Vec<Value> =
                contents.notes.iter().map(|n| json!({"code": n.code, "message": n.message})).collect();
            known(json!({
                "path": path(&file.name),
                "kind": contents.kind.as_str(),
                "encoding": contents.encoding.as_str(),
                "protection": (!protection.is_empty()).then_some(protection),
                "objects": objects,
                "notes": notes,
            }))
        })
        .collect();
    let relations = inspection.relations.iter();
    let findings = inspection.findings.iter();
    json!({
        "files": files,
        "relations": relations
            .map(|r| json!({"kind": r.kind.as_str(), "from": r.from.to_string(), "to": r.to.to_string()}))
            .collect::<Vec<_>>(),
        "findings": findings
            .map(|f| json!({
                "code": f.code,
                "severity": f.severity.as_str(),
                "message": f.message,
                "file": path(&inspection.files[f.file].name),
            }))
            .collect::<Vec<_>>(),
    })
}

/// Absolute, but for standard input.
fn path(name: &str) -> String {
    if name == "-" {
        return name.to_owned();
    }
    std::path::absolute(Path::new(name)).map_or_else(|_| name.to_owned(), |path| path.display().to_string())
}

fn protection(part: &Protection) -> Value {
    known(json!({
        "part": part.part,
        "scheme": part.scheme,
        "cipher": part.cipher,
        "kdf": part.kdf,
        "iterations": part.iterations,
        "opened": part.opened,
    }))
}

fn object(context: &Context, object: &Object, facts: &Facts) -> Value {
    let mut fields = match &object.content {
        Content::Certificate(c) => {
            let details = c.details();
            json!({
                "type": "certificate",
                "subject": c.subject(),
                "common_name": c.common_name(),
                "issuer": c.issuer(),
                "serial": c.serial(),
                "sha256": c.fingerprint().to_string(),
                "key_sha256": c.key_fingerprint().to_string(),
                "not_before": rfc3339(c.not_before()),
                "not_after": rfc3339(c.not_after()),
                "key_usage_ends": c.key_usage_ends().map(rfc3339),
                "days_left": c.days_left(context.now),
                "role": facts.role.map(|role| role.as_str()),
                "environment": facts.environment.map(|environment| environment.as_str()),
                "authority": facts.authority.map(|authority| authority.as_str()),
                "key_algorithm": details.key_algorithm,
                "signature_algorithm": details.signature_algorithm,
                "key_usage": details.key_usages,
                "extended_key_usage": details.extended_key_usages,
                "dns_names": list(&details.dns_names),
                "ca_issuers": list(&details.ca_issuers),
                "ocsp": list(&details.ocsp),
                "crl": list(&details.crl_distribution_points),
            })
        }
        Content::Request(csr) => {
            let details = csr.details();
            json!({
                "type": "csr",
                "subject": csr.subject(),
                "common_name": csr.common_name(),
                "sha256": facts.id.map(|id| id.to_string()),
                "key_sha256": csr.key_fingerprint().to_string(),
                "key_algorithm": details.key_algorithm,
                "signature_algorithm": details.signature_algorithm,
            })
        }
        Content::PrivateKey(key) => json!({
            "type": "private_key",
            "key_sha256": facts.key.map(|key| key.to_string()),
            "key_algorithm": key_algorithm(key),
            "locked": matches!(key, Key::Locked(_)),
        }),
        Content::PublicKey { key } => json!({"type": "public_key", "key_sha256": key.to_string()}),
        Content::Crl { issuer } => json!({"type": "crl", "issuer": issuer}),
        Content::Damaged(name) | Content::Other(name) => json!({"type": "other", "name": name}),
    };
    let more = json!({
        "alias": object.alias,
        "within": list(&object.within),
        "belongs_to": (!facts.owners.is_empty()).then(|| facts.owners.iter().map(|owner| json!({
            "mailbox": owner.mailbox.as_str(),
            "environment": owner.environment.as_str(),
            "credential": owner.credential,
        })).collect::<Vec<_>>()),
    });
    if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
        fields.extend(more);
    }
    known(fields)
}

/// A list, unless there is nothing in it.
fn list(values: &[String]) -> Option<&[String]> {
    (!values.is_empty()).then_some(values)
}

pub(super) fn key_algorithm(key: &Key) -> Option<String> {
    match key {
        Key::Rsa(key) => Some(format!("RSA {}", key.bits())),
        Key::Foreign { algorithm, .. } => Some(algorithm.clone()),
        Key::Locked(_) => None,
    }
}
