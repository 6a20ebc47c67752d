use std::fmt;
use std::io;
use std::net::SocketAddr;

use rustls::CertificateError;
use rustls_pki_types::UnixTime;
use time::OffsetDateTime;

use crate::mesh::Target;
use crate::pki::Certificate;

/// How far a connection had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// TCP was being connected, to the proxy if there is one.
    Connect,
    /// The proxy was being asked for a way to the server.
    Tunnel,
    /// The TLS handshake was under way.
    Handshake,
    /// The handshake was done; the request was being sent.
    Send,
    /// The request was sent; the answer was awaited or being read.
    Receive,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "while connecting",
            Self::Tunnel => "while asking the proxy for a way",
            Self::Handshake => "during the TLS handshake",
            Self::Send => "while sending the request",
            Self::Receive => "while waiting for the answer",
        })
    }
}

/// Why no request and answer could pass. One variant for each thing that an engineer must tell apart.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The host has no address, or no resolver answered; the operating system tells which in words.
    #[error("the name '{host}' has no address")]
    NoSuchName {
        /// The host that was asked for.
        host: String,
        /// The operating system's words.
        source: io::Error,
    },
    /// Something answered at these addresses that nothing listens there.
    #[error("the connection was refused at {}", list(addresses))]
    Refused {
        /// The addresses that refused.
        addresses: Vec<SocketAddr>,
    },
    /// Nothing was heard for too long.
    #[error("time ran out {stage}{}", at(addresses))]
    TimedOut {
        /// How far it had come.
        stage: Stage,
        /// The addresses that kept silent.
        addresses: Vec<SocketAddr>,
    },
    /// There is no way to these addresses.
    #[error("there is no way to {}", list(addresses))]
    Unreachable {
        /// The addresses that were tried.
        addresses: Vec<SocketAddr>,
        /// The operating system's words about the last of them.
        source: io::Error,
    },
    /// The proxy cannot be reached.
    #[error("the proxy {proxy} cannot be reached: {source}")]
    ProxyUnreachable {
        /// Host and port of the proxy.
        proxy: String,
        /// Why.
        source: Box<TransportError>,
    },
    /// The proxy lets nobody through without a login, or not with this one (status 407).
    #[error("the proxy {proxy} {}{}", if *given { "refuses the login" } else { "wants a login" }, offered(schemes))]
    ProxyLogin {
        /// Host and port of the proxy.
        proxy: String,
        /// Whether it was given a login.
        given: bool,
        /// The ways to log in that it offers, such as `Basic` or `Negotiate`.
        schemes: Vec<String>,
    },
    /// The proxy opens no way to the server, because it may not or cannot.
    #[error("the proxy {proxy} opens no way to the server: {status} {reason}")]
    ProxyRefused {
        /// Host and port of the proxy.
        proxy: String,
        /// The HTTP status.
        status: u16,
        /// What the proxy says beside it.
        reason: String,
    },
    /// What was taken for a proxy does not answer as one.
    #[error("{proxy} does not answer as an HTTP proxy")]
    ProxyNotHttp {
        /// Host and port of the proxy.
        proxy: String,
    },
    /// The other side, or something between, cut the connection (TCP reset).
    #[error("the connection was reset {stage}")]
    Reset {
        /// How far it had come.
        stage: Stage,
        /// Whether the server had asked for a client certificate.
        certificate_requested: bool,
    },
    /// The server closed the connection and said nothing. Servers that dislike a client certificate and
    /// send no alert look like this.
    #[error("the server closed the connection without a word {stage}")]
    ClosedWithoutAlert {
        /// How far it had come.
        stage: Stage,
        /// Whether the server had asked for a client certificate.
        certificate_requested: bool,
    },
    /// The connection ended in the middle of an answer.
    #[error("the connection ended in the middle of the answer")]
    Truncated,
    /// No trusted authority stands behind the server's certificate.
    #[error("the server's certificate is not trusted: {reason}")]
    ServerUntrusted {
        /// What the server showed, its own certificate first.
        chain: Vec<Certificate>,
        /// Why it is not trusted.
        reason: String,
    },
    /// The server's certificate is trusted, but for another name.
    #[error("the server's certificate is not for '{expected}'")]
    ServerName {
        /// The name that was asked for.
        expected: String,
        /// The subject alternative names of the certificate; without any, no name can match.
        presented: Vec<String>,
        /// The common name of the certificate, which TLS clients no longer look at.
        common_name: Option<String>,
        /// What the server showed, its own certificate first.
        chain: Vec<Certificate>,
    },
    /// A certificate in the server's chain is over.
    #[error("the server's certificate is over since {not_after}")]
    ServerExpired {
        /// When it ended.
        not_after: OffsetDateTime,
        /// What the server showed, its own certificate first.
        chain: Vec<Certificate>,
    },
    /// A certificate in the server's chain is not valid yet: rather this machine's clock is wrong.
    #[error("the server's certificate is not valid before {not_before}")]
    ServerNotYetValid {
        /// When it begins.
        not_before: OffsetDateTime,
        /// What the server showed, its own certificate first.
        chain: Vec<Certificate>,
    },
    /// The server ended TLS with an alert.
    #[error("the server sent the TLS alert {name}{}", if *after_handshake { " after the handshake" } else { "" })]
    Alert {
        /// The name of the alert in RFC 8446, such as `unknown_ca`.
        name: String,
        /// Whether the handshake seemed done. In TLS 1.3 a server judges the client certificate only
        /// then.
        after_handshake: bool,
        /// Whether the server had asked for a client certificate.
        certificate_requested: bool,
    },
    /// TLS failed in another way; the other side may not speak TLS at all.
    #[error("TLS failed {stage}")]
    Tls {
        /// How far it had come.
        stage: Stage,
        /// What the TLS library says.
        source: rustls::Error,
    },
    /// The socket failed in another way.
    #[error("the connection failed {stage}")]
    Io {
        /// How far it had come.
        stage: Stage,
        /// The operating system's words.
        source: io::Error,
    },
}

