//! What the server thinks of our certificate. In TLS 1.3 it says so with the first request only.

use super::again::{Reception, reception};
use super::{Arrived, PLAIN, Way, shown};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::mesh::transport::Stage;
use crate::mesh::{Refusal, TransportError};

macro_rules! causes {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        $(pub(super) static $name: Cause =
            Cause { probe: ProbeId::ClientCertificate, code: $code, meaning: $meaning };)*
    };
}

causes! {
    NOT_ASKED_FOR "not_asked_for" "A server of MESH asks every client for a certificate. This one did not, so that nothing is known of whether yours would be accepted.";
    ROOT_MISSING "root_missing" "The keystore of this application has to hold the root beside the certificate and the sub CA.";
    SUB_CA_NOT_SENT "sub_ca_not_sent" "This application sends the certificate without the sub CA that issued it. A server that trusts only the root cannot see how the two belong together, and refuses.";
    CERTIFICATE_REQUIRED "certificate_required" "The server wants a certificate and got none, or something on the way took it out.";
    UNKNOWN_CA "unknown_ca" "The server does not trust the authority that issued this certificate, or the sub CA between it and the root was not sent.";
    CERTIFICATE_EXPIRED "certificate_expired" "By the clock of the server, the certificate is over or has not begun.";
    CERTIFICATE_REVOKED "certificate_revoked" "The authority has withdrawn this certificate, whatever its dates say.";
    UNSUPPORTED_CERTIFICATE "unsupported_certificate" "The server takes certificates for another purpose than this one is for, as one without client authentication.";
    BAD_CERTIFICATE "bad_certificate" "The server can read the certificate and refuses it: a name, a key or a signature in it is not as the server wants it.";
    ACCESS_DENIED "access_denied" "The certificate is valid, and the server does not let its owner in.";
    TLS_ALERT "tls_alert" "The server ended TLS once it had asked for a certificate, by an alert that does not say what is wrong with it.";
    CLOSED_WITHOUT_ALERT "closed_without_alert" "The connection ended where the server judges the certificate. Servers that dislike a certificate and send no alert look like this.";
    REFUSED_BY_HTTP "refused_by_http" "TLS let the certificate pass, and what answers behind it, such as nginx, refused it in HTTP. MESH itself heard nothing of the request: password and shared key were not looked at.";
    NO_ANSWER "no_answer" "TLS stands and the first request got no answer, so that nothing is known of what the server thinks of the certificate.";
    CONNECTION_FAILED "connection_failed" "The connection broke with the first request, in a way that servers do not use to refuse a certificate: something on the way may change what is said.";
}

/// The server answered a request: whatever it says, it took the certificate.
pub(in crate::check) fn accepted(arrived: &Arrived) -> Finding {
    let way = &arrived.way;
    match arrived.certificate_requested {
        None => Finding::skipped(ProbeId::ClientCertificate, PLAIN),
        Some(true) if way.root_missing => Finding::warning(
            &ROOT_MISSING,
            format!("asked for and accepted{}; the file holds {} and no root", as_whom(way), way.identity),
            "add the root: the PFX and the fullchain.pem that mesh-onboard import makes hold leaf, sub CA and root",
        ),
        Some(true) => {
            Finding::pass(ProbeId::ClientCertificate, format!("asked for and accepted{}", as_whom(way)))
        }
        Some(false) => Finding::warning(
            &NOT_ASKED_FOR,
            format!(
                "the server at {} went on without asking for a client certificate; to see it for yourself: {}",
                shown::place(&way.target),
                shown::command(&way.target)
            ),
            "check that --url is a MESH service that asks for one, as every NHS environment does; a sandbox asks if it is started with --ssl-cert-reqs 2",
        ),
    }
}

/// What the server thinks of the certificate where nobody logs in: found out by a request for nothing.
pub(in crate::check) fn judged_alone(arrived: &Arrived) -> Finding {
    if arrived.certificate_requested.is_none() {
        return accepted(arrived);
    }
    match reception(&arrived.way, &arrived.way.settings) {
        Reception::Taken { .. } => accepted(arrived),
        Reception::Failed(error) => refused(&error, &arrived.way),
    }
}

/// The connection ended where the server judges the certificate.
pub(in crate::check) fn refused(error: &TransportError, way: &Way) -> Finding {
    let begin = format!("{}; shown was {}{}", shown::described(error), way.identity, as_whom(way));
    let cause = match error {
        TransportError::Alert { name, .. } => alert(name),
        TransportError::ClosedWithoutAlert { .. } | TransportError::Reset { .. } => &CLOSED_WITHOUT_ALERT,
        TransportError::TimedOut { stage: Stage::Send | Stage::Receive, .. } => {
            return Finding::failure(&NO_ANSWER, begin, remedy(&NO_ANSWER, way));
        }
        _ => return Finding::failure(&CONNECTION_FAILED, begin, remedy(&CONNECTION_FAILED, way)),
    };
    if way.settings.certificates() < way.whole.certificates()
        && let Reception::Taken { .. } = reception(way, &way.whole)
    {
        let evidence = format!("{begin}; with its sub CA the same certificate is accepted");
        return Finding::failure(&SUB_CA_NOT_SENT, evidence, remedy(&SUB_CA_NOT_SENT, way));
    }
    Finding::failure(cause, format!("{begin}; {}", without(way, error)), remedy(cause, way))
}

