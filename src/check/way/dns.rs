//! The name and its addresses.

use std::net::{IpAddr, SocketAddr};

use super::Way;
use crate::check::report::{Cause, Finding, ProbeId};
use crate::mesh::transport;

pub(super) static NO_SUCH_NAME: Cause = Cause {
    probe: ProbeId::Dns,
    code: "no_such_name",
    meaning: "Nothing can be reached by a name that has no address. The names of MESH on HSCN are known on HSCN only.",
};

pub(super) fn probe(way: &Way, on_pass: impl FnOnce(Finding)) -> Result<Vec<SocketAddr>, Finding> {
    let (host, of) = match way.target.proxy() {
        Some(proxy) => (proxy.host(), "the proxy "),
        None => (way.target.host(), ""),
    };
    match transport::resolve(&way.target) {
        Ok(addresses) => {
            let is_address = host.parse::<IpAddr>().is_ok();
            let evidence = match is_address {
                true => format!("{of}{host} is an address, and nothing was to be looked up"),
                false => format!("{of}{host} is {}", listed(&addresses)),
            };
            on_pass(Finding::pass(ProbeId::Dns, evidence));
            Ok(addresses)
        }
        Err(error) => {
            let words =
                std::error::Error::source(&error).map(|source| format!(" ({source})")).unwrap_or_default();
            let evidence = format!("{}{words}; see also: nslookup {host}", error.on_the_way_to(&way.target));
            Err(Finding::failure(&NO_SUCH_NAME, evidence, remedy(way)))
        }
    }
}

fn remedy(way: &Way) -> &'static str {
    if way.target.proxy().is_some() {
        return "check the name of the proxy in --proxy or HTTPS_PROXY; it was looked up, not the name of MESH";
    }
    match way.is_hscn() {
        true => {
            "this is a name of HSCN: off that network leave --network hscn out; on it ask the network team for its DNS"
        }
        false => {
            "check the name, and the DNS of this machine; where only a proxy knows names, give it with --proxy http://HOST:PORT"
        }
    }
}

/// Both families, each address once.
fn listed(addresses: &[SocketAddr]) -> String {
    let family = |wanted: fn(&SocketAddr) -> bool| {
        let mut found: Vec<String> = Vec::new();
        for ip in addresses.iter().filter(|a| wanted(a)).map(|a| a.ip().to_string()) {
            if !found.contains(&ip) {
                found.push(ip);
            }
        }
        found.join(", ")
    };
    match (family(SocketAddr::is_ipv4), family(SocketAddr::is_ipv6)) {
        (v4, v6) if v6.is_empty() => format!("{v4} (IPv4)"),
        (v4, v6) if v4.is_empty() => format!("{v6} (IPv6)"),
        (v4, v6) => format!("{v4} (IPv4), {v6} (IPv6)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_listed_by_family_and_once() {
        let addresses = |list: &[&str]| list.iter().map(|a| a.parse().unwrap()).collect::<Vec<_>>();
        let both = addresses(&["[2001:db8::1]:443", "192.0.2.1:443", "192.0.2.1:443", "192.0.2.2:443"]);
        assert_eq!(listed(&both), "192.0.2.1, 192.0.2.2 (IPv4), 2001:db8::1 (IPv6)");
        assert_eq!(listed(&both[..1]), "2001:db8::1 (IPv6)");
        assert_eq!(listed(&both[1..]), "192.0.2.1, 192.0.2.2 (IPv4)");
    }
}
