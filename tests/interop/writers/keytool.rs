//! Keystores made by Java's keytool. It takes half a second to start, so there are few of them, side by side.

use super::*;
use crate::support::{openssl_with, scratch};

/// `keytool` on one keystore with the password of these tests.
fn keytool(store: &Path, kind: &str, line: &str) {
    let command = format!("{line} -noprompt -keystore {} -storetype {kind}", path_arg(store));
    let passwords = ["-storepass", PASSWORD];
    tool("keytool", command.split_whitespace().chain(passwords));
}

/// A keystore with the key and `chain` under the name `meshclient`.
pub(super) fn store(kind: &str, chain: &[Item], folder: &Path) -> PathBuf {
    let fixture = &*FIXTURE;
    let (pem, p12) = (folder.join("chain.pem"), folder.join("in.p12"));
    fs::write(&pem, fixture.pem(chain)).unwrap();
    openssl_with(
        PASSWORD,
        &format!(
            "pkcs12 -export -name MeshClient -inkey {} -in {} -out {} -passout env:PASS",
            fixture.arg(KEY),
            path_arg(&pem),
            path_arg(&p12)
        ),
    );
    let store = folder.join("keystore");
    let from = format!("-importkeystore -noprompt -srcstoretype PKCS12 -srckeystore {}", path_arg(&p12));
    let to = format!("-destkeystore {} -deststoretype {kind}", path_arg(&store));
    let passwords = ["-srcstorepass", PASSWORD, "-deststorepass", PASSWORD];
    tool("keytool", from.split(' ').chain(to.split(' ')).chain(passwords));
    store
}

fn trust(store: &Path, kind: &str, item: Item, alias: &str) {
    keytool(store, kind, &format!("-importcert -alias {alias} -file {}", FIXTURE.arg(item)));
}

fn aliases(contents: &Contents) -> Vec<(Option<&str>, bool)> {
    contents.objects.iter().map(|object| (object.alias.as_deref(), object.trusted)).collect()
}

const SEALED: &str = "integrity: SHA-1 over password and file";

#[test]
fn jks_of_keytool_is_read_with_every_chain() {
    let chains = [vec![LEAF], vec![LEAF, SUB], vec![LEAF, SUB, ROOT]];
    in_parallel(chains.to_vec(), |chain| {
        let folder = scratch();
        let bytes = fs::read(store("JKS", &chain, folder.path())).unwrap();
        let items = [&[KEY], &chain[..]].concat();
        let contents = opened(&bytes);
        assert_eq!((contents.kind, FIXTURE.items(&contents)), (Kind::Jks, items.clone()));
        // Java lower-cases names.
        assert_eq!(aliases(&contents), vec![(Some("meshclient"), false); items.len()]);
        assert_eq!(rows(&contents), ["private key: JKS, SHA-1, once", SEALED]);
        assert!(contents.notes.is_empty());

        let without = sniff::read(&bytes, &[]);
        assert!(without.is_locked());
        let certificates: Vec<_> = without.certificates().map(|c| FIXTURE.certificate(c)).collect();
        assert_eq!(certificates, chain);
        assert!(matches!(without.objects[0].content, Content::PrivateKey(Key::Locked(_))));

        let wrong = sniff::read(&bytes, &[Passphrase::new("wrong")]);
        assert_eq!(wrong.notes[0].code, "password_wrong");
        assert_eq!(rows(&wrong)[1], format!("{SEALED}, closed"));
    });
}

