//! What a report means.

use serde_json::{Value, json};

use crate::commands::{known, mesh_time};
use crate::mesh::{Cause, Head};

/// MESH about a message of ours that did not arrive.
///
/// MESH API specification, "Asynchronous error reporting".
pub struct Report<'a>(pub &'a Head);

impl Report<'_> {
    /// All that it says, and what it means.
    pub fn json(&self) -> Value {
        let head = self.0;
        known(json!({
            "id": head.id,
            "about": head.linked_message_id,
            "local_id": head.local_id,
            "to": head.to,
            "workflow": head.workflow,
            "subject": head.subject,
            "code": head.status_code,
            "meaning": self.cause().map(Cause::words),
            "description": head.status_description,
            "event": head.status_event,
            "at": head.status_timestamp.as_deref().map(mesh_time),
        }))
    }

    /// The same for people: which message, which code, in words.
    pub fn sentence(&self) -> String {
        let head = self.0;
        let mut text = format!("Report {}: ", head.id);
        text.push_str(&match (&head.linked_message_id, &head.local_id) {
            (Some(id), Some(local_id)) => format!("message {id} (local ID {local_id})"),
            (Some(id), None) => format!("message {id}"),
            (None, Some(local_id)) => format!("the message with local ID {local_id}"),
            (None, None) => "a message".into(),
        });
        if let Some(to) = &head.to {
            text.push_str(&format!(" to {to}"));
        }
        text.push_str(" did not arrive");
        let code = head.status_code.as_ref().map(|code| format!("code {code}"));
        let said = head.status_description.clone();
        let told: Vec<_> = [code, said].into_iter().flatten().collect();
        if let Some(cause) = self.cause() {
            text.push_str(&format!(": {}", cause.words()));
        }
        if !told.is_empty() {
            text.push_str(&format!(" ({})", told.join(", ")));
        }
        text
    }

    fn cause(&self) -> Option<Cause> {
        Cause::of_code(self.0.status_code.as_deref()?)
    }
}
