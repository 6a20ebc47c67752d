//! Binary input made to do harm: nested, cut off, announcing what is not there, asking for work.

use std::time::{Duration, Instant};

use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKeyChain};
use rustls_pki_types::PrivatePkcs8KeyDer;

use super::element::Element;
use super::*;
use crate::pki::{KeyError, KeySize, PrivateKey};

/// A sequence of `contents`, its length in DER.
fn sequence(contents: &[u8]) -> Vec<u8> {
    element(0x30, contents)
}

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], contents].concat()
}

#[track_caller]
fn quickly<T>(what: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = what();
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    result
}

#[test]
fn hundred_thousand_nested_sequences_are_refused() {
    let open = [0x30, 0x80].repeat(100_000);
    let mut closed = Vec::new();
    for length in (0..100_000_u32).rev().map(|level| (100_000 - level - 1) * 6) {
        closed.push([&[0x30, 0x84][..], &length.to_be_bytes()].concat());
    }
    closed.reverse();
    let explicit = [0xa0, 0x80].repeat(100_000);
    let safe = sequence(&[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2][..], &explicit].concat());
    for bytes in [open, closed.concat(), safe] {
        assert_eq!(quickly(|| read(&bytes, &[])).kind, Kind::Unknown);
    }
}

#[test]
fn lengths_that_are_not_there_cost_nothing() {
    for bytes in [
        &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..],
        &[0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        &[0x30, 0x0a, 4, 0x84, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
        // Two entries, the first a key of 4 GB.
        b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x01a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        // Four billion entries; a chain of four billion certificates, made at the end of time.
        b"\xfe\xed\xfe\xed\0\0\0\x02\xff\xff\xff\xff",
        b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\x01a\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff",
        b"\xce\xce\xce\xce",
        b"\xfe\xed\xfe\xed",
    ] {
        let contents = quickly(|| read(bytes, &[Passphrase::new("x")]));
        assert!(matches!(contents.kind, Kind::Unknown | Kind::Jks | Kind::Jceks), "{contents:?}");
        assert!(!contents.objects.is_empty());
        if contents.kind != Kind::Unknown {
            assert!(contents.notes.iter().any(|note| note.code == "damaged"), "{contents:?}");
        }
    }
}

/// A PFX that takes one iteration to open, with and without its MAC.
fn pfx() -> [Vec<u8>; 2] {
    let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
    let pair = PrivatePkcs8KeyDer::from(key.pkcs8().expose());
    let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pair, &rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
    let chain = vec![p12_keystore::Certificate::from_der(certificate.der()).unwrap()];
    let key = p12_keystore::PrivateKey::from_der(key.pkcs8().expose()).unwrap();
    let mut store = KeyStore::new();
    store.add_entry("x", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("1", key, chain)));
    let writer = store.writer("password").encryption_iterations(1).mac_iterations(1);
    let with_mac = writer.write().unwrap();
    let parts = Element::of(&with_mac).unwrap().children().take(2).map(|part| part.whole);
    let without_mac = sequence(&parts.collect::<Vec<_>>().concat());
    [with_mac, without_mac]
}

#[test]
fn no_byte_changed_or_cut_off_makes_the_reader_panic() {
    let password = [Passphrase::new("password")];
    for pfx in pfx() {
        let whole = read(&pfx, &password);
        assert!(whole.objects.len() == 2 && !whole.is_locked(), "{whole:?}");
        for at in 0..pfx.len() {
            drop(read(&pfx[..at], &password));
            let mut changed = pfx.clone();
            for bits in [0x20, 0xff] {
                changed[at] = pfx[at] ^ bits;
                drop(read(&changed, &password));
            }
        }
    }
}

#[test]
fn mac_that_is_not_checked_is_named_and_the_rest_read() {
    let [pfx, _] = pfx();
    let sha256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    let pbmac1 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e];
    // The last one is that of the MAC; the two are as long as each other.
    let at = pfx.windows(9).rposition(|bytes| bytes == sha256).unwrap();
    let sealed = [&pfx[..at], &pbmac1, &pfx[at + 9..]].concat();
    let contents = read(&sealed, &[Passphrase::new("password")]);
    assert_eq!(contents.objects.len(), 2);
    assert_eq!(contents.certificates().count(), 1);
    assert_eq!(contents.protection.last().unwrap().scheme, "PBMAC1");
    assert_eq!(contents.notes.iter().map(|note| note.code).collect::<Vec<_>>(), ["mac_not_checked"]);
    assert!(!contents.is_locked(), "{contents:?}");
}

#[test]
fn work_that_a_file_asks_for_is_bounded() {
    let [pfx, _] = pfx();
    let whole = Element::of(&pfx).unwrap();
    let parts: Vec<_> = whole.children().collect();
    let mac: Vec<_> = parts[2].children().take(2).map(|part| part.whole).collect();
    let iterations = element(2, &i32::MAX.to_be_bytes());
    let mac_data = sequence(&[mac.concat(), iterations].concat());
    let bomb = sequence(&[parts[0].whole, parts[1].whole, &mac_data].concat());
    let contents = quickly(|| read(&bomb, &[Passphrase::new("password")]));
    assert_eq!(contents.kind, Kind::Pkcs12);
    assert_eq!(contents.protection.last().unwrap().iterations, Some(i32::MAX as u64));
    assert_eq!(contents.notes[0].code, "mac_not_checked");
}

#[test]
fn keys_with_endless_numbers_are_not_computed_with() {
    let number = element(2, &[0x7f; 1_000_000]);
    let numbers = [element(2, &[0]), number.repeat(8)].concat();
    let contents = quickly(|| read(&sequence(&numbers), &[]));
    assert_eq!(contents.describe(), "an RSA private key whose numbers do not fit together");
    quickly(|| read(&sequence(&number.repeat(2)), &[]));
}

/// An encrypted key that takes a million iterations to each password, and that none opens.
fn costly_key() -> Vec<u8> {
    let short = |tag: u8, parts: &[&[u8]]| {
        let contents = parts.concat();
        [&[tag, u8::try_from(contents.len()).unwrap()], &contents[..]].concat()
    };
    let pkcs5 = |last: u8| short(6, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, last]]);
    let costs = short(0x30, &[&short(4, &[&[1; 8]]), &short(2, &[&[0x0f, 0x42, 0x40]])]);
    let kdf = short(0x30, &[&pkcs5(12), &costs]);
    let aes = short(6, &[&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2]]);
    let cipher = short(0x30, &[&aes, &short(4, &[&[2; 16]])]);
    let algorithm = short(0x30, &[&pkcs5(13), &short(0x30, &[&kdf, &cipher])]);
    short(0x30, &[&algorithm, &short(4, &[&[3; 32]])])
}

/// How many keys were tried, and how many left alone for what they would cost.
fn tried(contents: &Contents) -> (usize, usize) {
    let count = |wanted: fn(&KeyError) -> bool| {
        let is = |o: &&Object| matches!(&o.content, Content::PrivateKey(Key::Locked(why)) if wanted(why));
        contents.objects.iter().filter(is).count()
    };
    (count(|e| matches!(e, KeyError::PassphraseWrong)), count(|e| matches!(e, KeyError::Scheme { .. })))
}

#[test]
fn many_costly_keys_share_the_work_of_one_file() {
    let passwords = [Passphrase::new("x"), Passphrase::new("y")];
    let key = costly_key();
    let pem = pem::encode(&pem::Pem::new("ENCRYPTED PRIVATE KEY", &key[..])).repeat(60);
    assert_eq!(tried(&read(pem.as_bytes(), &passwords)), (20, 40));
}
