use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Limit, Preset, Setting, name};

/// What GitHub takes in one secret.
const MOST: usize = 48 * 1024;

/// Who takes no more.
const SECRET: &str = "a secret of GitHub Actions";

/// Secrets and variables of a repository, and a job that uses them.
pub const PRESET: Preset = Preset {
    name: "github-actions",
    does: "GitHub Actions",
    proved_with: "what gh gets from the script, recorded; the steps of the workflow run with that",
    settings: &[
        Setting {
            name: "repo",
            does: "repository, OWNER/NAME; without it that of the folder in which the script runs",
            default: Default::Nothing,
            check: repository,
        },
        Setting {
            name: "github-environment",
            does: "environment of the repository that gets the secrets; without it the repository",
            default: Default::Nothing,
            check: environment,
        },
        Setting {
            name: "prefix",
            does: "what the names of secrets and variables begin with",
            default: Default::Text("MESH"),
            check: prefix,
        },
    ],
    files: &[
        FileSpec::item("secrets/client_cert.pem", Item::CertificateChain, "certificate, sub CA"),
        FileSpec::item("secrets/client_key.pem", Item::Key, "the key, PKCS#8"),
        FileSpec::item("secrets/ca_cert.pem", Item::CaBundle, "root, sub CA: whom to believe"),
        FileSpec::item("secrets/mailbox_password", Item::Password, "without a line end"),
        FileSpec::item("secrets/shared_key", Item::SharedKey, "without a line end"),
        FileSpec::template(
            "set-secrets.sh",
            include_str!("../../../templates/export/github-actions.set-secrets.sh"),
            Format::Shell,
            "sets secrets and variables with gh",
        ),
        FileSpec::template(
            "workflow-example.yml",
            include_str!("../../../templates/export/github-actions.workflow-example.yml"),
            Format::Yaml,
            "a job that writes them to files, to copy from",
        ),
    ],
    limits: &[
        Limit { item: Item::CertificateChain, bytes: MOST, by: SECRET },
        Limit { item: Item::CaBundle, bytes: MOST, by: SECRET },
        Limit { item: Item::Password, bytes: MOST, by: SECRET },
        Limit { item: Item::SharedKey, bytes: MOST, by: SECRET },
    ],
    rules: &[],
    delivery: Delivery::Carried { to: "GitHub", by: "sh set-secrets.sh" },
    next: "gh auth login, then sh set-secrets.sh while no job runs; then take into your workflow what workflow-example.yml shows. \
           Remove the folder afterwards: a job has its secrets from GitHub.",
};

fn repository(value: &str) -> Result<(), String> {
    let parts: Vec<_> = value.split('/').collect();
    match parts.as_slice() {
        // A host stands before them for GitHub Enterprise.
        [_, _] | [_, _, _] if !value.starts_with('-') => {
            parts.iter().try_for_each(|part| name(part, "-_.", 1, 255))
        }
        _ => Err("it is OWNER/NAME, or HOST/OWNER/NAME".into()),
    }
}

fn environment(value: &str) -> Result<(), String> {
    name(value, "-_. ", 1, 255)?;
    match value.trim() == value {
        true => Ok(()),
        false => Err("it begins or ends with a blank".into()),
    }
}

fn prefix(value: &str) -> Result<(), String> {
    let shape = value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !shape || !(1..=80).contains(&value.len()) || !value.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Err("it takes 1 to 80 capitals, digits and _, with a letter at the beginning".into());
    }
    match format!("{value}_").starts_with("GITHUB_") {
        true => Err("GitHub keeps names that begin with GITHUB_ to itself".into()),
        false => Ok(()),
    }
}
