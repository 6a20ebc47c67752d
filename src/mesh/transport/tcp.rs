use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::{Stage, TransportError};
use crate::mesh::Target;

/// The least time that an address is given, however little is left.
const LEAST_WAIT: Duration = Duration::from_millis(50);

/// Stage 1: the addresses of the host, or of the proxy if there is one, as the operating system gives them;
/// an IP address is its own.
///
/// Waits as long as the operating system's resolver does. Next: [`connect`].
///
/// # Errors
/// [`TransportError::NoSuchName`].
pub fn resolve(target: &Target) -> Result<Vec<SocketAddr>, TransportError> {
    let (host, port) = match target.proxy() {
        Some(proxy) => (proxy.host(), proxy.port()),
        None => (target.host(), target.port()),
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let no_such_name = |source| TransportError::NoSuchName { host: host.into(), source };
    let found: Vec<_> = (host, port).to_socket_addrs().map_err(no_such_name)?.collect();
    if found.is_empty() {
        return Err(no_such_name(io::Error::new(ErrorKind::NotFound, "the resolver found no address")));
    }
    Ok(found)
}

/// Stage 2: a TCP connection to the first address that answers, and which one that was.
///
/// Every address is tried, one after the other, within `timeout` for all. Each may use half of what is
/// left, the last all of it, so that one silent address leaves time for the others. Next:
/// [`tunnel`](super::tunnel), [`handshake`](super::handshake).
///
/// # Errors
/// If none answers: [`TransportError::Refused`] if one refused (an answer tells more than silence), else
/// [`TransportError::Reset`] if one was cut at once, else [`TransportError::TimedOut`], else
/// [`TransportError::Unreachable`].
pub fn connect(
    addresses: &[SocketAddr],
    timeout: Duration,
) -> Result<(TcpStream, SocketAddr), TransportError> {
    connect_watched(addresses, timeout, |_, _| {})
}

/// The same; `on_failure` hears of every address that did not answer, and why.
///
/// # Errors
/// As of [`connect`].
pub fn connect_watched(
    addresses: &[SocketAddr],
    timeout: Duration,
    mut on_failure: impl FnMut(SocketAddr, &io::Error),
) -> Result<(TcpStream, SocketAddr), TransportError> {
    let deadline = Instant::now() + timeout;
    let (mut refused, mut silent, mut reset) = (Vec::new(), Vec::new(), false);
    let mut last = io::Error::new(ErrorKind::AddrNotAvailable, "there is no address to connect to");
    for (i, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = if i + 1 == addresses.len() { left } else { left / 2 };
        let tried = TcpStream::connect_timeout(address, share.max(LEAST_WAIT));
        if let Err(error) = &tried {
            on_failure(*address, error);
        }
        match tried {
            Ok(stream) => {
                // Small requests are not to wait for an acknowledgement.
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Err(e) if e.kind() == ErrorKind::ConnectionRefused => refused.push(*address),
            Err(e) if is_timeout(&e) => silent.push(*address),
            Err(e) if is_reset(&e) => reset = true,
            Err(e) => last = e,
        }
    }
    Err(if !refused.is_empty() {
        TransportError::Refused { addresses: refused }
    } else if reset {
        TransportError::Reset { stage: Stage::Connect, certificate_requested: false }
    } else if !silent.is_empty() {
        TransportError::TimedOut { stage: Stage::Connect, addresses: silent }
    } else {
        TransportError::Unreachable { addresses: addresses.into(), source: last }
    })
}

/// Whether a socket says that time ran out; which of the two kinds depends on the operating system.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

/// Whether the other side took the connection and cut it at once.
fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    /// An address of this machine at which nothing listens.
    fn closed() -> SocketAddr {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
    }

    #[test]
    fn addresses_resolve_to_themselves() {
        let addresses = resolve(&"https://[::1]:8700".parse().unwrap()).unwrap();
        assert_eq!(addresses, ["[::1]:8700".parse().unwrap()]);
    }

    #[test]
    fn unknown_name_is_named() {
        // ".invalid" exists nowhere (RFC 2606).
        let error = resolve(&"https://mesh.invalid".parse().unwrap()).unwrap_err();
        assert!(
            matches!(&error, TransportError::NoSuchName { host, .. } if host == "mesh.invalid"),
            "{error:?}"
        );
    }

    #[test]
    fn any_address_that_answers_will_do() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let open = listener.local_addr().unwrap();
        let (_, address) = connect(&[closed(), open], Duration::from_secs(5)).unwrap();
        assert_eq!(address, open);
    }

    #[test]
    fn refused_addresses_are_all_named() {
        let (one, two) = (closed(), closed());
        let error = connect(&[one, two], Duration::from_secs(5)).unwrap_err();
        assert!(
            matches!(&error, TransportError::Refused { addresses } if *addresses == [one, two]),
            "{error:?}"
        );
    }

    #[test]
    fn no_address_at_all_is_unreachable() {
        let error = connect(&[], Duration::from_secs(1)).unwrap_err();
        assert!(matches!(error, TransportError::Unreachable { .. }), "{error:?}");
    }
}
