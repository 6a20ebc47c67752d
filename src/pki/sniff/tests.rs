use super::*;
use crate::pki::{CertificateRequest, KeySize, PrivateKey};

#[test]
fn what_is_no_certificate_is_named() {
    let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
    let csr = CertificateRequest::create(&key, &"a.x26.nhs.uk".parse().unwrap()).unwrap();
    let csr_pem = csr.pem();
    let rows: [(&[u8], &str); 7] = [
        (b" \r\n", "an empty file"),
        (csr_pem.as_bytes(), "a certificate request (CSR) for a.x26.nhs.uk"),
        (csr.der(), "a certificate request (CSR) for a.x26.nhs.uk"),
        (key.pkcs8().expose(), "a private key"),
        (b"PK\x03\x04....", "a zip file"),
        (b"Dear customer, thank you.", "text without a certificate in it"),
        (&[0x87; 1000], "binary data in none of the formats known here"),
    ];
    for (bytes, name) in rows {
        assert_eq!(certificates(bytes).unwrap_err(), name);
    }
    let damaged = b"-----BEGIN CERTIFICATE-----\nMIIC";
    assert!(certificates(damaged).unwrap_err().starts_with("a damaged certificate (line 2: "));
}

#[test]
fn certificates_are_found_among_other_text() {
    let text = format!("Dear all,\n{}\nKind regards", include_str!("../anchors/ptl-root-g2.pem"));
    assert_eq!(certificates(text.as_bytes()).unwrap().len(), 1);
}
