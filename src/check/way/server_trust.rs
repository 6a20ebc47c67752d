//! Whether the server is believed, and who it is if not.

use std::net::IpAddr;

use super::{Way, shown};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::expiry::day;
use crate::mesh::transport::Belief;
use crate::mesh::{SettingsError, TransportError};
use crate::pki::{Certificate, anchors};

macro_rules! causes {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        $(pub(super) static $name: Cause =
            Cause { probe: ProbeId::ServerTrust, code: $code, meaning: $meaning };)*
    };
}

causes! {
    NO_TRUST "no_trust" "A server is believed because a root that is trusted here stands behind its certificate, and no root was given that could.";
    NOT_VERIFIED "not_verified" "Nobody checked who the server is: anyone on the way could read and change what is sent.";
    SERVER_NAME "server_name" "The certificate is good and was made for another name: this is another server than was meant.";
    SERVER_NAME_CN_ONLY "server_name_cn_only" "The certificate names the server in its common name only, where TLS clients no longer look. It is let pass for the addresses of MESH on HSCN alone, some of which still have such certificates.";
    SERVER_EXPIRED "server_expired" "The certificate of the server is over, so nothing proves any more that it is the server that was meant.";
    SERVER_NOT_YET_VALID "server_not_yet_valid" "The certificate of the server begins in the future. Servers seldom show such: rather this machine's clock is wrong.";
    UNKNOWN_ROOT "unknown_root" "No root that is trusted here stands behind the certificate of the server, so it may be anyone.";
    CA_AS_SERVER "ca_as_server" "The server shows an authority's certificate (CA:TRUE) as its own. No client of TLS takes such a one for a server's, however much it is trusted; only a sandbox may show the very certificate that --ca names.";
    INSPECTED "inspected" "Something between here and MESH opens TLS and shows a certificate of its own, as company proxies do that inspect traffic. It cannot pass your client certificate on, so MESH cannot be reached through it, whatever is trusted here.";
}

/// The server was believed; or it was not asked to prove anything, or it is another than MESH all the same.
pub(super) fn believed(way: &Way, belief: Belief, chain: &[Certificate]) -> Finding {
    let names = shown::chain(chain);
    match belief {
        Belief::Nothing => Finding::warning(
            &NOT_VERIFIED,
            format!("--insecure: anyone could be the server; it shows {names}"),
            "trust its certificate, or its root, with --ca FILE instead",
        ),
        _ if is_strange(way, chain) => inspected(way, chain),
        Belief::Exact => Finding::pass(ProbeId::ServerTrust, format!("{names}, which --ca gives")),
        Belief::CommonName => {
            Finding::pass(ProbeId::ServerTrust, format!("{names}; by its common name, as it has no other"))
        }
        _ => Finding::pass(ProbeId::ServerTrust, names),
    }
}

/// There is nothing to believe servers by.
pub(in crate::check) fn no_trust(error: &SettingsError) -> Finding {
    let remedy =
        "name the root of the server's certificate with --ca FILE; for a sandbox that is its own certificate";
    Finding::failure(&NO_TRUST, error.to_string(), remedy)
}

