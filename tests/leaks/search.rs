//! Finds secrets in bytes, in whatever form they were written.

use std::collections::BTreeSet;
use std::io::Read;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use data_encoding::HEXLOWER;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::numbers::Numbers;

/// So much of a text is a leak, wherever in it.
const PART: usize = 8;
/// So many bytes of a number are looked for at a time, so that twice as many less one are found wherever they begin.
const CHUNK: usize = 16;
/// So many decimal digits from the front of a number.
const DIGITS: usize = 24;

/// What is looked for.
#[derive(Default)]
pub struct Needles(Vec<(Vec<u8>, String)>);

impl Needles {
    /// A passphrase, a password or a shared key.
    pub fn text(&mut self, label: &str, text: &str) {
        let (bytes, mut add) = (text.as_bytes(), |form: &str, needle: Vec<u8>| self.add(label, form, needle));
        add("as it is", bytes.to_vec());
        add("as it is", squeezed(bytes));
        let characters: Vec<char> = text.chars().collect();
        for part in characters.windows(PART) {
            add("in part", part.iter().collect::<String>().into_bytes());
        }
        add("as hex", HEXLOWER.encode(bytes).into_bytes());
        for form in base64_forms(bytes) {
            add("as base64", form);
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        add("as UTF-16LE", units.iter().flat_map(|unit| unit.to_le_bytes()).collect());
        add("as UTF-16BE", units.iter().flat_map(|unit| unit.to_be_bytes()).collect());
        let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        add("as URL", encoded.replace("%20", "+").into_bytes());
        add("as URL", encoded.into_bytes());
        let json = serde_json::to_string(text).expect("text is JSON");
        add("as JSON", json.as_bytes()[1..json.len() - 1].to_vec());
        let html = |quote: &str, apostrophe: &str| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            text.replace('"', quote).replace('\'', apostrophe).into_bytes()
        };
        add("as HTML", html("&quot;", "&#39;"));
        add("as HTML", html("&quot;", "&#x27;"));
        add("as HTML", html("\"", "'"));
        add("as a word of a shell", shell_words::quote(text).into_owned().into_bytes());
    }

    /// Everything that is private in a key.
    pub fn key(&mut self, label: &str, key: &Numbers) {
        for (name, number, decimal) in &key.0 {
            let label = format!("{label}: {name}");
            for chunk in number.chunks_exact(CHUNK) {
                self.add(&label, "as bytes", chunk.to_vec());
                self.add(&label, "as bytes in reverse", chunk.iter().rev().copied().collect());
                self.add(&label, "as hex", HEXLOWER.encode(chunk).into_bytes());
                for form in base64_forms(chunk) {
                    self.add(&label, "as base64", form);
                }
            }
            self.add(&label, "as decimal digits", decimal.as_bytes()[..DIGITS].to_vec());
        }
    }

    /// The hash of a token that was used, which makes it one.
    pub fn hash(&mut self, label: &str, hash: &str) {
        self.add(label, "as hex", hash.as_bytes().to_vec());
        let bytes = HEXLOWER.decode(hash.as_bytes()).expect("hexadecimal");
        for form in base64_forms(&bytes).chain(base64_forms(hash.as_bytes())) {
            self.add(label, "as base64", form);
        }
        self.add(label, "as bytes", bytes);
    }

    fn add(&mut self, label: &str, form: &str, needle: Vec<u8>) {
        self.0.push((needle, format!("{label} {form}")));
    }

    /// Ready to search.
    pub fn search(&self) -> Search {
        let build = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            // What somebody wrote in other letters is no less a leak.
            .ascii_case_insensitive(true)
            .build(self.0.iter().map(|(needle, _)| needle));
        Search {
            automaton: build.expect("the needles fit"),
            labels: self.0.iter().map(|(_, label)| label.clone()).collect(),
        }
    }
}

/// The characters of base64 that belong to these bytes alone, for each of the three places in which they may begin.
fn base64_forms(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut forms = Vec::new();
    for before in 0..3_usize {
        let padded = [&vec![0; before], bytes].concat();
        // A character holds six bits; those that hold bits of other bytes are left out.
        let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for engine in [&BASE64_STANDARD, &BASE64_URL_SAFE] {
            forms.push(engine.encode(&padded).as_bytes()[from..to].to_vec());
        }
    }
    forms.into_iter()
}

/// Looks for all needles at once.
pub struct Search {
    automaton: AhoCorasick,
    labels: Vec<String>,
}

impl Search {
    /// How many needles there are: they only become more.
    pub fn size(&self) -> usize {
        self.labels.len()
    }

    /// What is in there, in words.
    pub fn within(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = self.in_view(bytes);
        found.extend(self.in_view(&squeezed(bytes)));
        found.extend(without_zeros(bytes).iter().flat_map(|view| self.in_view(view)));
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut unpacked = Vec::new();
            // What a damaged one holds up to the damage.
            let _ = flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut unpacked);
            found.extend(self.in_view(&unpacked));
        }
        found
    }

    fn in_view(&self, view: &[u8]) -> BTreeSet<String> {
        let hits = self.automaton.find_overlapping_iter(view);
        let mut found: BTreeSet<_> = hits.map(|hit| self.labels[hit.pattern()].clone()).collect();
        if holds_token(view) {
            found.insert("a token".into());
        }
        if holds_plain_key(view) {
            found.insert("a key without encryption".into());
        }
        found
    }
}

/// Without what stands between the bytes of a number or the lines of a text: white space, colons, line ends as
/// JSON and quoted-printable write them.
fn squeezed(bytes: &[u8]) -> Vec<u8> {
    let mut left = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'\\', [b'n' | b'r' | b't', after @ ..]) => after,
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => after,
            (b' ' | b'\t' | b'\r' | b'\n' | b':', _) => after,
            _ => {
                left.push(first);
                after
            }
        };
    }
    left
}

/// UTF-16 as plain text, if it may be that.
fn without_zeros(bytes: &[u8]) -> Option<Vec<u8>> {
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    (zeros * 4 > bytes.len()).then(|| bytes.iter().copied().filter(|byte| *byte != 0).collect())
}

/// Whether a MESH token stands there: `NHSMESH` with digits of a hash soon after it, or the end of one.
fn holds_token(view: &[u8]) -> bool {
    const SCHEME: &[u8] = b"nhsmesh";
    let hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    let named = view.windows(SCHEME.len()).enumerate().any(|(at, word)| {
        let after = &view[at + SCHEME.len()..view.len().min(at + 256)];
        word.eq_ignore_ascii_case(SCHEME) && after.windows(32).any(hex)
    });
    // :yyyyMMddHHmm:hash
    let ended = view.windows(1 + 12 + 1 + 64).any(|end| {
        let (time, hash) = (&end[1..13], &end[14..]);
        end[0] == b':' && end[13] == b':' && time.iter().all(u8::is_ascii_digit) && hex(hash)
    });
    named || ended
}

fn holds_plain_key(view: &[u8]) -> bool {
    [&b"BEGIN PRIVATE KEY"[..], b"BEGIN RSA PRIVATE KEY"]
        .iter()
        .any(|label| view.windows(label.len()).any(|word| word == *label))
}
