//! Templates of the user's own, below `<home>/templates`.

use std::fs;

use crate::export::{again, export, recorded};
use crate::support::{Mailbox, changes, tree};

fn own(mailbox: &Mailbox, name: &str, text: &str) {
    let templates = mailbox.home().join("templates");
    fs::create_dir_all(&templates).unwrap();
    fs::write(templates.join(name), text).unwrap();
}

#[test]
fn own_template_stands_in_for_the_built_in_one() {
    let mailbox = Mailbox::imported();
    own(&mailbox, "mesh-client.mesh.env", "# {{ ods | bare }}\nPW={{ password }}\nURL={{ api_url }}\n");
    let program = export(&mailbox, "mesh-client", "to").env("MESH_MAILBOX_PASSWORD", "it's");
    let answer = program.run().expect(0).json();
    let text = fs::read_to_string(mailbox.file("to").join("mesh.env")).unwrap();
    assert_eq!(text, "# X26\nPW=\"it's\"\nURL='https://localhost:8700/messageexchange'\n");
    // Which secrets are in it comes from what it names.
    assert_eq!(answer["files"][3]["secrets"], serde_json::json!(["mailbox_password"]));
    own(&mailbox, "mesh-client.mesh.env", "URL={{ url }}\n");
    let program = export(&mailbox, "mesh-client", "without").without_env("MESH_MAILBOX_PASSWORD");
    let answer = program.without_env("MESH_SHARED_KEY").run().expect(0).json();
    assert_eq!(answer["files"][3]["secrets"], serde_json::json!([]));
    assert_eq!(recorded(&mailbox).len(), 2);
}

#[test]
fn own_template_that_cannot_be_used_is_refused_and_no_value_repeated() {
    let mailbox = Mailbox::imported();
    for (template, code, says) in [
        ("{{ colour }}\n", "template", "it names 'colour', which is nothing known here"),
        ("{{ url\n", "template", "line"),
        ("{% if url %}\n", "template", "line"),
        ("ok\n{{ password | shout }}\n", "template", "shout"),
        ("{{ password | bare }} {{ root_cas_base64 }}\n", "template", "no value"),
        ("{% include password | upper %}\n", "template", "line 1"),
        ("{{ password | upper | int }}\n", "template", "line 1"),
        ("{{ (password | upper)() }}\n", "template", "line 1"),
        ("{{ password[password | upper] }}\n", "template", "line 1"),
        ("{{ key | bare }}\n", "template", "a line end"),
        ("{% macro m() %}{{ password }}{% endmacro %}A={{ m() }}\n", "template", "quoted twice"),
        ("{%- set x %}{{ password }}{% endset %}A={{ x }}\n", "template", "quoted twice"),
        ("{% filter upper %}A={{ password }}{% endfilter %}\n", "template", "quoted twice"),
        ("{{ password | safe }}\n", "template", "the quotes of a value"),
        ("{{ path(\"../../etc\") }}\n", "template", "below the folder"),
        ("{{ path(\"/etc\") }}\n", "template", "below the folder"),
    ] {
        own(&mailbox, "mesh-client.mesh.env", template);
        let before = tree(&mailbox.home());
        let program = export(&mailbox, "mesh-client", "to").env("MESH_MAILBOX_PASSWORD", "marked4711");
        let output = program.run();
        let shown = output.shown();
        assert!(!shown.to_lowercase().contains("marked4711"), "a password is repeated\n{shown}");
        let error = output.expect_error(1, code);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("mesh-client.mesh.env") && message.contains(says), "{template}: {error}");
        assert!(error["hint"].as_str().unwrap().contains("there is a built-in one"), "{error}");
        assert_eq!(changes(&before, &tree(&mailbox.home())), Vec::<String>::new());
        assert!(!mailbox.file("to").exists());
    }
}

#[test]
fn value_that_no_reader_takes_is_refused() {
    let mailbox = Mailbox::imported();
    let password = mailbox.file_with("password", "marked\0password");
    let program = export(&mailbox, "mesh-client", "to").without_env("MESH_MAILBOX_PASSWORD");
    let output = program.arg("--mailbox-password-file").arg(password).run();
    assert!(!output.shown().contains("marked"), "{}", output.shown());
    let error = output.expect_error(1, "not_representable");
    assert!(
        error["message"].as_str().unwrap().contains("the mailbox password cannot stand in mesh.env"),
        "{error}"
    );
    assert!(!mailbox.file("to").exists());
}

#[test]
fn own_template_that_was_used_is_named() {
    let mailbox = Mailbox::imported();
    own(&mailbox, "mesh-client.mesh.env", "{% set a = url %}URL={{ a }}\n");
    let path = mailbox.home().join("templates/mesh-client.mesh.env").display().to_string();
    let output = export(&mailbox, "mesh-client", "to").run().expect(0).says(&path);
    let answer = output.json();
    assert_eq!(answer["files"][3]["template"], path.as_str());
    assert!(answer["files"][0]["template"].is_null() && answer["files"][4]["template"].is_null(), "{answer}");
    assert_eq!(answer["warnings"][0]["code"], "own_template");
    assert_eq!(fs::read_to_string(mailbox.file("to/mesh.env")).unwrap(), "URL='https://localhost:8700'\n");
    // Years later too.
    let answer = again(&mailbox, "--refresh").run().expect(0).says(&path).json();
    assert_eq!(answer["exports"][0]["warnings"][0]["code"], "own_template");
}

#[test]
fn template_that_stands_in_for_nothing_is_refused_and_those_that_count_are_named() {
    for (consumer, name, known) in [
        ("mesh-client", "mesh-client.MESH.env", "mesh-client.mesh.env, mesh-client.connect.py"),
        ("aws-ssm", "aws-ssm.MESH_URL.json", "aws-ssm.parameter.json"),
        ("pem", "pem.client.pem", "pem is made without templates"),
    ] {
        let mailbox = Mailbox::imported();
        own(&mailbox, name, "{{ url }}\n");
        // Of somebody else, or what an editor leaves.
        own(&mailbox, "request.txt", "");
        own(&mailbox, &format!("{consumer}.x~"), "");
        let program = export(&mailbox, consumer, "to");
        let program = if consumer == "aws-ssm" { program.args(["--set", "prefix=dev"]) } else { program };
        let error = program.run().expect_error(1, "template");
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
        assert!(error["because"][0].as_str().unwrap().contains(known), "{error}");
        assert!(!mailbox.file("to").exists());
        // It is nothing to another consumer.
        export(&mailbox, "javascript", "other").run().expect(0);
    }
}

#[test]
fn key_whose_password_stands_nowhere_is_refused() {
    let mailbox = Mailbox::imported();
    own(&mailbox, "java-client.meshclient.part.cfg", "<a>{{ url }}</a>\n");
    let error = export(&mailbox, "java-client", "to").run().expect_error(1, "template");
    assert!(error["message"].as_str().unwrap().contains("a key under a password alone"), "{error}");
    assert!(!mailbox.file("to").exists());
    own(&mailbox, "java-client.meshclient.part.cfg", "<a>{{ generated_password }}</a>\n");
    export(&mailbox, "java-client", "to").run().expect(0);
}
