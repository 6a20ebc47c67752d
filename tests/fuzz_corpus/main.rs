//! A small, bounded run of the fuzz targets' corpus through the same doors, without a fuzzer: every file as
//! it is, cut off, changed in single bytes, and joined to another. docs/fuzzing.md tells of the long runs.

use std::fs;
use std::path::{Path, PathBuf};

use mesh_onboard::pki::sniff::{self, Contents};
use mesh_onboard::secret::Passphrase;

#[path = "../support/mod.rs"]
mod support;

mod make;

/// Opens every protected file of the corpus.
const PASSWORD: &str = "changeit";

/// How often each file is changed in one byte.
const FLIPS: usize = 48;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn files(target: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(corpus(target))
        .expect("the corpus is part of the repository")
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    assert!(files.len() > 10, "only {} files in the corpus of {target}", files.len());
    files
}

fn passphrases(password: &str) -> [Passphrase; 1] {
    [Passphrase::new(password.to_owned())]
}

fn sniffed(bytes: &[u8]) -> Vec<Contents> {
    vec![sniff::read(bytes, &[]), sniff::read(bytes, &passphrases(PASSWORD))]
}

fn sniffed_with_passwords(bytes: &[u8]) -> Vec<Contents> {
    ["changeit", "wrong", ""].iter().map(|password| sniff::read(bytes, &passphrases(password))).collect()
}

fn replied(bytes: &[u8]) -> Vec<Contents> {
    #[cfg(feature = "test-hooks")]
    return vec![mesh_onboard::read_reply(bytes, &[])];
    #[cfg(not(feature = "test-hooks"))]
    {
        support::needs_test_hooks();
        vec![sniff::read(bytes, &[])]
    }
}

/// Numbers that look random and are the same in each run (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

/// Runs a target over its corpus and changes of it. A panic fails the test, and its output names the input.
fn smoke(target: &str, run: impl Fn(&[u8]) -> Vec<Contents>) {
    let files = files(target);
    let mut numbers = Numbers(0x6d65_7368);
    let check = |what: &str, bytes: &[u8]| {
        // Shown only when the test fails.
        println!("{target}: {what}, {} bytes", bytes.len());
        for contents in run(bytes) {
            assert!(
                !contents.objects.is_empty() && !contents.describe().is_empty(),
                "{what}: nothing is said"
            );
        }
    };
    for (at, (name, bytes)) in files.iter().enumerate() {
        check(name, bytes);
        for sixteenth in 0..16 {
            check(&format!("{name} cut at {sixteenth}/16"), &bytes[..bytes.len() * sixteenth / 16]);
        }
        for _ in 0..FLIPS {
            let (place, bit) = (numbers.next(bytes.len()), numbers.next(8));
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            check(&format!("{name} with bit {bit} of byte {place} flipped"), &changed);
        }
        let (other, more) = &files[(at + 1) % files.len()];
        check(&format!("{name} joined to {other}"), &[&bytes[..], more].concat());
    }
}

#[test]
fn no_change_of_a_file_makes_the_sniffer_panic() {
    smoke("sniff", sniffed);
}

#[test]
fn no_change_of_a_container_makes_its_reader_panic() {
    smoke("reply", replied);
}

#[test]
fn no_change_of_a_pkcs12_file_makes_its_reader_panic() {
    smoke("pkcs12", sniffed_with_passwords);
}

#[test]
fn corpus_stays_small() {
    let size: usize = ["sniff", "reply", "pkcs12"]
        .iter()
        .flat_map(|target| files(target))
        .map(|(_, bytes)| bytes.len())
        .sum();
    assert!(size < 300_000, "{size} bytes");
}
