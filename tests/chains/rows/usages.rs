//! Extended key usages and critical extensions at each level.

use rcgen::ExtendedKeyUsagePurpose::{Any, ClientAuth, CodeSigning, ServerAuth};
use rcgen::{CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, KeyUsagePurpose};

use crate::mint::{ca, leaf};
use crate::row::Openssl::{Fails, Verifies};
use crate::row::Ours::{Invalid, Proved};
use crate::row::{Openssl, Ours, Row, row};

const GOOD: &[&str] = &["leaf", "sub", "root"];
const NO_CLIENT: &str = "does not include client authentication";
const PURPOSE: &str = "unsuitable certificate purpose";

/// entrustVersInfo, which the NHS CAs put in.
const ENTRUST: &[u64] = &[1, 2, 840, 113_533, 7, 65, 0];
/// Nobody's.
const UNKNOWN: &[u64] = &[1, 3, 6, 1, 4, 1, 99_999, 1];
/// certificatePolicies, anyPolicy.
const POLICIES: &[u64] = &[2, 5, 29, 32];
const ANY_POLICY: &[u8] = &[0x30, 0x08, 0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x20, 0x00];

/// A chain of three of which one is of this shape.
fn shaped(
    name: &'static str,
    level: &str,
    shape: impl FnOnce(&mut CertificateParams),
    ours: Ours,
    openssl: Openssl,
) -> Row {
    let mut shape = Some(shape);
    let mut take = |here: &str| (here == level).then(|| shape.take()).flatten();
    let mut draft = |here, draft: crate::mint::Draft| match take(here) {
        Some(shape) => draft.shape(shape),
        None => draft,
    };
    let root = draft("root", ca("root")).self_signed();
    let sub = draft("sub", ca("sub")).by(&root);
    let end = draft("leaf", leaf("leaf")).by(&sub);
    row(name, &end, &[&sub], &[&root], ours, openssl)
}

fn purposes(purposes: &[ExtendedKeyUsagePurpose]) -> impl FnOnce(&mut CertificateParams) {
    let purposes = purposes.to_vec();
    move |params| params.extended_key_usages = purposes
}

fn extension(oid: &[u64], critical: bool, content: &[u8]) -> impl FnOnce(&mut CertificateParams) {
    let mut extension = CustomExtension::from_oid_content(oid, content.to_vec());
    extension.set_criticality(critical);
    move |params| params.custom_extensions.push(extension)
}

pub fn rows() -> Vec<Row> {
    let no_client = |who| Invalid(who, NO_CLIENT);
    let null = &[0x05, 0x00];
    let unknown = |critical| extension(UNKNOWN, critical, null);
    let refused = |who| Invalid(who, "critical extension that is not known here (1.3.6.1.4.1.99999.1)");
    vec![
        shaped("leaf for servers and clients", "leaf", purposes(&[ServerAuth, ClientAuth]), Proved(GOOD), Verifies),
        shaped("leaf for clients alone", "leaf", purposes(&[ClientAuth]), Proved(GOOD), Verifies),
        shaped("leaf for any purpose by saying nothing", "leaf", purposes(&[]), Proved(GOOD), Verifies),
        shaped("leaf for servers alone", "leaf", purposes(&[ServerAuth]), no_client("leaf"), Fails(PURPOSE)),
        shaped("leaf for signing code", "leaf", purposes(&[CodeSigning]), no_client("leaf"), Fails(PURPOSE)),
        shaped("leaf for any purpose by name", "leaf", purposes(&[Any]), no_client("leaf"), Fails(PURPOSE)),
        shaped("sub CA for clients", "sub", purposes(&[ClientAuth]), Proved(GOOD), Verifies),
        shaped("sub CA for servers alone", "sub", purposes(&[ServerAuth]), no_client("sub"), Fails(PURPOSE)),
        shaped("root for servers alone", "root", purposes(&[ServerAuth]), no_client("root"), Fails(PURPOSE)),
        shaped("leaf without key usage", "leaf", |p| p.key_usages.clear(), Proved(GOOD), Verifies),
        shaped("leaf that may only encipher", "leaf", |p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment], Proved(GOOD), Fails(PURPOSE))
            .why("a TLS client signs, so openssl asks for digitalSignature where keyUsage is there, and webpki leaves keyUsage of leaves alone"),
        shaped("unknown critical extension in the leaf", "leaf", unknown(true), refused("leaf"), Fails("unhandled critical extension")),
        shaped("unknown critical extension in the sub CA", "sub", unknown(true), refused("sub"), Fails("unhandled critical extension")),
        shaped("unknown critical extension in the root", "root", unknown(true), refused("root"), Fails("unhandled critical extension")),
        shaped("unknown extension that is not critical", "leaf", unknown(false), Proved(GOOD), Verifies),
        shaped("the Entrust extension of the NHS", "leaf", extension(ENTRUST, false, null), Proved(GOOD), Verifies),
        shaped("critical certificate policies", "sub", extension(POLICIES, true, ANY_POLICY), Invalid("sub", "(2.5.29.32)"), Verifies)
            .why("webpki knows no policies, so it has to refuse critical ones; those of the NHS are not critical"),
    ]
}
