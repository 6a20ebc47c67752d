//! One file a command: its arguments, its examples, its run.

pub mod ack;
pub mod activate;
mod address;
pub mod adopt;
mod again;
pub mod backup;
pub mod bundle;
mod bundle_args;
mod bundle_files;
pub mod check;
pub mod completions;
mod connection;
mod context;
mod curl;
mod each;
pub mod export;
mod fetch_args;
mod handed_over;
mod help;
pub mod history;
mod hook;
pub mod import;
pub mod inbox;
pub mod inspect;
mod known_roots;
pub mod lookup;
pub mod man;
mod order;
mod pair;
mod proved;
mod proxy;
pub mod receive;
#[cfg(feature = "rehearsal")]
pub mod rehearse;
pub mod renew;
pub mod request;
pub mod restore;
pub mod rollback;
pub mod secret;
mod secrets;
pub mod send;
pub mod sent;
pub mod status;
mod stored;
mod switched;
mod target;
pub mod token;
pub mod track;
pub mod validate;
pub mod wizard;

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

/// A day (RFC 3339, full-date).
fn full_date(date: time::Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// A time as MESH writes it, `yyyyMMddHHmmss` or ISO 8601 with or without its zone, which is UTC; what is
/// none stays as it is.
fn mesh_time(text: &str) -> String {
    use time::PrimitiveDateTime;
    use time::format_description::well_known::Iso8601;
    use time::macros::format_description;
    let compact = format_description!("[year][month][day][hour][minute][second]");
    // First of all: the other readers would overlook a zone.
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| PrimitiveDateTime::parse(text, compact).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc))
        .map_or_else(|_| text.to_owned(), rfc3339)
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

#[cfg(test)]
mod tests {
    use super::mesh_time;

    #[test]
    fn times_of_either_version_become_rfc_3339() {
        for text in [
            "20200601122152",
            "2020-06-01T12:21:52",
            "2020-06-01T12:21:52.123456Z",
            "2020-06-01T13:21:52+01:00",
        ] {
            assert_eq!(mesh_time(text), "2020-06-01T12:21:52Z");
        }
        assert_eq!(mesh_time("yesterday"), "yesterday");
    }
}
