//! A renewal: the new credential is checked with every secret, and a hook prints all that it is told.

use super::super::row::{Row, row};
use super::super::scene::Scene;
use super::super::secrets::{KEY, KINDS, Source, WRONG};
use crate::support::{NOW, Program};

/// The request of a credential of X26ABC1: two were made before.
fn csr(s: &Scene, number: u32) -> String {
    s.credential("request.csr").replace("0001", &format!("{number:04}"))
}

fn issue(s: &Scene, number: u32) -> Program {
    s.bare().now(NOW).args(["rehearse", "--issue", &csr(s, number), "--to", &format!("next-{number}.pem")])
}

fn import(s: &Scene, source: Source, number: u32) -> Program {
    let program = s.with(source, &KINDS).args(["import", "X26ABC1", &format!("next-{number}.pem")]);
    program.args(["--url", &s.url()])
}

const PRINTS: [&str; 2] = ["--deploy-hook", "sh -c 'env; tr \"\\0\" \"\\n\" </proc/$PPID/cmdline'"];

pub fn rows() -> Vec<Row> {
    let renew = ["renew", "X26ABC1"];
    let mut rows = vec![
        row("renew without a passphrase", 2, "--key-passphrase-file", move |s| s.bare().args(renew)),
        row("renew", 0, "", move |s| s.with(Source::Files, KEY).args(renew).args(PRINTS)),
        row("renew once more", 1, "--again", move |s| s.with(Source::Environment, KEY).args(renew)),
        row("renew again", 0, "", move |s| s.with(Source::Toml, KEY).args(renew).arg("--again")),
        row("rehearse --issue for the next", 0, "", |s| issue(s, 4)),
        row("import of the next without a login", 3, "--mailbox-password-file", |s| {
            let program = s.with(Source::Files, KEY).args(["import", "X26ABC1", "next-4.pem"]);
            program.args(["--url", &s.url()])
        }),
        row("import of the next with a wrong shared key", 3, "authorization", |s| {
            import(s, Source::Environment, 4).env("MESH_SHARED_KEY", WRONG)
        }),
        row("import of the next with a wrong passphrase", 1, "", |s| {
            import(s, Source::Environment, 4).env("MESH_KEY_PASSPHRASE", WRONG)
        }),
        row("history of what is ready", 0, "ready", |s| {
            s.with(Source::Environment, &KINDS).args(["history", "X26ABC1"])
        }),
        row("activate", 0, "MESH_ONBOARD_EVENT=activate", |s| {
            s.with(Source::Environment, &KINDS).args(["activate", "X26ABC1"]).args(PRINTS)
        }),
        row("activate once more", 1, "renew", |s| {
            s.with(Source::Environment, &KINDS).args(["activate", "X26ABC1"])
        }),
        row("rollback", 0, "MESH_ONBOARD_EVENT=rollback", |s| {
            s.with(Source::Environment, &KINDS).args(["rollback", "X26ABC1"]).args(PRINTS)
        }),
    ];
    for (number, source) in (5..).zip([Source::Files, Source::Lines, Source::Command, Source::Stdin]) {
        rows.push(row(format!("renew with a passphrase from {source:?}"), 0, "", move |s| {
            s.with(source, KEY).args(["renew", "X26ABC1"])
        }));
        rows.push(row(format!("rehearse --issue for {number}"), 0, "", move |s| issue(s, number)));
        rows.push(row(
            format!("import of the next with secrets from {source:?}"),
            0,
            "MESH_ONBOARD_EVENT=import",
            move |s| import(s, source, number).args(PRINTS),
        ));
    }
    rows
}
