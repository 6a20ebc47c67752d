use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Preset, Setting, When, one_of};

/// Renalware, a Rails application.
pub const PRESET: Preset = Preset {
    name: "renalware",
    does: "Renalware (Rails)",
    proved_with: "Ruby 3.1 with OpenSSL 3.0, by its rules; Renalware itself was not run",
    settings: &[Setting {
        name: "values",
        does: "what the variables hold: text (the PEM itself), or paths of files",
        default: Default::Text("text"),
        check: |value| one_of(value, &["text", "paths"]),
    }],
    files: &[
        FileSpec::template(
            "renalware.env",
            include_str!("../../../templates/export/renalware.renalware.env"),
            Format::Dotenv,
            "MESH_… variables with the PEM texts",
        )
        .when(When::Is("values", "text")),
        FileSpec::template(
            "renalware-paths.env",
            include_str!("../../../templates/export/renalware.renalware-paths.env"),
            Format::Dotenv,
            "MESH_… variables with paths",
        )
        .when(When::Is("values", "paths")),
        FileSpec::item("client.pem", Item::Certificate, "the certificate alone")
            .when(When::Is("values", "paths")),
        // Its repair of line ends breaks the first line of a PKCS#1 key.
        FileSpec::item("key.pem", Item::Key, "the key, PKCS#8").when(When::Is("values", "paths")),
        FileSpec::item("ca.pem", Item::CaBundleWithClientCa, "root, sub CA: whom to believe")
            .when(When::Is("values", "paths")),
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Put the variables into the environment of Renalware, and restart it.",
};
