//! Anything that listens on loopback: what it does with a connection is the row's own.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// No connection is served longer.
const LONGEST: Duration = Duration::from_secs(30);

/// It listens until it is dropped.
pub struct Served {
    pub address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Served {
    /// Serves each connection on a thread of its own.
    pub fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let (serve, ended) = (Arc::new(serve), Arc::new(AtomicBool::new(false)));
        let ends = ended.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(stream), serve) = (stream, serve.clone()) else { continue };
                stream.set_read_timeout(Some(LONGEST)).expect("a socket takes a timeout");
                thread::spawn(move || serve(stream));
            }
        });
        Self { address, ended }
    }

    /// At `https://localhost`.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// Where it is, if it is taken for a proxy.
    pub fn proxy(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the listener, which looks and leaves.
        drop(TcpStream::connect(self.address));
    }
}

/// Waits until the other side is gone.
pub fn linger(mut stream: TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

/// Reads the head of an HTTP request.
pub fn head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0; 1]);
    while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A proxy that leads every tunnel to one server, whatever name was asked for.
pub fn proxy_to(server: SocketAddr) -> Served {
    Served::start(move |mut client| {
        assert!(head(&mut client).starts_with("CONNECT "), "a tunnel is asked for");
        let Ok(server) = TcpStream::connect(server) else { return };
        if client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").is_ok() {
            pass(client, server);
        }
    })
}

/// A proxy with one answer for all.
pub fn proxy_that_says(answer: &'static str) -> Served {
    Served::start(move |mut client| {
        head(&mut client);
        let _ = client.write_all(answer.as_bytes());
        linger(client);
    })
}

/// Passes bytes on in both directions until one side ends.
pub fn pass(client: TcpStream, server: TcpStream) {
    pass_noticing(client, server, || {}, || {});
}

/// The same; the two hear of every piece before it goes up or down.
pub fn pass_noticing(
    client: TcpStream,
    server: TcpStream,
    on_up: impl FnMut() + Send + 'static,
    on_down: impl FnMut(),
) {
    let (up, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let upwards = thread::spawn(move || copy(up, to_server, on_up));
    copy(server, client, on_down);
    let _ = upwards.join();
}

fn copy(mut from: TcpStream, mut to: TcpStream, mut on_piece: impl FnMut()) {
    let mut piece = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        on_piece();
        if to.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    // The other direction may still have something to say.
    let _ = to.shutdown(Shutdown::Write);
}

/// Passes whole records of TLS on (RFC 5246, 6.2.1) until one of this type, and keeps that.
fn pass_until(until: u8, from: &mut TcpStream, to: &mut TcpStream) -> bool {
    let mut record = [0; 5];
    while from.read_exact(&mut record).is_ok() {
        let mut body = vec![0; usize::from(u16::from_be_bytes([record[3], record[4]]))];
        if from.read_exact(&mut body).is_err() {
            return false;
        }
        if record[0] == until {
            return true;
        }
        if to.write_all(&record).and_then(|()| to.write_all(&body)).is_err() {
            return false;
        }
    }
    false
}

/// Something between that speaks itself where the client sends a record of this type, and hangs up.
pub fn middlebox(server: SocketAddr, until: u8, say: &'static [u8]) -> Served {
    Served::start(move |mut client| {
        let Ok(mut server) = TcpStream::connect(server) else { return };
        let (mut down, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut down, &mut to_client));
        if pass_until(until, &mut client, &mut server) {
            let _ = client.write_all(say);
        }
        linger(client);
        let _ = server.shutdown(Shutdown::Both);
    })
}

/// Something between that hangs up where the server sends an alert that is not encrypted.
pub fn without_alerts(server: SocketAddr) -> Served {
    Served::start(move |mut client| {
        let Ok(mut server) = TcpStream::connect(server) else { return };
        let (mut up, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut up, &mut to_server));
        pass_until(ALERT, &mut server, &mut client);
        let _ = client.shutdown(Shutdown::Write);
        thread::sleep(Duration::from_millis(200));
        let _ = server.shutdown(Shutdown::Both);
        let _ = client.shutdown(Shutdown::Both);
    })
}

const ALERT: u8 = 21;

/// The types of records at which a [`middlebox`] speaks up: the client's certificate has passed, or its request begins.
pub const CHANGE_CIPHER_SPEC: u8 = 20;
pub const APPLICATION_DATA: u8 = 23;
