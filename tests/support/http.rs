//! A web server on loopback that answers as a test wants it: well, badly, or for ever.
// Whoever takes this in uses a part of it, the library's own tests among them.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What is at a path.
#[derive(Clone)]
pub enum Answer {
    /// 200 with this body.
    Body(Vec<u8>),
    /// This status and nothing else.
    Status(u16),
    /// 302 to this address.
    Redirect(String),
    /// 200, then a byte now and then, without end.
    Trickle,
    /// These bytes, from the status line on.
    Raw(Vec<u8>),
}

/// The server. It is gone when dropped.
pub struct WebServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl WebServer {
    /// Serves what `answers` says of each path.
    pub fn start(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_by_head(move |head| answers(head.split(' ').nth(1).unwrap_or_default()))
    }

    /// Serves what `answers` says of the head of each request, up to its empty line.
    pub fn start_by_head(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (ends, count) = (stop.clone(), asked.clone());
        let thread = thread::spawn(move || {
            thread::scope(|scope| {
                for stream in listener.incoming() {
                    if ends.load(Ordering::SeqCst) {
                        break;
                    }
                    let Ok(stream) = stream else { continue };
                    count.fetch_add(1, Ordering::SeqCst);
                    let (answers, ends) = (&answers, &ends);
                    // Whoever hangs up is content.
                    scope.spawn(move || drop(answer(stream, answers, ends)));
                }
            });
        });
        Self { address, stop, asked, thread: Some(thread) }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections were made.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which looks and leaves.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// An address where nothing listens.
pub fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    format!("http://{}/", listener.local_addr().expect("an address"))
}

fn answer(
    mut stream: TcpStream,
    answers: &(impl Fn(&str) -> Answer + ?Sized),
    stop: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < 16 * 1024 {
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            read => request.extend_from_slice(&chunk[..read]),
        }
    }
    let head = String::from_utf8_lossy(&request).split("\r\n\r\n").next().unwrap_or_default().to_owned();
    // What is left unread would reset the connection when it closes.
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut left = (head.len() + 4 + length.unwrap_or(0_usize)).saturating_sub(request.len());
    while left > 0 {
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            read => left = left.saturating_sub(read),
        }
    }
    let close = "Connection: close\r\n";
    match answers(&head) {
        Answer::Raw(bytes) => stream.write_all(&bytes),
        Answer::Body(body) => {
            write!(stream, "HTTP/1.1 200 OK\r\n{close}Content-Length: {}\r\n\r\n", body.len())?;
            stream.write_all(&body)
        }
        Answer::Status(status) => {
            write!(stream, "HTTP/1.1 {status} -\r\n{close}Content-Length: 0\r\n\r\n")
        }
        Answer::Redirect(to) => {
            write!(stream, "HTTP/1.1 302 -\r\n{close}Location: {to}\r\nContent-Length: 0\r\n\r\n")
        }
        Answer::Trickle => {
            write!(stream, "HTTP/1.1 200 OK\r\n{close}\r\n")?;
            while !stop.load(Ordering::SeqCst) {
                stream.write_all(b"0")?;
                thread::sleep(Duration::from_millis(10));
            }
            Ok(())
        }
    }
}
