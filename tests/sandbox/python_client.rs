//! The official Python client with the files that we export.

use std::process::Command;

use crate::server::Sandbox;
use crate::support::{Mailbox, PASSPHRASE, venv_python};

/// Handshakes, sends a message to the mailbox itself, receives and acknowledges it.
const CLIENT: &str = "
import os, sys
from mesh_client import MeshClient
url, mailbox, certificate, key, ca = sys.argv[1:]
with MeshClient(url, mailbox, 'password', shared_key=b'TestKey',
                cert=(certificate, key, os.environ['PASS']), verify=ca) as client:
    client.handshake()
    sent = client.send_message(mailbox, b'from the official client', workflow_id='TEST_WORKFLOW2')
    assert sent in client.list_messages(), sent
    with client.retrieve_message(sent) as message:
        assert message.read() == b'from the official client'
        message.acknowledge()
print('handshake and round trip')
";

#[test]
fn official_client_works_with_exported_pem_files() {
    let sandbox = Sandbox::start();
    let answer = sandbox.import();
    let output = Command::new(venv_python())
        .args(["-c", CLIENT, &sandbox.url, Mailbox::ID])
        .arg(answer["files"]["fullchain"].as_str().expect("a path"))
        .arg(sandbox.mailbox.credential(1).join("key.pem"))
        .arg(sandbox.server_ca())
        .env("PASS", PASSPHRASE)
        .output()
        .expect("Python starts");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(shown.trim(), "handshake and round trip");
}
