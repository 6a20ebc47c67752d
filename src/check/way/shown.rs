//! What was seen, in words that a person can compare.

use crate::mesh::{Target, TransportError};
use crate::pki::Certificate;

/// An error with its source, which holds the operating system's or the TLS library's words.
pub(super) fn described(error: &TransportError) -> String {
    match std::error::Error::source(error) {
        Some(source) if !error.to_string().contains(&source.to_string()) => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

/// A chain from the server's own certificate up, by names; at its end the issuer of the last one.
pub(super) fn chain(chain: &[Certificate]) -> String {
    let names: Vec<_> = chain.iter().map(|c| c.common_name().unwrap_or(c.subject())).collect();
    match (names.as_slice(), chain.last()) {
        ([], _) | (_, None) => "no certificate".into(),
        (names, Some(last)) if last.is_self_issued() => names.join(" < "),
        (names, Some(last)) => format!("{} < {}", names.join(" < "), last.issuer()),
    }
}

/// Host and port, the usual one too.
pub(in crate::check) fn place(target: &Target) -> String {
    match target.host() {
        host if host.contains(':') => format!("[{host}]:{}", target.port()),
        host => format!("{host}:{}", target.port()),
    }
}

/// The command that shows what the server shows.
pub(super) fn command(target: &Target) -> String {
    let proxy = target.proxy().map(|proxy| format!(" -proxy {proxy}")).unwrap_or_default();
    format!("openssl s_client -connect {}{proxy} -servername {} -showcerts", place(target), target.host())
}
