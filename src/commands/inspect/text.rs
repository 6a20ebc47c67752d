use std::collections::HashMap;

use super::super::Context;
use super::json::key_algorithm;
use crate::expiry::{Deadlines, day};
use crate::inspection::{
    CertificateAuthority, Facts, Finding, InspectedFile, Inspection, RelationKind, Role,
};
use crate::mailbox::Environment;
use crate::pki::sniff::{Content, Key, Kind, Object, Protection};
use crate::pki::{Certificate, CertificateRequest, Fingerprint};
use crate::ui::{clean, table};

/// From so many files on, each has a line and no more; `-v` shows all of each.
const MANY: usize = 12;

/// Width of the names of fields.
const FIELD: usize = 13;

pub(super) fn of(context: &Context, inspection: &Inspection) -> String {
    let mut lines = Vec::new();
    let mut seen = HashMap::new();
    if inspection.files.len() > MANY && !context.screen.verbose {
        lines.push(overview(context, inspection));
        lines.extend(findings_counted(inspection));
    } else {
        for (file, facts) in inspection.files.iter().zip(&inspection.facts) {
            lines.extend(file_in_full(context, file, facts, &mut seen));
            lines.push(String::new());
        }
        lines.extend(relations(inspection));
        lines.extend(findings(inspection));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

fn overview(context: &Context, inspection: &Inspection) -> String {
    let row = |(file, facts): (&InspectedFile, &Vec<Facts>)| {
        let contents = &file.contents;
        let leaf = contents.certificates().find(|c| !c.is_ca()).or(contents.certificates().next());
        let (expires, days) = leaf
            .map_or_else(Default::default, |c| (day(c.not_after()), c.days_left(context.now).to_string()));
        let owners = facts.iter().flat_map(|f| &f.owners).map(|o| o.mailbox.to_string());
        let name = leaf.map_or_else(|| contents.describe(), |c| name_of(c).to_owned());
        vec![file.name.clone(), contents.kind.as_str().into(), name, expires, days, owners.take(1).collect()]
    };
    let rows = inspection.files.iter().zip(&inspection.facts).map(row);
    table(&["FILE", "KIND", "WHAT", "EXPIRES", "DAYS LEFT", "MAILBOX"], rows) + "\n"
}

/// `seen` are the certificates that were shown in full, and where.
fn file_in_full<'a>(
    context: &Context,
    file: &'a InspectedFile,
    facts: &[Facts],
    seen: &mut HashMap<Fingerprint, &'a str>,
) -> Vec<String> {
    let contents = &file.contents;
    let mut lines = vec![format!("{}: {}", clean(&file.name), title(file))];
    lines.extend(contents.protection.iter().map(|part| line(2, "Protection", &protection(part))));
    lines.extend(contents.notes.iter().map(|note| line(2, "Note", &note.message)));
    if contents.kind == Kind::Unknown {
        return lines;
    }
    for (object, facts) in contents.objects.iter().zip(facts) {
        lines.push(String::new());
        match (&object.content, facts.id) {
            (Content::Certificate(certificate), Some(id)) if seen.contains_key(&id) => {
                let name = clean(name_of(certificate));
                let within = object.within.join(" > ");
                let place = if within.is_empty() { String::new() } else { format!(" in {}", clean(&within)) };
                let role = role_of(facts);
                lines.push(format!("  {role} {name}{place}, the same as in {}", clean(seen[&id])));
            }
            (_, id) => {
                lines.extend(object_in_full(context, object, facts));
                if let Some(id) = id {
                    seen.insert(id, &file.name);
                }
            }
        }
    }
    lines
}

fn role_of(facts: &Facts) -> &'static str {
    match facts.role {
        Some(Role::Root) => "Root certificate",
        Some(Role::SubCa) => "Sub CA certificate",
        _ => "Certificate",
    }
}

