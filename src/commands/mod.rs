//! One file a command: its arguments, its examples, its run.

pub mod adopt;
pub mod bundle;
mod bundle_args;
mod bundle_files;
pub mod check;
pub mod completions;
mod context;
mod fetch_args;
mod help;
pub mod import;
pub mod inspect;
mod pair;
mod proved;
#[cfg(feature = "rehearsal")]
pub mod rehearse;
pub mod request;
mod secrets;
pub mod sent;
pub mod status;
mod target;
pub mod token;
pub mod validate;

pub use context::{Context, GlobalArgs};
pub use help::{Example, after_help};

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::onboarding::Warning;

/// RFC 3339 in UTC, to the second.
fn rfc3339(at: OffsetDateTime) -> String {
    let at = at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(at);
    let whole = at.replace_nanosecond(0).unwrap_or(at);
    // RFC 3339 ends with the year 9999.
    whole.format(&Rfc3339).unwrap_or_else(|_| whole.to_string())
}

/// An object without the fields that are not known.
fn known(mut json: Value) -> Value {
    if let Some(fields) = json.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    json
}

fn warnings_json(warnings: &[Warning]) -> Value {
    warnings.iter().map(|w| json!({"code": w.code, "message": w.message})).collect()
}
