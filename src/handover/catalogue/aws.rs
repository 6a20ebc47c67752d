//! AWS, with the names of terraform-aws-mesh-client: everything in Parameter Store, or the secrets in Secrets Manager.

use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{
    Body, Default, Delivery, FileSpec, Limit, Preset, Rule, Setting, When, With, name, one_of,
};

/// All in Parameter Store.
pub const SSM: Preset = Preset {
    name: "aws-ssm",
    does: "AWS Parameter Store (terraform-aws-mesh-client)",
    proved_with: "aws 1.45 against moto 5.2, a reader like that of the module's versions 1 and 2",
    settings: SETTINGS,
    files: &[
        script(&[("take", With::Text("put")), ("secrets_manager", With::Text(""))]),
        URL,
        VERIFY,
        CA,
        CERTIFICATE,
        parameter(
            "parameters/MESH_CLIENT_KEY.json",
            "the key, PKCS#8",
            &[("name", With::Text("MESH_CLIENT_KEY")), ("value", With::Item(Item::Key))],
        ),
        parameter(
            "parameters/MESH_SHARED_KEY.json",
            "the shared key",
            &[("name", With::Text("MESH_SHARED_KEY")), ("value", With::Item(Item::SharedKey))],
        ),
        from(
            "parameters/MAILBOX_PASSWORD.json",
            "mailbox-password.json",
            include_str!("../../../templates/export/aws.mailbox-password.json"),
            "the password of the mailbox",
            &[],
        ),
    ],
    limits: &[
        parameter_limit(Item::CaBundle),
        parameter_limit(Item::CertificateChain),
        parameter_limit(Item::Key),
        parameter_limit(Item::SharedKey),
        parameter_limit(Item::Password),
    ],
    rules: &[
        Rule { item: Item::SharedKey, check: no_reference, fatal: true },
        Rule { item: Item::Password, check: no_reference, fatal: true },
    ],
    delivery: Delivery::Carried { to: "AWS", by: "sh put.sh" },
    next: NEXT,
};

/// Key, shared key and password in Secrets Manager.
pub const SECRETS_MANAGER: Preset = Preset {
    name: "aws-secrets-manager",
    does: "AWS Secrets Manager and Parameter Store (terraform-aws-mesh-client)",
    proved_with: SSM.proved_with,
    settings: SETTINGS,
    files: &[
        script(&[("take", With::Text("secret")), ("secrets_manager", With::Text("yes"))]),
        URL,
        VERIFY,
        CA,
        CERTIFICATE,
        secret(
            "secrets/MESH_CLIENT_KEY.json",
            "the key, PKCS#8",
            &[("name", With::Text("MESH_CLIENT_KEY")), ("value", With::Item(Item::Key))],
        ),
        secret(
            "secrets/MESH_SHARED_KEY.json",
            "the shared key",
            &[("name", With::Text("MESH_SHARED_KEY")), ("value", With::Item(Item::SharedKey))],
        ),
        from(
            "secrets/MAILBOX_PASSWORD.json",
            "mailbox-secret.json",
            include_str!("../../../templates/export/aws.mailbox-secret.json"),
            "the password of the mailbox",
            &[],
        ),
    ],
    limits: &[
        parameter_limit(Item::CaBundle),
        parameter_limit(Item::CertificateChain),
        secret_limit(Item::Key),
        secret_limit(Item::SharedKey),
        secret_limit(Item::Password),
    ],
    rules: &[],
    delivery: Delivery::Carried { to: "AWS", by: "sh put.sh" },
    next: NEXT,
};

const NEXT: &str = "With a login for AWS, run sh put.sh. Functions that run already keep the old key and certificate \
until they start anew: the script says how, or does it for those that --set functions names.";

