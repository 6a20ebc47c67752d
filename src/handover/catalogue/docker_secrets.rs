use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Limit, Preset, Rule, Setting, name};

/// Swarmkit takes less than 500 KiB.
const MOST: usize = 500 * 1024 - 1;

/// Who takes no more.
const SECRET: &str = "a Docker secret";

/// A file a secret, for Compose and for a swarm.
pub const PRESET: Preset = Preset {
    name: "docker-secrets",
    does: "Docker, in Compose or in a swarm",
    proved_with: "what docker gets from the script, recorded; connected with what it gets",
    settings: &[
        Setting {
            name: "service",
            does: "service in the Compose files that gets the secrets",
            default: Default::Text("application"),
            check: |value| name(value, "-_.", 1, 63),
        },
        Setting {
            name: "prefix",
            does: "what the names of the secrets in a swarm begin with",
            default: Default::Mailbox("mesh_"),
            check: |value| part(value, 37),
        },
        Setting {
            name: "suffix",
            does: "what they all end in; without it each name changes with what is in the secret",
            default: Default::Nothing,
            check: |value| part(value, 14),
        },
    ],
    files: &[
        FileSpec::item("secrets/mesh_client_cert", Item::CertificateChain, "certificate, sub CA"),
        FileSpec::item("secrets/mesh_client_key", Item::Key, "the key, PKCS#8"),
        FileSpec::item("secrets/mesh_ca", Item::CaBundle, "root, sub CA: whom to believe"),
        FileSpec::item("secrets/mesh_mailbox_password", Item::Password, "without a line end"),
        FileSpec::item("secrets/mesh_shared_key", Item::SharedKey, "without a line end"),
        FileSpec::template(
            "compose.mesh.yaml",
            include_str!("../../../templates/export/docker-secrets.compose.mesh.yaml"),
            Format::Compose,
            "to merge into compose.yaml",
        ),
        FileSpec::template(
            "stack.mesh.yaml",
            include_str!("../../../templates/export/docker-secrets.stack.mesh.yaml"),
            Format::Compose,
            "to merge into the file of a stack in a swarm",
        ),
        FileSpec::template(
            "create.sh",
            include_str!("../../../templates/export/docker-secrets.create.sh"),
            Format::Shell,
            "creates the secrets in a swarm",
        ),
    ],
    limits: &[
        Limit { item: Item::CertificateChain, bytes: MOST, by: SECRET },
        Limit { item: Item::CaBundle, bytes: MOST, by: SECRET },
        Limit { item: Item::Password, bytes: MOST, by: SECRET },
        Limit { item: Item::SharedKey, bytes: MOST, by: SECRET },
    ],
    rules: &[
        Rule { item: Item::Password, check: not_empty, fatal: true },
        Rule { item: Item::SharedKey, check: not_empty, fatal: true },
    ],
    delivery: Delivery::Carried { to: "the swarm", by: "sh create.sh" },
    next: "With Compose: docker compose -f compose.yaml -f compose.mesh.yaml up. In a swarm: sh create.sh, then docker stack \
           deploy with stack.mesh.yaml as a second -c. A Docker secret is never changed: a renewed certificate has new names.",
};

/// A piece of a name, which is 64 characters long at most: letter or digit at either end.
fn part(value: &str, max: usize) -> Result<(), String> {
    name(value, "-_.", 1, max)?;
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    match end(value.chars().next()) && end(value.chars().next_back()) {
        true => Ok(()),
        false => Err("it begins and ends with a letter or a digit".into()),
    }
}

fn not_empty(value: &str) -> Result<(), &'static str> {
    match value.is_empty() {
        true => Err("it is empty, and Docker takes no empty secret"),
        false => Ok(()),
    }
}
