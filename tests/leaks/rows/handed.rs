//! Handovers: the secrets are in the files that are to hold them, and nowhere else.

use super::super::row::{Row, row};
use super::super::scene::Scene;
use super::super::secrets::{CLIENT, KEY, SOURCES, Source, WRONG};
use crate::support::Program;

/// A handover from X26ABC1 to a new folder.
fn export(s: &Scene, program: Program, consumer: &str, to: &str) -> Program {
    program.args(["export", "X26ABC1", "--for", consumer, "--to", to, "--url", &s.url()])
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for source in SOURCES {
        rows.push(row(format!("export with secrets from {source:?}"), 0, "mesh.env", move |s| {
            export(s, s.with(source, CLIENT), "mesh-client", &format!("handed/{source:?}"))
        }));
    }
    rows.insert(
        0,
        row("before any export", 0, "", |s| {
            std::fs::create_dir(s.path("work/handed")).unwrap();
            std::fs::create_dir_all(s.path("home/templates")).unwrap();
            s.bare().args(["export", "--list"])
        }),
    );
    rows.extend([
        row("export of an encrypted key", 0, "", |s| {
            export(s, s.with(Source::Environment, KEY), "pem", "handed/encrypted")
                .args(["--set", "key=encrypted"])
        }),
        row("export to the same folder", 0, "before-1", |s| {
            export(s, s.with(Source::Environment, CLIENT), "mesh-client", "handed/Environment")
        }),
        row("export with a wrong passphrase", 1, "", |s| {
            let program = s.with(Source::Environment, CLIENT).env("MESH_KEY_PASSPHRASE", WRONG);
            export(s, program, "mesh-client", "handed/none")
        }),
        row("export without secrets", 2, "--key-passphrase-file", |s| {
            export(s, s.bare(), "mesh-client", "handed/none")
        }),
        row("export --to - without --show-secrets", 2, "--show-secrets", |s| {
            export(s, s.with(Source::Environment, CLIENT), "mesh-client", "-").args(["--only", "mesh.env"])
        }),
        row("export --show-secrets", 0, "MESH_CA_BUNDLE", |s| {
            let program = export(s, s.with(Source::Environment, CLIENT), "mesh-client", "-");
            program.args(["--only", "mesh.env", "--show-secrets", "--installed-at", "/run/mesh"])
        }),
        row("export by a template that fails on a secret", 1, "mesh-client.mesh.env", |s| {
            let template = s.path("home/templates/mesh-client.mesh.env");
            std::fs::write(&template, "{% include password | upper %}\n").unwrap();
            export(s, s.with(Source::Environment, CLIENT), "mesh-client", "handed/none")
        }),
        row("export --verify", 0, "", |s| {
            std::fs::remove_file(s.path("home/templates/mesh-client.mesh.env")).unwrap();
            s.bare().args(["export", "X26ABC1", "--verify"])
        }),
        row("export --refresh", 0, "", |s| {
            s.with(Source::Environment, CLIENT).args(["export", "X26ABC1", "--refresh"])
        }),
        row("export --refresh with a wrong passphrase", 1, "", |s| {
            let program = s.with(Source::Environment, CLIENT).env("MESH_KEY_PASSPHRASE", WRONG);
            program.args(["export", "X26ABC1", "--refresh"])
        }),
        row("export --forget", 0, "", |s| {
            s.bare().args(["export", "X26ABC1", "--forget", "handed/encrypted"])
        }),
    ]);
    rows
}
