//! The program as people and scripts meet it: what it prints, how it exits, which files it leaves.

#[path = "../support/mod.rs"]
mod support;

mod address;
mod adopt;
mod adopt_refusals;
mod awkward;
mod bundle;
mod check;
#[cfg(feature = "rehearsal")]
mod check_all;
#[cfg(feature = "rehearsal")]
mod check_told;
mod client;
mod completion;
mod containers;
mod everywhere;
mod export;
mod export_again;
mod export_folder;
mod export_list;
mod export_refused;
mod export_several;
mod export_shown;
mod export_templates;
mod export_verify;
mod history;
mod hook;
mod import;
mod import_bundles;
mod import_refusals;
mod import_renewing;
mod import_stdin;
mod import_warnings;
mod inspect;
mod man;
mod odd;
mod renew;
mod request;
mod request_email;
mod request_refusals;
mod secrets;
mod sent;
mod share;
mod status;
mod status_handed_over;
mod status_watch;
mod stray;
mod surrounded;
mod switch;
mod terminal;
mod token;

/// The names in a JSON object, sorted. What is `null` is not there, as `jq` has it too.
fn keys(value: &serde_json::Value) -> Vec<&str> {
    let object = value.as_object().expect("a JSON object");
    let mut keys: Vec<_> = object.iter().filter(|(_, v)| !v.is_null()).map(|(k, _)| k.as_str()).collect();
    keys.sort_unstable();
    keys
}
