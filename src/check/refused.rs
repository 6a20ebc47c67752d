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
            format!("the token names another mailbox than {mailbox}: tell us how you got here"),
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
