use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Delivery, FileSpec, Preset};

/// The MESH client of NHS Digital, which runs on Java.
pub const PRESET: Preset = Preset {
    name: "java-client",
    does: "the MESH client (Java)",
    proved_with: "Java 17, by its keystore and TLS; the client itself was not run",
    settings: &[],
    files: &[
        FileSpec::item("mesh.keystore", Item::Keystore, "key as meshclient, chain, root and sub CA, PKCS#12"),
        FileSpec::template(
            "meshclient.part.cfg",
            include_str!("../../../templates/export/java-client.meshclient.part.cfg"),
            Format::Xml,
            "the elements of meshclient.cfg that change",
        ),
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Stop the client, take the elements of meshclient.part.cfg over into its meshclient.cfg, and start it again. Java older \
           than 8u301 or 11.0.12 needs a keystore made with --pfx-profile legacy.",
};