/// "PEM text (ascii), 3 certificates".
fn title(file: &InspectedFile) -> String {
    let contents = &file.contents;
    if contents.kind == Kind::Unknown {
        return clean(&contents.describe());
    }
    let mut counts: Vec<(String, usize)> = Vec::new();
    for object in &contents.objects {
        let name = kind_of(&object.content);
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let counted = counts.iter().map(|(name, count)| match count {
        1 => format!("1 {name}"),
        _ => format!("{count} {name}s"),
    });
    let kind = contents.kind.name();
    let kind = kind.strip_prefix("an ").or_else(|| kind.strip_prefix("a ")).unwrap_or(kind);
    format!("{kind} ({}), {}", contents.encoding.as_str(), counted.collect::<Vec<_>>().join(", "))
}

fn kind_of(content: &Content) -> String {
    match content {
        Content::Certificate(_) => "certificate",
        Content::Request(_) => "certificate request",
        Content::PrivateKey(_) => "private key",
        Content::PublicKey { .. } => "public key",
        Content::Crl { .. } => "revocation list",
        Content::Damaged(_) => "damaged object",
        Content::Other(_) => "other object",
    }
    .to_owned()
}

fn protection(part: &Protection) -> String {
    let mut words = vec![format!("{}: {}", part.part, part.scheme)];
    words.extend(part.cipher.clone());
    words.extend(part.kdf.clone());
    words.extend(part.iterations.map(|count| match (part.kdf.as_deref(), count) {
        (Some("scrypt"), cost) => format!("cost {cost}"),
        (_, 1) => "1 iteration".into(),
        (_, count) => format!("{count} iterations"),
    }));
    if !part.opened {
        words.push("not opened".into());
    }
    words.join(", ")
}

fn object_in_full(context: &Context, object: &Object, facts: &Facts) -> Vec<String> {
    let mut lines = match &object.content {
        Content::Certificate(certificate) => certificate_in_full(context, certificate, facts),
        Content::Request(request) => request_in_full(request),
        Content::PrivateKey(key) => key_in_full(key, facts),
        Content::PublicKey { key } => vec!["  Public key".into(), line(4, "SHA-256", &key.to_string())],
        Content::Crl { issuer } => vec![format!("  Revocation list of {}", clean(issuer))],
        Content::Damaged(name) | Content::Other(name) => vec![format!("  {}", clean(name))],
    };
    lines.extend(object.alias.iter().map(|alias| line(4, "Alias", alias)));
    if !object.within.is_empty() {
        lines.push(line(4, "In", &object.within.join(" > ")));
    }
    for owner in &facts.owners {
        let ours = format!("{} ({}), credential {}", owner.mailbox, owner.environment, owner.credential);
        lines.push(line(4, "Belongs to", &ours));
    }
    lines
}

fn certificate_in_full(context: &Context, certificate: &Certificate, facts: &Facts) -> Vec<String> {
    let details = certificate.details();
    let deadlines = Deadlines::of(certificate, context.now);
    let mut lines = vec![format!("  {} {}", role_of(facts), clean(name_of(certificate)))];
    let mut add = |field, value: &str| {
        if !value.is_empty() {
            lines.push(line(4, field, value));
        }
    };
    add("Subject", certificate.subject());
    add("Issuer", certificate.issuer());
    add("Authority", &authority(facts));
    add("Serial", certificate.serial());
    add(
        "Valid",
        &format!(
            "{} to {} ({})",
            day(certificate.not_before()),
            day(certificate.not_after()),
            if deadlines.is_over() {
                format!("over for {} days", deadlines.days_over())
            } else {
                format!("{} days left", deadlines.days_left())
            }
        ),
    );
    add(
        "Key usage",
        &certificate.key_usage_ends().map_or_else(String::new, |at| format!("until {}", day(at))),
    );
    add("Key", &format!("{}, SHA-256 {}", details.key_algorithm, certificate.key_fingerprint()));
    add("Signature", &details.signature_algorithm);
    add("Usages", &details.key_usages.unwrap_or_default().join(", "));
    add("Purposes", &details.extended_key_usages.unwrap_or_default().join(", "));
    add("DNS names", &details.dns_names.join(", "));
    add("SHA-256", &certificate.fingerprint().to_string());
    add("CA issuers", &details.ca_issuers.join(", "));
    add("OCSP", &details.ocsp.join(", "));
    add("CRL", &details.crl_distribution_points.join(", "));
    lines
}

/// Where the chain ends, of whom it is, and where it is for.
fn authority(facts: &Facts) -> String {
    let end = match &facts.chain_end {
        Some(end) if end.is_self_issued() || facts.authority != Some(CertificateAuthority::Other) => {
            format!("the chain ends at {}", name_of(end))
        }
        Some(end) => format!("the issuer of {} is not here", name_of(end)),
        None => String::new(),
    };
    let whose = match facts.authority {
        Some(CertificateAuthority::NhsG2) => "NHS, second generation (G2)",
        Some(CertificateAuthority::NhsG1) => "NHS, first generation (G1), retired",
        Some(CertificateAuthority::Rehearsal) => "the rehearsal CA of this machine",
        _ => "none that is known here",
    };
    let place = match (facts.authority, facts.environment) {
        (_, Some(Environment::Rehearsal)) => String::new(),
        (_, Some(environment)) => format!(", {environment}"),
        (Some(CertificateAuthority::NhsG1 | CertificateAuthority::NhsG2), None) => ", Path to Live".into(),
        _ => String::new(),
    };
    match facts.role {
        Some(Role::Root) => format!("{whose}{place}"),
        _ => format!("{whose}{place}; {end}"),
    }
}

fn request_in_full(request: &CertificateRequest) -> Vec<String> {
    let details = request.details();
    vec![
        format!("  Certificate request {}", clean(request.common_name().unwrap_or(request.subject()))),
        line(4, "Subject", request.subject()),
        line(4, "Key", &format!("{}, SHA-256 {}", details.key_algorithm, request.key_fingerprint())),
        line(4, "Signature", &details.signature_algorithm),
    ]
}

fn key_in_full(key: &Key, facts: &Facts) -> Vec<String> {
    match (key, key_algorithm(key), facts.key) {
        (Key::Locked(reason), ..) => {
            vec!["  Private key".into(), line(4, "Not opened", &reason.to_string())]
        }
        (_, algorithm, key) => {
            let algorithm = algorithm.unwrap_or_default();
            let key = key.map(|key| format!(", SHA-256 {key}")).unwrap_or_default();
            vec!["  Private key".into(), line(4, "Key", &format!("{algorithm}{key}"))]
        }
    }
}

fn relations(inspection: &Inspection) -> Vec<String> {
    if inspection.relations.is_empty() {
        return Vec::new();
    }
    let mut names: HashMap<Fingerprint, String> = HashMap::new();
    for (file, facts) in inspection.files.iter().zip(&inspection.facts) {
        for (object, facts) in file.contents.objects.iter().zip(facts) {
            if let Some(id) = facts.id {
                names.entry(id).or_insert_with(|| called(object, &file.name));
            }
        }
    }
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let mut lines = vec!["Relations".to_owned()];
    lines.extend(inspection.relations.iter().map(|relation| match relation.kind {
        RelationKind::SignedBy if relation.from == relation.to => {
            format!("  {} signed itself", name(relation.from))
        }
        RelationKind::SignedBy => format!("  {} was signed by {}", name(relation.from), name(relation.to)),
        RelationKind::SameKey => {
            format!("  {} and {} have the same key", name(relation.from), name(relation.to))
        }
    }));
    lines.push(String::new());
    lines
}

/// What an object is called in a sentence.
fn called(object: &Object, file: &str) -> String {
    let name = match &object.content {
        Content::Certificate(certificate) => format!("certificate {}", name_of(certificate)),
        Content::Request(request) => {
            format!("request {}", request.common_name().unwrap_or(request.subject()))
        }
        other => format!("the {} in {file}", kind_of(other)),
    };
    clean(&name)
}

/// Under the name of each file; of one file alone, its name stands above already.
fn findings(inspection: &Inspection) -> Vec<String> {
    if inspection.findings.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["Findings".to_owned()];
    let (mut of, alone) = (None, inspection.files.len() == 1);
    for finding in &inspection.findings {
        if !alone && of != Some(finding.file) {
            lines.push(format!("  {}", clean(&inspection.files[finding.file].name)));
            of = Some(finding.file);
        }
        let indent = if alone { 2 } else { 4 };
        let severity = finding.severity.as_str();
        let message = clean(&finding.message);
        lines.push(format!("{:indent$}{severity:<5} {message} ({})", "", finding.code));
    }
    lines
}

/// Of many files: each kind once, how often, and where first.
fn findings_counted(inspection: &Inspection) -> Vec<String> {
    let mut kinds: Vec<(&Finding, usize)> = Vec::new();
    for finding in &inspection.findings {
        let same = |(known, _): &&mut (&Finding, usize)| {
            (known.code, known.severity) == (finding.code, finding.severity)
        };
        match kinds.iter_mut().find(same) {
            Some((_, count)) => *count += 1,
            None => kinds.push((finding, 1)),
        }
    }
    if kinds.is_empty() {
        return Vec::new();
    }
    kinds.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
    let row = |(finding, count): &(&Finding, usize)| {
        let file = inspection.files[finding.file].name.clone();
        vec![finding.severity.as_str().into(), finding.code.into(), count.to_string(), file]
    };
    let counted = table(&["SEVERITY", "FINDING", "TIMES", "FIRST IN"], kinds.iter().map(row));
    vec![counted, String::new(), "Each of them, and all of each file: the same with -v".into()]
}

fn line(indent: usize, field: &str, value: &str) -> String {
    format!("{:indent$}{field:<FIELD$}{}", "", clean(value))
}

fn name_of(certificate: &Certificate) -> &str {
    let named = certificate.common_name().filter(|name| !name.is_empty());
    match named.unwrap_or(certificate.subject()) {
        "" => "without a name",
        name => name,
    }
}
