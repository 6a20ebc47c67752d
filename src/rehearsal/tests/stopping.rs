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
