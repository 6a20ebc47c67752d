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
        for (name, label, kept) in [
            ("ENDPOINT_CERT", "CERTIFICATE", "certificate.pem"),
            ("ENDPOINT_PRIVATE_KEY", "RSA PRIVATE KEY", ""),
            ("SUB_CA", "CERTIFICATE", "sub"),
        ] {
            let pem = value(name);
            assert!(pem.starts_with(&format!("-----BEGIN {label}-----\n")), "{name}: {pem}");
            assert!(pem.trim_end().ends_with(&format!("-----END {label}-----")), "{name}");
            assert_eq!(pem.matches("-----BEGIN ").count(), 1, "{name}");
            match kept {
                "sub" => {
                    let sub = std::fs::read_to_string(mesh.home().join("rehearsal-ca/sub.pem")).unwrap();
                    assert_eq!(pem.trim_end(), sub.trim_end(), "{name}");
                }
                _ => {}
            }
        }
    }
}
