//! The NHAIS and lab-results adaptors (Java, Spring): the same variables behind a prefix of their own.

use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Body, Delivery, FileSpec, Preset, Rule, When, With};

const NEXT: &str = "Put the variables into the environment of the adaptor, and restart it. Whom it sends to is its own setting (…_MESH_RECIPIENT_MAILBOX_ID_MAPPINGS).";
const PROVED_WITH: &str =
    "Java 17 and the official mesh-sandbox, by its rules; the adaptor itself was not run";

/// The adaptor for NHAIS.
pub const NHAIS: Preset = Preset {
    name: "nhais",
    does: "the NHAIS adaptor (Java)",
    proved_with: PROVED_WITH,
    settings: &[],
    files: &[variables("nhais.env", &[("prefix", With::Text("NHAIS"))])],
    limits: &[],
    rules: RULES,
    delivery: Delivery::Loaded,
    next: NEXT,
};

/// The adaptor for laboratory results.
pub const LAB_RESULTS: Preset = Preset {
    name: "lab-results",
    does: "the lab-results adaptor (Java)",
    proved_with: PROVED_WITH,
    settings: &[],
    files: &[variables("lab-results.env", &[("prefix", With::Text("LAB_RESULTS"))])],
    limits: &[],
    rules: RULES,
    delivery: Delivery::Loaded,
    next: NEXT,
};

const RULES: &[Rule] = &[
    Rule { item: Item::Password, check: not_empty, fatal: true },
    Rule { item: Item::SubCa, check: one_block, fatal: true },
];

const fn variables(path: &'static str, with: &'static [(&'static str, With)]) -> FileSpec {
    let source = include_str!("../../../templates/export/adaptor.mesh.env");
    FileSpec {
        path,
        holds: "its MESH variables with the PEM texts",
        body: Body::Template { name: path, source, format: Format::Dotenv, with },
        when: When::Always,
        limit: None,
    }
}

/// The adaptor protects a keystore in its memory with it.
fn not_empty(password: &str) -> Result<(), &'static str> {
    if password.is_empty() { Err("the adaptor takes none that is empty") } else { Ok(()) }
}

fn one_block(pem: &str) -> Result<(), &'static str> {
    match pem.matches("-----BEGIN ").count() {
        1 => Ok(()),
        _ => Err(
            "the adaptor takes one certificate, and there are several sub CAs: name the one that signed the server's certificate with --ca, and its root",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{not_empty, one_block};

    #[test]
    fn what_the_adaptors_refuse_is_refused_before() {
        let block = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
        assert!(one_block(block).is_ok());
        assert!(one_block(&block.repeat(2)).is_err());
        assert!(not_empty("x").is_ok() && not_empty("").is_err());
    }
}