impl TransportError {
    /// How far the connection had come.
    pub fn stage(&self) -> Stage {
        match self {
            Self::NoSuchName { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::ProxyUnreachable { .. } => Stage::Connect,
            Self::ProxyLogin { .. } | Self::ProxyRefused { .. } | Self::ProxyNotHttp { .. } => Stage::Tunnel,
            Self::ServerUntrusted { .. }
            | Self::ServerName { .. }
            | Self::ServerExpired { .. }
            | Self::ServerNotYetValid { .. } => Stage::Handshake,
            Self::Alert { after_handshake: false, .. } => Stage::Handshake,
            Self::Alert { after_handshake: true, .. } | Self::Truncated => Stage::Receive,
            Self::TimedOut { stage, .. }
            | Self::Reset { stage, .. }
            | Self::ClosedWithoutAlert { stage, .. }
            | Self::Tls { stage, .. }
            | Self::Io { stage, .. } => *stage,
        }
    }

    /// Whether it may go better a little later. What a certificate was refused for will not go away.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::ProxyRefused { status: 502..=504, .. }
                | Self::Refused { .. }
                | Self::TimedOut { .. }
                | Self::Unreachable { .. }
                | Self::Reset { .. }
                | Self::ClosedWithoutAlert { .. }
                | Self::Truncated
                | Self::Io { .. }
        ) || matches!(self, Self::ProxyUnreachable { source, .. } if source.is_transient())
    }

    /// An error of [`resolve`](super::resolve) or [`connect`](super::connect), which are about the proxy
    /// if there is one: told as such.
    pub(crate) fn on_the_way_to(self, target: &Target) -> Self {
        match target.proxy() {
            Some(proxy) => Self::ProxyUnreachable { proxy: proxy.to_string(), source: Box::new(self) },
            None => self,
        }
    }

    /// Whether a server that dislikes the client certificate and sends no alert looks like this.
    pub(crate) fn may_be_about_certificate(&self) -> bool {
        matches!(
            self,
            Self::Reset { certificate_requested: true, .. }
                | Self::ClosedWithoutAlert { certificate_requested: true, .. }
        )
    }
}

/// The ways to log in, if there are any.
fn offered(schemes: &[String]) -> String {
    if schemes.is_empty() { String::new() } else { format!(" ({})", schemes.join(", ")) }
}

/// The addresses that kept silent, if they are known.
fn at(addresses: &[SocketAddr]) -> String {
    if addresses.is_empty() { String::new() } else { format!(" ({})", list(addresses)) }
}

/// Addresses with commas between.
fn list(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// Why the server's certificate was not accepted.
pub(super) fn server_refused(error: CertificateError, chain: Vec<Certificate>) -> TransportError {
    match error {
        CertificateError::NotValidForNameContext { expected, presented } => TransportError::ServerName {
            expected: expected.to_str().into_owned(),
            presented: presented.iter().map(|name| plain(name)).collect(),
            common_name: chain.first().and_then(|leaf| leaf.common_name()).map(Into::into),
            chain,
        },
        CertificateError::ExpiredContext { not_after, .. } => {
            TransportError::ServerExpired { not_after: date(not_after), chain }
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            TransportError::ServerNotYetValid { not_before: date(not_before), chain }
        }
        CertificateError::UnknownIssuer => {
            TransportError::ServerUntrusted { reason: "no trusted root stands behind it".into(), chain }
        }
        CertificateError::BadSignature => TransportError::ServerUntrusted {
            reason: "it was not signed by the trusted root of that name, or was changed since".into(),
            chain,
        },
        error => {
            let text = error.to_string();
            let reason = if text.contains("CaUsedAsEndEntity") {
                // What `openssl req -x509` makes, and sandboxes often use.
                "it is an authority's own certificate (CA:TRUE), which cannot be a server's".into()
            } else {
                text
            };
            TransportError::ServerUntrusted { reason, chain }
        }
    }
}

/// A name out of the wrapping in which the library gives it: `DnsName("localhost")`.
fn plain(name: &str) -> String {
    ["DnsName(", "IpAddress("]
        .iter()
        .find_map(|kind| name.strip_prefix(kind)?.strip_suffix(')'))
        .unwrap_or(name)
        .trim_matches('"')
        .into()
}

fn date(time: UnixTime) -> OffsetDateTime {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_read_as_sentences() {
        let addresses = vec!["127.0.0.1:443".parse().unwrap(), "[::1]:443".parse().unwrap()];
        let error = TransportError::TimedOut { stage: Stage::Connect, addresses };
        assert_eq!(error.to_string(), "time ran out while connecting (127.0.0.1:443, [::1]:443)");
        let error = TransportError::Reset { stage: Stage::Receive, certificate_requested: true };
        assert_eq!(error.to_string(), "the connection was reset while waiting for the answer");
    }

    #[test]
    fn names_are_unwrapped() {
        assert_eq!(plain("DnsName(\"*.nhs.uk\")"), "*.nhs.uk");
        assert_eq!(plain("IpAddress(10.0.0.1)"), "10.0.0.1");
        assert_eq!(plain("DirectoryName"), "DirectoryName");
    }
}
