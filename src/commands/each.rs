//! One thing after the other, of which some may fail without losing the others.

use serde_json::{Value, json};

use super::Context;
use crate::mesh::transfer::ReceiveError;
use crate::mesh::{Cause, Error};
use crate::store::StoreError;
use crate::ui::{Explained, Failure, Outcome, exit};

/// What became of each.
pub struct Each<T> {
    /// What succeeded, in order.
    pub done: Vec<T>,
    /// What did not.
    pub failed: Failed,
}

/// What did not succeed, and what was not tried any more.
#[derive(Default)]
pub struct Failed(Vec<(String, Explained)>);

/// Does `work` for each ID; it adds to what is done. Where it makes no sense to go on, as when MESH cannot be
/// reached, the rest is left; the error is returned if nothing was done before.
pub fn run<T>(
    ids: &[String],
    mut work: impl FnMut(&str, &mut Vec<T>) -> Result<(), Failure>,
) -> Result<Each<T>, Failure> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (index, id) in ids.iter().enumerate() {
        match work(id, &mut done) {
            Ok(()) => {}
            Err(failure)
                if done.is_empty() && failed.is_empty() && (ids.len() == 1 || ends_all(&failure)) =>
            {
                return Err(failure);
            }
            Err(failure) if ends_all(&failure) => {
                failed.extend(ids[index..].iter().map(|id| (id.clone(), Explained::from(&failure))));
                break;
            }
            Err(failure) => failed.push((id.clone(), Explained::from(&failure))),
        }
    }
    Ok(Each { done, failed: Failed(failed) })
}

/// Whether the next one would fail for the same reason.
fn ends_all(failure: &Failure) -> bool {
    let error = match failure {
        Failure::Call { error, .. } => error,
        Failure::Receiving { error: ReceiveError::Mesh { source, .. }, .. } => source,
        Failure::Receiving { error: ReceiveError::Sink(_) | ReceiveError::Watch(_), .. } => return true,
        // About this one's own file or ID.
        Failure::Receiving { .. }
        | Failure::Store(StoreError::Locked { .. } | StoreError::Malformed { .. }) => return false,
        _ => return true,
    };
    match error {
        Error::Transport(_) => true,
        Error::Refused(refusal) => matches!(
            refusal.cause(),
            Cause::Login
                | Cause::MailboxUnknown
                | Cause::TokenForOther
                | Cause::TokenTime
                | Cause::TooOften
                | Cause::Server
        ),
        _ => false,
    }
}

impl Failed {
    /// The result, with what failed beside it: on standard error, and in JSON as `failed`.
    pub fn outcome(self, context: &Context, mut json: Value, text: String) -> Outcome {
        let exit = self.0.iter().map(|(_, explained)| explained.exit).max().unwrap_or(exit::DONE);
        if !self.0.is_empty() {
            json["failed"] = self.0.iter().map(|(id, explained)| failed_json(id, explained)).collect();
        }
        if !context.screen.json {
            for (id, explained) in self.0 {
                let message = format!("{id}: {}", explained.message);
                context.screen.error(&Explained { message, ..explained });
            }
        }
        Outcome { exit, json, text }
    }
}

fn failed_json(id: &str, explained: &Explained) -> Value {
    let mut json = json!({"id": id});
    json["error"] = explained.json()["error"].clone();
    json
}
