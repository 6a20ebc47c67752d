//! Kinds and sizes of keys, and how signatures are made.

use super::Good;
use crate::mint::{Entity, Key, Scheme, ca, leaf};
use crate::row::Openssl::{Fails, Verifies};
use crate::row::Ours::{Invalid, Proved};
use crate::row::{Row, row};

const GOOD: &[&str] = &["leaf", "sub", "root"];
const WEAK: &str = "CA signature digest algorithm too weak";

pub fn rows() -> Vec<Row> {
    let root = ca("root").key(Key::rsa(0)).self_signed();
    let sub = ca("sub").key(Key::rsa(1)).by(&root);
    let end = leaf("leaf").key(Key::rsa(2)).by(&sub);
    let old = |entity: &Entity, issuer, scheme| Entity::signed_anew(entity, issuer, scheme);
    let weak = |who, how| Invalid(who, how);
    let curve = Good::new();
    let short_root = ca("root").key(Key::short()).self_signed();
    let sub_of_short = ca("sub").key(Key::rsa(1)).by(&short_root);
    let short_sub = ca("sub").key(Key::short()).by(&root);
    vec![
        row("RSA", &end, &[&sub], &[&root], Proved(GOOD), Verifies),
        row("elliptic curves", &curve.leaf, &[&curve.sub], &[&curve.root], Proved(GOOD), Verifies),
        row("elliptic leaf under RSA", &leaf("leaf").by(&sub), &[&sub], &[&root], Proved(GOOD), Verifies),
        row(
            "RSA-PSS",
            &old(&end, &sub, Scheme::Pss),
            &[&old(&sub, &root, Scheme::Pss)],
            &[&root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "SHA-1 at the leaf",
            &old(&end, &sub, Scheme::Sha1),
            &[&sub],
            &[&root],
            weak("leaf", "sha1"),
            Fails(WEAK),
        ),
        row(
            "SHA-1 at the sub CA",
            &end,
            &[&old(&sub, &root, Scheme::Sha1)],
            &[&root],
            weak("sub", "sha1"),
            Fails(WEAK),
        ),
        row("SHA-1 at the root", &end, &[&sub], &[&old(&root, &root, Scheme::Sha1)], Proved(GOOD), Verifies),
        row(
            "MD5 at the leaf",
            &old(&end, &sub, Scheme::Md5),
            &[&sub],
            &[&root],
            weak("leaf", "md5"),
            Fails(WEAK),
        ),
        row(
            "MD5 at the sub CA",
            &end,
            &[&old(&sub, &root, Scheme::Md5)],
            &[&root],
            weak("sub", "md5"),
            Fails(WEAK),
        ),
        row(
            "leaf of 1024 bits",
            &leaf("leaf").key(Key::short()).by(&sub),
            &[&sub],
            &[&root],
            Invalid("leaf", "1024 bits"),
            Fails("EE certificate key too weak"),
        ),
        row(
            "sub CA of 1024 bits",
            &leaf("leaf").key(Key::rsa(2)).by(&short_sub),
            &[&short_sub],
            &[&root],
            Invalid("sub", "1024 bits"),
            Fails("CA certificate key too weak"),
        ),
        row(
            "root of 1024 bits",
            &leaf("leaf").key(Key::rsa(2)).by(&sub_of_short),
            &[&sub_of_short],
            &[&short_root],
            Invalid("root", "1024 bits"),
            Fails("CA certificate key too weak"),
        ),
    ]
}
