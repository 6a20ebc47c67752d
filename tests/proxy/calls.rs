//! Calls to the rehearsal MESH.

use serde_json::Value;

use crate::support::{Mesh, Program, Tinyproxy, closed_port};

/// A command of the mailbox, for a script.
fn run(mesh: &Mesh, command: &str) -> Program {
    mesh.answers(command, "X26ABC1")
}

fn validate(mesh: &Mesh) -> Program {
    run(mesh, "validate")
}

fn host_and_port(mesh: &Mesh) -> String {
    mesh.url().trim_start_matches("https://").to_owned()
}

fn probe<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let probes = answer["probes"].as_array().expect("probes");
    probes.iter().find(|p| p["id"] == id).unwrap_or_else(|| panic!("no probe {id}: {answer}"))
}

#[test]
fn proxy_of_the_environment_is_gone_by() {
    let (mesh, proxy) = (Mesh::start(), Tinyproxy::start(""));
    for (calls, name) in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().enumerate() {
        assert_eq!(proxy.asked(), calls);
        validate(&mesh).env(name, proxy.url("")).run().expect(0);
    }
    let asked = proxy.asked();
    // It is for http:// addresses.
    validate(&mesh).env("HTTP_PROXY", closed_port()).env("http_proxy", closed_port()).run().expect(0);
    // The one for https:// counts before the one for all, and an empty one is none.
    let both = validate(&mesh).env("HTTPS_PROXY", proxy.url("")).env("ALL_PROXY", closed_port());
    both.env("https_proxy", "").run().expect(0);
    assert_eq!(proxy.asked(), asked + 1);
}

#[test]
fn login_opens_the_proxy_and_a_wrong_one_does_not() {
    let (mesh, proxy) = (Mesh::start(), Tinyproxy::start("BasicAuth user p.ss-MARK"));
    validate(&mesh).env("HTTPS_PROXY", proxy.url("user:p%2Ess%2dMARK@")).run().expect(0);
    for (login, words) in [("", "wants a login (Basic)"), ("user:MARKwrong@", "refuses the login")] {
        let output = validate(&mesh).arg("-v").env("HTTPS_PROXY", proxy.url(login)).run();
        assert!(!output.shown().contains("MARK"), "the login is shown: {}", output.shown());
        let error = output.expect_error(4, "proxy");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("HTTPS_PROXY=http://USER:PASSWORD@"), "{error}");
    }
}

#[test]
fn check_tells_of_the_proxy_first() {
    let (mesh, proxy) = (Mesh::start(), Tinyproxy::start("BasicAuth user MARKpassword"));
    let check = |login: &str| run(&mesh, "check").env("HTTPS_PROXY", proxy.url(login)).run();
    let output = check("user:MARKpassword@").expect(0);
    let answer = output.json();
    for id in ["dns", "connect"] {
        let found = probe(&answer, id);
        assert_eq!(found["status"], "pass", "{answer}");
        assert!(found["evidence"].as_str().unwrap().contains("the proxy 127.0.0.1"), "{found}");
    }
    assert_eq!(probe(&answer, "authorization")["status"], "pass", "{answer}");
    assert!(!output.shown().contains("MARK"), "{}", output.shown());

    let answer = check("user:wrong@").expect(4).json();
    assert_eq!(probe(&answer, "connect")["code"], "proxy_login_refused", "{answer}");
    assert_eq!(probe(&answer, "tls")["status"], "skipped", "{answer}");

    let unreachable = run(&mesh, "check").env("HTTPS_PROXY", closed_port()).run().expect(4).json();
    let found = probe(&unreachable, "connect");
    assert_eq!(found["code"], "proxy_unreachable", "{found}");
    assert!(found["evidence"].as_str().unwrap().starts_with("the proxy 127.0.0.1"), "{found}");
}

#[test]
fn proxy_that_opens_no_way_is_named_with_its_reason() {
    let (mesh, proxy) = (Mesh::start(), Tinyproxy::start("ConnectPort 443"));
    let error = validate(&mesh).env("HTTPS_PROXY", proxy.url("")).run().expect_error(4, "proxy");
    assert!(error["message"].as_str().unwrap().contains("403"), "{error}");
    let answer = run(&mesh, "check").env("HTTPS_PROXY", proxy.url("")).run().expect(4).json();
    assert_eq!(probe(&answer, "connect")["code"], "proxy_refused", "{answer}");
}

#[test]
fn proxy_that_is_away_or_none_is_named() {
    let mesh = Mesh::start();
    let error = validate(&mesh).env("HTTPS_PROXY", closed_port()).run().expect_error(4, "proxy");
    assert!(error["message"].as_str().unwrap().contains("cannot be reached"), "{error}");
    // The rehearsal MESH speaks TLS, which is no answer of a proxy.
    let other = format!("http://{}", host_and_port(&mesh));
    let answer = run(&mesh, "check").env("HTTPS_PROXY", other).run().expect(4).json();
    let found = probe(&answer, "connect");
    assert_eq!(found["status"], "fail", "{answer}");
}

#[test]
fn hosts_named_in_no_proxy_are_reached_without() {
    let mesh = Mesh::start();
    let place = host_and_port(&mesh);
    let port = place.rsplit(':').next().unwrap();
    // `check` tries once, which is soon over.
    let with = |no_proxy: &str| {
        run(&mesh, "check").env("HTTPS_PROXY", closed_port()).env("NO_PROXY", no_proxy).run()
    };
    for list in ["*", "127.0.0.1", "x, 127.0.0.1", "127.0.0.0/8", &format!("127.0.0.1:{port}")] {
        let output = with(list);
        assert_eq!(output.code(), Some(0), "{list}: {}", output.shown());
    }
    for list in ["", "localhost", "127.0.0.1:1", "10.0.0.0/8"] {
        let output = with(list);
        assert_eq!(output.code(), Some(4), "{list}: {}", output.shown());
    }
    let lower = run(&mesh, "check").env("HTTPS_PROXY", closed_port()).env("no_proxy", "127.0.0.1");
    lower.run().expect(0);
}

#[test]
fn proxy_flag_wins_over_the_environment() {
    let (mesh, proxy) = (Mesh::start(), Tinyproxy::start(""));
    let program = validate(&mesh).args(["--proxy", &proxy.url("")]);
    program.env("HTTPS_PROXY", closed_port()).env("NO_PROXY", "*").run().expect(0);
    assert_eq!(proxy.asked(), 1);
}
