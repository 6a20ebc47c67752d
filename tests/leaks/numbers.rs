//! The private numbers of an RSA key, as openssl reads them.

use std::path::Path;

use data_encoding::HEXUPPER;

use crate::support::{openssl, openssl_with, path_arg, python};

/// Of RSAPrivateKey (RFC 8017, A.1.2), what is private, in its order; version, modulus and public exponent are not.
const PRIVATE: [&str; 6] =
    ["the private exponent", "the prime p", "the prime q", "d mod p-1", "d mod q-1", "q inverse"];

/// Name, big-endian bytes and decimal digits of each.
pub struct Numbers(pub Vec<(&'static str, Vec<u8>, String)>);

impl Numbers {
    /// Reads a key, in a file of this name plain for a moment beside nothing else.
    pub fn of(key: &Path, passphrase: &str) -> Self {
        let folder = crate::support::scratch();
        let plain = folder.path().join("key.der");
        let (key, plain) = (path_arg(key), path_arg(&plain));
        openssl_with(
            passphrase,
            &format!("rsa -in {key} -passin env:PASS -traditional -outform DER -out {plain}"),
        );
        let shown = openssl(&format!("asn1parse -inform DER -in {plain}"));
        let integers: Vec<_> = shown
            .lines()
            .filter(|line| line.contains("INTEGER"))
            .filter_map(|line| line.rsplit_once(':').map(|(_, digits)| digits.trim().to_owned()))
            .collect();
        assert_eq!(integers.len(), 9, "this is no RSA key of two primes: {shown}");
        let script = "import sys\nfor n in sys.argv[1:]: print(int(n, 16))";
        let decimals = python(script, &integers[3..]);
        let numbers = PRIVATE.into_iter().zip(&integers[3..]).zip(decimals.lines());
        let bytes = |digits: &str| HEXUPPER.decode(digits.as_bytes()).expect("openssl writes whole bytes");
        Self(numbers.map(|((name, hex), decimal)| (name, bytes(hex), decimal.to_owned())).collect())
    }
}
