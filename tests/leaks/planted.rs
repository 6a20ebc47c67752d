//! The search itself: what is planted is found, and nothing else is.

use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use data_encoding::{HEXLOWER, HEXUPPER};

use super::numbers::Numbers;
use super::search::{Needles, Search};
use crate::support::{openssl, path_arg};

/// No eight of its characters stay as they are in JSON, HTML, a URL or a shell.
const SECRET: &str = "a'\"b\\<&é c%:d>?~'\"e";
const HASH: &str = "ec9715a753d3463e6a847ca0514344d3978dee4332b396ce24a340484610c2a4";

struct Ground {
    folder: tempfile::TempDir,
    search: Search,
    numbers: Numbers,
}

impl Ground {
    fn new() -> Self {
        let folder = crate::support::scratch();
        let key = path_arg(&folder.path().join("key.pem"));
        openssl(&format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out {key}"));
        let numbers = Numbers::of(Path::new(&key), "");
        let mut needles = Needles::default();
        needles.text("the secret", SECRET);
        needles.key("the key", &numbers);
        needles.hash("the hash", HASH);
        Self { search: needles.search(), numbers, folder }
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// The key as openssl writes it.
    fn key_as(&self, line: &str) -> Vec<u8> {
        let out = self.folder.path().join("written");
        openssl(&format!("{line} -in {} -out {}", path_arg(&self.key()), path_arg(&out)));
        std::fs::read(out).unwrap()
    }

    #[track_caller]
    fn finds(&self, what: &str, how: &str, planted: impl AsRef<[u8]>) {
        let around = [&b"{\"note\": \""[..], planted.as_ref(), b"\"}\n"].concat();
        let found = self.search.within(&around);
        assert!(found.iter().any(|leak| leak.starts_with(what)), "{what} {how} is not found, but {found:?}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn planted_text_is_found_in_every_form() {
    let ground = Ground::new();
    let bytes = SECRET.as_bytes();
    let utf16: Vec<u16> = SECRET.encode_utf16().collect();
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("as it is", bytes.to_vec()),
        ("in capitals", SECRET.to_ascii_uppercase().into_bytes()),
        ("its first eight characters", SECRET.chars().take(8).collect::<String>().into_bytes()),
        (
            "its last eight characters",
            SECRET.chars().skip(SECRET.chars().count() - 8).collect::<String>().into_bytes(),
        ),
        ("over two lines", SECRET.replace(' ', "\n").into_bytes()),
        ("base64", BASE64_STANDARD.encode(bytes).into_bytes()),
        ("base64 after one byte", BASE64_STANDARD.encode([b"x", bytes].concat()).into_bytes()),
        ("base64 after two bytes", BASE64_STANDARD.encode([b":x", bytes, b"after"].concat()).into_bytes()),
        ("base64 for URLs", BASE64_URL_SAFE_NO_PAD.encode(bytes).into_bytes()),
        ("base64 over two lines", BASE64_STANDARD.encode(bytes).replacen('I', "\r\nI", 1).into_bytes()),
        ("hex", HEXLOWER.encode(bytes).into_bytes()),
        ("hex in capitals", HEXUPPER.encode(bytes).into_bytes()),
        ("hex with colons", bytes.iter().map(|b| format!("{b:02X}:")).collect::<String>().into_bytes()),
        ("UTF-16LE", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16BE", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("a URL", b"a%27%22b%5C%3C%26%C3%A9%20c%25%3Ad%3E%3F%7E%27%22e".to_vec()),
        ("a URL in small letters", b"a%27%22b%5c%3c%26%c3%a9+c%25%3ad%3e%3f%7e%27%22e".to_vec()),
        ("JSON", serde_json::to_vec(SECRET).unwrap()),
        ("HTML", b"a&#x27;&quot;b\\&lt;&amp;\xc3\xa9 c%:d&gt;?~&#x27;&quot;e".to_vec()),
        ("HTML of old", b"a&#39;&quot;b\\&lt;&amp;\xc3\xa9 c%:d&gt;?~&#39;&quot;e".to_vec()),
        ("a shell's word", shell_words::quote(SECRET).into_owned().into_bytes()),
    ];
    for (how, planted) in forms {
        ground.finds("the secret", how, planted);
    }
    let packed = ground.search.within(&gzip(bytes));
    assert!(packed.contains("the secret as it is"), "{packed:?}");
}

#[test]
fn planted_key_is_found_in_every_form() {
    let ground = Ground::new();
    for (name, number, decimal) in &ground.numbers.0 {
        let what = format!("the key: {name}");
        let middle = &number[5..][..31];
        let forms: [(&str, Vec<u8>); 10] = [
            ("as bytes", number.clone()),
            ("31 of its bytes", middle.to_vec()),
            ("in reverse", number.iter().rev().copied().collect()),
            ("hex", HEXLOWER.encode(middle).into_bytes()),
            (
                "hex in capitals with colons",
                middle.iter().map(|b| format!("{b:02X}:")).collect::<String>().into_bytes(),
            ),
            ("base64", BASE64_STANDARD.encode(middle).into_bytes()),
            ("base64 after one byte", BASE64_STANDARD.encode([b"x", middle].concat()).into_bytes()),
            ("base64 after two bytes", BASE64_STANDARD.encode([b"xx", middle].concat()).into_bytes()),
            ("base64 for URLs", BASE64_URL_SAFE_NO_PAD.encode(number).into_bytes()),
            ("decimal", decimal.clone().into_bytes()),
        ];
        for (how, planted) in forms {
            ground.finds(&what, how, planted);
        }
    }
    for line in ["pkey -outform DER", "rsa -traditional -outform DER", "pkey -text", "pkey"] {
        let written = ground.key_as(line);
        for (name, ..) in &ground.numbers.0 {
            ground.finds(&format!("the key: {name}"), line, &written);
        }
        if let Ok(text) = String::from_utf8(written) {
            ground.finds("the key", line, serde_json::to_vec(&text).unwrap());
        }
    }
    ground.finds("a key without encryption", "of any other", "-----BEGIN PRIVATE KEY-----\n");
    ground.finds("a key without encryption", "of any other", "-----BEGIN RSA PRIVATE KEY-----\n");
}

#[test]
fn planted_token_is_found_in_every_form() {
    let ground = Ground::new();
    let bytes = HEXLOWER.decode(HASH.as_bytes()).unwrap();
    for planted in
        [HASH.as_bytes(), HASH.to_uppercase().as_bytes(), &bytes, BASE64_STANDARD.encode(&bytes).as_bytes()]
    {
        ground.finds("the hash", "alone", planted);
    }
    // Of a token that nobody told the search about.
    let other = HASH.replace('a', "b");
    let rest = format!("X26ABC1:1c820cd4-be3e-43ff-807f-e65362892722:0:202606011200:{other}");
    for planted in [
        format!("NHSMESH {rest}"),
        format!("nhsmesh%20{rest}"),
        rest,
        format!("NHSMESH%20X%3Ay%3A0%3A1%3A{other}"),
    ] {
        ground.finds("a token", "of any secret", planted);
    }
}

#[test]
fn what_is_no_secret_is_not_found() {
    let ground = Ground::new();
    let certificate = ground.key_as("pkey -pubout");
    let encrypted = ground.folder.path().join("encrypted.pem");
    let (key, out) = (path_arg(&ground.key()), path_arg(&encrypted));
    openssl(&format!("pkcs8 -topk8 -v2 aes-256-cbc -in {key} -passout pass:other -out {out}"));
    for innocent in [
        certificate,
        std::fs::read(encrypted).unwrap(),
        b"hash: NHSMESH X26ABC1:nonce:0:202606011200:(hidden)".to_vec(),
        b"authorization: $(mesh-onboard -q token X26ABC1)".to_vec(),
        format!("sha256 {}", HASH.replace('a', "b")).into_bytes(),
        b"the secret, its passphrase, a password".to_vec(),
    ] {
        let found = ground.search.within(&innocent);
        assert!(found.is_empty(), "{found:?} in {}", String::from_utf8_lossy(&innocent));
    }
}
