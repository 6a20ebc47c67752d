//! Which certificates are there, who signed whom, and which way leads to a root.

use rcgen::KeyUsagePurpose;

use super::Good;
use crate::mint::{Entity, ca, leaf};
use crate::row::Openssl::{Fails, Verifies};
use crate::row::Ours::{Incomplete, Invalid, Proved, SelfSigned, Untrusted};
use crate::row::{Row, row};

const GOOD: &[&str] = &["leaf", "sub", "root"];
const NO_ISSUER: &str = "unable to get local issuer certificate";

pub fn rows() -> Vec<Row> {
    [found_and_missing(), signatures(), twins(), crosses(), loops(), lengths(), own_root()].concat_rows()
}

trait ConcatRows {
    fn concat_rows(self) -> Vec<Row>;
}

impl<const N: usize> ConcatRows for [Vec<Row>; N] {
    fn concat_rows(self) -> Vec<Row> {
        self.into_iter().flatten().collect()
    }
}

fn found_and_missing() -> Vec<Row> {
    let Good { root, sub, leaf: end } = Good::new();
    let stranger = ca("stranger").self_signed();
    let other_sub = ca("other sub").by(&stranger);
    let other_leaf = leaf("other leaf").by(&other_sub);
    vec![
        row("good chain", &end, &[&sub], &[&root], Proved(GOOD), Verifies),
        row("good chain, root first", &end, &[&root, &sub, &end], &[&root], Proved(GOOD), Verifies),
        row("good chain, leaf first", &end, &[&end, &sub, &root], &[&root], Proved(GOOD), Verifies),
        row(
            "everything twice",
            &end,
            &[&sub, &end, &sub, &root, &end, &root],
            &[&root, &root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "among strangers",
            &end,
            &[&other_leaf, &stranger, &other_sub, &sub],
            &[&stranger, &root],
            Proved(GOOD),
            Verifies,
        ),
        row("issued by the root itself", &leaf("leaf").by(&root), &[], &[&root], Proved(&["leaf", "root"]), Verifies),
        row("sub CA missing", &end, &[&root], &[&root], Incomplete("leaf", false), Fails(NO_ISSUER)),
        row("root missing everywhere", &end, &[&sub], &[], Incomplete("sub", false), Fails(NO_ISSUER)),
        row("root there and not trusted", &end, &[&sub, &root], &[], Untrusted("root"), Fails("self-signed certificate in certificate chain")),
        row("only strangers", &end, &[&other_sub, &other_leaf], &[&stranger], Incomplete("leaf", false), Fails(NO_ISSUER)),
        row("chain of a stranger", &other_leaf, &[&other_sub, &stranger], &[&root], Untrusted("stranger"), Fails("self-signed certificate in certificate chain")),
        row("nothing at all", &end, &[], &[], Incomplete("leaf", false), Fails(NO_ISSUER)),
        row("sub CA trusted, root not there", &end, &[&sub], &[&sub], Proved(&["leaf", "sub"]), Fails("unable to get issuer certificate"))
            .why("openssl ends only at self-signed roots unless told -partial_chain; `import --ca` lets nothing else become an anchor, and pinned roots are all self-signed"),
    ]
}

fn signatures() -> Vec<Row> {
    let Good { root, sub, leaf: end } = Good::new();
    let (impostor, false_root) = (ca("sub").by(&root), ca("root").self_signed());
    vec![
        row(
            "bit of the leaf's signature flipped",
            &end.with_flipped_bit(),
            &[&sub],
            &[&root],
            Incomplete("leaf", true),
            Fails("certificate signature failure"),
        ),
        row(
            "bit of the sub CA's signature flipped",
            &end,
            &[&sub.with_flipped_bit()],
            &[&root],
            Incomplete("sub", true),
            Fails("certificate signature failure"),
        ),
        row(
            "bit of the root's signature flipped",
            &end,
            &[&sub],
            &[&root.with_flipped_bit()],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "only another sub CA of the same name",
            &end,
            &[&impostor],
            &[&root],
            Incomplete("leaf", true),
            Fails(NO_ISSUER),
        ),
        row(
            "only another root of the same name",
            &end,
            &[&sub],
            &[&false_root],
            Incomplete("sub", true),
            Fails(NO_ISSUER),
        ),
        row(
            "another root of the same name beside the true one",
            &end,
            &[&sub, &false_root],
            &[&false_root, &root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "issuer's name is that of another CA",
            &leaf("leaf").by(&sub.as_issuer(|p| p.distinguished_name = crate::mint::common_name("root"))),
            &[&sub],
            &[&root],
            Incomplete("leaf", true),
            Fails(NO_ISSUER),
        ),
        row(
            "issuer's name is nobody's",
            &leaf("leaf").by(&sub.as_issuer(|p| p.distinguished_name = crate::mint::common_name("nobody"))),
            &[&sub],
            &[&root],
            Incomplete("leaf", false),
            Fails(NO_ISSUER),
        ),
        row(
            "leaf used as an issuer",
            &leaf("below").by(&end),
            &[&end, &sub],
            &[&root],
            Invalid("leaf", "not the certificate of a CA"),
            Fails("invalid CA certificate"),
        ),
    ]
}

/// Several certificates of one name.
fn twins() -> Vec<Row> {
    let Good { root, sub, leaf: end } = Good::new();
    let other_key = ca("sub").by(&root);
    let over = ca("sub").key_of(&sub).expired().by(&root);
    let new_root = ca("root").key_of(&root).self_signed();
    let old_root = ca("root").key_of(&root).expired().self_signed();
    vec![
        row(
            "two sub CAs of one name, the true one first",
            &end,
            &[&sub, &other_key],
            &[&root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "two sub CAs of one name, the true one last",
            &end,
            &[&other_key, &sub],
            &[&root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "two sub CAs of one name and key, the expired one first",
            &end,
            &[&over, &sub],
            &[&root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "two sub CAs of one name and key, the expired one last",
            &end,
            &[&sub, &over],
            &[&root],
            Proved(GOOD),
            Verifies,
        ),
        row("root issued anew with the same key", &end, &[&sub], &[&new_root], Proved(GOOD), Verifies),
        row(
            "root issued anew, the old one trusted too",
            &end,
            &[&sub],
            &[&old_root, &new_root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "root issued anew, only the old one trusted",
            &end,
            &[&sub, &new_root],
            &[&old_root],
            crate::row::Ours::Expired("root"),
            Fails("certificate has expired"),
        ),
        row(
            "issued anew and not trusted, the first one trusted",
            &end,
            &[&sub, &new_root],
            &[&root],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "a hundred and fifty namesakes of the sub CA",
            &end,
            &namesakes(&root, &sub).iter().collect::<Vec<_>>(),
            &[&root],
            Proved(GOOD),
            Verifies,
        ),
    ]
}

/// More CAs of one name than webpki tries signatures, the true one last.
fn namesakes(root: &Entity, sub: &Entity) -> Vec<Entity> {
    (0..150).map(|_| ca("sub").by(root)).chain([sub.clone()]).collect()
}

/// A root whose key an older root has signed.
fn crosses() -> Vec<Row> {
    let Good { root, sub, leaf: end } = Good::new();
    let old = ca("old root").self_signed();
    let cross = ca("root").key_of(&root).by(&old);
    let cross_over = ca("root").key_of(&root).expired().by(&old);
    let long = &["leaf", "sub", "root", "old root"];
    vec![
        row("cross-signed root, new one trusted", &end, &[&sub, &cross], &[&root], Proved(GOOD), Verifies),
        row("cross-signed root, old one trusted", &end, &[&sub, &cross], &[&old], Proved(long), Verifies),
        row("cross-signed root, both trusted", &end, &[&cross, &sub], &[&old, &root], Proved(GOOD), Verifies),
        row(
            "cross-signed root, new one beside it, old one trusted",
            &end,
            &[&root, &cross, &sub],
            &[&old],
            Proved(long),
            Fails("self-signed certificate in certificate chain"),
        )
        .why("openssl goes to the self-signed root first and does not turn back, webpki tries every way"),
        row(
            "cross certificate expired, new root trusted",
            &end,
            &[&sub, &cross_over],
            &[&root, &old],
            Proved(GOOD),
            Verifies,
        ),
        row(
            "cross certificate expired, only the old root trusted",
            &end,
            &[&sub, &cross_over],
            &[&old],
            crate::row::Ours::Expired("root"),
            Fails("certificate has expired"),
        ),
        row(
            "cross certificate there, its root not",
            &end,
            &[&sub, &cross, &root],
            &[],
            Untrusted("root"),
            Fails(NO_ISSUER),
        ),
    ]
}

fn loops() -> Vec<Row> {
    let (a, b) = (ca("a").self_signed(), ca("b").self_signed());
    let (a_by_b, b_by_a) = (ca("a").key_of(&a).by(&b), ca("b").key_of(&b).by(&a));
    let end = leaf("leaf").by(&a);
    let stranger = ca("stranger").self_signed();
    vec![
        row(
            "two CAs that sign each other",
            &end,
            &[&a_by_b, &b_by_a],
            &[&stranger],
            Invalid("leaf", "signed each other"),
            Fails(NO_ISSUER),
        ),
        row(
            "two CAs that sign each other, one trusted",
            &end,
            &[&a_by_b, &b_by_a],
            &[&b],
            Proved(&["leaf", "a", "b"]),
            Verifies,
        ),
        row(
            "sub CA that signed its own key again",
            &leaf("leaf").by(&b_by_a),
            &[&b_by_a, &b],
            &[&a],
            Proved(&["leaf", "b", "a"]),
            Verifies,
        ),
    ]
}

/// So many CAs between leaf and root.
fn lengths() -> Vec<Row> {
    let root = ca("root").self_signed();
    let mut subs: Vec<Entity> = Vec::new();
    for name in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"] {
        let sub = ca(name).by(subs.last().unwrap_or(&root));
        subs.push(sub);
    }
    let below = |name, count: usize, ours, openssl| {
        let end = leaf("leaf").by(&subs[count - 1]);
        row(name, &end, &subs[..count].iter().collect::<Vec<_>>(), &[&root], ours, openssl)
    };
    let why = "webpki follows six CAs below a root and openssl a hundred; the NHS has one";
    vec![
        below("three sub CAs", 3, Proved(&["leaf", "3", "2", "1", "root"]), Verifies),
        below("five sub CAs", 5, Proved(&["leaf", "5", "4", "3", "2", "1", "root"]), Verifies),
        below("six sub CAs", 6, Proved(&["leaf", "6", "5", "4", "3", "2", "1", "root"]), Verifies),
        below("eight sub CAs", 8, Invalid("", "more CAs in it"), Verifies).why(why),
        below("twelve sub CAs", 12, Invalid("", "more CAs in it"), Verifies).why(why),
    ]
}

fn own_root() -> Vec<Row> {
    let alone = leaf("leaf").self_signed();
    let Good { root, sub, .. } = Good::new();
    let both = ca("sub").shape(|p| p.key_usages.push(KeyUsagePurpose::DigitalSignature)).by(&root);
    vec![
        row("self-signed leaf", &alone, &[&sub], &[&root], SelfSigned, Fails("self-signed certificate")),
        row(
            "self-signed leaf among the files",
            &alone,
            &[&alone],
            &[&root],
            SelfSigned,
            Fails("self-signed certificate"),
        ),
        row("self-signed leaf that is trusted", &alone, &[], &[&alone], Proved(&["leaf"]), Verifies),
        row("CA as the leaf", &both, &[], &[&root], Invalid("sub", "of a CA, not of a client"), Verifies)
            .why("openssl lets a CA certificate be a client's; webpki does not, and no desk sends one"),
    ]
}
