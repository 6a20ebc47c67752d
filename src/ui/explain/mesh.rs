//! What MESH refused, and what to do about it.

use super::{Explained, exit, network};
use crate::check::refusal_remedy;
use crate::mesh::{Cause, Error, Refusal};
use crate::ui::About;

/// A call that did not succeed.
pub(super) fn call(error: &Error, about: &About) -> Explained {
    let target = &about.target;
    let check = format!("find the cause: mesh-onboard check {target}");
    match error {
        Error::Transport(error) => network::transport(error, &check),
        Error::Refused(refusal) => {
            let cause = refusal.cause();
            let wait = refusal
                .retry_after
                .map(|wait| format!("MESH asks to be left alone for {}", humantime::format_duration(wait)));
            let explained = Explained::new("mesh", error)
                .because_each(wait.into_iter())
                .hint(remedy(cause, refusal, about));
            match cause {
                Cause::Other | Cause::NotFound | Cause::Login | Cause::Server => explained,
                told => explained.because(told.words()),
            }
        }
        Error::Uncertain { source } => uncertain(error, source, about),
        Error::Source(source) => Explained::new("io", error)
            .because(source.to_string())
            .hint("check the file, and who may read it"),
        Error::Invalid { .. } => Explained::new("usage", error)
            .exit(exit::USAGE)
            .hint("nothing was sent: correct it, and try again"),
        _ => Explained::new("mesh", error).hint(check),
    }
}

/// A message of which nobody knows. Not exit code 4: a script that tries again on that would send it twice.
fn uncertain(error: &Error, source: &Error, about: &About) -> Explained {
    let target = &about.target;
    let find_out = match &about.local_id {
        Some(local_id) => {
            let local_id = shell_words::quote(local_id);
            format!(
                "see whether it arrived, before you send it again: mesh-onboard track {target} --local-id {local_id}"
            )
        }
        None => {
            "ask the recipient before you send it again; a --local-id would let you ask MESH the next time"
                .into()
        }
    };
    let explained = Explained::new("uncertain", error);
    Explained { message: "nobody knows whether MESH has the message".into(), ..explained }
        .because(format!("it was sent, and instead of an answer came: {source}"))
        .because("it was not sent again: the recipient could not tell the second from a new message")
        .hint(find_out)
}

fn remedy(cause: Cause, refusal: &Refusal, about: &About) -> String {
    let target = &about.target;
    let mailbox = about.mailbox.as_deref().unwrap_or("the mailbox");
    match cause {
        Cause::DataMissing => "send a file that is not empty".into(),
        Cause::Headers => {
            "look for odd characters in recipient, workflow ID, file name, subject and local ID".into()
        }
        Cause::FromAddress => format!("check that {mailbox} is written as MESH has it"),
        Cause::RecipientMissing => "name the recipient with --to MAILBOX".into(),
        Cause::RecipientUnknown => {
            format!("look for the recipient's mailbox: mesh-onboard lookup {target} --ods CODE --workflow ID")
        }
        Cause::SenderNotAllowed => {
            format!("check --workflow, and ask the service desk which workflows {mailbox} may send")
        }
        Cause::WorkflowNotRegistered => {
            format!("check --workflow, and see who takes it: mesh-onboard lookup {target} --workflow ID")
        }
        Cause::NotFound if about.message.is_some() || about.local_id.is_some() => format!(
            "check the ID: {mailbox} has no such message, or no longer; what waits to be received: mesh-onboard inbox {target}"
        ),
        Cause::Gone => "there is nothing left to receive: ask the sender to send it again".into(),
        Cause::TooLarge => "send it in smaller chunks, such as --chunk-size 20MiB".into(),
        Cause::Complete => {
            let id = about.message.as_deref().unwrap_or("ID");
            format!("see where it stands: mesh-onboard track {target} {id}")
        }
        Cause::TooOften => match refusal.retry_after {
            Some(wait) => format!("try again in {} seconds, and ask less often", wait.as_secs()),
            None => "wait a while, and ask less often".into(),
        },
        other => refusal_remedy(other, mailbox),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::BodyKind;

    fn explained(status: u16, code: &str, about: &About) -> Explained {
        let refusal = Refusal {
            status,
            code: Some(code.into()),
            event: None,
            text: String::new(),
            message_id: None,
            kind: BodyKind::V2,
            date: None,
            retry_after: Some(std::time::Duration::from_secs(7)),
        };
        call(&Error::Refused(Box::new(refusal)), about)
    }

    #[test]
    fn each_refusal_has_a_remedy_of_its_own() {
        let about = About {
            mailbox: Some("X26ABC1".into()),
            target: "X26ABC1 --env sandbox".into(),
            message: Some("ID".into()),
            local_id: None,
        };
        let rows = [
            (417, "02", "not empty"),
            (417, "06", "odd characters"),
            (417, "07", "X26ABC1 is written as MESH has it"),
            (400, "08", "--to MAILBOX"),
            (417, "11", "service desk"),
            (417, "12", "mesh-onboard lookup X26ABC1 --env sandbox --ods CODE --workflow ID"),
            (417, "16", "which workflows X26ABC1 may send"),
            (417, "17", "mesh-onboard lookup X26ABC1 --env sandbox --workflow ID"),
            (403, "EPL-151", "no mailbox X26ABC1 in this environment"),
            (403, "", "shared key is wrong"),
            (404, "", "mesh-onboard inbox X26ABC1 --env sandbox"),
            (410, "", "nothing left to receive"),
            (413, "", "--chunk-size"),
            (423, "", "mesh-onboard track X26ABC1 --env sandbox ID"),
            (429, "", "try again in 7 seconds"),
            (503, "", "service status"),
        ];
        for (status, code, hint) in rows {
            let explained = explained(status, code, &about);
            assert_eq!((explained.code, explained.exit), ("mesh", exit::FAILED));
            let found = explained.hint.unwrap_or_default();
            assert!(found.contains(hint), "{status} {code}: {found}");
        }
        let elsewhere = explained(404, "", &About { message: None, ..about }).hint.unwrap();
        assert!(elsewhere.contains("the path of --url"), "{elsewhere}");
    }
}
