//! The rehearsal MESH under load: `cargo bench --bench rehearsal_load`.
//!
//! Starts `rehearse --serve` as anybody would and calls it over mutual TLS with connections written by hand,
//! so that the load costs little beside what it loads. Both share the machine's cores. Five runs of each row,
//! of three seconds, one after the other in turns; prints a table in Markdown.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mesh_onboard::mailbox::MailboxId;
use mesh_onboard::mesh::token::{Login, header};
use mesh_onboard::secret::{MailboxPassword, SharedKey};
use rustls::client::Resumption;
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::Value;
use time::OffsetDateTime;

const RUNS: usize = 5;
const SPAN: Duration = Duration::from_secs(3);
/// Connections that call again and again.
const KEPT_ALIVE: usize = 8;
/// Connections at a time that are made anew for each call.
const MADE_ANEW: usize = 4;
/// Connections that stall, a quarter in each way.
const STALLED: usize = 100;
/// How much of a body comes before it stalls, in bytes.
const HALF_A_BODY: usize = 5_000_000;

fn main() {
    let server = Server::start();
    let mut rates: [Vec<f64>; 3] = Default::default();
    let mut memory = Vec::new();
    server.keep_alive();
    for _ in 0..RUNS {
        rates[0].push(server.keep_alive());
        rates[1].push(server.anew());
        let before = server.resident();
        let stalled = server.stall();
        rates[2].push(server.keep_alive());
        memory.push(server.resident() - before);
        drop(stalled);
    }
    println!(
        "| median of {RUNS} runs of {} s | handshakes a second | range |\n|---|---|---|",
        SPAN.as_secs()
    );
    let rows = [
        format!("{KEPT_ALIVE} connections kept alive"),
        format!("a TLS handshake for each, {MADE_ANEW} at a time"),
        format!("{KEPT_ALIVE} connections kept alive beside {STALLED} that stall"),
    ];
    for (row, mut rates) in rows.into_iter().zip(rates) {
        rates.sort_by(f64::total_cmp);
        println!("| {row} | {:.0} | {:.0}–{:.0} |", rates[RUNS / 2], rates[0], rates[RUNS - 1]);
    }
    memory.sort_unstable();
    let largest = memory[RUNS - 1] as f64 / 1024.0;
    println!(
        "\n{STALLED} stalled connections cost at most {largest:.1} MiB; the server's peak was {} MiB.",
        server.peak() / 1024
    );
}

/// The program with what clients need of it.
struct Server {
    process: Child,
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    login: Login,
    mailbox: MailboxId,
    nonce: String,
    count: AtomicU32,
}

type Connection = StreamOwned<ClientConnection, TcpStream>;

