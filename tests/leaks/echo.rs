//! A server behind TLS that refuses everything and repeats in its answer the token that it was shown, as gateways do.
//! It remembers the tokens.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::Authority;

/// How many shapes its refusals have; the last digit of the mailbox ID chooses.
pub const SHAPES: usize = 8;
/// No refusal: a list that is none.
pub const MISPLACED: usize = 8;
/// No refusal: a redirect.
pub const ELSEWHERE: usize = 9;

/// The server. It is gone when dropped.
pub struct Echo {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    ends: AtomicBool,
    shown: Mutex<Vec<String>>,
}

impl Echo {
    /// Starts it with a certificate of the tests' own CA, which lies in `folder`.
    pub fn start(folder: &Path) -> Self {
        let (chain, key) =
            Authority::ours().server_valid(folder, Some(("20260101000000Z", "20290101000000Z")));
        let chain = CertificateDer::pem_file_iter(chain).unwrap().collect::<Result<_, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_file(key).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let own = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if own.ends.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(stream), config, shared) = (stream, config.clone(), own.clone()) else { continue };
                // Whoever hangs up, as those do that believe nobody, is content.
                thread::spawn(move || drop(shared.answer(stream, config)));
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The tokens that it was shown since it was asked last.
    pub fn shown(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.shown.lock().unwrap())
    }
}

impl Shared {
    fn answer(&self, stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && head.len() < 16 * 1024 {
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let header = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
        };
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        std::io::copy(&mut Read::by_ref(&mut stream).take(length), &mut std::io::sink())?;
        let token = header("authorization").unwrap_or_default();
        if !token.is_empty() {
            self.shown.lock().unwrap().push(token.clone());
        }
        let shape = head.split(['/', ' ', '?']).find_map(|part| part.strip_prefix("ECHO")?.parse().ok());
        let shape = shape.unwrap_or(0);
        let body = answer(shape, &token);
        let status = match shape {
            MISPLACED => 200,
            ELSEWHERE => 302,
            _ => 403,
        };
        write!(
            stream,
            "HTTP/1.1 {status} {token}\r\nLocation: /login?seen={token}\r\nConnection: close\r\nX-Token: {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        stream.conn.send_close_notify();
        stream.flush()
    }
}

/// The same in every shape in which an error is told, and in one in which none is.
fn answer(shape: usize, token: &str) -> String {
    let json = match shape {
        0 => serde_json::json!({"errorEvent": "COLLECT", "errorCode": token, "errorDescription": token}),
        1 => {
            serde_json::json!({"detail": [{"event": token, "code": token, "msg": token}], "message_id": token})
        }
        2 => {
            serde_json::json!({"detail": [{"type": "value", "loc": ["header", token], "msg": token, "input": token}]})
        }
        3 => serde_json::json!({"detail": token}),
        4 => serde_json::json!({"message": token.to_uppercase()}),
        5 => serde_json::json!({"unheard_of": token}),
        MISPLACED => serde_json::json!({"messages": token, "message_id": [token]}),
        6 => return format!("<html><body>Bad header: {token}</body></html>"),
        _ => return format!("{}{token}", "x".repeat(250)),
    };
    json.to_string()
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // Wakes the listener, which looks and leaves.
        drop(TcpStream::connect(self.address));
    }
}
