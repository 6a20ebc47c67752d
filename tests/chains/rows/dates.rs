//! Over, or not begun, at each level.

use super::Good;
use crate::mint::{NOW, ca, leaf};
use crate::row::Openssl::{Fails, Verifies};
use crate::row::Ours::{Expired, NotYetValid, Proved};
use crate::row::{Row, row};

const OVER: &str = "certificate has expired";
const EARLY: &str = "certificate is not yet valid";

pub fn rows() -> Vec<Row> {
    let Good { root, sub, leaf: end } = Good::new();
    let second = time::Duration::SECOND;
    let hour = time::Duration::HOUR;
    let old_root = ca("root").expired().self_signed();
    let new_root = ca("root").not_begun().self_signed();
    let below = |root| {
        let sub = ca("sub").by(root);
        (leaf("leaf").by(&sub), sub)
    };
    let (end_of_old, sub_of_old) = below(&old_root);
    let (end_of_new, sub_of_new) = below(&new_root);
    let with_sub = |name, over: bool| {
        let draft = if over { ca("sub").expired() } else { ca("sub").not_begun() };
        let sub = draft.key_of(&sub).by(&root);
        let (ours, words) = if over { (Expired("sub"), OVER) } else { (NotYetValid("sub"), EARLY) };
        row(name, &end, &[&sub], &[&root], ours, Fails(words))
    };
    vec![
        row(
            "leaf expired",
            &leaf("leaf").expired().by(&sub),
            &[&sub],
            &[&root],
            Expired("leaf"),
            Fails(OVER),
        ),
        row(
            "leaf not yet valid",
            &leaf("leaf").not_begun().by(&sub),
            &[&sub],
            &[&root],
            NotYetValid("leaf"),
            Fails(EARLY),
        ),
        with_sub("sub CA expired", true),
        with_sub("sub CA not yet valid", false),
        row("root expired", &end_of_old, &[&sub_of_old], &[&old_root], Expired("root"), Fails(OVER)),
        row(
            "root not yet valid",
            &end_of_new,
            &[&sub_of_new],
            &[&new_root],
            NotYetValid("root"),
            Fails(EARLY),
        ),
        row(
            "leaf in its last second",
            &leaf("leaf").valid(NOW - hour, NOW).by(&sub),
            &[&sub],
            &[&root],
            Proved(&["leaf", "sub", "root"]),
            Fails(OVER),
        )
        .why("RFC 5280 counts the last second in, openssl does not"),
        row(
            "leaf over for a second",
            &leaf("leaf").valid(NOW - hour, NOW - second).by(&sub),
            &[&sub],
            &[&root],
            Expired("leaf"),
            Fails(OVER),
        ),
        row(
            "leaf in its first second",
            &leaf("leaf").valid(NOW, NOW + hour).by(&sub),
            &[&sub],
            &[&root],
            Proved(&["leaf", "sub", "root"]),
            Verifies,
        ),
        row(
            "leaf begins in a second",
            &leaf("leaf").valid(NOW + second, NOW + hour).by(&sub),
            &[&sub],
            &[&root],
            NotYetValid("leaf"),
            Fails(EARLY),
        ),
        row(
            "leaf outlives its issuers",
            &leaf("leaf").valid(NOW - hour, NOW + 9000 * 24 * hour).by(&sub),
            &[&sub],
            &[&root],
            Proved(&["leaf", "sub", "root"]),
            Verifies,
        ),
        row(
            "leaf and sub CA expired",
            &leaf("leaf").expired().by(&sub),
            &[&ca("sub").key_of(&sub).expired().by(&root)],
            &[&root],
            Expired("leaf"),
            Fails(OVER),
        ),
    ]
}
