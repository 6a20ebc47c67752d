use std::fs;
use std::path::PathBuf;

use crate::browser::{Seen, open, pictures};
use crate::support::{Answer, Authority, Mailbox, Mesh, Program, WebServer, closed_port, openssl, path_arg};

/// Runs a check that writes `report.html`, and opens that.
fn opened(program: Program, folder: PathBuf, code: i32, name: &str) -> (Seen, String) {
    let page = folder.join("report.html");
    program.arg("--report").arg(&page).run().expect(code);
    let seen = open(&page, name);
    seen.asserts_nothing_left(&page);
    seen.asserts_readable();
    for picture in ["light.png", "dark.png", "print.png"] {
        let bytes = fs::read(pictures(name).join(picture)).expect("a picture");
        assert!(bytes.len() > 10_000, "{picture} has {} bytes", bytes.len());
    }
    (seen, fs::read_to_string(page).expect("UTF-8"))
}

#[test]
fn page_of_a_failure_is_complete_and_fetches_nothing() {
    let mesh = Mesh::start();
    let program = mesh.answers("check", "X26ABC1").env("MESH_MAILBOX_PASSWORD", "MARK-not-the-password");
    let (seen, html) = opened(program, mesh.home().with_file_name(""), 3, "failure");
    let url = mesh.url();
    let version = concat!("mesh-onboard ", env!("CARGO_PKG_VERSION"));
    let facts = [&url, "X26ABC1", "rehearsal", "1 June 2026", "UTC", version, std::env::consts::ARCH];
    seen.asserts_shows(&facts);
    seen.asserts_shows(&["It does not work.", "authorization failed", "What to do", "Evidence", "skipped"]);
    let certificate =
        ["O=nhs, OU=Devices, CN=x26abc1.x26.api.mesh-client.nhs.uk", "Serial", "Valid until", "Sub CA"];
    seen.asserts_shows(&certificate);
    for secret in ["MARK-not-the-password", "TestKey", "NHSMESH", "correct horse battery", "PRIVATE KEY"] {
        assert!(!html.contains(secret), "the page holds {secret}");
    }
    let pdf = fs::read(pictures("failure").join("print.pdf")).expect("a PDF");
    assert!(pdf.starts_with(b"%PDF"));
    // A4 (ISO 216) in points.
    assert!(String::from_utf8_lossy(&pdf).contains("/MediaBox [0 0 594.95996 841.91998]"), "not A4");
}

