//! The MESH client for Java, by Java's own keystore, XML and TLS.

use std::path::Path;
use std::process::Command;

use crate::stage::{alone, handed_over, handed_over_to, printed, refusal, stage};
use crate::support::tool;

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

    // Without root and sub CA as entries of their own, Java believes nobody.
    let (password, keystore) = (password(&folder), folder.join("mesh.keystore"));
    let keytool = |arguments: &[&str]| {
        let file = ["-keystore", keystore.to_str().expect("UTF-8"), "-storepass", &password];
        tool("keytool", arguments.iter().copied().chain(file))
    };
    let listed = keytool(&["-list"]);
    let trusted: Vec<_> = listed.lines().filter(|line| line.contains("trustedCertEntry")).collect();
    assert_eq!(trusted.len(), 2, "{listed}");
    assert_eq!(listed.lines().filter(|line| line.contains("PrivateKeyEntry")).count(), 1, "{listed}");
    assert!(listed.contains("meshclient, "), "{listed}");
    for line in trusted {
        let alias = line.split(',').next().expect("an alias");
        keytool(&["-delete", "-alias", alias]);
    }
    refusal(reader(&folder));
}

/// As it stands in the file: letters and digits, which XML does not change.
fn password(folder: &Path) -> String {
    let file = std::fs::read_to_string(folder.join("meshclient.part.cfg")).expect("it was handed over");
    let rest = file.split("<KeyStorePassword>").nth(1).expect("a password");
    rest.split('<').next().expect("its end").to_owned()
}
