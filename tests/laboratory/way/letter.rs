//! The letter to the network team.

use super::bench::check;
use super::served::proxy_that_says;
use crate::support::{Mesh, scratch};

#[test]
fn letter_names_the_places_and_what_was_seen_and_never_replaces_a_file() {
    let folder = scratch();
    let letter = folder.path().join("letter.txt");
    let proxy = proxy_that_says("HTTP/1.1 403 Blocked by policy\r\nContent-Length: 0\r\n\r\n");
    let program = || {
        let program = check("https://msg.intspineservices.nhs.uk").args(["--proxy", &proxy.proxy()]);
        program.arg("--bypass-letter").arg(&letter)
    };
    let output = program().run().expect(4);
    assert!(output.stderr.contains("letter.txt"), "{}", output.shown());
    let text = std::fs::read_to_string(&letter).expect("a letter");
    let proxy_place = proxy.address.to_string();
    for part in [
        "\n  msg.intspineservices.nhs.uk:443\n",
        "X26ABC1",
        "mutual TLS",
        "403 Blocked by",
        "environment integration",
        "\n  msg.int.spine2.ncrs.nhs.uk:443\n",
        "openssl s_client -connect msg.intspineservices.nhs.uk:443 -proxy",
        "mesh-onboard check X26ABC1 ",
        " --url https://msg.intspineservices.nhs.uk ",
        "2026-06-01",
        proxy_place.as_str(),
    ] {
        assert!(text.contains(part), "'{part}' is missing:\n{text}");
    }
    println!("{text}");
    assert!(text.ends_with("client_certificate.\n"), "{text}");
    assert!(!text.contains("{{") && !text.contains("{%") && !text.contains("\n\n\n"), "{text}");
    let error = program().run().expect_error(1, "io");
    assert!(error.to_string().contains("letter.txt"), "{error}");
    assert_eq!(std::fs::read_to_string(&letter).expect("a letter"), text);
}

#[test]
fn letter_is_written_where_all_is_well_too() {
    let mesh = Mesh::start();
    let letter = mesh.file("letter.txt");
    mesh.answers("check", "X26ABC1").arg("--bypass-letter").arg(&letter).run().expect(0);
    let text = std::fs::read_to_string(&letter).expect("a letter");
    let place = mesh.url().trim_start_matches("https://").to_owned();
    assert!(text.contains(&place) && !text.contains("What we see today"), "{text}");
}

#[test]
fn letter_that_cannot_be_written_costs_no_result() {
    let mesh = Mesh::start();
    let output =
        mesh.answers("check", "X26ABC1").args(["--bypass-letter", "/proc/letter.txt"]).run().expect(1);
    assert!(output.stderr.contains("the letter was not written"), "{}", output.shown());
    assert_eq!(output.json()["verdict"], "pass", "{}", output.shown());
}

#[test]
fn letter_needs_the_way_which_is_said_before_anything_is_done() {
    let mesh = Mesh::start();
    let letter = mesh.file("letter.txt");
    let program =
        || mesh.person().args(["--json", "check", "X26ABC1", "--env", "rehearsal", "--bypass-letter"]);
    program().arg(&letter).arg("--offline").run().expect_error(2, "usage");
    // Rehearsal has no address of its own.
    let error = program().arg(&letter).run().expect_error(2, "usage");
    assert!(!letter.exists(), "{error}");
}
