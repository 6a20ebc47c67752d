//! Whatever the bytes are: no panic, an answer, and time in proportion to their number.

use proptest::prelude::*;

use super::tests::{ROOT, SUB, base64, pem};
use crate::pki::sniff::{Kind, read};

#[test]
fn any_input_is_read_in_linear_time() {
    const SIZE: usize = 1 << 20;
    let body = "MIIEpAIBAAKCAQEA7".repeat(SIZE / 17);
    let inputs = [
        "-----BEGIN".repeat(SIZE / 10),
        "-----BEGIN ".repeat(SIZE / 11),
        "-----BEGIN CERTIFICATE-----".repeat(SIZE / 27),
        "-----BEGIN CERTIFICATE-----\n".repeat(SIZE / 28),
        "-----END CERTIFICATE-----\n".repeat(SIZE / 26),
        "-----BEGIN A-----\nMIIC\n-----END A-----\n".repeat(SIZE / 39),
        "> ".repeat(SIZE / 2),
        "-".repeat(SIZE),
        "-a".repeat(SIZE / 2),
        "BEGIN ".repeat(SIZE / 6),
        "BEGIN CERTIFICATE\n".repeat(SIZE / 18),
        "\n".repeat(SIZE),
        body.clone(),
        format!("-----BEGIN CERTIFICATE-----\n{body}"),
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"),
        "MIIC ".repeat(SIZE / 5),
        "MIIBAAAAAA\n".repeat(SIZE / 11),
        "MBYAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n".repeat(SIZE / 33),
        "LS0tLS1CRUdJTi\n".repeat(SIZE / 15),
        "LS0t=".repeat(SIZE / 5),
        "a b ".repeat(SIZE / 4),
        "= ".repeat(SIZE / 2),
        "\\n".repeat(SIZE / 2),
        "<a".repeat(SIZE / 2),
        "&amp".repeat(SIZE / 4),
        "\u{200b}".repeat(SIZE / 3),
        format!("-----BEGIN CERTIFICATE-----\n{}", "=\n".repeat(SIZE / 2)),
        format!("-----BEGIN CERTIFICATE-----\n{}", "\"\"\n".repeat(SIZE / 3)),
        format!("-----BEGIN CERTIFICATE-----\n{}", "a:\n".repeat(SIZE / 3)),
        format!("-----BEGIN CERTIFICATE-----\nMAA={}\n-----END CERTIFICATE-----", "MAA=".repeat(SIZE / 4)),
        format!("# -----BEGIN CERTIFICATE-----\n{}", "# a\n".repeat(SIZE / 4)),
    ];
    for input in inputs {
        let start = std::time::Instant::now();
        let contents = read(input.as_bytes(), &[]);
        let took = start.elapsed();
        assert!(contents.objects.len() <= 200_000, "{} objects", contents.objects.len());
        // Other tests run beside this, and quadratic time would be an hour.
        assert!(took.as_secs_f64() < 20.0, "{took:?} for '{}'…", &input[..40]);
    }
}

/// Pieces of which damaged files are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(pem(ROOT)),
        Just(base64(SUB)),
        Just("-----BEGIN CERTIFICATE-----".to_owned()),
        Just("-----END CERTIFICATE-----".to_owned()),
        Just(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"
                .to_owned()
        ),
        "[-=A-Za-z0-9+/_\\\\<>&%\"'|# \\r\\n\\t\u{a0}–\u{200b}:,^$`]{0,40}",
        ".{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!read(&bytes, &[]).objects.is_empty());
    }

    #[test]
    fn any_text_is_read_without_panic(pieces in proptest::collection::vec(piece(), 0..8), le in any::<bool>()) {
        let text = pieces.concat();
        prop_assert!(!read(text.as_bytes(), &[]).objects.is_empty());
        let wide: Vec<u8> = text.encode_utf16().flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() }).collect();
        prop_assert!(!read(&wide, &[]).objects.is_empty());
    }

    #[test]
    fn changed_pem_gives_the_same_certificate_or_names_the_damage(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..6),
    ) {
        let mut bytes = pem(ROOT).into_bytes();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        let contents = read(&bytes, &[]);
        prop_assert!(!contents.objects.is_empty());
        let whole = contents.certificates().count();
        prop_assert!(whole <= 1);
        prop_assert!(whole == 1 || !contents.notes.is_empty() || contents.kind == Kind::Unknown);
    }
}
