//! A way to a server that breaks: it passes bytes on until enough have gone up or come down.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// What happens when enough has passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Every connection is closed, and each new one at once.
    Cut,
    /// Nothing passes any more, and nothing is said of it.
    Stall,
}

struct Way {
    to: SocketAddr,
    then: Then,
    /// How many bytes may still pass, in both directions together.
    left: AtomicU64,
    ended: AtomicBool,
}

/// The way. It is gone when dropped.
pub struct Relay {
    address: SocketAddr,
    way: Arc<Way>,
}

impl Relay {
    /// To the server at `https://127.0.0.1:PORT`.
    pub fn to(url: &str, bytes: u64, then: Then) -> Self {
        let to = url.trim_start_matches("https://").parse().expect("an address with a port");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let way = Arc::new(Way { to, then, left: AtomicU64::new(bytes), ended: AtomicBool::new(false) });
        let shared = way.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                if shared.ended.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(client), way) = (client, shared.clone()) else { continue };
                if way.then == Then::Cut && way.left.load(Ordering::SeqCst) == 0 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(way.to) else { continue };
                let (up, down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let other = way.clone();
                thread::spawn(move || way.pass(up, server));
                thread::spawn(move || other.pass(down, client));
            }
        });
        Self { address, way }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// From now on everything passes.
    pub fn mend(&self) {
        self.way.left.store(u64::MAX, Ordering::SeqCst);
    }
}

impl Way {
    fn pass(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let taken = |left: u64| Some(left.saturating_sub(read as u64));
            let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, taken).unwrap_or(0);
            if left <= read as u64 {
                while self.then == Then::Stall && !self.ended.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(20));
                }
                break;
            }
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.way.ended.store(true, Ordering::SeqCst);
        // Wakes the listener, which looks and leaves.
        drop(TcpStream::connect(self.address));
    }
}
