//! `export --list`.

use std::fs;

use serde_json::json;

use crate::keys;
use crate::support::{Mailbox, Terminal};

fn listed(more: &[&str]) -> String {
    let mailbox = Mailbox::none();
    let output = mailbox.person().args(["export", "--list"]).args(more).run().expect(0);
    assert!(!mailbox.home().exists(), "it made a home");
    output.stdout
}

#[test]
fn list_is_a_table_and_the_line_that_says_more() {
    let text = listed(&[]);
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("CONSUMER "), "{text}");
    let mailbox = Mailbox::none();
    let answer = mailbox.program().args(["export", "--list"]).run().expect(0).json();
    let consumers = answer["consumers"].as_array().unwrap();
    for consumer in consumers {
        let name = consumer["name"].as_str().unwrap();
        assert!(lines.next().unwrap().starts_with(&format!("{name} ")), "{name}\n{text}");
    }
    let rest: Vec<_> = lines.collect();
    assert_eq!(rest, ["", "What one of them gets: mesh-onboard export --list --for CONSUMER"]);
}

#[test]
fn list_fits_the_terminal() {
    let mailbox = Mailbox::none();
    for more in [&[][..], &["--for", "mesh-client"], &["--for", "azure-key-vault"]] {
        let program = mailbox.person().args(["export", "--list"]).args(more);
        let terminal = Terminal { size: Some((50, 80)), quick: true, ..Terminal::default() };
        let screen = program.in_terminal_like(&terminal, &[]).screen;
        // A command is copied, and stays whole.
        let wide = |line: &&str| line.trim_end().chars().count() > 80 && !line.starts_with("mesh-onboard ");
        let wide: Vec<_> = screen.lines().filter(wide).collect();
        assert!(wide.is_empty() && screen.lines().count() > 10, "{wide:#?}\n{screen}");
    }
}

#[test]
fn list_for_scripts_names_files_secrets_settings_and_what_templates_can_name() {
    let mailbox = Mailbox::none();
    let answer = mailbox.program().args(["export", "--list"]).run().expect(0).json();
    assert_eq!(keys(&answer), ["consumers", "filters", "values"]);
    let consumers = answer["consumers"].as_array().unwrap();
    let pem = consumers.iter().find(|consumer| consumer["name"] == "pem").unwrap();
    assert_eq!(keys(pem), ["does", "files", "name", "proved_with", "settings"]);
    assert_eq!(
        pem["files"][3],
        json!({"path": "key.pem", "holds": "the key, PKCS#8", "secrets": ["private_key"], "when": "key=pkcs8", "template": null})
    );
    assert_eq!(pem["settings"][0]["default"], "pkcs8");
    let values = answer["values"].as_array().unwrap();
    assert!(values.contains(&json!({"name": "password", "does": "mailbox password"})), "{values:?}");
    assert_eq!(answer["filters"][0]["name"], "bare");
    let one = mailbox.program().args(["export", "--list", "--for", "Pem"]).run().expect(0).json();
    assert_eq!(one["consumers"], json!([pem]));
    assert_eq!(one["values"], answer["values"]);
}

#[test]
fn list_for_one_consumer_names_files_secrets_settings_and_templates() {
    let text = listed(&["--for", "mesh-client"]);
    for line in [
        "mesh-client: mesh-client (Python)",
        "key.pem     the key, PKCS#8                              unencrypted private key",
        "  mesh-client.mesh.env    makes mesh.env",
        "To begin from a built-in one: mesh-onboard export --list --for mesh-client --only mesh-client.mesh.env",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\nis not in\n{text}");
    }
    let text = listed(&["--for", "pem"]);
    assert!(text.contains("  --set key=…   how the key is written"), "{text}");
    assert!(text.contains("(default pkcs8)") && text.contains("the key, PKCS#8 (with key=pkcs8)"), "{text}");
    assert!(!text.contains("emplate"), "{text}");
    // One template of two files.
    let text = listed(&["--for", "aws-ssm"]);
    assert_eq!(text.matches("aws-ssm.parameter.json").count(), 1, "{text}");
    assert!(text.contains("parameters/MESH_URL.json, parameters/MESH_VERIFY_SSL.json"), "{text}");
}

#[test]
fn built_in_template_is_printed_to_begin_from() {
    let built_in = fs::read_to_string("templates/export/mesh-client.mesh.env").unwrap();
    assert_eq!(listed(&["--for", "mesh-client", "--only", "mesh.env"]), built_in);
    assert_eq!(listed(&["--for", "mesh-client", "--only", "mesh-client.mesh.env"]), built_in);
    let mailbox = Mailbox::none();
    let run = |words: &[&str]| mailbox.person().args(["export", "--list"]).args(words).run().expect(2);
    run(&["--for", "mesh-client", "--only", "key.pem"]).says("mesh.env, connect.py");
    run(&["--for", "pem", "--only", "key.pem"]).says("none is");
    run(&["--for", "postgres"]).says("no consumer known here");
    // What would mean nothing.
    run(&["--for", "pem", "--to", "x"]);
    run(&["--for", "pem", "--set", "key=pkcs1"]);
    run(&["--for", "pem", "--mode", "640"]);
}
