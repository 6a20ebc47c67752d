use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{
    Body, Default, Delivery, FileSpec, Limit, Preset, Rule, Setting, When, With, name, one_of,
};

/// A key vault of Azure, and the settings of an application that refer to it.
pub const PRESET: Preset = Preset {
    name: "azure-key-vault",
    does: "Azure Key Vault",
    proved_with: "mesh-client 5.0 from what a stand-in for az keeps; options as in az 2.91, which was not run",
    settings: &[
        Setting {
            name: "vault",
            does: "name of the key vault",
            default: Default::Needed,
            check: |value| name(value, "-", 3, 24).and_then(|()| begins_with_letter(value)),
        },
        Setting {
            name: "form",
            does: "what the certificate is imported from, and comes back as: pem, or pfx for .NET, with app settings",
            default: Default::Text("pem"),
            check: |value| one_of(value, &["pem", "pfx"]),
        },
        Setting {
            name: "certificate-name",
            does: "name of the certificate in the key vault",
            default: Default::Mailbox("mesh-"),
            check: |value| name(value, "-", 1, 127).and_then(|()| begins_with_letter(value)),
        },
        Setting {
            name: "secret-prefix",
            does: "what the names of the secrets begin with: PREFIX-password, PREFIX-shared-key, PREFIX-ca",
            default: Default::Mailbox("mesh-"),
            check: |value| name(value, "-", 1, 100).and_then(|()| begins_with_letter(value)),
        },
    ],
    files: &[
        script(&[("file", With::Text("client.pem")), ("password_file", With::Text(""))])
            .when(When::Is("form", "pem")),
        script(&[
            ("file", With::Text("client.pfx")),
            ("password_file", With::Text("client-pfx-password.txt")),
        ])
        .when(When::Is("form", "pfx")),
        FileSpec {
            when: When::Is("form", "pem"),
            limit: Some((KEPT, KEY_VAULT)),
            ..FileSpec::template(
                "client.pem",
                include_str!("../../../templates/export/azure.client.pem"),
                Format::Plain,
                "key (PKCS#8), certificate, sub CA, root",
            )
        },
        FileSpec {
            when: When::Is("form", "pfx"),
            // It is kept as base64.
            limit: Some((KEPT / 4 * 3, KEY_VAULT)),
            ..FileSpec::item("client.pfx", Item::Pfx, "key, certificate, sub CA, root")
        },
        FileSpec::item("client-pfx-password.txt", Item::GeneratedPassword, "the password of the PFX")
            .when(When::Is("form", "pfx")),
        // .NET sends the client's certificate alone unless it finds this one on its machine.
        FileSpec::item("sub-ca.cer", Item::ClientSubCa, "the sub CA, for the machine of a .NET application")
            .when(When::Is("form", "pfx")),
        policy(&[("content_type", With::Text("application/x-pem-file"))]).when(When::Is("form", "pem")),
        policy(&[("content_type", With::Text("application/x-pkcs12"))]).when(When::Is("form", "pfx")),
        FileSpec::item("secrets/password", Item::Password, "the password of the mailbox"),
        FileSpec::item("secrets/shared-key", Item::SharedKey, "the shared key"),
        FileSpec::item("secrets/ca.pem", Item::CaBundle, "root, sub CA: whom to believe"),
        FileSpec::template(
            "app-settings.json",
            include_str!("../../../templates/export/azure.app-settings.json"),
            Format::Json,
            "settings of an application with NEL.MESH, as references to the key vault",
        )
        .when(When::Is("form", "pfx")),
    ],
    limits: &[limit(Item::Password), limit(Item::SharedKey), limit(Item::CaBundle)],
    rules: &[
        Rule { item: Item::Password, check: ascii, fatal: false },
        Rule { item: Item::SharedKey, check: ascii, fatal: false },
    ],
    delivery: Delivery::Carried { to: "the key vault", by: "sh import.sh" },
    next: "After az login, run sh import.sh. Applications that load the certificate when they start have to be started anew.",
};

/// Bytes of a secret, that of a certificate too (Key Vault, service limits).
const KEPT: usize = 25_000;
const KEY_VAULT: &str = "a secret of Key Vault";

const fn limit(item: Item) -> Limit {
    Limit { item, bytes: KEPT, by: KEY_VAULT }
}

/// The script that calls az.
const fn script(with: &'static [(&'static str, With)]) -> FileSpec {
    let source = include_str!("../../../templates/export/azure.import.sh");
    let body = Body::Template { name: "import.sh", source, format: Format::Shell, with };
    FileSpec {
        path: "import.sh",
        holds: "puts the rest into the key vault: sh import.sh",
        body,
        when: When::Always,
        limit: None,
    }
}

/// Without it the service takes a PEM for a PFX.
const fn policy(with: &'static [(&'static str, With)]) -> FileSpec {
    let source = include_str!("../../../templates/export/azure.policy.json");
    let body = Body::Template { name: "policy.json", source, format: Format::Json, with };
    FileSpec { path: "policy.json", holds: "which form is imported", body, when: When::Always, limit: None }
}

/// az reads a secret's file in the encoding of the machine, and Windows has one of its own.
fn ascii(value: &str) -> Result<(), &'static str> {
    match value.is_ascii() {
        true => Ok(()),
        false => Err("it goes beyond ASCII: import it from Linux or macOS, where az reads UTF-8"),
    }
}

fn begins_with_letter(value: &str) -> Result<(), String> {
    match value.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => Ok(()),
        false => Err("it begins with a letter".into()),
    }
}
