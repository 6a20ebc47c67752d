//! What is refused about the server's address before anything is sent: `--insecure`, `http://`, `--proxy`.

use std::net::TcpListener;

use crate::support::{Mailbox, Program};

/// A server that nobody may come to.
struct Untouched(TcpListener);

impl Untouched {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.0.local_addr().unwrap())
    }

    #[track_caller]
    fn is_untouched(&self) {
        assert!(self.0.accept().is_err(), "somebody connected");
    }
}

/// `validate` of a mailbox that is not stored, with all that it needs.
fn validate(mailbox: &Mailbox, args: &[&str]) -> Program {
    let program = mailbox.program().args(["validate", Mailbox::ID]).args(args);
    program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey")
}

#[test]
fn insecure_is_refused_but_for_the_sandbox() {
    let (mailbox, server) = (Mailbox::imported(), Untouched::new());
    let url = server.url("https");
    // Also where the mailbox is a sandbox's: it has to be said.
    for more in [&[][..], &["--env", "integration"], &["--env", "live"], &["--env", "rehearsal"]] {
        let args = [&["--insecure", "--url", &url], more].concat();
        let error = validate(&mailbox, &args).run().expect_error(2, "usage");
        assert!(error["message"].as_str().unwrap().contains("--env sandbox"), "{error}");
    }
    let both = validate(&mailbox, &["--env", "sandbox", "--insecure", "--ca", "x.pem", "--url", &url]);
    both.run().expect_error(2, "usage");
    server.is_untouched();
}

#[test]
fn insecure_and_http_are_refused_under_nhs_uk() {
    let mailbox = Mailbox::none();
    for host in
        ["nhs.uk", "msg.intspineservices.nhs.uk", "MSG.Int.Spine2.NCRS.NHS.UK", "a.nhs.uk.", "a.nhs.uk:8700"]
    {
        let url = format!("https://{host}/messageexchange");
        let error = validate(&mailbox, &["--env", "sandbox", "--insecure", "--url", &url]).run();
        let error = error.expect_error(2, "usage");
        assert!(error["message"].as_str().unwrap().contains("nhs.uk"), "{error}");
        let url = format!("http://{host}");
        let error = validate(&mailbox, &["--env", "sandbox", "--url", &url]).run().expect_error(2, "usage");
        assert!(error["because"].to_string().contains("never under nhs.uk"), "{error}");
    }
}

#[test]
fn http_is_refused_but_for_the_sandbox() {
    let (mailbox, server) = (Mailbox::imported(), Untouched::new());
    let url = server.url("http");
    for more in [&[][..], &["--env", "integration"], &["--env", "rehearsal"]] {
        for command in ["validate", "check"] {
            let program = mailbox.program().args([command, Mailbox::ID, "--url", &url]).args(more);
            let error = program.run().expect_error(2, "usage");
            assert!(error["because"].to_string().contains("only with --env sandbox"), "{error}");
        }
    }
    server.is_untouched();
}

#[test]
fn login_of_a_proxy_is_refused_on_the_command_line() {
    let (mailbox, server) = (Mailbox::none(), Untouched::new());
    for proxy in ["http://user:MARK@proxy:3128", "user:MARK@proxy", "http://MARK@proxy"] {
        let args = ["--env", "sandbox", "--url", &server.url("https"), "--insecure", "--proxy", proxy];
        let output = validate(&mailbox, &args).run();
        assert!(!format!("{}{}", output.stdout, output.stderr).contains("MARK"), "the login is shown");
        let error = output.expect_error(2, "usage");
        assert!(error["hint"].as_str().unwrap().contains("HTTPS_PROXY=http://USER:PASSWORD@"), "{error}");
    }
    server.is_untouched();
}

#[test]
fn proxy_that_cannot_be_used_is_refused_and_never_left_out() {
    let (mailbox, server) = (Mailbox::none(), Untouched::new());
    let args = ["--env", "sandbox", "--url", &server.url("https"), "--insecure"];
    for (proxy, words) in [
        ("socks5://user:MARK@proxy:1080", "only http:// proxies"),
        ("https://user:MARK@proxy", "only http:// proxies"),
        ("http://user:MA RK@proxy", "it is not http://"),
        ("http://user:MARK@", "it is not http://"),
        ("http://user:MARK@127.0.0.1:99999", "its port is not a number"),
        ("http://user:MARK@127.0.0.1:abc", "its port is not a number"),
        ("http://user:MARK/x@127.0.0.1:80", "its port is not a number"),
    ] {
        let output = validate(&mailbox, &args).env("HTTPS_PROXY", proxy).run();
        assert!(!format!("{}{}", output.stdout, output.stderr).contains("RK"), "the login is shown");
        let error = output.expect_error(2, "usage");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("HTTPS_PROXY cannot be used: ") && message.contains(words), "{error}");
    }
    for proxy in ["socks5://proxy", "http://127.0.0.1:99999", "127.0.0.1:abc"] {
        let error = validate(&mailbox, &args).args(["--proxy", proxy]).run().expect_error(2, "usage");
        assert!(error["message"].as_str().unwrap().starts_with("--proxy"), "{error}");
    }
    let plain = ["--env", "sandbox", "--url", &server.url("http"), "--proxy", "http://proxy:3128"];
    validate(&mailbox, &plain).run().expect_error(2, "usage");
    server.is_untouched();
}

#[test]
fn proxy_that_cannot_be_used_hinders_nothing_without_a_network() {
    let mailbox = Mailbox::imported();
    mailbox.program().arg("status").env("HTTPS_PROXY", "socks5://proxy").run().expect(0);
}

#[test]
fn mailbox_that_is_not_stored_takes_credentials_but_at_a_sandbox() {
    let mailbox = Mailbox::none();
    validate(&mailbox, &["--url", "https://127.0.0.1:1"]).run().expect_error(1, "no_such_mailbox");
    validate(&mailbox, &["--env", "integration"]).run().expect_error(1, "no_such_mailbox");
    // `check` judges credentials: there are none.
    let check = mailbox.program().args(["check", Mailbox::ID, "--env", "sandbox", "--insecure"]);
    check.run().expect_error(1, "no_such_mailbox");
}
