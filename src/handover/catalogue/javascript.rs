use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Body, Default, Delivery, FileSpec, Preset, Setting, When, With, one_of};

/// nhs-mesh-client, the JavaScript client. It sends from one mailbox and receives in another, each with fields of its own.
pub const PRESET: Preset = Preset {
    name: "javascript",
    does: "nhs-mesh-client (JavaScript)",
    proved_with: "Node.js 20, by its https module; the client itself was not run",
    settings: &[Setting {
        name: "role",
        does: "which fields of the client the mailbox fills: sender or receiver",
        default: Default::Text("sender"),
        check: |value| one_of(value, &["sender", "receiver"]),
    }],
    files: &[
        config(&[("role", With::Text("sender"))]).when(When::Is("role", "sender")),
        config(&[("role", With::Text("receiver"))]).when(When::Is("role", "receiver")),
        FileSpec::item("ca.pem", Item::CaBundle, "root, sub CA: for an agent that checks the server"),
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Give loadConfig the fields of config.json. The client itself does not check the server: an agent of your own \
           should, by ca.pem and rejectUnauthorized.",
};

const fn config(with: &'static [(&'static str, With)]) -> FileSpec {
    FileSpec {
        path: "config.json",
        holds: "the fields of loadConfig",
        body: Body::Template {
            name: "config.json",
            source: include_str!("../../../templates/export/javascript.config.json"),
            format: Format::Json,
            with,
        },
        when: When::Always,
        limit: None,
    }
}