/// What nginx says where no certificate came (its status 496), and where it does not take the one that did (495).
const NONE_CAME: &str = "No required SSL certificate was sent";
const NOT_TAKEN: &str = "The SSL certificate error";

/// The certificate was refused by an answer; `None` if the answer is about something else.
pub(super) fn refused_by_http(refusal: &Refusal, way: &Way) -> Option<Finding> {
    let words = [NONE_CAME, NOT_TAKEN].into_iter().find(|words| refusal.text.contains(words))?;
    let evidence = format!(
        "{} answers {} '{words}'; shown was {}{}",
        shown::place(&way.target),
        refusal.status,
        way.identity,
        as_whom(way)
    );
    let of = if words == NONE_CAME { &CERTIFICATE_REQUIRED } else { &UNKNOWN_CA };
    Some(Finding::failure(&REFUSED_BY_HTTP, evidence, remedy(of, way)))
}

fn alert(name: &str) -> &'static Cause {
    let named = [
        &CERTIFICATE_REQUIRED,
        &UNKNOWN_CA,
        &CERTIFICATE_EXPIRED,
        &CERTIFICATE_REVOKED,
        &UNSUPPORTED_CERTIFICATE,
        &BAD_CERTIFICATE,
        &ACCESS_DENIED,
    ];
    named.into_iter().find(|cause| cause.code == name).unwrap_or(&TLS_ALERT)
}

/// What the server does without a certificate: whether the refusal is about ours.
fn without(way: &Way, refusal: &TransportError) -> String {
    let word = |error: &TransportError| match error {
        TransportError::Alert { name, .. } => Some(name.clone()),
        _ => None,
    };
    match reception(way, &way.settings.without_identity()) {
        Reception::Taken { asked: true } => {
            "without a certificate the server goes on all the same, so it is this one that it dislikes".into()
        }
        Reception::Taken { asked: false } => {
            "without a certificate, on another try, it did not ask for one".into()
        }
        Reception::Failed(error) => match (word(&error), word(refusal)) {
            (Some(now), Some(before)) if now == before => format!(
                "without any certificate it sends {now} as well, so it may not be this certificate that it dislikes"
            ),
            (Some(now), _) => {
                format!("without any certificate it sends {now}, so it does look at certificates")
            }
            (None, _) => format!("without any certificate: {}", shown::described(&error)),
        },
    }
}

fn remedy(cause: &'static Cause, way: &Way) -> String {
    let desk = "send this to the service desk with the time of the attempt";
    let required = format!(
        "ask the network team whether a proxy or load balancer on the way ends TLS: {} writes what to ask; with a file of your own, check that --cert is the client's certificate",
        way.letter()
    );
    let text = match cause.code {
        code if code == SUB_CA_NOT_SENT.code => {
            "on that Windows machine put the sub CA into the machine's store: openssl x509 -in chain.pem -outform DER -out SUBCA.cer takes it out of chain.pem, where it comes before the root, and there certutil -addstore CA SUBCA.cer; or certutil -importpfx FILE.pfx of a PFX with its chain, which does the same"
        }
        code if code == CERTIFICATE_REQUIRED.code => &required,
        code if code == UNKNOWN_CA.code => {
            "check that the certificate is of this environment (mesh-onboard inspect FILE says whose it is) and that its sub CA is in the file, as in fullchain.pem; then ask the service desk"
        }
        code if code == CERTIFICATE_EXPIRED.code => {
            "see its dates with mesh-onboard inspect FILE; if it is over, ask the service desk for a new one with a new key; if not, tell them that their server thinks so"
        }
        code if code == CERTIFICATE_REVOKED.code => {
            "ask the service desk why, and for a new certificate with a new key"
        }
        code if code == UNSUPPORTED_CERTIFICATE.code => {
            "see its purposes with mesh-onboard inspect FILE: it needs clientAuth; ask the service desk for a certificate for client authentication"
        }
        code if code == BAD_CERTIFICATE.code => {
            "check with mesh-onboard inspect FILE that it is of this environment and its name is the one asked for; then ask the service desk"
        }
        code if code == ACCESS_DENIED.code => {
            "ask the service desk whether this certificate is registered for this environment"
        }
        code if code == CLOSED_WITHOUT_ALERT.code => {
            "check that issuer and environment of the certificate are those of the server (mesh-onboard inspect FILE), and that its sub CA is in the file; then ask those who run the server what its log says"
        }
        code if code == NO_ANSWER.code => {
            "try again in a while, with --timeout for a longer wait; if it stays so, tell the service desk"
        }
        code if code == CONNECTION_FAILED.code => {
            "try again, and from another network; if it stays so, ask the network team what changes TLS on the way"
        }
        _ => desk,
    };
    match way.consumer {
        Some(consumer) if cause.code != SUB_CA_NOT_SENT.code => {
            format!("check without --as {consumer} as well; {text}")
        }
        _ => text.into(),
    }
}

fn as_whom(way: &Way) -> String {
    way.consumer.map(|consumer| format!(", as {consumer}")).unwrap_or_default()
}
