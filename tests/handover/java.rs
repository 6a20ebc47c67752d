//! The MESH client for Java, by Java's own keystore, XML and TLS.

use std::path::Path;
use std::process::Command;

use crate::stage::{alone, handed_over, handed_over_to, printed, refusal, stage};
use crate::support::{Authority, openssl, path_arg, tool};

/// The client carries the shared key itself: `meshclient.cfg` has no place for it.
fn reader(folder: &Path) -> Command {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover/java/Reader.java");
    let mut java = alone("java", folder);
    java.arg(source).args(["meshclient.part.cfg", "TestKey"]);
    java
}

#[test]
fn java_connects_with_one_keystore_and_the_elements_of_its_configuration() {
    let mesh = stage();
    let folder = handed_over(&mesh, "java-client", &[]);
    assert_eq!(printed(reader(&folder)), "200\n");
    let legacy = handed_over_to(&mesh, "java-client", &mesh.file("legacy"), &["--pfx-profile", "legacy"]);
    assert_eq!(printed(reader(&legacy)), "200\n");

    // Who is named by --ca is believed instead, and is none of this server's.
    let foreign = Authority::foreign();
    let (root, sub) = (foreign.root(), foreign.sub());
    let named = ["--ca", root.to_str().expect("UTF-8"), "--ca", sub.to_str().expect("UTF-8")];
    let elsewhere = handed_over_to(&mesh, "java-client", &mesh.file("elsewhere"), &named);
    assert!(refusal(reader(&elsewhere)).contains("PKIX path"));
    // They, and none besides.
    let listed = keytool(&elsewhere, &["-list"]);
    let trusted = listed.split("trustedCertEntry").skip(1);
    let mut trusted: Vec<_> = trusted.filter_map(|rest| rest.split_whitespace().nth(4)).collect();
    trusted.sort_unstable();
    let mut expected = [fingerprint(&root), fingerprint(&sub)];
    expected.sort_unstable();
    assert_eq!(trusted, expected, "{listed}");

    // Without root and sub CA as entries of their own, Java believes nobody.
    let listed = keytool(&folder, &["-list"]);
    let trusted: Vec<_> = listed.lines().filter(|line| line.contains("trustedCertEntry")).collect();
    assert_eq!(trusted.len(), 2, "{listed}");
    assert_eq!(listed.lines().filter(|line| line.contains("PrivateKeyEntry")).count(), 1, "{listed}");
    assert!(listed.contains("meshclient, "), "{listed}");
    for line in trusted {
        let alias = line.split(',').next().expect("an alias");
        keytool(&folder, &["-delete", "-alias", alias]);
    }
    refusal(reader(&folder));
}

#[test]
fn nobody_is_asked_for_the_shared_key_that_the_client_brings_itself() {
    let mesh = stage();
    let without = mesh.setup().env("MESH_MAILBOX_PASSWORD", "password");
    let to = mesh.file("java-client");
    let export = ["export", "X26ABC1", "--for", "java-client", "--url", &mesh.url(), "--to"];
    without.args(export).arg(&to).run().expect(0);
    assert_eq!(printed(reader(&to)), "200\n");
}

/// What Java's own tool says of the keystore there.
fn keytool(folder: &Path, arguments: &[&str]) -> String {
    let (password, keystore) = (password(folder), folder.join("mesh.keystore"));
    let file = ["-keystore", keystore.to_str().expect("UTF-8"), "-storepass", &password];
    tool("keytool", arguments.iter().copied().chain(file))
}

/// As keytool shows it.
fn fingerprint(certificate: &Path) -> String {
    let shown = openssl(&format!("x509 -noout -fingerprint -sha256 -in {}", path_arg(certificate)));
    shown.trim().rsplit('=').next().expect("a fingerprint").to_owned()
}

/// As it stands in the file: letters and digits, which XML does not change.
fn password(folder: &Path) -> String {
    let file = std::fs::read_to_string(folder.join("meshclient.part.cfg")).expect("it was handed over");
    let rest = file.split("<KeyStorePassword>").nth(1).expect("a password");
    rest.split('<').next().expect("its end").to_owned()
}