/// The server was not believed; `None` if the error is about something else.
pub(super) fn refused(way: &Way, error: &TransportError) -> Option<Finding> {
    let see = format!("; to see it for yourself: {}", shown::command(&way.target));
    Some(match error {
        TransportError::ServerName { expected, presented, common_name, chain } => {
            let cn = common_name.as_deref().unwrap_or("(none)");
            let shows = shown::chain(chain);
            if presented.is_empty() && cn.eq_ignore_ascii_case(expected) {
                return Some(Finding::failure(
                    &SERVER_NAME_CN_ONLY,
                    format!(
                        "{error}: it has no subject alternative name, only the common name {cn}; the server shows {shows}{see}"
                    ),
                    "ask those who run the server for a certificate with the name in subjectAltName: openssl req -addext subjectAltName=DNS:NAME",
                ));
            }
            let names = match presented.as_slice() {
                [] => format!("the common name {cn} alone"),
                names => names.join(", "),
            };
            Finding::failure(
                &SERVER_NAME,
                format!("{error}; it is for {names}; the server shows {shows}{see}"),
                "check the host of --url, and that the name leads to the right machine (probe dns); then ask those who run the server",
            )
        }
        TransportError::ServerExpired { chain, not_after } => Finding::failure(
            &SERVER_EXPIRED,
            format!(
                "a certificate of the server is over since {}; the server shows {}{see}",
                day(*not_after),
                shown::chain(chain)
            ),
            "check the clock of this machine first; if it is right, tell those who run the server: for MESH the service desk",
        ),
        TransportError::ServerNotYetValid { chain, not_before } => Finding::failure(
            &SERVER_NOT_YET_VALID,
            format!(
                "a certificate of the server is not valid before {}; the server shows {}{see}",
                day(*not_before),
                shown::chain(chain)
            ),
            "set the clock of this machine by NTP; if it is right, tell those who run the server",
        ),
        TransportError::ServerUntrusted { chain, .. } if is_strange(way, chain) => inspected(way, chain),
        TransportError::ServerUntrusted { chain, .. } if chain.first().is_some_and(Certificate::is_ca) => {
            Finding::failure(
                &CA_AS_SERVER,
                format!(
                    "{error}; the server shows {}{}; openssl req -x509 makes such certificates unless told not to{see}",
                    shown::chain(chain),
                    top(chain)
                ),
                certificate_of_its_own(way),
            )
        }
        TransportError::ServerUntrusted { chain, .. } => Finding::failure(
            &UNKNOWN_ROOT,
            format!("{error}; the server shows {}{}{see}", shown::chain(chain), top(chain)),
            unknown(way, chain),
        ),
        _ => return None,
    })
}

/// How a server comes by a certificate that is no authority's.
fn certificate_of_its_own(way: &Way) -> String {
    let host = way.target.host();
    let kind = if host.parse::<IpAddr>().is_ok() { "IP" } else { "DNS" };
    format!(
        "make the server one that is no authority's, and name it with --ca: openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.pem -days 365 -subj /CN={host} -addext subjectAltName={kind}:{host} -addext basicConstraints=critical,CA:FALSE; or, if it is a sandbox, check with --env sandbox and --ca of the certificate that it shows"
    )
}

fn unknown(way: &Way, chain: &[Certificate]) -> String {
    let nhs = chain.iter().find_map(|c| anchors::recognise(c).or_else(|| anchors::issuer_of(c)));
    match nhs {
        Some(ca) => format!(
            "the chain is the NHS's own ({}), of another environment than was meant: check --env and --url",
            ca.certificate.common_name().unwrap_or_default()
        ),
        None if way.target.is_nhs() => "ask the service desk which root stands behind this server".into(),
        None => "name the server's root with --ca FILE, for a sandbox its own certificate; if you did, the file holds another root than the server's".into(),
    }
}

/// Whether this is an environment of the NHS, whose authorities are known, and nothing in the chain is of the NHS.
fn is_strange(way: &Way, chain: &[Certificate]) -> bool {
    let of_nhs = |c: &Certificate| {
        anchors::recognise(c).is_some()
            || anchors::issuer_of(c).is_some()
            // A root that comes after those built in. Whoever takes this name on purpose is not trusted for it.
            || c.issuer().split(", ").any(|part| part.eq_ignore_ascii_case("O=nhs"))
    };
    way.target.environment().is_some() && !chain.is_empty() && !chain.iter().any(of_nhs)
}

fn inspected(way: &Way, chain: &[Certificate]) -> Finding {
    let issuer = chain.last().map(Certificate::issuer).unwrap_or_default();
    Finding::failure(
        &INSPECTED,
        format!(
            "the server at {} shows {}, issued by '{issuer}' and not by the NHS{}; to see it for yourself: {}",
            shown::place(&way.target),
            shown::chain(chain),
            top(chain),
            shown::command(&way.target)
        ),
        format!(
            "ask the network team to exempt {} from TLS inspection: {} writes the letter; trusting that root with --ca does not help",
            shown::place(&way.target),
            way.letter()
        ),
    )
}

/// The fingerprint of the last certificate shown, to compare.
fn top(chain: &[Certificate]) -> String {
    chain.last().map(|c| format!(" (last certificate: SHA-256 {})", c.fingerprint())).unwrap_or_default()
}
