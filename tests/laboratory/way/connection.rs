//! Name, connection, proxy.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::bench::check;
use super::served::{Served, linger, proxy_that_says};
use crate::support::{Output, closed_port, scratch};

/// At an address of MESH, which is never looked up by way of a proxy.
const MESH: &str = "https://msg.intspineservices.nhs.uk";

pub fn no_such_name() -> Output {
    // RFC 6761: a name below .invalid never exists.
    check("https://mesh.invalid").run()
}

pub fn no_such_proxy() -> Output {
    check("https://localhost").args(["--proxy", "http://proxy.invalid:3128"]).run()
}

pub fn refused() -> Output {
    check(&closed_port().replace("http://", "https://")).run()
}

pub fn unreachable() -> Output {
    // TCP has no broadcast: nothing leaves the machine.
    check("https://255.255.255.255").run()
}

/// A listener that does what Rust's cannot; gone when dropped.
pub struct Python {
    process: Child,
    pub address: SocketAddr,
}

impl Python {
    /// `then` is what it does once it listens, with a queue of this length.
    pub fn listens(queue: u32, then: &str) -> Self {
        let script = format!(
            "import socket, ssl, struct, sys\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen({queue})\n\
             print(s.getsockname()[1], flush=True)\n{then}\n"
        );
        let mut python = Command::new("python3");
        python.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = python.spawn().expect("python3 starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().expect("stdout is piped"));
        stdout.read_line(&mut line).expect("a port");
        let address = SocketAddr::from(([127, 0, 0, 1], line.trim().parse().expect("a port")));
        Self { process, address }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // Its own process and no other.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A listener whose queue is full: the kernel drops who knocks. Rust chooses the queue itself, and a long one.
struct Full {
    python: Python,
    _waiting: Vec<TcpStream>,
}

impl Full {
    fn start() -> Self {
        let python = Python::listens(0, "sys.stdin.read()");
        let address = python.address;
        let knock = || TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok();
        let waiting: Vec<_> = std::iter::from_fn(knock).take(20).collect();
        assert!(waiting.len() < 20, "the queue never fills");
        Self { python, _waiting: waiting }
    }
}

pub fn timed_out() -> Output {
    let full = Full::start();
    check(&format!("https://{}", full.python.address)).args(["--timeout", "1"]).run()
}

/// Resets whom it takes (a linger of no seconds), and is always faster than the program, which comes late.
pub fn reset() -> Output {
    let reset = "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))";
    let python = Python::listens(5, &format!("while True:\n  c, _ = s.accept()\n  {reset}\n  c.close()"));
    let folder = scratch();
    let late = folder.path().join("late.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/laboratory/way/late.c");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&late).arg(source).status();
    assert!(made.expect("cc starts: Rust links by it").success(), "late.c does not compile");
    check(&format!("https://{}", python.address)).env("LD_PRELOAD", &late).run()
}

pub fn proxy_away() -> Output {
    check(MESH).args(["--proxy", &closed_port()]).run()
}

fn by(proxy: &Served) -> Output {
    check(MESH).args(["--proxy", &proxy.proxy(), "--timeout", "2"]).run()
}

const WANTS_LOGIN: &str = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";

pub fn proxy_login() -> Output {
    by(&proxy_that_says(WANTS_LOGIN))
}

pub fn proxy_login_wrong() -> Output {
    let proxy = proxy_that_says(WANTS_LOGIN);
    let login = proxy.proxy().replace("http://", "http://user:wrong@");
    check(MESH).env("HTTPS_PROXY", login).run()
}

pub fn proxy_blocks() -> Output {
    by(&proxy_that_says("HTTP/1.1 403 Blocked by policy\r\nContent-Length: 0\r\n\r\n"))
}

pub fn proxy_other() -> Output {
    by(&Served::start(|mut client| {
        let _ = client.write_all(b"SSH-2.0-other\r\n");
        linger(client);
    }))
}

pub fn proxy_hangs_up() -> Output {
    by(&Served::start(drop))
}

pub fn proxy_silent() -> Output {
    by(&Served::start(|mut client| drop(std::io::copy(&mut client, &mut std::io::sink()))))
}