const SETTINGS: &[Setting] = &[
    Setting {
        name: "prefix",
        does: "name_prefix of the Terraform module: the names begin with /PREFIX-mesh/mesh/",
        default: Default::Needed,
        check: prefix,
    },
    Setting {
        name: "region",
        does: "region of AWS",
        default: Default::Text("eu-west-2"),
        check: |value| name(value, "-", 1, 32),
    },
    Setting {
        name: "profile",
        does: "profile of the command aws",
        default: Default::Nothing,
        check: profile,
    },
    Setting {
        name: "kms-key",
        does: "key of KMS that encrypts: its ID, alias or ARN; the account's own if none is named",
        default: Default::Nothing,
        check: |value| name(value, "-_/:", 1, 2048),
    },
    Setting {
        name: "tier",
        does: "tier of every parameter: Advanced or Intelligent-Tiering, instead of Standard up to 4,096 bytes",
        default: Default::Nothing,
        check: |value| one_of(value, &["Advanced", "Intelligent-Tiering"]),
    },
    Setting {
        name: "functions",
        does: "names of Lambda functions to start anew at the end, with commas between",
        default: Default::Nothing,
        check: |value| value.split(',').try_for_each(|function| name(function, "-_:", 1, 170)),
    },
];

const URL: FileSpec = parameter(
    "parameters/MESH_URL.json",
    "the address of MESH",
    &[("name", With::Text("MESH_URL")), ("value", With::Item(Item::Url))],
);

const VERIFY: FileSpec = parameter(
    "parameters/MESH_VERIFY_SSL.json",
    "True: the server is verified",
    &[("name", With::Text("MESH_VERIFY_SSL")), ("value", With::Text("True"))],
);

const CA: FileSpec = parameter(
    "parameters/MESH_CA_CERT.json",
    "root, sub CA: whom to believe",
    &[("name", With::Text("MESH_CA_CERT")), ("value", With::Item(Item::CaBundle))],
);

const CERTIFICATE: FileSpec = parameter(
    "parameters/MESH_CLIENT_CERT.json",
    "certificate, sub CA",
    &[("name", With::Text("MESH_CLIENT_CERT")), ("value", With::Item(Item::CertificateChain))],
);

type Names = &'static [(&'static str, With)];

/// Body of `aws ssm put-parameter --cli-input-json`.
const fn parameter(path: &'static str, holds: &'static str, with: Names) -> FileSpec {
    let source = include_str!("../../../templates/export/aws.parameter.json");
    from(path, "parameter.json", source, holds, with)
}

/// Body of `aws secretsmanager put-secret-value --cli-input-json`.
const fn secret(path: &'static str, holds: &'static str, with: Names) -> FileSpec {
    let source = include_str!("../../../templates/export/aws.secret.json");
    from(path, "secret.json", source, holds, with)
}

const fn from(
    path: &'static str,
    name: &'static str,
    source: &'static str,
    holds: &'static str,
    with: Names,
) -> FileSpec {
    let body = Body::Template { name, source, format: Format::Json, with };
    FileSpec { path, holds, body, when: When::Always, limit: None }
}

/// The script that calls aws.
const fn script(with: Names) -> FileSpec {
    let source = include_str!("../../../templates/export/aws.put.sh");
    let body = Body::Template { name: "put.sh", source, format: Format::Shell, with };
    FileSpec {
        path: "put.sh",
        holds: "puts the rest into AWS: sh put.sh",
        body,
        when: When::Always,
        limit: None,
    }
}

/// The advanced tier takes no more (Parameter Store, service quotas).
const fn parameter_limit(item: Item) -> Limit {
    Limit { item, bytes: 8192, by: "a parameter of the advanced tier" }
}

/// Secrets Manager, service quotas.
const fn secret_limit(item: Item) -> Limit {
    Limit { item, bytes: 65_536, by: "a secret of Secrets Manager" }
}

/// Parameter Store takes two braces for a reference to another parameter, and refuses.
fn no_reference(value: &str) -> Result<(), &'static str> {
    match value.contains("{{") {
        true => Err("it holds {{, which Parameter Store refuses; aws-secrets-manager takes it"),
        false => Ok(()),
    }
}

fn prefix(value: &str) -> Result<(), String> {
    name(value, "-_.", 1, 64)?;
    let lower = value.to_lowercase();
    match lower.starts_with("aws") || lower.starts_with("ssm") {
        true => Err("names that begin with aws or ssm belong to AWS".into()),
        false => Ok(()),
    }
}

/// What the command would take for a flag is none.
fn profile(value: &str) -> Result<(), String> {
    match value.is_empty() || value.starts_with('-') {
        true => Err("it is the name of a profile".into()),
        false => Ok(()),
    }
}
