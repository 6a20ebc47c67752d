//! TLS with the server, up to where it asks for a certificate.

use rustls::Error as TlsError;

use super::again::LISTEN;
use super::{Way, shown};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::mesh::TransportError;
use crate::mesh::transport::{self, PlainAnswer, Stage, TlsStream, alert_reason};

macro_rules! causes {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        $(pub(super) static $name: Cause =
            Cause { probe: ProbeId::Tls, code: $code, meaning: $meaning };)*
    };
}

causes! {
    RESET_IN_TLS "reset_in_tls" "The connection was cut in the middle of the TLS handshake, before any certificate was asked for. Firewalls that inspect TLS do that, and services that let in addresses of the United Kingdom only.";
    NOT_TLS "not_tls" "Something answers at this port, and it is not TLS that it speaks. MESH speaks nothing else.";
    CAPTIVE_PORTAL "captive_portal" "A login page of the network answers in the place of MESH, as in guest networks, until somebody logs in there.";
    TLS_ALERT "tls_alert" "The server, or something before it, ended TLS with an alert before any certificate was looked at: the two sides agree on nothing, or the server does not know the name.";
    TLS_TIMED_OUT "tls_timed_out" "The connection stands and TLS gets no answer: the server is overloaded, or a firewall lets the connection through and not what is said.";
    TLS_FAILED "tls_failed" "TLS began and broke: the two sides have no common version or cipher, or something between them changes what they say.";
}

/// What a handshake came to: version, cipher, chain, and as whom.
pub(super) fn seen(way: &Way, stream: &TlsStream) -> String {
    let spoken = match stream.cipher_suite() {
        none if none.is_empty() => "TLS".into(),
        suite => format!("{}, {suite}", stream.version()),
    };
    let chain = match stream.server_chain() {
        none if none.is_empty() => String::new(),
        chain => format!("; the server shows {}", shown::chain(&chain)),
    };
    format!("{spoken}{}{chain}", as_whom(way))
}

/// Whose manner of speaking TLS it is, if another's than ours.
fn as_whom(way: &Way) -> String {
    way.consumer.map(|consumer| format!(", as {consumer} ({})", consumer.manner())).unwrap_or_default()
}

pub(super) fn failed(way: &Way, error: &TransportError) -> Finding {
    let evidence = format!("{}{}", shown::described(error), as_whom(way));
    let see = format!("; to see it for yourself: {}", shown::command(&way.target));
    let finding = |cause, remedy: String| Finding::failure(cause, evidence.clone() + &see, remedy);
    match error {
        TransportError::Alert { name, .. } => {
            let reason = alert_reason(name).unwrap_or("its name is all that it says");
            let evidence = format!("{evidence}: {reason}{see}");
            Finding::failure(&TLS_ALERT, evidence, alerted(way))
        }
        TransportError::Tls { source: TlsError::InvalidMessage(_), .. } => {
            disguised(way, &evidence, true).unwrap_or_else(|| finding(&NOT_TLS, not_tls(way, false)))
        }
        TransportError::TimedOut { .. } => disguised(way, &evidence, false).unwrap_or_else(|| {
            let waited = format!("{evidence} after {} s{see}", way.patience.connect.as_secs_f64());
            Finding::failure(&TLS_TIMED_OUT, waited, cut(way))
        }),
        TransportError::Reset { .. }
        | TransportError::ClosedWithoutAlert { .. }
        | TransportError::Io { stage: Stage::Handshake, .. } => {
            disguised(way, &evidence, false).unwrap_or_else(|| finding(&RESET_IN_TLS, cut(way)))
        }
        _ => finding(
            &TLS_FAILED,
            "check with the network team that nothing between changes TLS; then send this to those who run the server".into(),
        ),
    }
}

/// What is there instead of a server that speaks TLS, if it answers plain HTTP. Where TLS was not answered by something
/// that is no TLS, only a page that sends us elsewhere tells: a TLS server may answer plain HTTP with an error.
fn disguised(way: &Way, evidence: &str, spoke: bool) -> Option<Finding> {
    let addresses = transport::resolve(&way.target).ok()?;
    let (tcp, _) = transport::connect(&addresses, way.patience.connect).ok()?;
    let tcp = transport::tunnel(tcp, &way.target, way.patience.connect).ok()?;
    let (status, reason, location) =
        match transport::ask_plainly(tcp, &way.target, LISTEN.min(way.patience.connect)) {
            PlainAnswer::Http { status, reason, location } => (status, reason, location),
            PlainAnswer::Other { begins } if spoke => {
                let evidence = format!("{evidence}; what answers begins with '{begins}'");
                return Some(Finding::failure(&NOT_TLS, evidence, not_tls(way, false)));
            }
            _ => return None,
        };
    let elsewhere = location.as_ref().filter(|to| !to.contains(&format!("//{}", way.target.host())));
    let goes = location.as_ref().map(|to| format!(", go to {to}")).unwrap_or_default();
    let by = way.target.proxy().map(|p| format!(" --proxytunnel --proxy http://{p}")).unwrap_or_default();
    let evidence = format!(
        "{evidence}; asked in plain HTTP, it answers {status} {reason}{goes}; to see it for yourself: curl --head{by} http://{}/",
        shown::place(&way.target)
    );
    // 511 is for nothing else (RFC 6585, section 6). Where a redirect leads that nobody can read, it is not to ourselves.
    let away = elsewhere.is_some() || location.is_none();
    let portal = status == 511 || (300..400).contains(&status) && away;
    if portal || spoke && way.target.environment().is_some() {
        let page = elsewhere.map_or("any http:// page", String::as_str);
        let remedy = format!(
            "open {page} in a browser on this machine and log in to the network, or use another network; then check again"
        );
        return Some(Finding::failure(&CAPTIVE_PORTAL, evidence, remedy));
    }
    spoke.then(|| Finding::failure(&NOT_TLS, evidence, not_tls(way, true)))
}

fn not_tls(way: &Way, is_http: bool) -> String {
    if way.target.is_nhs() {
        return format!("ask the network team what answers at {}: it is not MESH", shown::place(&way.target));
    }
    let url = way.target.url("").replacen("https://", "http://", 1);
    match is_http {
        true => format!(
            "check host and port of --url; a sandbox without TLS is reached by --env sandbox --url {url}"
        ),
        false => "check host and port of --url: another service listens there".into(),
    }
}

fn alerted(way: &Way) -> String {
    match way.consumer.filter(|consumer| consumer.speaks_tls12_alone()) {
        Some(consumer) => format!(
            "check without --as {consumer}: if that passes, the server wants a newer TLS than {consumer} speaks; if not, check host and port of --url, and send this to those who run the server"
        ),
        None => "check host and port of --url; if they are right, send this with the time of the attempt to those who run the server".into(),
    }
}

fn cut(way: &Way) -> String {
    let place = shown::place(&way.target);
    if way.target.is_nhs() {
        return format!(
            "try from another network with an address of the United Kingdom; if it works there, ask your network team to let TLS to {place} through uninspected ({} writes the letter)",
            way.letter()
        );
    }
    format!("check that {place} speaks TLS, that it is up, and that no firewall inspects TLS on the way")
}
