//! PKCS#12 made by NSS's pk12util, which writes BER.

use super::*;
use crate::support::scratch;

/// A database without a password that holds what is in `p12`.
fn database(folder: &Path, p12: &Path) -> String {
    let database = format!("sql:{}", path_arg(folder));
    tool("certutil", ["-N", "-d", &database, "--empty-password"]);
    tool("pk12util", ["-i", &path_arg(p12), "-d", &database, "-W", PASSWORD, "-K", ""]);
    database
}

/// `pk12util`'s options for ciphers, and how the rows begin; its own choice differs between versions.
const CIPHERS: [(&str, [&str; 2]); 3] = [
    ("", ["private key: P", "certificates: P"]),
    (
        "-c DES-EDE3-CBC -C RC2-CBC",
        [
            "private key: PBE-SHA1-3DES, 3DES-CBC, PKCS#12 with SHA-1, ",
            "certificates: PBE-SHA1-RC2-128, RC2-128-CBC, PKCS#12 with SHA-1, ",
        ],
    ),
    ("-C none", ["private key: P", ""]),
];

#[test]
fn pkcs12_of_pk12util_is_read_with_every_chain_and_cipher() {
    let chains = [vec![LEAF], vec![LEAF, SUB], vec![LEAF, SUB, ROOT]];
    in_parallel(chains.to_vec(), |chain| {
        let folder = scratch();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("chain.pem"), FIXTURE.pem(&chain)).unwrap();
        openssl_with(
            PASSWORD,
            &format!(
                "pkcs12 -export -name meshclient -inkey {} -in {} -out {} -passout env:PASS",
                FIXTURE.arg(KEY),
                path_arg(&at("chain.pem")),
                path_arg(&at("in.p12"))
            ),
        );
        let database = database(folder.path(), &at("in.p12"));
        for (ciphers, expected) in CIPHERS {
            let out = path_arg(&at("out.p12"));
            let line = format!("-o {out} -n meshclient -d {database} {ciphers}");
            tool("pk12util", line.split_whitespace().chain(["-W", PASSWORD, "-K", ""]));
            let bytes = fs::read(&out).unwrap();
            let contents = opened(&bytes);
            let what = format!("{ciphers} {chain:?}");
            assert_eq!((contents.kind, contents.encoding.as_str()), (Kind::Pkcs12, "ber"), "{what}");
            // NSS writes the certificate of the key last, and what is encrypted first.
            let mut items = [&chain[1..], &[LEAF]].concat();
            items.insert(if ciphers == "-C none" { items.len() } else { 0 }, KEY);
            assert_eq!(FIXTURE.items(&contents), items, "{what}");
            let rows = rows(&contents);
            for begin in expected.into_iter().chain(["integrity: HMAC-SHA-"]) {
                assert!(rows.iter().any(|row| row.starts_with(begin)), "{what}: {begin} in {rows:?}");
            }
        }
    });
}
