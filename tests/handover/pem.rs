//! PEM files, by the client of OpenSSL.

use std::io::Write;
use std::process::Stdio;

use crate::stage::{alone, handed_over, stage};

#[test]
fn openssl_connects_with_each_form_of_the_key() {
    let mesh = stage();
    for (form, more) in [("pkcs8", ""), ("pkcs1", ""), ("encrypted", "-pass file:key-password.txt")] {
        let folder = handed_over(&mesh, "pem", &["--set", &format!("key={form}")]);
        let header = mesh.setup().args(["token", "X26ABC1"]);
        let header = header.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey");
        let header = header.run().expect(0).json()["authorization"].as_str().expect("a header").to_owned();
        let port = mesh.url().rsplit(':').next().expect("a port").to_owned();
        let mut client = alone("openssl", &folder);
        client.args(["s_client", "-quiet", "-verify_return_error", "-verify_hostname", "localhost"]);
        client.args(["-connect", &format!("127.0.0.1:{port}"), "-servername", "localhost"]);
        client.args([
            "-CAfile",
            "ca.pem",
            "-cert",
            "client.pem",
            "-cert_chain",
            "client.pem",
            "-key",
            "key.pem",
        ]);
        client.args(more.split_whitespace());
        let mut client =
            client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let request = format!(
            "GET /messageexchange/X26ABC1 HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: {header}\r\n\
             Accept: application/vnd.mesh.v2+json\r\nmex-clientversion: Reader 1.0.0\r\nmex-osname: Linux\r\n\
             mex-osversion: 1\r\nmex-osarchitecture: x86_64\r\nConnection: close\r\n\r\n"
        );
        client.stdin.as_mut().unwrap().write_all(request.as_bytes()).unwrap();
        let output = client.wait_with_output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(shown.starts_with("HTTP/1.1 200"), "{form}: {shown}\n{said}");
    }
}