impl Server {
    fn start() -> Self {
        let home = std::env::temp_dir().join(format!("rehearsal-load-{}", std::process::id()));
        let mut process = Command::new(env!("CARGO_BIN_EXE_mesh-onboard"))
            .args(["--json", "--home"])
            .arg(&home)
            .args(["rehearse", "--serve"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
        let settings: Value = serde_json::from_str(&line).expect("settings");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let mailbox = &settings["mailboxes"][0];
        let tls = tls(&text(&settings["ca"]), &text(&mailbox["certificate"]), &text(&mailbox["key"]));
        // It has been read, and is not needed again.
        fs::remove_dir_all(&home).expect("a temporary folder can be removed");
        Self {
            process,
            address: text(&settings["url"]).trim_start_matches("https://").parse().expect("an address"),
            tls: Arc::new(tls),
            login: Login {
                password: MailboxPassword::new(text(&mailbox["password"])),
                shared_key: SharedKey::new(text(&settings["shared_key"])),
            },
            mailbox: text(&mailbox["mailbox"]).parse().expect("a mailbox ID"),
            nonce: uuid::Uuid::new_v4().to_string(),
            count: AtomicU32::new(0),
        }
    }

    fn connect(&self) -> io::Result<Connection> {
        let tcp = TcpStream::connect(self.address)?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").expect("a name");
        let session = ClientConnection::new(self.tls.clone(), name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(session, tcp))
    }

    fn token(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        header(&self.mailbox, &self.login, &self.nonce, count, OffsetDateTime::now_utc())
    }

    /// One handshake of MESH.
    fn call(&self, connection: &mut Connection) -> io::Result<()> {
        let head = format!(
            "POST /messageexchange/{} HTTP/1.1\r\nhost: localhost\r\naccept: application/vnd.mesh.v2+json\r\n\
             authorization: {}\r\nmex-clientversion: load\r\nmex-osname: Linux\r\nmex-osversion: 6\r\n\
             content-length: 0\r\n\r\n",
            self.mailbox,
            self.token()
        );
        connection.write_all(head.as_bytes())?;
        let mut answer = [0; 2048];
        let mut read = 0;
        // The answer has no body.
        while !answer[..read].ends_with(b"\r\n\r\n") {
            match connection.read(&mut answer[read..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => read += more,
            }
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..read]));
        Ok(())
    }

    /// Handshakes a second on connections that are kept.
    fn keep_alive(&self) -> f64 {
        self.rate(KEPT_ALIVE, || {
            let mut connection = self.connect().expect("it listens");
            move || self.call(&mut connection).expect("an answer")
        })
    }

    /// Handshakes a second, each on a connection of its own.
    fn anew(&self) -> f64 {
        self.rate(MADE_ANEW, || || self.connect().and_then(|mut new| self.call(&mut new)).expect("an answer"))
    }

    /// How often a second all threads together do something.
    fn rate<F: FnMut()>(&self, threads: usize, begin: impl Fn() -> F + Sync) -> f64 {
        let start = Instant::now();
        let done: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        let mut work = begin();
                        let mut done = 0;
                        while start.elapsed() < SPAN {
                            work();
                            done += 1;
                        }
                        done
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no call fails")).sum()
        });
        done as f64 / start.elapsed().as_secs_f64()
    }

    /// Connections that say something and then nothing: before TLS, amid its first message, amid a head, amid
    /// a body.
    fn stall(&self) -> Vec<Box<dyn Send>> {
        let half_a_body = vec![b'x'; HALF_A_BODY];
        (0..STALLED)
            .map(|number| -> Box<dyn Send> {
                let mut tcp = TcpStream::connect(self.address).expect("it listens");
                match number % 4 {
                    0 => Box::new(tcp),
                    1 => {
                        tcp.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03half a hello").expect("it listens");
                        Box::new(tcp)
                    }
                    2 => {
                        let mut connection = self.connect().expect("it listens");
                        connection.write_all(b"POST /messageexchange/X26ABC1 HTTP/1.1\r\nhost: loc").expect("it listens");
                        Box::new(connection)
                    }
                    _ => {
                        let mut connection = self.connect().expect("it listens");
                        let head = format!(
                            "POST /messageexchange/{0}/outbox HTTP/1.1\r\nhost: localhost\r\nauthorization: {1}\r\n\
                             mex-to: {0}\r\nmex-workflowid: TEST_WORKFLOW2\r\ncontent-length: 90000000\r\n\r\n",
                            self.mailbox,
                            self.token()
                        );
                        connection.write_all(head.as_bytes()).expect("it listens");
                        connection.write_all(&half_a_body).expect("it listens");
                        Box::new(connection)
                    }
                }
            })
            .collect()
    }

    /// What the server holds in memory, in KiB.
    fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it ever held, in KiB.
    fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let value = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line");
        value.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked, it takes its temporary files away.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// TLS 1.3 with the credentials of a mailbox, never resumed.
fn tls(ca: &str, certificate: &str, key: &str) -> ClientConfig {
    let certificates = |path: &str| {
        let found = CertificateDer::pem_file_iter(path).expect("a file of certificates");
        found.map(|certificate| certificate.expect("a certificate"))
    };
    let mut roots = RootCertStore::empty();
    certificates(ca).for_each(|root| roots.add(root).expect("a root"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots)
        .with_client_auth_cert(
            certificates(certificate).collect(),
            PrivateKeyDer::from_pem_file(key).expect("a key"),
        )
        .expect("they belong together");
    config.resumption = Resumption::disabled();
    config
}
