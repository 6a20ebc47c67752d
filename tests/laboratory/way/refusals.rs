//! What servers do with the client's certificate.

use std::path::Path;

use super::bench::{Pair, SServer, check, check_nobody};
use super::connection::Python;
use super::sandbox::{Door, Sandbox};
use super::served::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, middlebox, without_alerts};
use crate::support::{Authority, Mailbox, Mesh, Output, openssl, path_arg, scratch};

/// The official sandbox as most people start it.
pub fn not_asked_for() -> Output {
    let sandbox = Sandbox::start_with(Door::SelfSigned);
    sandbox.import();
    let program = sandbox.secrets(sandbox.mailbox.program().real_clock());
    let program = program.args(["check", Mailbox::ID, "--env", "sandbox", "--url", &sandbox.url]);
    program.arg("--ca").arg(sandbox.own_certificate()).run()
}

pub fn root_missing() -> Output {
    let mesh = Mesh::start();
    let credential = mesh.home().join("rehearsal/X26ABC1/credentials/0001");
    let full = std::fs::read_to_string(credential.join("bundles-01/fullchain.pem")).expect("it is there");
    let root = full.rfind("-----BEGIN CERTIFICATE-----").expect("a certificate");
    let program = mesh.answers("check", "X26ABC1").args(["--env", "rehearsal", "--as", "java-client"]);
    let program = program.arg("--cert").arg(mesh.file_with("chain.pem", &full[..root]));
    program.arg("--key").arg(credential.join("key.pem")).run()
}

/// A server that trusts this root and no other.
fn trusting(root: &Path, more: &str) -> SServer {
    SServer::that_asks(root, &format!("-www {more}"))
}

fn ours(more: &str) -> SServer {
    trusting(&Authority::ours().root(), more)
}

pub fn leaf_alone() -> Output {
    check(&ours("").url()).args(["--as", "nel-mesh"]).run()
}

/// Takes any certificate of ours in TLS, as nginx does with `ssl_verify_client optional_no_ca`, and answers what nginx does.
fn refused_in_http(words: &str) -> Output {
    let (pair, root) = (Pair::server(), Authority::ours().root());
    let page = format!("<html>\\r\\n<head><title>400 {words}</title></head>\\r\\n</html>\\r\\n");
    // 0x200000: X509_V_FLAG_NO_CHECK_TIME, as the certificates are of the time of the tests.
    let nginx = format!(
        "t = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\nt.load_cert_chain('{}', '{}')\nt.load_verify_locations('{}')\n\
         t.verify_mode = ssl.CERT_OPTIONAL\nt.verify_flags |= 0x200000\nwhile True:\n  c, _ = s.accept()\n  try:\n    \
         c = t.wrap_socket(c, server_side=True)\n    while b'\\r\\n\\r\\n' not in c.recv(65536): pass\n    \
         p = b'{page}'\n    \
         c.sendall(b'HTTP/1.1 400 Bad Request\\r\\nContent-Type: text/html\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(p) + p)\n    \
         c.close()\n  except OSError: pass",
        path_arg(&pair.chain()),
        path_arg(&pair.key()),
        path_arg(&root)
    );
    let python = Python::listens(5, &nginx);
    check(&format!("https://localhost:{}", python.address.port())).run()
}

pub fn by_http() -> Output {
    refused_in_http("The SSL certificate error")
}

pub fn by_http_none() -> Output {
    refused_in_http("No required SSL certificate was sent")
}

#[test]
fn sub_ca_is_taken_out_of_the_chain_as_told() {
    let answer = leaf_alone().expect(3).json();
    let probes = answer["probes"].as_array().expect("probes");
    let told = probes.iter().find(|probe| probe["code"] == "sub_ca_not_sent").expect("the row shows it");
    let remedy = told["remedy"].as_str().expect("a remedy");
    let (_, line) = remedy.split_once("openssl x509 ").expect("a command of openssl");
    let (line, _) = line.split_once(" takes").expect("the end of the command");
    let mesh = Mesh::start();
    let chain = mesh.home().join("rehearsal/X26ABC1/credentials/0001/bundles-01/chain.pem");
    let taken = mesh.file("SUBCA.cer");
    let line = line.replace("chain.pem", &path_arg(&chain)).replace("SUBCA.cer", &path_arg(&taken));
    openssl(&format!("x509 {line}"));
    let names = openssl(&format!("x509 -in {} -noout -subject -issuer", path_arg(&taken)));
    let (subject, issuer) = names.trim().split_once('\n').expect("two lines");
    assert_ne!(
        subject.trim_start_matches("subject="),
        issuer.trim_start_matches("issuer="),
        "the root was taken"
    );
}

/// Where something on the way eats the alert.
pub fn leaf_alone_without_a_word() -> Output {
    let server = ours("");
    let quiet = without_alerts(server.address);
    check(&quiet.url()).args(["--as", "dotnet-mesh-client"]).run()
}

pub fn unknown_ca() -> Output {
    check(&trusting(&Authority::foreign().root(), "-tls1_3").url()).run()
}

pub fn unknown_ca_tls12() -> Output {
    check(&trusting(&Authority::foreign().root(), "-tls1_2").url()).run()
}

pub fn unknown_ca_as_dotnet() -> Output {
    check(&trusting(&Authority::foreign().root(), "").url()).args(["--as", "nel-mesh"]).run()
}

/// A server whose clock is three years ahead.
pub fn expired() -> Output {
    check(&ours("-attime 1875009600").url()).run()
}

pub fn revoked() -> Output {
    let folder = scratch();
    let list = folder.path().join("list.pem");
    Authority::ours().revocation_list(&Pair::client().leaf(), &list);
    // The list is of the sub CA, which has to be at hand when it is read.
    let more = format!("-crl_check -CRL {}", path_arg(&list));
    check(&ours(&more).url()).run()
}

pub fn purpose() -> Output {
    check(&ours("-purpose smimesign").url()).run()
}

pub fn bad() -> Output {
    check(&ours("-verify_hostname somebody.else.example").url()).run()
}

/// A fatal alert, sent where the certificate has just gone by (RFC 5246, 7.2).
fn alert(say: &'static [u8]) -> Output {
    let server = ours("-tls1_2");
    check(&middlebox(server.address, CHANGE_CIPHER_SPEC, say).url()).run()
}

pub fn required() -> Output {
    alert(&[21, 3, 3, 0, 2, 2, 116])
}

pub fn denied() -> Output {
    alert(&[21, 3, 3, 0, 2, 2, 49])
}

pub fn unknown_reason() -> Output {
    alert(&[21, 3, 3, 0, 2, 2, 46])
}

pub fn closed() -> Output {
    alert(&[])
}

pub fn nobody_logs_in() -> Output {
    check_nobody(&trusting(&Authority::foreign().root(), "").url()).run()
}

pub fn no_answer() -> Output {
    let server = SServer::that_asks(&Authority::ours().root(), "");
    check(&server.url()).args(["--timeout", "2"]).run()
}

/// An answer of which no byte is as it was sent.
pub fn garbled() -> Output {
    const RECORD: [u8; 69] = {
        let mut record = [0; 69];
        (record[0], record[1], record[2], record[4]) = (APPLICATION_DATA, 3, 3, 64);
        record
    };
    let server = ours("-tls1_2");
    check(&middlebox(server.address, APPLICATION_DATA, &RECORD).url()).run()
}
