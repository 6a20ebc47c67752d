//! Names of algorithms, for people.

use x509_parser::prelude::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;

/// The object identifier of RSASSA-PSS, whose hash is among its parameters (RFC 4055).
const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";

/// A public key with its size: "RSA 2048", "EC P-256", "Ed25519", or an object identifier.
pub(super) fn public_key_name(key: &SubjectPublicKeyInfo<'_>) -> String {
    let algorithm = key.algorithm.algorithm.to_id_string();
    if let Some(bits) = rsa_bits(key) {
        return format!("RSA {bits}");
    }
    let curve = key.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
    key_name(&algorithm, curve.map(|oid| oid.to_id_string()).as_deref())
}

/// The algorithm of a key by its object identifier, an elliptic curve by its own.
pub(super) fn key_name(algorithm: &str, curve: Option<&str>) -> String {
    match (algorithm, curve) {
        ("1.2.840.113549.1.1.1", _) => "RSA".into(),
        (RSASSA_PSS, _) => "RSA for PSS alone".into(),
        ("1.2.840.10040.4.1", _) => "DSA".into(),
        ("1.2.840.10046.2.1" | "1.2.840.113549.1.3.1", _) => "Diffie-Hellman".into(),
        ("1.2.840.10045.2.1", None) => "EC with a curve of its own".into(),
        ("1.2.840.10045.2.1", Some(curve)) => match curve {
            "1.2.840.10045.3.1.1" => "EC P-192".into(),
            "1.3.132.0.33" => "EC P-224".into(),
            "1.2.840.10045.3.1.7" => "EC P-256".into(),
            "1.3.132.0.34" => "EC P-384".into(),
            "1.3.132.0.35" => "EC P-521".into(),
            "1.3.132.0.10" => "EC secp256k1".into(),
            other => format!("EC with the curve {other}"),
        },
        ("1.3.101.110", _) => "X25519".into(),
        ("1.3.101.111", _) => "X448".into(),
        ("1.3.101.112", _) => "Ed25519".into(),
        ("1.3.101.113", _) => "Ed448".into(),
        (other, _) => format!("algorithm {other}"),
    }
}

/// The size of an RSA modulus in bits; `None` for other keys.
pub(super) fn rsa_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<usize> {
    let Ok(PublicKey::RSA(rsa)) = key.parsed() else { return None };
    let leading = rsa.modulus.iter().take_while(|&&byte| byte == 0).count();
    let significant = &rsa.modulus[leading..];
    Some(significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize))
}

/// A signature algorithm by the name that `openssl` gives it, and whether its hash is MD5, SHA-1 or older,
/// which readers of today refuse.
pub(super) fn signature_name(algorithm: &AlgorithmIdentifier<'_>) -> (String, bool) {
    let id = algorithm.algorithm.to_id_string();
    let known = |name: &str, weak| (name.to_owned(), weak);
    match id.as_str() {
        "1.2.840.113549.1.1.2" => known("md2WithRSAEncryption", true),
        "1.2.840.113549.1.1.3" => known("md4WithRSAEncryption", true),
        "1.2.840.113549.1.1.4" => known("md5WithRSAEncryption", true),
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => known("sha1WithRSAEncryption", true),
        "1.2.840.113549.1.1.11" => known("sha256WithRSAEncryption", false),
        "1.2.840.113549.1.1.12" => known("sha384WithRSAEncryption", false),
        "1.2.840.113549.1.1.13" => known("sha512WithRSAEncryption", false),
        "1.2.840.113549.1.1.14" => known("sha224WithRSAEncryption", false),
        RSASSA_PSS => pss_name(algorithm),
        "1.2.840.10040.4.3" => known("dsaWithSHA1", true),
        "2.16.840.1.101.3.4.3.2" => known("dsaWithSHA256", false),
        "1.2.840.10045.4.1" => known("ecdsa-with-SHA1", true),
        "1.2.840.10045.4.3.1" => known("ecdsa-with-SHA224", false),
        "1.2.840.10045.4.3.2" => known("ecdsa-with-SHA256", false),
        "1.2.840.10045.4.3.3" => known("ecdsa-with-SHA384", false),
        "1.2.840.10045.4.3.4" => known("ecdsa-with-SHA512", false),
        "1.3.101.112" => known("ED25519", false),
        "1.3.101.113" => known("ED448", false),
        _ => (id, false),
    }
}

fn pss_name(algorithm: &AlgorithmIdentifier<'_>) -> (String, bool) {
    let parameters = algorithm.parameters.as_ref().and_then(|any| RsaSsaPssParams::try_from(any).ok());
    let Some(parameters) = parameters else { return ("rsassaPss".into(), false) };
    let (hash, weak) = match parameters.hash_algorithm_oid().to_id_string().as_str() {
        "1.3.14.3.2.26" => ("SHA1".to_owned(), true),
        "2.16.840.1.101.3.4.2.1" => ("SHA256".to_owned(), false),
        "2.16.840.1.101.3.4.2.2" => ("SHA384".to_owned(), false),
        "2.16.840.1.101.3.4.2.3" => ("SHA512".to_owned(), false),
        other => (other.to_owned(), false),
    };
    (format!("rsassaPss with {hash}"), weak)
}
