//! PKCS#12 files that some reader refuses, mostly with the words "wrong password".

use super::Findings;
use crate::pki::sniff::{Contents, Kind, Protection};

/// What .NET takes for one derivation, and for all of a file.
const DOTNET_ITERATIONS: u64 = 300_000;
const DOTNET_ITERATIONS_IN_ALL: u64 = 1_000_000;

pub(super) fn judge(findings: &mut Findings, contents: &Contents) {
    // Also in base64, in an archive or in an email: only PKCS#12 has a MAC.
    let sealed = |part: &Protection| part.part == INTEGRITY && part.kdf.as_deref() == Some("PKCS#12");
    if contents.kind != Kind::Pkcs12 && !contents.protection.iter().any(sealed) {
        return;
    }
    let parts = &contents.protection;
    let mut refusers: Vec<String> = Vec::new();
    if parts.iter().any(|part| part.scheme.contains("RC2") || part.scheme.contains("RC4")) {
        refusers.push("OpenSSL 3 without its legacy provider (RC2 or RC4)".into());
    }
    if parts.iter().any(|part| part.scheme == "PBES2") {
        refusers.push("Windows Server 2016, Java before 8u301 and macOS Keychain (PBES2)".into());
    }
    if parts.iter().any(|part| part.kdf.as_deref() == Some("scrypt")) {
        refusers.push("Java and .NET (scrypt)".into());
    }
    if parts.iter().any(|part| part.part == INTEGRITY && part.scheme == "PBMAC1") {
        refusers.push("OpenSSL before 3.4, Windows and Java before 26 (PBMAC1)".into());
    }
    if !parts.iter().any(|part| part.part == INTEGRITY && part.scheme != "none") {
        refusers.push("Windows and Java, which want a MAC".into());
    }
    let iterations = |part: &Protection| part.iterations.unwrap_or_default();
    let most = parts.iter().map(iterations).max().unwrap_or_default();
    let sum: u64 = parts.iter().map(iterations).sum();
    if most > DOTNET_ITERATIONS || sum > DOTNET_ITERATIONS_IN_ALL {
        refusers.push(format!(".NET ({most} iterations, more than its limit)"));
    }
    if !refusers.is_empty() {
        findings.info("pfx_reader_limits", format!("it is refused by {}", refusers.join("; by ")));
    }
}

/// The part that the MAC protects.
const INTEGRITY: &str = "integrity";