#[test]
fn jks_with_trusted_certificates_and_a_second_password_is_read() {
    let folder = scratch();
    let file = store("JKS", &[LEAF, SUB, ROOT], folder.path());
    trust(&file, "JKS", ROOT, "rootca");
    trust(&file, "JKS", SUB, "subca");
    tool(
        "keytool",
        ["-keypasswd", "-alias", "meshclient", "-keystore", &path_arg(&file), "-storetype", "JKS"]
            .into_iter()
            .chain(["-storepass", PASSWORD, "-keypass", PASSWORD, "-new", "another password"]),
    );
    let bytes = fs::read(&file).unwrap();
    let both = [Passphrase::new(PASSWORD), Passphrase::new("another password")];
    let contents = sniff::read(&bytes, &both);
    assert_eq!(rows(&contents), ["private key: JKS, SHA-1, once", SEALED]);
    let mut found: Vec<_> = FIXTURE.items(&contents).into_iter().zip(aliases(&contents)).collect();
    // Java keeps its entries in a table without an order; those of one entry stay together.
    found.sort_by_key(|(item, (alias, _))| (alias.map(str::to_owned), *item as u8));
    let client = |item| (item, (Some("meshclient"), false));
    let trusted = |item, alias| (item, (Some(alias), true));
    let expected = [
        client(KEY),
        client(LEAF),
        client(SUB),
        client(ROOT),
        trusted(ROOT, "rootca"),
        trusted(SUB, "subca"),
    ];
    assert_eq!(found, expected);
    // With the password of the store alone the key stays closed, and nothing else is wrong.
    let contents = opened(&bytes);
    assert_eq!(rows(&contents), ["private key: JKS, SHA-1, once, closed", SEALED]);
}

#[test]
fn jks_of_trusted_certificates_alone_needs_no_password() {
    let folder = scratch();
    let file = folder.path().join("truststore");
    trust(&file, "JKS", ROOT, "rootca");
    let contents = sniff::read(&fs::read(&file).unwrap(), &[]);
    assert_eq!(FIXTURE.items(&contents), [ROOT]);
    assert_eq!(aliases(&contents), [(Some("rootca"), true)]);
    assert!(!contents.is_locked() && contents.notes.is_empty());
}

#[test]
fn keystore_with_the_published_password_opens_and_says_so() {
    let folder = scratch();
    let file = path_arg(&folder.path().join("meshclient.jks"));
    let line = format!(
        "-genkeypair -alias meshclient -keyalg RSA -dname CN=a.nhs.uk -keystore {file} -storetype JKS"
    );
    tool("keytool", line.split(' ').chain(["-storepass", "Spine2Int", "-keypass", "Spine2Int"]));
    let contents = sniff::read(&fs::read(&file).unwrap(), &[]);
    assert!(!contents.is_locked());
    assert_eq!(contents.notes[0].code, "published_password");
    assert!(contents.notes[0].message.contains("Spine2Int"));
}

#[test]
fn jceks_of_keytool_is_named_with_the_way_to_convert_it() {
    let folder = scratch();
    let file = store("JCEKS", &[LEAF, SUB], folder.path());
    keytool(&file, "JCEKS", "-genseckey -alias secret -keyalg AES -keysize 128");
    let contents = opened(&fs::read(&file).unwrap());
    assert_eq!(contents.kind, Kind::Jceks);
    let note = contents.notes.iter().find(|note| note.code == "convert").expect("a note");
    assert!(note.message.contains("keytool -importkeystore -srckeystore FILE -srcstoretype JCEKS"));
    assert!(contents.objects.iter().any(|object| object.alias.as_deref() == Some("secret")));
}

#[test]
fn pkcs12_of_keytool_is_read() {
    let folder = scratch();
    let file = store("PKCS12", &[LEAF, SUB, ROOT], folder.path());
    trust(&file, "PKCS12", ROOT, "rootca");
    let contents = opened(&fs::read(&file).unwrap());
    let found: Vec<_> = FIXTURE.items(&contents).into_iter().zip(aliases(&contents)).collect();
    // Java names the others of a chain by their subject.
    let expected = [
        (KEY, (Some("meshclient"), false)),
        (LEAF, (Some("meshclient"), false)),
        (SUB, (Some("CN=ours-sub,O=tests,C=GB"), false)),
        (ROOT, (Some("CN=ours-root,O=tests,C=GB"), false)),
        (ROOT, (Some("rootca"), true)),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        rows(&contents),
        [
            "private key: PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256, 10000",
            "certificates: PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256, 10000",
            "integrity: HMAC-SHA-256, PKCS#12, 10000"
        ]
    );
}
