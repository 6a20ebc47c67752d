use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::*;

#[test]
fn server_stops_when_dropped_though_clients_stay_connected() {
    let mesh = mesh();
    let address = mesh.address();
    let client = client(&mesh);
    let mut idle = client.connect().unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    assert_ne!(idle.read(&mut [0; 64]).unwrap(), 0);
    let silent = TcpStream::connect(address).unwrap();
    let start = Instant::now();
    drop(mesh);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(TcpStream::connect(address).is_err());
    drop((idle, silent));
}

#[test]
fn two_servers_do_not_share_a_port_or_a_mailbox() {
    let (one, two) = (mesh(), mesh());
    assert_ne!(one.url(), two.url());
    assert!(one.url().starts_with("https://127.0.0.1:"));
    let itself = [("mex-to", "X26ABC1"), ("mex-workflowid", "TEST_WORKFLOW2")];
    assert_eq!(client(&one).call("POST", "/outbox", &itself, b"x").status, 202);
    assert_eq!(client(&two).get("/count").json()["count"], 0);
}

#[test]
fn taken_port_is_an_error() {
    let mesh = mesh();
    let config = RehearsalConfig { port: mesh.address().port(), ..RehearsalConfig::default() };
    let error = RehearsalMesh::start(config, &CA, Arc::new(|| NOW)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn stalled_connections_keep_nobody_out() {
    let mesh = mesh();
    let client = client(&mesh);
    // As many as there are places: silent before TLS, silent after it, silent amid a head and amid a body.
    let silent: Vec<_> = (0..170).map(|_| TcpStream::connect(mesh.address()).unwrap()).collect();
    let token = client.token(NOW);
    let body = format!(
        "POST /messageexchange/X26ABC1/outbox HTTP/1.1\r\nhost: a\r\nauthorization: {token}\r\n\
        mex-to: X26ABC1\r\nmex-workflowid: TEST_WORKFLOW2\r\ncontent-length: 1000000\r\n\r\nhalf"
    );
    let stalled: Vec<_> = ["", "GET /half a hea", &body]
        .iter()
        .cycle()
        .take(30)
        .map(|begin| {
            let mut stream = client.connect().unwrap();
            stream.write_all(begin.as_bytes()).unwrap();
            stream.flush().unwrap();
            stream
        })
        .collect();
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(client.get("/count").status, 200);
    }
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    drop((silent, stalled));
}
