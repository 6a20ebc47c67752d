use super::report::{Finding, ProbeId};
use crate::mailbox::MailboxId;
use crate::mesh::{Error, Refusal};

/// Why MESH did not let us in, as far as its answer tells.
pub(super) fn authorization(error: &Error, mailbox: &MailboxId) -> Finding {
    let fail = |code, remedy: String| Finding::fail(ProbeId::Authorization, code, error.to_string(), remedy);
    let Error::Refused(refusal) = error else {
        return fail("unexpected_answer", "check that --url is a MESH service".into());
    };
    match (refusal.status, refusal.code.as_deref()) {
        (401 | 403, Some("EPL-151")) => unknown_mailbox(fail, mailbox),
        (401 | 403, _) if says(refusal, "no mailbox matched") => unknown_mailbox(fail, mailbox),
        (401 | 403, _) if says(refusal, "does not match token") => fail(
            "token_for_other_mailbox",
            format!(
                "MESH reads another mailbox than {mailbox} in the token: report it as a fault of mesh-onboard"
            ),
        ),
        (401 | 403, _) => fail(
            "login_refused",
            format!(
                "the password of {mailbox} or the shared key is wrong, and MESH does not tell which: check both, for this environment; white space and quotes around them count"
            ),
        ),
        (404, _) => fail("no_such_path", "check the path of --url; MESH hangs under /messageexchange".into()),
        (500.., _) => {
            fail("server_error", "MESH itself failed: try again, and see its service status".into())
        }
        _ => fail("refused", "send this to the service desk with the time of the attempt".into()),
    }
}

fn unknown_mailbox(fail: impl Fn(&'static str, String) -> Finding, mailbox: &MailboxId) -> Finding {
    fail(
        "mailbox_unknown",
        format!(
            "there is no mailbox {mailbox} in this environment: check the ID, and that --url is its environment"
        ),
    )
}

fn says(refusal: &Refusal, phrase: &str) -> bool {
    refusal.text.to_ascii_lowercase().contains(phrase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::BodyKind;

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
