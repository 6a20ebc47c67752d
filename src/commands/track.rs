use clap::Args;
use serde_json::json;

use super::curl::CurlArgs;
use super::target::TargetArgs;
use super::{Context, Example, connection, mesh_time};
use crate::mesh::wire::Tracking;
use crate::mesh::{Call, Cause, standing};
use crate::ui::{Failure, InputError, Outcome, clean};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Where a message stands that was sent",
        line: "mesh-onboard track X26ABC1 20261118093000123456_A1B2C3",
    },
    Example {
        does: "The same by the local ID that it was sent with",
        line: "mesh-onboard track X26ABC1 --local-id results-2026-11-18",
    },
];

/// Tell where a message stands that was sent
///
/// Not to be asked often: it may take hours until a recipient downloads a message.
#[derive(Debug, Args)]
#[command(mut_arg("mailbox", |mailbox| mailbox.required(true).index(1)))]
pub struct TrackArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Message ID
    #[arg(value_name = "ID", required_unless_present = "local_id", index = 2)]
    id: Option<String>,
    /// The local ID that it was sent with, instead of the message ID
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    local_id: Option<String>,
    #[command(flatten)]
    curl: CurlArgs,
}

/// Asks once.
pub fn run(context: &Context, args: &TrackArgs) -> Result<Outcome, Failure> {
    let mailbox = args.target.named()?;
    let call = match (&args.id, &args.local_id) {
        (Some(id), _) => Call::track(mailbox, id),
        (None, Some(local_id)) => Call::track_local(mailbox, local_id),
        (None, None) => return Err(InputError::Usage("name the message by its ID".into()).into()),
    };
    let call = call.map_err(|e| InputError::Usage(e.to_string()))?;
    if args.curl.curl {
        return args.curl.outcome(context, &args.target, |curl| Ok(vec![curl.line(&call)]));
    }
    let mut mesh = connection::client(context, &args.target)?;
    (mesh.about.message, mesh.about.local_id) = (args.id.clone(), args.local_id.clone());
    let mut tracking = mesh
        .run("Asking", |client| match (&args.id, &args.local_id) {
            (Some(id), _) => client.track(id),
            (None, local_id) => client.track_local(local_id.as_deref().unwrap_or_default()),
        })?
        .value;
    let times = [&mut tracking.upload_timestamp, &mut tracking.status_timestamp, &mut tracking.expiry_time];
    for time in times.into_iter().flatten() {
        *time = mesh_time(time);
    }
    let meaning = meaning(&tracking);
    let text = text(&tracking, meaning.as_deref());
    let mut json = json!(tracking);
    json["meaning"] = json!(meaning);
    // MESH sends empty text for what it does not have.
    if let Some(fields) = json.as_object_mut() {
        fields.retain(|_, value| value != "");
    }
    Ok(Outcome::done(super::known(json), text))
}

/// What the answer means: the error code, if it is one, or else the status.
fn meaning(tracking: &Tracking) -> Option<String> {
    let standing = tracking.status.as_deref().and_then(standing);
    let cause = tracking.status_code.as_deref().and_then(Cause::of_code).map(Cause::words);
    match (standing, cause) {
        (Some(standing), Some(cause)) => Some(format!("{standing}: {cause}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn text(tracking: &Tracking, meaning: Option<&str>) -> String {
    let status = tracking.status.as_deref().unwrap_or("of unknown status");
    let meaning = meaning.map(|meaning| format!(": {meaning}")).unwrap_or_default();
    let mut text = format!("{} is {}{meaning}\n", clean(&tracking.message_id), clean(&status.to_lowercase()));
    let recipient = [&tracking.recipient, &tracking.recipient_name, &tracking.recipient_org_name];
    let recipient: Vec<_> = recipient.into_iter().flatten().filter(|t| !t.is_empty()).cloned().collect();
    let rows = [
        ("Recipient", Some(recipient.join(", "))),
        ("Workflow", tracking.workflow_id.clone()),
        ("Local ID", tracking.local_id.clone()),
        ("File", tracking.filename.clone()),
        ("Sent", tracking.upload_timestamp.clone()),
        ("Since", tracking.status_timestamp.clone()),
        ("Expires", tracking.expiry_time.clone()),
        ("MESH says", said(tracking)),
    ];
    for (name, value) in rows {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(&format!("\n  {name:<10} {}", clean(&value)));
        }
    }
    text
}

/// Event, code and description, as far as there are any.
fn said(tracking: &Tracking) -> Option<String> {
    let code =
        tracking.status_code.as_ref().filter(|code| !code.is_empty()).map(|code| format!("code {code}"));
    let parts = [tracking.status_event.clone(), code, tracking.status_description.clone()];
    let parts: Vec<_> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_code_are_told_in_words() {
        let tracking = |status: &str, code: Option<&str>| Tracking {
            status: Some(status.into()),
            status_code: code.map(str::to_owned),
            ..Tracking::default()
        };
        assert_eq!(meaning(&tracking("Acknowledged", Some("00"))).as_deref(), Some("the recipient has it"));
        let undelivered = meaning(&tracking("undeliverable", Some("14"))).unwrap();
        assert!(undelivered.contains("five days"), "{undelivered}");
        assert_eq!(meaning(&tracking("otherwise", None)), None);
    }
}
