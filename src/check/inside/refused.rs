use std::time::Duration;

use crate::check::report::{Cause, Finding, ProbeId};
use crate::mailbox::MailboxId;
use crate::mesh::{Cause as Why, Error};

const fn cause(code: &'static str, meaning: &'static str) -> Cause {
    Cause { probe: ProbeId::Authorization, code, meaning }
}

pub(super) static MAILBOX_UNKNOWN: Cause = cause(
    "mailbox_unknown",
    "MESH found no mailbox of this name: it is misspelt, belongs to another environment, or was closed. Password and shared key were not looked at.",
);
pub(super) static TOKEN_FOR_OTHER_MAILBOX: Cause = cause(
    "token_for_other_mailbox",
    "The address names one mailbox and the token another. Both left here the same, so something on the way changed one of them.",
);
pub(super) static TOKEN_TIME: Cause = cause(
    "token_time",
    "The server takes the time in the token for wrong, although its Date header agrees with this clock: what answers and what judges the token have clocks of their own.",
);
pub(super) static TOKEN_REUSED: Cause = cause(
    "token_reused",
    "Each request has a token of its own, which counts once. It arrived twice: a proxy or a gateway sent the request again, or plays it back.",
);
pub(super) static NO_SUCH_PATH: Cause = cause(
    "no_such_path",
    "A web server answers there, and it has no MESH at this address: the path is wrong, or the host is another service's.",
);
pub(super) static SERVER_ERROR: Cause = cause(
    "server_error",
    "The service, or the gateway before it, failed by itself. That says nothing about mailbox, password and shared key.",
);
pub(super) static UNEXPECTED_ANSWER: Cause = cause(
    "unexpected_answer",
    "What answers is not MESH, or not MESH alone: a login page of the network, a proxy, a load balancer.",
);
pub(super) static TOO_MANY_REQUESTS: Cause = cause(
    "too_many_requests",
    "MESH, or the gateway before it, turns requests away because there are too many. An application that asks more often than every five minutes is the usual reason.",
);
pub(super) static REFUSED: Cause =
    cause("refused", "MESH read the request and refused it for a reason that this program does not know.");

/// Why MESH did not let us in, as far as its answer tells; a login that is refused is looked into elsewhere.
pub(super) fn authorization(error: &Error, mailbox: &MailboxId, url: &str) -> Finding {
    let Error::Refused(refusal) = error else {
        let remedy = "open the address in a browser or with curl -i and see what answers; then check --url, the network, and the proxy variables of this shell (HTTPS_PROXY, NO_PROXY)";
        return Finding::failure(&UNEXPECTED_ANSWER, error.to_string(), remedy);
    };
    let cause = match refusal.cause() {
        Why::MailboxUnknown => &MAILBOX_UNKNOWN,
        Why::TokenForOther => &TOKEN_FOR_OTHER_MAILBOX,
        Why::TokenTime => &TOKEN_TIME,
        Why::TokenReused => &TOKEN_REUSED,
        Why::NotFound => &NO_SUCH_PATH,
        Why::Server => &SERVER_ERROR,
        Why::TooOften => &TOO_MANY_REQUESTS,
        _ => &REFUSED,
    };
    let evidence = match refusal.retry_after {
        _ if cause.code == NO_SUCH_PATH.code => format!("{error}; asked was POST {url}"),
        Some(wait) => format!("{error}; it asks to wait {} s", up_to_seconds(wait)),
        None => error.to_string(),
    };
    Finding::failure(cause, evidence, remedy(refusal.cause(), mailbox.as_str()))
}

fn up_to_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// What to do where MESH does not let `mailbox` in.
pub fn remedy(cause: Why, mailbox: &str) -> String {
    match cause {
        Why::MailboxUnknown => format!(
            "there is no mailbox {mailbox} in this environment: check the ID, and that --url is its environment"
        ),
        Why::TokenForOther => format!(
            "a proxy or gateway between here and MESH changes the address or the Authorization header of {mailbox}: ask whoever runs it; without one, report it as a fault of mesh-onboard"
        ),
        Why::TokenTime => {
            "compare date -u here with a clock that is right; if they agree, tell the service desk the time of the attempt and what it answered".into()
        }
        Why::TokenReused => {
            "ask whoever runs the proxy or gateway between here and MESH not to send requests again; without one, try again".into()
        }
        Why::Login => format!(
            "the password of {mailbox} or the shared key is wrong, and MESH does not tell which: check both, for this environment; white space and quotes around them count"
        ),
        Why::NotFound => "check the path of --url; MESH hangs under /messageexchange".into(),
        Why::Server => "MESH itself failed: try again, and see its service status".into(),
        Why::TooOften => {
            "wait a few minutes, and find out what else uses this mailbox: one poll every five minutes is enough".into()
        }
        _ => "send this to the service desk with the time of the attempt".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{BodyKind, Refusal};

    const URL: &str = "https://mesh.invalid/messageexchange/X26ABC1";

    fn refusal(status: u16, code: Option<&str>, text: &str) -> Error {
        Error::Refused(Box::new(Refusal {
            status,
            code: code.map(str::to_owned),
            event: None,
            text: text.into(),
            message_id: None,
            kind: BodyKind::Text,
            date: None,
            retry_after: Some(Duration::from_millis(1500)),
        }))
    }

    #[test]
    fn each_refusal_has_its_own_code() {
        let rows = [
            (refusal(403, Some("EPL-151"), ""), "mailbox_unknown"),
            (refusal(403, None, "No mailbox matched"), "mailbox_unknown"),
            (refusal(403, None, "Mailbox id does not match token"), "token_for_other_mailbox"),
            (refusal(403, None, "Error Duplicated Authentication Token"), "token_reused"),
            (refusal(403, None, "token timestamp out of range"), "token_time"),
            (refusal(404, None, "Not Found"), "no_such_path"),
            (refusal(429, None, ""), "too_many_requests"),
            (refusal(503, None, "<html>"), "server_error"),
            (refusal(400, None, "Field required"), "refused"),
            (Error::Unexpected { what: "a redirect".into() }, "unexpected_answer"),
        ];
        for (error, code) in rows {
            let finding = authorization(&error, &"X26ABC1".parse().unwrap(), URL);
            assert_eq!(finding.code, Some(code), "{error}");
        }
    }

    #[test]
    fn wait_that_the_server_asks_for_is_told_in_whole_seconds() {
        let finding = authorization(&refusal(429, None, ""), &"X26ABC1".parse().unwrap(), URL);
        assert!(finding.evidence.ends_with("it asks to wait 2 s"), "{}", finding.evidence);
    }

    #[test]
    fn path_that_is_not_there_is_told_with_its_url() {
        let mailbox = "X26ABC1".parse().unwrap();
        let finding = authorization(&refusal(404, None, "Not Found"), &mailbox, URL);
        assert!(finding.evidence.ends_with(&format!("asked was POST {URL}")), "{}", finding.evidence);
    }
}
