//! A proxy with a login, which stands in the environment.

use super::super::row::{Row, row};
use super::super::scene::Scene;
use super::super::secrets::{BUNDLES, CLIENT, PROXY_PASSWORD, PROXY_USER, Source, WRONG};
use crate::support::{Authority, Program, closed_port};

fn client(s: &Scene, command: &str) -> Program {
    s.with(Source::Environment, CLIENT).args([command, "X26ABC1", "--url", &s.url()])
}

fn right(s: &Scene) -> String {
    s.proxy.url(&format!("{PROXY_USER}:{PROXY_PASSWORD}@"))
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for command in ["validate", "check", "inbox"] {
        rows.push(row(format!("{command} by a proxy"), 0, "", move |s| {
            client(s, command).env("HTTPS_PROXY", right(s))
        }));
        rows.push(row(format!("{command} by a proxy that refuses the login"), 4, "login", move |s| {
            client(s, command)
                .env("https_proxy", s.proxy.url(&format!("{PROXY_USER}:{}@", &PROXY_PASSWORD[..12])))
        }));
        rows.push(row(format!("{command} by a proxy that is away"), 4, "", move |s| {
            let url = closed_port().replace("//", &format!("//{PROXY_USER}:{PROXY_PASSWORD}@"));
            client(s, command).env("ALL_PROXY", url)
        }));
        for (what, url) in [
            ("of another kind", format!("https://{PROXY_USER}:{PROXY_PASSWORD}@127.0.0.1:1")),
            ("that is none", format!("http://{PROXY_USER}:{PROXY_PASSWORD}@[::1")),
            ("with an open password", format!("http://{PROXY_USER}:{WRONG}@127.0.0.1:1")),
        ] {
            rows.push(row(format!("{command} by a proxy {what}"), 2, "HTTPS_PROXY", move |s| {
                client(s, command).env("HTTPS_PROXY", &url)
            }));
        }
        rows.push(row(format!("{command} by a proxy on the command line"), 2, "--proxy", move |s| {
            client(s, command).args(["--proxy", &right(s)])
        }));
        rows.push(row(format!("{command} at an address with a password"), 2, "", move |s| {
            let url = s.url().replace("//", &format!("//{PROXY_USER}:{PROXY_PASSWORD}@"));
            s.with(Source::Environment, CLIENT).args([command, "X26ABC1", "--url", &url])
        }));
    }
    // The sub CA of a certificate is asked for over plain HTTP.
    for (what, is_there) in [("that refuses the login", true), ("that is away", false)] {
        rows.push(row(format!("bundle --fetch by a proxy {what}"), 1, "", move |s| {
            let login = format!("{PROXY_USER}:{}@", &PROXY_PASSWORD[..12]);
            let proxy = if is_there {
                s.proxy.url(&login)
            } else {
                closed_port().replace("//", &format!("//{login}"))
            };
            let program = s.with(Source::Environment, BUNDLES).args(["bundle", "--to", "fetched", "--fetch"]);
            let program = program.args([
                "--key",
                "../given/elsewhere/made.key",
                "--cert",
                "../given/elsewhere/fetch.pem",
            ]);
            program.arg("--ca").arg(Authority::ours().root()).env("http_proxy", proxy)
        }));
    }
    rows
}
