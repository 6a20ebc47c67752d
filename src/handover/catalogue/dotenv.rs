use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Body, Default, Delivery, FileSpec, Preset, Setting, When, one_of};

/// Everything in one `.env` file, or beside it.
pub const PRESET: Preset = Preset {
    name: "dotenv",
    does: "anything that reads a .env file",
    proved_with: "sh, python-dotenv 1.2, node --env-file (20)",
    settings: &[Setting {
        name: "values",
        does: "inline: certificate, key and CAs as texts; paths: as files, and where they are; docker: the same for docker run --env-file",
        default: Default::Text("inline"),
        check: |value| one_of(value, &["inline", "paths", "docker"]),
    }],
    files: &[
        FileSpec::template(
            "mesh.env",
            include_str!("../../../templates/export/dotenv.mesh.env"),
            Format::Dotenv,
            "everything, NAME='value'",
        )
        .when(When::Is("values", "inline")),
        FileSpec {
            body: Body::Template {
                name: "mesh-paths.env",
                source: include_str!("../../../templates/export/dotenv.mesh-paths.env"),
                format: Format::Dotenv,
                with: &[],
            },
            ..FileSpec::template("mesh.env", "", Format::Dotenv, "the login and paths, NAME='value'")
        }
        .when(When::Is("values", "paths")),
        FileSpec {
            body: Body::Template {
                name: "mesh-docker.env",
                source: include_str!("../../../templates/export/dotenv.mesh-docker.env"),
                format: Format::EnvFile,
                with: &[],
            },
            ..FileSpec::template("mesh.env", "", Format::EnvFile, "the login and paths, NAME=value")
        }
        .when(When::Is("values", "docker")),
        FileSpec::item("client.pem", Item::CertificateChain, "certificate, sub CA")
            .when(When::IsNot("values", "inline")),
        FileSpec::item("key.pem", Item::Key, "the key, PKCS#8").when(When::IsNot("values", "inline")),
        FileSpec::item("ca.pem", Item::CaBundle, "root, sub CA: whom to believe")
            .when(When::IsNot("values", "inline")),
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Let the application read mesh.env when it starts; in a shell: set -a; . ./mesh.env; set +a. \
           docker run --env-file takes only that of --set values=docker.",
};
