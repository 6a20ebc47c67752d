use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Limit, Preset, Setting, name};

/// HashiCorp Vault, one secret of the KV engine.
pub const PRESET: Preset = Preset {
    name: "vault",
    does: "HashiCorp Vault (KV version 2)",
    proved_with: "OpenBao 2.7, which came out of Vault",
    settings: &[
        Setting {
            name: "mount",
            does: "where the KV engine is mounted",
            default: Default::Text("secret"),
            check: path,
        },
        Setting {
            name: "secret-path",
            does: "path of the secret below it (default mesh/ENVIRONMENT/MAILBOX)",
            default: Default::Nothing,
            check: path,
        },
    ],
    files: &[
        FileSpec::template(
            "mesh.json",
            include_str!("../../../templates/export/vault.mesh.json"),
            Format::Json,
            "everything, one field each",
        ),
        FileSpec::template(
            "put.sh",
            include_str!("../../../templates/export/vault.put.sh"),
            Format::Shell,
            "puts mesh.json into Vault: sh put.sh",
        ),
    ],
    limits: &[limit(Item::Password), limit(Item::SharedKey)],
    rules: &[],
    delivery: Delivery::Carried { to: "Vault", by: "sh put.sh" },
    next: "With VAULT_ADDR set and a login, run sh put.sh. Applications that read the secret when they start have to be started anew.",
};

/// Half of what Vault takes for one secret where Consul stores it (512 KiB); the rest is small.
const fn limit(item: Item) -> Limit {
    Limit { item, bytes: 256 * 1024, by: "a secret of Vault" }
}

/// Parts divided by `/`, none of which the command takes for a flag or a file.
fn path(value: &str) -> Result<(), String> {
    name(value, "-_./", 1, 512)?;
    let part = |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric());
    match value.split('/').all(part) {
        true => Ok(()),
        false => Err("each part of a path begins with a letter or digit".into()),
    }
}
