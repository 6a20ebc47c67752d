use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Limit, Preset, Setting};

/// What the API server takes in one object.
const MIB: usize = 1024 * 1024;

/// Two Secrets and a Deployment that mounts them.
pub const PRESET: Preset = Preset {
    name: "kubernetes",
    does: "Kubernetes",
    proved_with: "the published schemas of Kubernetes 1.37; connected by what they decode to",
    settings: &[
        Setting {
            name: "name",
            does: "name of the Secret of the certificate; that of the login gets -login behind it",
            default: Default::Mailbox("mesh-"),
            // With -login: 253.
            check: |value| subdomain(value, 247),
        },
        Setting {
            name: "namespace",
            does: "namespace of the Secrets; without it kubectl's",
            default: Default::Nothing,
            check: label,
        },
    ],
    files: &[
        FileSpec {
            limit: Some((MIB, "the API of Kubernetes")),
            ..FileSpec::template(
                "secret.yaml",
                include_str!("../../../templates/export/kubernetes.secret.yaml"),
                Format::Yaml,
                "the Secrets: kubernetes.io/tls with ca.crt, and the login",
            )
        },
        FileSpec::template(
            "deployment-example.yaml",
            include_str!("../../../templates/export/kubernetes.deployment-example.yaml"),
            Format::Yaml,
            "a Deployment that mounts them, to copy from",
        ),
    ],
    limits: &[Limit { item: Item::CertificateChain, bytes: MIB / 2, by: "a Kubernetes Secret" }],
    rules: &[],
    delivery: Delivery::Carried { to: "the cluster", by: "kubectl apply --server-side -f secret.yaml" },
    next: "kubectl apply --server-side -f secret.yaml; then take into your Deployment what deployment-example.yaml shows. \
           Pods that run see renewed files after a minute or so, and a changed login only when they start again.",
};

/// A label of RFC 1123, as Kubernetes has it.
fn label(value: &str) -> Result<(), String> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=63).contains(&value.len()) && value.chars().all(inner);
    match fits && !value.starts_with('-') && !value.ends_with('-') {
        true => Ok(()),
        false => {
            Err("it takes 1 to 63 small letters, digits and -, with a letter or digit at either end".into())
        }
    }
}

/// Labels with dots between them.
fn subdomain(value: &str, max: usize) -> Result<(), String> {
    match value.len() <= max {
        true => value.split('.').try_for_each(label),
        false => Err(format!("it takes {max} characters at most")),
    }
}
