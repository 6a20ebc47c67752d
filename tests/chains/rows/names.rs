//! Names: how they are written, what they may be, and key identifiers.

use rcgen::{
    CertificateParams, DistinguishedName, DnValue, GeneralSubtree, KeyIdMethod, NameConstraints, SanType,
};

use super::Good;
use crate::mint::{Entity, ca, common_name, leaf};
use crate::row::Openssl::{Fails, Verifies};
use crate::row::Ours::{Incomplete, Invalid, Proved};
use crate::row::{Openssl, Ours, Row, row};

const GOOD: &[&str] = &["leaf", "sub", "root"];
const CASE: &str = "webpki compares names byte by byte; RFC 5280 and openssl fold case and string types, but CAs copy their own name into what they issue";
const CN: &str = "RFC 5280 holds name constraints against alternative names, openssl against a CN that looks like a host name too, and the NHS CAs have none";

pub fn rows() -> Vec<Row> {
    let mut rows = spellings();
    rows.extend(constraints());
    rows.extend(identifiers());
    rows
}

/// Leaf under an issuer whose name is written otherwise than in the sub CA itself.
fn spelled(name: &'static str, value: DnValue, ours: Ours, openssl: Openssl) -> Row {
    let Good { root, sub, .. } = Good::new();
    let end = leaf("leaf").by(&sub.as_issuer(|p| p.distinguished_name = common_name(value)));
    row(name, &end, &[&sub], &[&root], ours, openssl)
}

fn spellings() -> Vec<Row> {
    let printable = DnValue::PrintableString("sub".try_into().expect("printable"));
    let Good { root, sub, .. } = Good::new();
    let unnamed = leaf("leaf").shape(|p| p.distinguished_name = DistinguishedName::new()).by(&sub);
    vec![
        spelled(
            "issuer as PrintableString, its own name as UTF8String",
            printable,
            Incomplete("leaf", false),
            Verifies,
        )
        .why(CASE),
        spelled("issuer in capitals", DnValue::Utf8String("SUB".into()), Incomplete("leaf", false), Verifies)
            .why(CASE),
        spelled(
            "issuer with a space more",
            DnValue::Utf8String(" sub".into()),
            Incomplete("leaf", false),
            Verifies,
        )
        .why(CASE),
        row(
            "leaf of the same name as its issuer",
            &leaf("sub").by(&sub),
            &[&sub],
            &[&root],
            Proved(&["sub", "sub", "root"]),
            Verifies,
        ),
        row(
            "leaf without a name",
            &unnamed,
            &[&sub],
            &[&root],
            Proved(&["", "sub", "root"]),
            Fails("Subject name empty"),
        )
        .why("without any name nothing could be named; import compares the CN afterwards and refuses"),
    ]
}

fn constrained(
    name: &'static str,
    shape: impl FnOnce(&mut CertificateParams),
    ours: Ours,
    openssl: Openssl,
) -> Row {
    let root = ca("root").self_signed();
    let permitted = |p: &mut CertificateParams| {
        let permitted_subtrees = vec![GeneralSubtree::DnsName("nhs.uk".into())];
        p.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    };
    let sub = ca("sub").shape(permitted).by(&root);
    row(name, &leaf("leaf").shape(shape).by(&sub), &[&sub], &[&root], ours, openssl)
}

fn constraints() -> Vec<Row> {
    let dns = |name: &str| {
        let names = vec![SanType::DnsName(name.try_into().expect("a DNS name"))];
        move |p: &mut CertificateParams| p.subject_alt_names = names
    };
    let cn = |name: &str| {
        let name = common_name(name);
        move |p: &mut CertificateParams| p.distinguished_name = name
    };
    let violated = "permitted subtree violation";
    vec![
        constrained("constraint that permits the DNS name", dns("x.nhs.uk"), Proved(GOOD), Verifies),
        constrained(
            "constraint that forbids the DNS name",
            dns("x.example.org"),
            Invalid("", "may not issue for this name"),
            Fails(violated),
        ),
        constrained(
            "constraint that permits the CN",
            cn("x.nhs.uk"),
            Proved(&["x.nhs.uk", "sub", "root"]),
            Verifies,
        ),
        constrained(
            "constraint that forbids the CN",
            cn("x.example.org"),
            Proved(&["x.example.org", "sub", "root"]),
            Fails(violated),
        )
        .why(CN),
    ]
}

fn identifiers() -> Vec<Row> {
    let Good { root, sub, .. } = Good::new();
    let other = |entity: &Entity| {
        entity.as_issuer(|p| p.key_identifier_method = KeyIdMethod::PreSpecified(vec![1; 20]))
    };
    let none = |p: &mut CertificateParams| p.use_authority_key_identifier_extension = false;
    let (astray, without) = (leaf("leaf").by(&other(&sub)), leaf("leaf").shape(none).by(&sub));
    vec![
        row("authority key identifier of another key", &astray, &[&sub], &[&root], Proved(GOOD), Fails("unable to get local issuer certificate"))
            .why("openssl asks the key identifiers which issuer is meant, webpki the signature, which is the proof"),
        row("without authority key identifier", &without, &[&sub], &[&root], Proved(GOOD), Verifies).usual(),
    ]
}
