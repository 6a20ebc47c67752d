//! nhs-mesh-client for JavaScript, by Node's https module: the client builds its agent from these very fields.

use serde_json::Value;

use crate::stage::{alone, handed_over, handed_over_to, printed, refusal, stage};

fn reader(folder: &std::path::Path, role: &str) -> std::process::Command {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover/javascript/reader.js");
    let mut node = alone("node", folder);
    node.arg(script).arg(role);
    node
}

#[test]
fn node_connects_with_the_fields_of_sender_and_receiver_and_can_check_the_server() {
    let mesh = stage();
    let sender = handed_over(&mesh, "javascript", &[]);
    assert_eq!(printed(reader(&sender, "sender")), "200 200\n");
    let receiver = handed_over_to(&mesh, "javascript", &mesh.file("receiver"), &["--set", "role=receiver"]);
    assert_eq!(printed(reader(&receiver, "receiver")), "200 200\n");

    let config: Value = serde_json::from_slice(&std::fs::read(sender.join("config.json")).unwrap()).unwrap();
    let names: Vec<_> = config.as_object().expect("fields").keys().map(String::as_str).collect();
    let mut of_the_client = [
        "url",
        "sharedKey",
        "sandbox",
        "senderCert",
        "senderKey",
        "senderMailboxID",
        "senderMailboxPassword",
    ];
    of_the_client.sort_unstable();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(names, of_the_client);
    assert_eq!(config["url"], mesh.url());
    assert_eq!(config["sandbox"], "false", "a text: the client compares it with one");

    // The proof is one: without the sub CA the server refuses, and by another CA the server is not believed.
    change(&sender, |config| {
        let leaf =
            config["senderCert"].as_str().unwrap().split_inclusive("-----END CERTIFICATE-----\n").next();
        config["senderCert"] = leaf.expect("a certificate").into();
    });
    assert!(refusal(reader(&sender, "sender")).contains("unknown ca"));
}

fn change(folder: &std::path::Path, how: impl Fn(&mut Value)) {
    let path = folder.join("config.json");
    let mut config: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    how(&mut config);
    std::fs::write(path, config.to_string()).expect("a test can change what it was given");
}
