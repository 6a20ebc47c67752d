//! The commands that talk to MESH, each with its secrets from every source, well and refused.

use super::super::row::{Row, row};
use super::super::scene::Scene;
use super::super::secrets::{CLIENT, KINDS, Kind, SOURCES, Source, WRONG};
use crate::support::{Program, closed_port};

/// A command with a call that it can make as often as it likes.
struct Call {
    words: &'static [&'static str],
    /// How it ends where everything is as it should be.
    well: i32,
    /// Whether it shows a token.
    authorised: bool,
}

const fn call(words: &'static [&'static str], well: i32, authorised: bool) -> Call {
    Call { words, well, authorised }
}

const CALLS: &[Call] = &[
    call(&["validate", "X26ABC1"], 0, true),
    call(&["check", "X26ABC1"], 0, true),
    call(&["inbox", "X26ABC1"], 0, true),
    call(&["send", "X26ABC1", "message.txt", "--to", "X26ABC2", "--workflow", "TEST_WORKFLOW"], 0, true),
    call(&["receive", "X26ABC1", "--all", "--to", "received"], 0, true),
    call(&["receive", "X26ABC1", "20260601120000000000_000000", "--file", "received-one"], 1, true),
    // Nothing of that name was ever sent.
    call(&["ack", "X26ABC2", "20260601120000000000_000000"], 1, true),
    call(&["track", "X26ABC1", "20260601120000000000_000000"], 1, true),
    call(&["lookup", "X26ABC1", "--workflow", "TEST_WORKFLOW"], 0, false),
];

impl Call {
    fn at(&self, url: &str, program: Program) -> Program {
        program.args(self.words).args(["--url", url])
    }
}

/// The PFX of X26ABC1's credential in use.
fn pfx(s: &Scene) -> String {
    s.credential("bundles-01/X26ABC1.pfx").replace("0001", "0002")
}

pub fn rows() -> Vec<Row> {
    let mut rows = vec![row("what is sent", 0, "", |s| {
        std::fs::write(s.path("work/message.txt"), "one,two\n").unwrap();
        s.bare().arg("status")
    })];
    for call in CALLS {
        let name = call.words[..call.words.len().min(3)].join(" ");
        let is_check = call.words[0] == "check";
        for source in SOURCES {
            rows.push(row(format!("{name} with secrets from {source:?}"), call.well, "", move |s| {
                call.at(&s.url(), s.with(source, CLIENT))
            }));
        }
        for kind in CLIENT.iter().copied().filter(|kind| call.authorised || *kind == Kind::Passphrase) {
            let exit = if is_check { 3 } else { 1 };
            rows.push(row(format!("{name} with a wrong {}", kind.variable()), exit, "", move |s| {
                call.at(&s.url(), s.with(Source::Environment, CLIENT).env(kind.variable(), WRONG))
            }));
        }
        rows.push(row(format!("{name} where nobody listens"), 4, "", move |s| {
            let url = closed_port().replace("http:", "https:");
            call.at(url.trim_end_matches('/'), s.with(Source::Environment, CLIENT))
        }));
        rows.push(row(
            format!("{name} at a server that is not believed"),
            if is_check { 3 } else { 4 },
            "",
            move |s| call.at(&s.echo.url(), s.with(Source::Environment, CLIENT)),
        ));
        rows.push(row(format!("{name} without secrets"), 2, "--key-passphrase-file", move |s| {
            call.at(&s.url(), s.bare())
        }));
        rows.push(row(format!("{name} with a PFX"), call.well, "", move |s| {
            let program = call.at(&s.url(), s.with(Source::Files, &KINDS));
            program.args(["--pfx", &pfx(s), "--env", "rehearsal"])
        }));
        rows.push(row(format!("{name} with a closed PFX"), if is_check { 3 } else { 1 }, "", move |s| {
            let program =
                call.at(&s.url(), s.with(Source::Environment, CLIENT)).env("MESH_PFX_PASSWORD", WRONG);
            program.args(["--pfx", &pfx(s), "--env", "rehearsal"])
        }));
        if !is_check && !call.words.contains(&"--all") {
            rows.push(row(format!("{name} --curl"), 0, "curl", move |s| {
                call.at(&s.url(), s.with(Source::Environment, CLIENT)).arg("--curl")
            }));
            rows.push(row(format!("{name} --curl with files of secrets"), 0, "curl", move |s| {
                call.at(&s.url(), s.with(Source::Files, CLIENT)).arg("--curl")
            }));
        }
    }
    rows.push(row("check --round-trip", 0, "", |s| {
        s.with(Source::Environment, CLIENT).args(["check", "X26ABC1", "--round-trip", "--url", &s.url()])
    }));
    rows.push(row("check --report", 0, "", |s| {
        let program = s.with(Source::Environment, CLIENT).args(["check", "X26ABC1", "--url", &s.url()]);
        program.args(["--report", "report.html", "--bypass-letter", "letter.txt"])
    }));
    rows.push(row("check --report of what is refused", 3, "", |s| {
        let program = s.with(Source::Environment, CLIENT).env("MESH_SHARED_KEY", WRONG);
        program.args(["check", "X26ABC1", "--url", &s.url(), "--report", "refused.html"])
    }));
    rows.push(row("check --as", 0, "", |s| {
        let program = s.with(Source::Environment, CLIENT).args(["check", "X26ABC1", "--url", &s.url()]);
        program.args(["--as", "mesh-client", "--online-revocation"])
    }));
    rows.push(row("check --all", 0, "", |s| {
        s.with(Source::Environment, CLIENT).args([
            "check",
            "--all",
            "--url",
            &s.url(),
            "--report",
            "all.html",
        ])
    }));
    rows.push(row("check --offline", 0, "", |s| {
        s.with(Source::Environment, CLIENT).args(["check", "X26ABC1", "--offline"])
    }));
    rows.push(row("check of a plain key", 3, "", |s| {
        let program =
            s.with(Source::Files, CLIENT).args(["check", "X26ABC3", "--env", "rehearsal", "--offline"]);
        program.args(["--cert", "other.pem", "--key", "../given/elsewhere/made.key"])
    }));
    rows.push(row("receive what was sent", 0, "", |s| {
        let program =
            s.with(Source::Environment, CLIENT).args(["receive", "X26ABC2", "--all", "--to", "received"]);
        program.args(["--ack", "--url", &s.url()])
    }));
    rows
}
