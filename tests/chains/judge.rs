//! `openssl verify` as the other judge.

use std::process::Command;

use mesh_onboard::pki::Certificate;
use time::OffsetDateTime;

use crate::mint::pem_file;
use crate::support::{path_arg, scratch};

/// Whether the extra checks of RFC 5280 are made that openssl leaves out by default.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// `-x509_strict`.
    Strict,
    Usual,
}

/// What `openssl verify` says of a client certificate: nothing, or its error.
pub fn openssl_verify(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    now: OffsetDateTime,
    strictness: Strictness,
) -> Result<(), String> {
    let place = scratch();
    let file = |name, certificates| path_arg(&pem_file(&place, name, certificates));
    let mut command = Command::new("openssl");
    command.args(["verify", "-purpose", "sslclient", "-no-CApath", "-no-CAstore"]);
    // What TLS servers of Debian and Ubuntu ask for; without it openssl verify takes even MD5.
    command.args(["-auth_level", "2"]);
    command.args(["-attime", &now.unix_timestamp().to_string()]);
    if strictness == Strictness::Strict {
        command.arg("-x509_strict");
    }
    // openssl takes no file without certificates.
    if anchors.is_empty() {
        command.arg("-no-CAfile");
    } else {
        command.args(["-CAfile", &file("anchors.pem", anchors)]);
    }
    if !pool.is_empty() {
        command.args(["-untrusted", &file("pool.pem", pool)]);
    }
    command.arg(file("leaf.pem", std::slice::from_ref(leaf)));
    let output = command.output().expect("openssl starts: run tests/run, which installs what the tests need");
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter(|l| l.starts_with("error"))
        .collect::<Vec<_>>()
        .join("; "))
}
