//! What a check costs on a healthy way, counted between client and server.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use serde_json::Value;

use super::served::{Served, pass_noticing};
use crate::support::Mesh;

/// What went by: connections, and how often the client spoke after the server had.
#[derive(Default)]
struct Counted {
    connections: AtomicUsize,
    trips: AtomicUsize,
    server_spoke: AtomicBool,
}

impl Counted {
    /// Runs a command by way of a counter; connections and round trips after the one of TCP.
    fn of(mesh: &Mesh, command: &str, more: &[&str]) -> (usize, usize) {
        let counted = Arc::new(Self::default());
        let (count, to) = (counted.clone(), mesh.url().trim_start_matches("https://").to_owned());
        let counter = Served::start(move |client| {
            count.connections.fetch_add(1, SeqCst);
            count.server_spoke.store(true, SeqCst);
            let Ok(server) = TcpStream::connect(&to) else { return };
            let (up, down) = (count.clone(), count.clone());
            let upwards = move || {
                if up.server_spoke.swap(false, SeqCst) {
                    up.trips.fetch_add(1, SeqCst);
                }
            };
            pass_noticing(client, server, upwards, move || down.server_spoke.store(true, SeqCst));
        });
        let url = format!("https://{}", counter.address);
        let answer =
            mesh.person().args(["--json", "--no-input", command, "X26ABC1", "--url", &url]).args(more);
        let answer = answer.run().expect(0).json();
        if command == "check" {
            assert_eq!(answer["verdict"], Value::from("pass"), "{answer:#}");
        }
        (counted.connections.load(SeqCst), counted.trips.load(SeqCst))
    }
}

#[test]
fn healthy_check_takes_one_connection_and_three_round_trips_more_than_validate_at_most() {
    let mesh = Mesh::start();
    let (_, validate) = Counted::of(&mesh, "validate", &[]);
    assert!(validate >= 2, "TLS and a request: {validate}");
    let (connections, check) = Counted::of(&mesh, "check", &[]);
    assert_eq!(connections, 1, "what was looked at is what the requests go by");
    assert!(check <= validate + 3, "{check} round trips, validate takes {validate}");
}

#[test]
fn healthy_check_passes_as_those_who_send_their_sub_ca() {
    let mesh = Mesh::start();
    for consumer in ["mesh-client", "java-client", "curl"] {
        let (connections, _) = Counted::of(&mesh, "check", &["--as", consumer]);
        assert_eq!(connections, 1, "{consumer}");
    }
}
