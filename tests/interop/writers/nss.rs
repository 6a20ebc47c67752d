//! PKCS#12 made by NSS's pk12util, which writes BER.

use super::*;
use crate::support::scratch;

/// A database without a password that holds what is in `p12`, and `trusted` beside it.
fn database(folder: &Path, p12: &Path) -> String {
    let database = format!("sql:{}", path_arg(folder));
    tool("certutil", ["-N", "-d", &database, "--empty-password"]);
    tool("pk12util", ["-i", &path_arg(p12), "-d", &database, "-W", PASSWORD, "-K", ""]);
    database
}

/// `pk12util`'s options for ciphers, and the rows.
const CIPHERS: [(&str, [&str; 3]); 3] = [
    (
        "",
        [
            "private key: PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256",
            "certificates: PBES2, AES-128-CBC, PBKDF2-HMAC-SHA-256",
            "integrity: HMAC-SHA-256, PKCS#12",
        ],
    ),
    ("-c DES-EDE3-CBC -C RC2-CBC", ["", "", ""]),
    ("-C none", ["", "", ""]),
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
            println!("{what} {:?} {:?}", FIXTURE.items(&contents), rows(&contents));
        }
    });
}
