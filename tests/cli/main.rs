//! The program as people and scripts meet it: what it prints, how it exits, which files it leaves.

#[path = "../support/mod.rs"]
mod support;

mod check;
mod everywhere;
mod import;
mod import_refusals;
mod import_warnings;
mod request;
mod request_email;
mod request_refusals;
mod secrets;
mod sent;
mod status;

/// The names in a JSON object, sorted.
fn keys(value: &serde_json::Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().expect("a JSON object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
