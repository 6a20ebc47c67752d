//! The NHAIS and lab-results adaptors by format; tests/sandbox has them connect.

use crate::stage::{alone, handed_over, printed, stage};

#[test]
fn adaptors_get_one_block_a_variable_and_the_sub_ca_alone() {
    let mesh = stage();
    for (consumer, prefix) in [("nhais", "NHAIS"), ("lab-results", "LAB_RESULTS")] {
        let folder = handed_over(&mesh, consumer, &[]);
        let value = |name: &str| {
            let mut shell = alone("sh", &folder);
            let script = format!(". ./{consumer}.env; printf %s \"${{{prefix}_MESH_{name}}}\"");
            shell.args(["-c", &script]);
            printed(shell)
        };
        assert_eq!(value("HOST"), format!("{}/messageexchange/", mesh.url()));
        assert_eq!(value("CERT_VALIDATION"), "true");
        assert_eq!((value("MAILBOX_ID"), value("SHARED_KEY")), ("X26ABC1".into(), "TestKey".into()));
        assert_eq!(value("MAILBOX_PASSWORD"), "password");
        for (name, label) in [
            ("ENDPOINT_CERT", "CERTIFICATE"),
            ("ENDPOINT_PRIVATE_KEY", "RSA PRIVATE KEY"),
            ("SUB_CA", "CERTIFICATE"),
        ] {
            let pem = value(name);
            assert!(pem.starts_with(&format!("-----BEGIN {label}-----\n")), "{name}: {pem}");
            assert!(pem.ends_with(&format!("-----END {label}-----\n")), "{name}: {pem}");
            assert_eq!(pem.matches("-----BEGIN ").count(), 1, "{name}");
        }
        let sub_ca = std::fs::read_to_string(mesh.home().join("rehearsal-ca/sub.pem")).unwrap();
        assert_eq!(value("SUB_CA"), sub_ca);
    }
}
