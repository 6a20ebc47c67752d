//! Who may issue, and how far down.

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyUsagePurpose};

use crate::mint::{Entity, ca, leaf};
use crate::row::Openssl::{Fails, Verifies};
use crate::row::Ours::{Invalid, Proved};
use crate::row::{Openssl, Ours, Row, row};

const GOOD: &[&str] = &["leaf", "sub", "root"];
const NOT_A_CA: &str = "not the certificate of a CA";
const STRICT: &str =
    "RFC 5280 asks every CA for this extension, openssl only with -x509_strict does too, and webpki never";

fn limited(limit: u8) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(limit))
}

/// Root, sub CA of this shape, leaf.
fn with_sub(
    name: &'static str,
    shape: impl FnOnce(&mut CertificateParams),
    ours: Ours,
    openssl: Openssl,
) -> Row {
    let root = ca("root").self_signed();
    let sub = ca("sub").shape(shape).by(&root);
    row(name, &leaf("leaf").by(&sub), &[&sub], &[&root], ours, openssl)
}

/// Root of this shape, sub CA, leaf.
fn with_root(
    name: &'static str,
    shape: impl FnOnce(&mut CertificateParams),
    ours: Ours,
    openssl: Openssl,
) -> Row {
    let root = ca("root").shape(shape).self_signed();
    let sub = ca("sub").by(&root);
    row(name, &leaf("leaf").by(&sub), &[&sub], &[&root], ours, openssl)
}

/// Root of this shape, CA of this shape, sub CA, leaf.
fn four(
    name: &'static str,
    root: impl FnOnce(&mut CertificateParams),
    upper: impl FnOnce(&mut CertificateParams),
    ours: Ours,
    openssl: Openssl,
) -> Row {
    let root = ca("root").shape(root).self_signed();
    let upper = ca("upper").shape(upper).by(&root);
    let sub = ca("sub").by(&upper);
    row(name, &leaf("leaf").by(&sub), &[&sub, &upper], &[&root], ours, openssl)
}

pub fn rows() -> Vec<Row> {
    let crl_only = |p: &mut CertificateParams| p.key_usages = vec![KeyUsagePurpose::CrlSign];
    let no_usage = |p: &mut CertificateParams| p.key_usages = Vec::new();
    let says_no = |p: &mut CertificateParams| p.is_ca = IsCa::ExplicitNoCa;
    let says_nothing = |p: &mut CertificateParams| p.is_ca = IsCa::NoCa;
    let as_it_is = |_: &mut CertificateParams| {};
    let four_good: &[&str] = &["leaf", "sub", "upper", "root"];
    let mut rows = vec![
        with_sub("path length 0 at the sub CA, which is enough", limited(0), Proved(GOOD), Verifies),
        with_root("path length 1 at the root, which is enough", limited(1), Proved(GOOD), Verifies),
        with_root(
            "path length 0 at the root, one CA below",
            limited(0),
            Invalid("root", "fewer CAs below"),
            Fails("path length constraint exceeded"),
        ),
        four(
            "path length 0 at a CA, one below",
            as_it_is,
            limited(0),
            Invalid("upper", "fewer CAs below"),
            Fails("path length constraint exceeded"),
        ),
        four(
            "path length 1 at the root, two below",
            limited(1),
            as_it_is,
            Invalid("root", "fewer CAs below"),
            Fails("path length constraint exceeded"),
        ),
        four("path length 2 at the root, two below", limited(2), limited(1), Proved(four_good), Verifies),
        with_sub("sub CA says CA:FALSE", says_no, Invalid("sub", NOT_A_CA), Fails("invalid CA certificate")),
        with_sub(
            "sub CA without basic constraints",
            says_nothing,
            Invalid("sub", NOT_A_CA),
            Fails("invalid CA certificate"),
        ),
        with_root("root says CA:FALSE", says_no, Invalid("root", NOT_A_CA), Fails("invalid CA certificate")),
        with_root(
            "root without basic constraints",
            says_nothing,
            Invalid("root", NOT_A_CA),
            Fails("invalid CA certificate"),
        ),
        with_sub(
            "sub CA may not sign certificates",
            crl_only,
            Invalid("sub", "does not let it sign"),
            Fails("invalid CA certificate"),
        ),
        with_root(
            "root may not sign certificates",
            crl_only,
            Invalid("root", "does not let it sign"),
            Fails("invalid CA certificate"),
        ),
        with_sub("sub CA without key usage", no_usage, Proved(GOOD), Fails("does not include key usage"))
            .why(STRICT),
        with_root("root without key usage", no_usage, Proved(GOOD), Fails("does not include key usage"))
            .why(STRICT),
        with_sub("sub CA without key usage, not strict", no_usage, Proved(GOOD), Verifies).usual(),
    ];
    rows.extend(self_issued());
    rows.extend(versions());
    rows
}

/// A CA that changed its key and signed the new one.
fn self_issued() -> Vec<Row> {
    let root = ca("root").shape(limited(1)).self_signed();
    let old = ca("sub").shape(limited(0)).by(&root);
    let new = ca("sub").shape(limited(0)).by(&old);
    let end = leaf("leaf").by(&new);
    let ours = Invalid("sub", "fewer CAs below");
    vec![
        row("self-issued CA below a path length of 0", &end, &[&new, &old], &[&root], ours, Verifies)
            .why("RFC 5280 does not count self-issued CAs and webpki does; the NHS gives a CA with a new key a new name"),
    ]
}

fn versions() -> Vec<Row> {
    let root = ca("root").self_signed();
    let sub = ca("sub").by(&root);
    let end = leaf("leaf").by(&sub);
    let old = |entity: &Entity, issuer: &Entity| entity.version_1(issuer);
    let old_root = old(&root, &root);
    vec![
        row("root of version 1", &end, &[&sub], &[&old_root], Proved(GOOD), Verifies).usual(),
        row("root of version 1, strict", &end, &[&sub], &[&old_root], Proved(GOOD), Fails("invalid CA certificate"))
            .why("what -x509_strict asks of CAs a root of version 1 cannot say, and `openssl x509 -req -signkey` still makes such roots for private CAs, which a user may trust by name"),
        row("sub CA of version 1", &end, &[&old(&sub, &root)], &[&root], Invalid("sub", "version 3"), Fails("invalid CA certificate")),
        row("leaf of version 1", &old(&end, &sub), &[&sub], &[&root], Invalid("leaf", "version 3"), Verifies).usual()
            .why("openssl takes leaves of version 1, webpki none"),
    ]
}
