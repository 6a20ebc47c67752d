//! The stage between TCP and TLS where a proxy stands before the server: `CONNECT` (RFC 9110, 9.3.6).

use std::fmt;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use httparse::{EMPTY_HEADER, Status};
use ureq::ProxyProtocol;
use zeroize::Zeroizing;

use super::tcp::is_timeout;
use super::timed::TimedTcp;
use super::{Stage, TransportError};
use crate::mesh::Target;

/// The longest answer to `CONNECT` that is read, and how many headers it may have.
const ANSWER_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 100;

/// An HTTP proxy, with the login that it may want (Basic, RFC 7617).
///
/// Read from `http://[user:password@]host[:port]`; the scheme may be left out, and the port is then 80.
/// Characters that mean something in a URL are percent-encoded in user name and password. The login is
/// never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    host: String,
    port: u16,
    /// The value of the header, ready to be sent.
    authorization: Option<Arc<Zeroizing<String>>>,
}

/// Why an address is not that of a proxy which can be used. What was given is not repeated: it may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyUrlError {
    /// `https://`, `socks5://` and the like.
    #[error("only http:// proxies are spoken to")]
    Scheme,
    /// What stands where the port belongs is none.
    #[error(
        "its port is not a number from 1 to 65535 (user and password are percent-encoded where they hold / ? or #)"
    )]
    Port,
    /// No address at all.
    #[error("it is not http://[user:password@]host[:port]")]
    Unreadable,
}

impl Proxy {
    /// The host: a DNS name, or an IP address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Proxy {
    type Err = ProxyUrlError;

    fn from_str(given: &str) -> Result<Self, ProxyUrlError> {
        let scheme = given.trim().split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if scheme.is_some_and(|scheme| scheme != "http") {
            return Err(ProxyUrlError::Scheme);
        }
        // Whoever reads it next takes what is no port for none, and the login would go to another.
        if !port_is_usable(given.trim()) {
            return Err(ProxyUrlError::Port);
        }
        let read = ureq::Proxy::new(given.trim()).map_err(|_| ProxyUrlError::Unreadable)?;
        let host = read.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if read.protocol() != ProxyProtocol::Http || host.is_empty() || read.port() == 0 {
            return Err(ProxyUrlError::Unreadable);
        }
        let authorization = read.username().map(|user| {
            let login = Zeroizing::new(format!("{user}:{}", read.password().unwrap_or_default()));
            let encoded = Zeroizing::new(BASE64_STANDARD.encode(login.as_bytes()));
            Arc::new(Zeroizing::new(format!("Basic {}", encoded.as_str())))
        });
        Ok(Self { host, port: read.port(), authorization })
    }
}

/// Whether a proxy's address has no port, or a number that is one. Its authority ends where RFC 3986, 3.2, says.
fn port_is_usable(given: &str) -> bool {
    let rest = given.split_once("://").map_or(given, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    // The colons of an IPv6 address stand in brackets.
    let after_host = place.rsplit_once(']').map_or(place, |(_, rest)| rest);
    match after_host.split_once(':') {
        None => true,
        Some((_, port)) => {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self}, {} login)", if self.authorization.is_some() { "with" } else { "without" })
    }
}

/// Stage 3: asks the proxy of `target` for a way through, within `timeout`, over a connection from
/// [`connect`](super::connect). Without a proxy there is nothing to do.
///
/// Next: [`handshake`](super::handshake).
///
/// # Errors
/// [`TransportError::ProxyLogin`], [`ProxyRefused`](TransportError::ProxyRefused),
/// [`ProxyNotHttp`](TransportError::ProxyNotHttp), or how the connection broke.
pub fn tunnel(tcp: TcpStream, target: &Target, timeout: Duration) -> Result<TcpStream, TransportError> {
    let Some(proxy) = target.proxy() else { return Ok(tcp) };
    let peer = tcp.peer_addr().ok();
    let mut timed = TimedTcp::new(tcp);
    timed.deadline = Some(Instant::now() + timeout);
    let broken = |source: std::io::Error| {
        if is_timeout(&source) {
            return TransportError::TimedOut { stage: Stage::Tunnel, addresses: peer.into_iter().collect() };
        }
        TransportError::Io { stage: Stage::Tunnel, source }
    };
    let place = target.host_and_port();
    let mut request = Zeroizing::new(format!(
        "CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: mesh-onboard/{}\r\n",
        env!("CARGO_PKG_VERSION")
    ));
    if let Some(authorization) = &proxy.authorization {
        request.extend(["Proxy-Authorization: ", authorization.as_str(), "\r\n"]);
    }
    request.push_str("\r\n");
    timed.write_all(request.as_bytes()).map_err(broken)?;

    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 2048];
        let read = timed.read(&mut piece).map_err(broken)?;
        if read == 0 {
            return Err(match answer.is_empty() {
                true => {
                    TransportError::ClosedWithoutAlert { stage: Stage::Tunnel, certificate_requested: false }
                }
                false => TransportError::ProxyNotHttp { proxy: proxy.to_string() },
            });
        }
        answer.extend_from_slice(&piece[..read]);
        if let Some(judged) = judge(&answer, proxy) {
            return judged.and_then(|()| timed.into_socket().map_err(broken));
        }
    }
}

/// What an answer means, once it is whole.
fn judge(whole: &[u8], proxy: &Proxy) -> Option<Result<(), TransportError>> {
    let not_http = || TransportError::ProxyNotHttp { proxy: proxy.to_string() };
    let mut answer = whole;
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    // What is said in between goes on to the last answer.
    let (response, length) = loop {
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(answer) {
            Ok(Status::Complete(length)) if matches!(response.code, Some(100..200)) => {
                answer = &answer[length..];
                headers = [EMPTY_HEADER; HEADERS_MAX];
            }
            Ok(Status::Complete(length)) => break (response, length),
            Ok(Status::Partial) if whole.len() < ANSWER_MAX => return None,
            _ => return Some(Err(not_http())),
        }
    };
    Some(match response.code.unwrap_or_default() {
        // Nothing may follow: the server is silent until it hears our TLS.
        200..300 if length == answer.len() => Ok(()),
        200..300 => Err(not_http()),
        // Some say so as if they were the server.
        401 | 407 => Err(TransportError::ProxyLogin {
            proxy: proxy.to_string(),
            given: proxy.authorization.is_some(),
            schemes: schemes(&response),
        }),
        status => Err(TransportError::ProxyRefused {
            proxy: proxy.to_string(),
            status,
            reason: response.reason.unwrap_or_default().into(),
        }),
    })
}

/// The ways to log in that a proxy offers: the first word of each `Proxy-Authenticate`.
fn schemes(response: &httparse::Response<'_, '_>) -> Vec<String> {
    let offers = response.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("proxy-authenticate"));
    offers
        .filter_map(|h| Some(String::from_utf8_lossy(h.value).split_whitespace().next()?.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests;
