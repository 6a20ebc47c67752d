use crate::check::report::{Finding, ProbeId};
use crate::mailbox::MailboxId;
use crate::mesh::{Cause, Error};

/// Why MESH did not let us in, as far as its answer tells.
pub(super) fn authorization(error: &Error, mailbox: &MailboxId) -> Finding {
    let fail = |code, remedy: String| Finding::fail(ProbeId::Authorization, code, error.to_string(), remedy);
    let Error::Refused(refusal) = error else {
        return fail("unexpected_answer", "check that --url is a MESH service".into());
    };
    let code = match refusal.cause() {
        Cause::MailboxUnknown => "mailbox_unknown",
        Cause::TokenForOther => "token_for_other_mailbox",
        Cause::Login => "login_refused",
        Cause::NotFound => "no_such_path",
        Cause::Server => "server_error",
        _ => "refused",
    };
    fail(code, remedy(refusal.cause(), mailbox.as_str()))
}

/// What to do where MESH does not let `mailbox` in.
pub fn remedy(cause: Cause, mailbox: &str) -> String {
    match cause {
        Cause::MailboxUnknown => format!(
            "there is no mailbox {mailbox} in this environment: check the ID, and that --url is its environment"
        ),
        Cause::TokenForOther => format!(
            "MESH reads another mailbox than {mailbox} in the token: report it as a fault of mesh-onboard"
        ),
        Cause::Login => format!(
            "the password of {mailbox} or the shared key is wrong, and MESH does not tell which: check both, for this environment; white space and quotes around them count"
        ),
        Cause::NotFound => "check the path of --url; MESH hangs under /messageexchange".into(),
        Cause::Server => "MESH itself failed: try again, and see its service status".into(),
        _ => "send this to the service desk with the time of the attempt".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{BodyKind, Refusal};

    fn refusal(status: u16, code: Option<&str>, text: &str) -> Error {
        Error::Refused(Box::new(Refusal {
            status,
            code: code.map(str::to_owned),
            event: None,
            text: text.into(),
            message_id: None,
            kind: BodyKind::Text,
            date: None,
            retry_after: None,
        }))
    }

    #[test]
    fn each_refusal_has_its_own_code() {
        let rows = [
            (refusal(403, Some("EPL-151"), ""), "mailbox_unknown"),
            (refusal(403, None, "No mailbox matched"), "mailbox_unknown"),
            (refusal(403, None, "Mailbox id does not match token"), "token_for_other_mailbox"),
            (refusal(403, None, "Invalid Authentication Token"), "login_refused"),
            (refusal(401, None, ""), "login_refused"),
            (refusal(404, None, "Not Found"), "no_such_path"),
            (refusal(503, None, "<html>"), "server_error"),
            (refusal(400, None, "Field required"), "refused"),
            (Error::Unexpected { what: "a redirect".into() }, "unexpected_answer"),
        ];
        for (error, code) in rows {
            let finding = authorization(&error, &"X26ABC1".parse().unwrap());
            assert_eq!(finding.code, Some(code), "{error}");
        }
    }
}
