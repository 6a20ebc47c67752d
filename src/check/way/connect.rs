//! TCP to the first address that answers, and the way that a proxy opens.

use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use super::{Way, shown};
use crate::check::millis;
use crate::check::report::{Cause, Finding, ProbeId};
use crate::mesh::transport::{self, Stage};
use crate::mesh::{Proxy, TransportError};

macro_rules! causes {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        $(pub(super) static $name: Cause =
            Cause { probe: ProbeId::Connect, code: $code, meaning: $meaning };)*
    };
}

causes! {
    REFUSED "refused" "A machine at this address was reached and turned the connection away: nothing listens at this port, or a firewall answers in its place.";
    RESET "reset" "The connection was taken and cut at once. A firewall that does not let this machine in does that, and a load balancer that has no server behind it.";
    TIMED_OUT "timed_out" "Packets get lost and nobody says so, as when a firewall drops them. MESH on the internet answers addresses of the United Kingdom only, MESH on HSCN those of HSCN only.";
    UNREACHABLE "unreachable" "This machine knows no way to that address: its network is down, or leads there by a proxy or a VPN only.";
    PROXY_UNREACHABLE "proxy_unreachable" "Everything goes by the proxy, and the proxy itself could not be reached.";
    PROXY_LOGIN "proxy_login" "The proxy lets nobody out who does not log in, and no login was given.";
    PROXY_LOGIN_REFUSED "proxy_login_refused" "The proxy was given a login and does not take it.";
    PROXY_REFUSED "proxy_refused" "The proxy was asked for a tunnel (CONNECT), which TLS with a client certificate needs, and opened none.";
    PROXY_NOT_HTTP "proxy_not_http" "What answers at the address of the proxy does not speak as an HTTP proxy does.";
    PROXY_TIMED_OUT "proxy_timed_out" "The proxy took the request for a tunnel and said nothing: it may be waiting for MESH itself, from which a firewall keeps it.";
}

pub(super) fn probe(
    way: &Way,
    addresses: &[SocketAddr],
    on_pass: impl FnOnce(Finding),
) -> Result<TcpStream, Finding> {
    let (stream, evidence) = connected(way, addresses).map_err(|error| failed(way, addresses, &error))?;
    on_pass(Finding::pass(ProbeId::Connect, evidence));
    Ok(stream)
}

/// The connection, with what was seen.
fn connected(way: &Way, addresses: &[SocketAddr]) -> Result<(TcpStream, String), TransportError> {
    let (target, begin, mut silent) = (&way.target, Instant::now(), Vec::new());
    let (stream, address) = transport::connect_watched(addresses, way.patience.connect, |address, error| {
        silent.push(format!("{address} does not ({error})"));
    })
    .map_err(|error| error.on_the_way_to(target))?;
    let mut seen = vec![match target.proxy() {
        Some(proxy) if proxy.to_string() != address.to_string() => {
            format!("the proxy {proxy} ({address}) answers in {} ms", millis(begin))
        }
        Some(proxy) => format!("the proxy {proxy} answers in {} ms", millis(begin)),
        None => format!("{address} answers in {} ms", millis(begin)),
    }];
    seen.extend(silent);
    let begin = Instant::now();
    let stream = transport::tunnel(stream, target, way.patience.connect)?;
    if target.proxy().is_some() {
        seen.push(format!("it opens a way to {} in {} ms", shown::place(target), millis(begin)));
    }
    Ok((stream, seen.join("; ")))
}

fn failed(way: &Way, addresses: &[SocketAddr], error: &TransportError) -> Finding {
    let finding = |cause, remedy: String| Finding::failure(cause, evidence(way, addresses, error), remedy);
    match (error, way.target.proxy()) {
        (TransportError::ProxyUnreachable { .. }, _) => {
            finding(&PROXY_UNREACHABLE, "check host and port of --proxy or HTTPS_PROXY; if MESH is reached without a proxy, put its host into NO_PROXY".into())
        }
        (TransportError::ProxyLogin { given: false, .. }, Some(proxy)) => finding(&PROXY_LOGIN, login(proxy)),
        (TransportError::ProxyLogin { .. }, Some(proxy)) => finding(
            &PROXY_LOGIN_REFUSED,
            format!("check user name and password, percent-encoded where they hold a character that means something in a URL; {}", login(proxy)),
        ),
        (TransportError::ProxyRefused { status, .. }, _) => finding(&PROXY_REFUSED, not_let_through(way, *status)),
        (TransportError::TimedOut { stage: Stage::Tunnel, .. }, _) => {
            finding(&PROXY_TIMED_OUT, not_let_through(way, 504))
        }
        (TransportError::ProxyNotHttp { .. }, _) | (_, Some(_)) => {
            finding(&PROXY_NOT_HTTP, "check host and port of --proxy or HTTPS_PROXY: only plain HTTP proxies are spoken to, no SOCKS and no https:// ones".into())
        }
        (TransportError::Refused { .. }, _) => finding(
            &REFUSED,
            "check host and port of --url; if they are right, ask the network team whether a firewall refuses, or whether a proxy has to be named with --proxy".into(),
        ),
        (TransportError::Reset { .. }, _) => finding(
            &RESET,
            format!(
                "check host and port of --url; if they are right, ask the network team which firewall or load balancer cuts connections to {}, or whether a proxy has to be named with --proxy",
                shown::place(&way.target)
            ),
        ),
        (TransportError::TimedOut { .. }, _) => finding(&TIMED_OUT, nobody_answers(way)),
        _ => finding(
            &UNREACHABLE,
            "check the network of this machine, then whether it needs a proxy (--proxy http://HOST:PORT) or a VPN; the network team knows".into(),
        ),
    }
}