#[test]
fn page_of_all_mailboxes_leads_to_those_that_are_not_well() {
    let mesh = Mesh::start();
    let secrets = mesh.file_with("secrets.toml", "[X26ABC2]\nMESH_MAILBOX_PASSWORD = 'other'\n");
    private(&secrets);
    let program = mesh.person().args(["--no-input", "check", "--all", "--url", &mesh.url()]);
    let program = program.arg("--secrets").arg(secrets);
    let (seen, html) = opened(program, mesh.home().with_file_name(""), 3, "all");
    seen.asserts_shows(&["1 of 3 mailboxes does not work", "X26ABC1", "X26ABC2", "X26ABC3"]);
    assert!(html.contains(r##"href="#rehearsal-X26ABC2""##) && html.contains(r#"id="rehearsal-X26ABC2""#));
    assert!(!html.contains(r#"id="rehearsal-X26ABC1""#), "those that are well have no section of their own");
}

#[test]
fn page_of_health_says_so() {
    let mesh = Mesh::start();
    let program = mesh.answers("check", "X26ABC1").arg("--round-trip");
    let (seen, _) = opened(program, mesh.home().with_file_name(""), 0, "healthy");
    seen.asserts_shows(&["All is well.", "round_trip"]);
    assert!(!seen.text().contains("What to do"), "{}", seen.text());
}

#[test]
fn names_in_a_hostile_certificate_are_text_and_nothing_else() {
    let mailbox = Mailbox::none();
    let (key, csr) = (mailbox.file("hostile.key"), mailbox.file("hostile.csr"));
    let (to_key, to_csr) = (path_arg(&key), path_arg(&csr));
    openssl(&format!("req -new -newkey rsa:2048 -nodes -keyout {to_key} -out {to_csr} -subj /CN=plain"));
    let hostile = "<script>alert(1)<\\/script><img src=x onerror=alert(2)>\u{1b}[31m\nx";
    let certificate = Authority::foreign().leaf(&csr, hostile).sign(&mailbox.file("hostile.pem"));
    let program = mailbox.person().args(["check", "--offline", "--env", "integration", "--cert"]);
    let program = program.arg(certificate).arg("--key").arg(key);
    let (seen, html) = opened(program, mailbox.file(""), 3, "hostile");
    seen.asserts_shows(&["<script>alert(1)</script>", "onerror=alert(2)", "\\u{1b}[31m\\nx"]);
    assert!(!html.contains('\u{1b}') && !html.contains("<script") && !html.contains("<img"));
}

/// What the other tests rely on: a page that does any of it is found out.
#[test]
fn browser_tells_of_pages_that_fetch_speak_or_cannot_be_read() {
    let server = WebServer::start(|_| Answer::Status(404));
    let mailbox = Mailbox::none();
    let url = server.url("/pixel.png");
    let page = mailbox.file_with(
        "bad.html",
        format!("<p style='color: #aaa'>pale</p><img src='{url}'><script>console.error('said')</script>"),
    );
    let seen = open(&page, "bad");
    let requests = seen.0["requests"].to_string();
    assert!(requests.contains(&url), "{requests}");
    assert!(seen.0["urls"].to_string().contains(&url), "{}", seen.0["urls"]);
    assert!(seen.0["said"].to_string().contains("said"), "{}", seen.0["said"]);
    assert!(seen.0["light"]["contrast"].as_f64().is_some_and(|contrast| contrast < 4.5));
    assert_eq!(seen.0["light"]["scripts"], 1);
}

#[test]
fn report_is_never_written_over_another_file() {
    let mailbox = Mailbox::imported();
    let taken = mailbox.file_with("taken.html", "mine");
    // Nobody listens there: exit code 1, not 4, shows that nobody was asked.
    let url = closed_port().replace("http:", "https:");
    let program = mailbox.program().args(["check", Mailbox::ID, "--url", &url]).arg("--report").arg(&taken);
    let error = program.run().expect_error(1, "io");
    assert!(error["message"].as_str().is_some_and(|m| m.contains("taken.html")), "{error}");
    assert_eq!(fs::read_to_string(taken).unwrap(), "mine");
}

#[test]
fn own_template_is_used_and_a_broken_one_is_told_before_anything_is_done() {
    let mailbox = Mailbox::imported();
    let templates = mailbox.home().join("templates");
    fs::create_dir(&templates).unwrap();
    let check = |to: &str| {
        let program = mailbox.program().args(["check", Mailbox::ID, "--offline", "--report"]);
        program.arg(mailbox.file(to))
    };
    fs::write(templates.join("check.html"), "Ours: {{ verdict.word }} {{ checks[0].mailbox }} {{ '<' }}")
        .unwrap();
    check("ours.html").run().expect(0);
    assert_eq!(fs::read_to_string(mailbox.file("ours.html")).unwrap(), "Ours: pass X26ABC1 &lt;");
    fs::write(templates.join("check.html"), "{% if %}").unwrap();
    check("broken.html").run().expect_error(1, "template");
    fs::write(templates.join("check.html"), "{{ no.such.thing }}").unwrap();
    check("later.html").run().expect_error(1, "template");
    let of_all = mailbox.program().args(["check", "--all", "--offline", "--report"]);
    fs::write(templates.join("check.html"), "{% if several %}{{ no.such.thing }}{% endif %}").unwrap();
    of_all.arg(mailbox.file("later.html")).run().expect_error(1, "template");
    assert!(!mailbox.file("broken.html").exists() && !mailbox.file("later.html").exists());
}

#[test]
fn page_that_cannot_be_written_costs_no_result() {
    let mailbox = Mailbox::imported();
    let program = mailbox.program().args(["check", Mailbox::ID, "--offline", "--report", "/proc/check.html"]);
    let output = program.run().expect(1).says("the report was not written");
    assert_eq!(output.json()["verdict"], "pass");
}

fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
}
