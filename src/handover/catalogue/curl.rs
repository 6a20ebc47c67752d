use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Preset, Setting, When, one_of};

/// curl's own configuration file.
pub const PRESET: Preset = Preset {
    name: "curl",
    does: "curl",
    proved_with: "curl 7.88",
    settings: &[Setting {
        name: "token",
        does: "what makes the Authorization headers: python, a script beside it; or mesh-onboard, its own command token",
        default: Default::Text("python"),
        check: |value| one_of(value, &["python", "mesh-onboard"]),
    }],
    files: &[
        FileSpec::item("client.pem", Item::CertificateChain, "certificate, sub CA"),
        FileSpec::item("key.pem", Item::Key, "the key, PKCS#8"),
        FileSpec::item("ca.pem", Item::CaBundle, "root, sub CA: whom to believe"),
        FileSpec::template(
            "mesh.curlrc",
            include_str!("../../../templates/export/curl.mesh.curlrc"),
            Format::Curl,
            "the options of curl",
        ),
        FileSpec::template(
            "authorization.py",
            include_str!("../../../templates/export/curl.authorization.py"),
            Format::Python,
            "prints an Authorization header for one request",
        )
        .when(When::Is("token", "python")),
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "The first lines of mesh.curlrc have a command to begin with. Each request needs an Authorization header of its own.",
};
