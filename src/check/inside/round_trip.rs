use std::io::Read;

use crate::check::report::{Finding, ProbeId};
use crate::mailbox::MailboxId;
use crate::mesh::{Cause, Client, Error, Outgoing};

/// Sends a small message to the mailbox itself, receives it, compares it and acknowledges it.
pub(super) fn probe(client: &Client, mailbox: &MailboxId, workflow: &str) -> Finding {
    let nonce = uuid::Uuid::new_v4();
    let body = format!("mesh-onboard round trip {nonce}\n").into_bytes();
    let message = Outgoing {
        to: mailbox.as_str(),
        workflow,
        filename: Some("mesh-onboard-round-trip.txt"),
        local_id: Some("mesh-onboard-round-trip"),
        ..Outgoing::default()
    };
    let id = match client.send(&message, &body.as_slice()) {
        Ok(sent) => sent.value.message_id,
        Err(error) => return not_sent(&error, mailbox, workflow),
    };
    let back = match read(client, &id) {
        Ok(back) => back,
        Err(error) => {
            return fail(
                "not_received",
                format!("message {id} was sent and cannot be received: {error}"),
                "it may still arrive: look into the inbox in a few minutes",
            );
        }
    };
    if back != body {
        return fail(
            "changed",
            format!("message {id} came back with {} bytes, {} were sent", back.len(), body.len()),
            "send this to the service desk with the message ID",
        );
    }
    if let Err(error) = client.acknowledge(&id) {
        return fail(
            "not_acknowledged",
            format!("message {id} came back whole and cannot be acknowledged: {error}"),
            "acknowledge it by hand, or it stays in the inbox for five days",
        );
    }
    Finding::pass(
        ProbeId::RoundTrip,
        format!(
            "message {id} of {} bytes was sent with {workflow}, came back whole and was acknowledged",
            body.len()
        ),
    )
}

/// Reads what came back, a little more than was sent if there is more.
fn read(client: &Client, id: &str) -> Result<Vec<u8>, Error> {
    let mut back = Vec::new();
    let body = client.message(id)?.value.into_reader();
    body.take(1 << 20).read_to_end(&mut back).map_err(Error::from_read)?;
    Ok(back)
}

fn not_sent(error: &Error, mailbox: &MailboxId, workflow: &str) -> Finding {
    let cause = match error {
        Error::Refused(refusal) => Some(refusal.cause()),
        _ => None,
    };
    match cause {
        Some(Cause::RecipientUnknown) => fail(
            "recipient_not_registered",
            error.to_string(),
            &format!("{mailbox} may not receive {workflow}: name another workflow with --workflow"),
        ),
        Some(Cause::SenderNotAllowed | Cause::WorkflowNotRegistered) => fail(
            "workflow_not_allowed",
            error.to_string(),
            &format!("{mailbox} may not use {workflow}: ask which workflows it is registered for"),
        ),
        _ => fail("not_sent", error.to_string(), "see what MESH says above"),
    }
}

fn fail(code: &'static str, evidence: String, remedy: &str) -> Finding {
    Finding::fail(ProbeId::RoundTrip, code, evidence, remedy)
}