fn evidence(way: &Way, addresses: &[SocketAddr], error: &TransportError) -> String {
    let more = match error {
        TransportError::TimedOut { .. } => format!(" after {} s", way.patience.connect.as_secs_f64()),
        TransportError::Reset { .. } => {
            let tried: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            format!(" (tried: {})", tried.join(", "))
        }
        _ => String::new(),
    };
    let by = way.target.proxy().map(|proxy| format!(" --proxy http://{proxy}")).unwrap_or_default();
    format!(
        "{}{more}; to see it for yourself: curl --verbose --head{by} {}",
        shown::described(error),
        way.target.url("/")
    )
}

fn login(proxy: &Proxy) -> String {
    format!(
        "give the login in the environment: HTTPS_PROXY=http://USER:PASSWORD@{proxy}; only Basic is spoken, so where the proxy offers another way alone, ask the network team for an exception"
    )
}

fn not_let_through(way: &Way, status: u16) -> String {
    let place = shown::place(&way.target);
    let ask = match status {
        502..=504 => format!("ask the network team whether the proxy itself reaches {place}"),
        _ => format!("ask the network team to let CONNECT through to {place}"),
    };
    format!(
        "{ask}: {} writes the letter; or go without the proxy by NO_PROXY={}",
        way.letter(),
        way.target.host()
    )
}

/// Each of the stories behind silence, the likeliest first.
fn nobody_answers(way: &Way) -> String {
    let place = shown::place(&way.target);
    let firewall = format!(
        "a firewall here drops it: ask the network team to open TCP to {place} ({} writes the letter)",
        way.letter()
    );
    let proxy = "the way out is a proxy: name it with --proxy http://HOST:PORT";
    if way.is_hscn() {
        return format!(
            "this machine is not on HSCN: leave --network hscn out, since MESH is reached by the internet too; or {firewall}; or {proxy}"
        );
    }
    if !way.target.is_nhs() {
        return format!("check host and port of --url; or {firewall}; or {proxy}");
    }
    format!(
        "{firewall}; or {proxy}; or this machine has no address of the United Kingdom (a cloud region or a VPN abroad), to which MESH does not answer: see what your address is, and try from one that is"
    )
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::check::way::testing;

    #[test]
    fn connection_passes_if_any_address_answers_and_names_those_that_do_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap();
        let closed = |ip: &str| SocketAddr::new(ip.parse().unwrap(), open.port());
        // Where this machine has no IPv6, it says so: no answer is no answer.
        let addresses = [closed("::1"), closed("127.0.0.2"), open];
        let (_, evidence) = connected(&testing::way("https://localhost"), &addresses).unwrap();
        assert!(evidence.contains(&format!("{open} answers in ")), "{evidence}");
        for closed in &addresses[..2] {
            assert!(evidence.contains(&format!("; {closed} does not (")), "{evidence}");
        }
        assert!(connected(&testing::way("https://localhost"), &addresses[..2]).is_err());
    }

    #[test]
    fn letter_is_written_by_a_whole_command() {
        let way = testing::way("https://mesh-sync.spineservices.nhs.uk");
        let command = "mesh-onboard check X26ABC1 --network hscn --bypass-letter FILE writes the letter";
        for told in [not_let_through(&way, 403), nobody_answers(&way)] {
            assert!(told.contains(command), "{told}");
        }
    }

    #[test]
    fn silence_has_another_story_on_each_network() {
        let told = |url: &str| nobody_answers(&testing::way(url));
        assert!(told("https://mesh-sync.spineservices.nhs.uk").contains("address of the United Kingdom"));
        assert!(told("https://mesh-sync.national.ncrs.nhs.uk").starts_with("this machine is not on HSCN"));
    }
}
