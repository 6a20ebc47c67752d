use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Delivery, FileSpec, Preset};

/// mesh-client for Python.
pub const PRESET: Preset = Preset {
    name: "mesh-client",
    does: "mesh-client (Python)",
    proved_with: "mesh-client 5.0.2",
    settings: &[],
    files: &[
        FileSpec::item("client.pem", Item::CertificateChain, "certificate, sub CA"),
        FileSpec::item("key.pem", Item::Key, "the key, PKCS#8"),
        FileSpec::item("ca.pem", Item::CaBundle, "root, sub CA: whom to believe"),
        FileSpec::template(
            "mesh.env",
            include_str!("../../../templates/export/mesh-client.mesh.env"),
            Format::Dotenv,
            "the settings, NAME=value",
        ),
        FileSpec::template(
            "connect.py",
            include_str!("../../../templates/export/mesh-client.connect.py"),
            Format::Plain,
            "a client from these settings, to start from",
        ),
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Load mesh.env into the environment of the application (set -a; . ./mesh.env; set +a), and connect as connect.py does.",
};
