//! From a request to bundles, and the commands that look at what lies there.

use super::super::row::{Row, row};
use super::super::secrets::{BUNDLES, CLIENT, KEY, LOGIN, Source, WRONG};
use crate::support::NOW;

const OTHER: [&str; 4] = ["--key", "../given/elsewhere/made.key", "--cert", "other.pem"];

pub fn rows() -> Vec<Row> {
    let request = ["request", "X26ABC1", "--ods", "X26", "--env", "rehearsal"];
    let plain = ["--plaintext-key", "pkcs8", "--i-understand"];
    vec![
        row("request without a passphrase", 2, "--key-passphrase-file", move |s| s.bare().args(request)),
        row("request", 0, "", move |s| s.with(Source::Files, KEY).args(request)),
        row("request once more", 1, "--again", move |s| s.with(Source::Environment, KEY).args(request)),
        row("request again", 0, "", move |s| s.with(Source::Command, KEY).args(request).arg("--again")),
        row("request of another", 0, "", |s| {
            s.with(Source::Toml, KEY).args(["request", "X26ABC9", "--ods", "X26", "--env", "rehearsal"])
        }),
        row("sent", 0, "", |s| s.bare().args(["sent", "X26ABC1", "--ticket", "CS1234567"])),
        row("rehearse --issue", 0, "", |s| {
            let csr = s.credential("request.csr").replace("0001", "0002");
            s.bare().now(NOW).args(["rehearse", "--issue", &csr, "--to", "answer.pem"])
        }),
        row("import with a wrong passphrase", 1, "", |s| {
            s.bare().args(["import", "X26ABC1", "answer.pem"]).env("MESH_KEY_PASSPHRASE", WRONG)
        }),
        row("import --dry-run", 0, "", |s| {
            s.with(Source::Toml, BUNDLES).args(["import", "X26ABC1", "answer.pem", "--dry-run"])
        }),
        row("import of no certificate", 1, "", |s| {
            s.with(Source::Lines, BUNDLES).args(["import", "X26ABC1", "../given/VAULT"]).arg("../given/lines")
        }),
        row("import", 0, "", |s| {
            s.with(Source::Files, BUNDLES).args([
                "import",
                "X26ABC1",
                "answer.pem",
                "--keystore",
                "--truststore",
            ])
        }),
        row("rehearse --issue for a key from elsewhere", 0, "", |s| {
            s.bare().now(NOW).args([
                "rehearse",
                "--issue",
                "../given/elsewhere/made.csr",
                "--to",
                "other.pem",
            ])
        }),
        row("adopt a share", 0, "", |s| s.bare().args(["adopt", "X26ABC2", "--share", "X26ABC1"])),
        row("adopt without a passphrase", 2, "", |s| s.bare().args(["adopt", "X26ABC3"]).args(OTHER)),
        row("adopt", 0, "", |s| s.with(Source::Files, BUNDLES).args(["adopt", "X26ABC3"]).args(OTHER)),
        row("adopt with a weak passphrase", 2, "", |s| {
            s.bare()
                .args(["adopt", "X26ABC4", "--env", "rehearsal"])
                .args(OTHER)
                .env("MESH_KEY_PASSPHRASE", &WRONG[..9])
        }),
        row("bundle", 0, "", |s| {
            s.with(Source::Files, BUNDLES)
                .args(["bundle", "--to", "bundles", "--pfx-profile", "legacy"])
                .args(OTHER)
        }),
        row("bundle with a plain key", 0, "", move |s| {
            s.with(Source::Lines, BUNDLES).args(["bundle", "--to", "plain-bundles"]).args(OTHER).args(plain)
        }),
        row("bundle of a plain key with a question", 2, "", |s| {
            s.with(Source::Lines, BUNDLES).args(["bundle", "--plaintext-key", "pkcs1"]).args(OTHER)
        }),
        row("adopt with a plain key and no yes", 2, "", |s| {
            s.with(Source::Toml, BUNDLES).args(["adopt", "X26ABC5", "--plaintext-key", "pkcs1"]).args(OTHER)
        }),
        row("import with a plain key and no yes", 2, "", |s| {
            s.with(Source::Toml, BUNDLES).args([
                "import",
                "X26ABC1",
                "answer.pem",
                "--plaintext-key",
                "pkcs1",
            ])
        }),
        row("bundle of a closed key", 1, "", |s| {
            let key = s.credential("key.pem");
            s.bare().args(["bundle", "--key", &key, "--cert", "answer.pem"]).env("MESH_KEY_PASSPHRASE", WRONG)
        }),
        row("status", 0, "X26ABC1", |s| s.with(Source::Environment, CLIENT).arg("status")),
        row("status of one", 0, "X26ABC1", |s| {
            s.with(Source::Environment, CLIENT).args(["status", "X26ABC1"])
        }),
        row("status with a calendar and what is watched", 0, "X26ABC1", |s| {
            let program = s.with(Source::Environment, CLIENT).args(["status", "--watch", "../given"]);
            program.args(["--calendar", "mesh.ics"])
        }),
        row("status as metrics", 0, "x509_cert_not_after", |s| {
            s.with(Source::Environment, CLIENT).args(["status", "--prometheus", "--watch", "../given"])
        }),
        row("inspect", 0, "", |s| {
            let key = s.credential("key.pem");
            let pfx = s.path("work/bundles/X26ABC3.pfx");
            let program = s.with(Source::Files, BUNDLES).args(["inspect", &key, &pfx, "other.pem"]);
            program.arg("../given/elsewhere/made.key")
        }),
        row("inspect files with secrets", 1, "", |s| {
            s.with(Source::Toml, BUNDLES)
                .arg("inspect")
                .args(["lines", "table", "vault.sh"].map(|f| format!("../given/{f}")))
        }),
        row("inspect with a wrong password", 0, "", |s| {
            let pfx = s.path("work/bundles/X26ABC3.pfx");
            s.bare().args(["inspect", &pfx]).env("MESH_PFX_PASSWORD", WRONG).env("MESH_KEY_PASSPHRASE", WRONG)
        }),
        row("token", 0, "NHSMESH", |s| s.with(Source::Environment, LOGIN).args(["token", "X26ABC1"])),
        row("token from files", 0, "NHSMESH", |s| s.with(Source::Files, LOGIN).args(["token", "X26ABC1"])),
        row("token from lines", 0, "NHSMESH", |s| s.with(Source::Lines, LOGIN).args(["token", "X26ABC1"])),
        row("completions", 0, "", |s| s.with(Source::Environment, CLIENT).args(["completions", "bash"])),
        row("man", 0, "", |s| s.with(Source::Environment, CLIENT).args(["man", "--to", "man1"])),
        row("rehearse", 0, "", |s| s.with(Source::Environment, CLIENT).arg("rehearse")),
    ]
}
