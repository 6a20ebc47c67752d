//! A server that repeats the token in its refusals.

use super::super::echo::{ELSEWHERE, MISPLACED, SHAPES};
use super::super::row::{Row, row};
use super::super::secrets::{CLIENT, Source};
use crate::support::authority_args;

const CALLS: &[&[&str]] = &[
    &["validate"],
    &["inbox"],
    &["receive", "--all", "--to", "received"],
    &["receive", "20260601120000000000_000000", "--file", "received-echo"],
    &["send", "message.txt", "--to", "X26ABC2", "--workflow", "TEST_WORKFLOW"],
    &["ack", "20260601120000000000_000000"],
    &["track", "20260601120000000000_000000"],
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for shape in 0..SHAPES {
        for words in CALLS {
            rows.push(row(format!("{} where the token comes back, {shape}", words[0]), 1, "403", move |s| {
                let program = s.with(Source::Environment, CLIENT).args([words[0], &format!("ECHO{shape}")]);
                let program = program.args(&words[1..]).args(["--env", "sandbox", "--url", &s.echo.url()]);
                program.args(authority_args())
            }));
        }
        rows.push(row(format!("check where the token comes back, {shape}"), 3, "authorization", move |s| {
            let program =
                s.with(Source::Files, CLIENT).args(["check", &format!("ECHO{shape}"), "--env", "sandbox"]);
            let program = program.args(["--cert", "other.pem", "--key", "../given/elsewhere/made.key"]);
            let ca = s.path("home/rehearsal-ca/ca-bundle.pem");
            program.args(["--url", &s.echo.url(), "--ca", &ca]).args(authority_args())
        }));
    }
    for (shape, says) in [(MISPLACED, "unexpected answer"), (ELSEWHERE, "redirect")] {
        for words in CALLS.iter().filter(|words| words[0] == "inbox" || words[0] == "send") {
            rows.push(row(format!("{} where the token comes back, {shape}", words[0]), 1, says, move |s| {
                let program = s.with(Source::Environment, CLIENT).args([words[0], &format!("ECHO{shape}")]);
                let program = program.args(&words[1..]).args(["--env", "sandbox", "--url", &s.echo.url()]);
                program.args(authority_args())
            }));
        }
    }
    rows
}
