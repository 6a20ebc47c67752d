//! What sending and receiving cost the client alone: `cargo bench --bench transfer`.
//!
//! 300 MB in chunks of 20 MB over TLS 1.3 on loopback, nothing read from or written to a disk; the server is
//! a process of its own. Medians of 7 runs, interleaved. Reads `/proc`, so Linux only.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mesh_onboard::mesh::token::Login;
use mesh_onboard::mesh::{ChunkRange, Client, Outgoing, Payload, Service, TlsSettings, Trust};
use mesh_onboard::pki::Certificate;
use mesh_onboard::secret::{MailboxPassword, SharedKey};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const RUNS: usize = 7;
const CHUNK: u64 = 20_000_000;
const CHUNKS: u64 = 15;

/// Set for the process that serves.
const SERVE: &str = "MESH_ONBOARD_BENCH_SERVE";

fn main() {
    if std::env::var_os(SERVE).is_some() {
        return serve();
    }
    let program = std::env::current_exe().expect("this program has a path");
    let mut server =
        Command::new(program).env(SERVE, "1").stdout(Stdio::piped()).spawn().expect("the server starts");
    let mut lines = BufReader::new(server.stdout.take().expect("stdout is piped")).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    let (url, root) = (line(), line());
    let root = Certificate::from_der(&data_encoding::HEXLOWER.decode(root.as_bytes()).expect("hexadecimal"))
        .expect("a certificate");
    let settings = TlsSettings::new(Trust::Roots(vec![root]), None, None).expect("settings");
    let clock = Arc::new(time::OffsetDateTime::now_utc);
    let service = Service::new(url.parse().expect("a URL"), &settings, clock);
    let login = Login { password: MailboxPassword::new("password"), shared_key: SharedKey::new("TestKey") };
    let client = Client::new(service, "X26ABC1".parse().expect("a mailbox"), login);

    let (mut sent, mut received) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let one = (measure(|| send(&client)), measure(|| receive(&client)));
        // The first warms up.
        if run > 0 {
            sent.push(one.0);
            received.push(one.1);
        }
    }
    println!("| 300 MB | time | MB/s | CPU of the client |\n|---|---|---|---|");
    tell("send", sent);
    tell("receive", received);
    println!("\nPeak memory {}.", status("VmHWM"));
    server.kill().expect("our own child can be killed");
    server.wait().expect("a killed child ends");
}

fn send(client: &Client) {
    let message = Outgoing { to: "X26ABC2", workflow: "W", chunks: CHUNKS as u32, ..Outgoing::default() };
    let id = client.send(&message, &Zeros).expect("it is sent").value.message_id;
    for chunk in 2..=CHUNKS as u32 {
        let range = ChunkRange { index: chunk, total: CHUNKS as u32 };
        client.send_chunk(&id, range, false, &Zeros).expect("it is sent");
    }
}

fn receive(client: &Client) {
    let mut reader = client.message("SRC").expect("a message").value.into_reader();
    let mut buffer = vec![0; 64 * 1024];
    let mut all = 0;
    for chunk in 2.. {
        loop {
            match reader.read(&mut buffer).expect("it can be read") {
                0 => break,
                n => all += n as u64,
            }
        }
        if chunk > CHUNKS as u32 {
            break;
        }
        reader = client.chunk("SRC", chunk).expect("a chunk").value.into_reader();
    }
    assert_eq!(all, CHUNK * CHUNKS);
}

/// TLS takes as long for these as for any.
struct Zeros;

impl Payload for Zeros {
    fn len(&self) -> u64 {
        CHUNK
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::repeat(0).take(CHUNK)))
    }
}

/// How long something took, and how long of that this thread was on a processor.
fn measure(work: impl FnOnce()) -> (Duration, Duration) {
    let (start, cpu) = (Instant::now(), on_cpu());
    work();
    (start.elapsed(), on_cpu() - cpu)
}

fn on_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    Duration::from_nanos(text.split(' ').next().and_then(|n| n.parse().ok()).expect("nanoseconds"))
}

fn status(field: &str) -> String {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find(|line| line.starts_with(field)).expect("the field");
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}

fn tell(what: &str, mut runs: Vec<(Duration, Duration)>) {
    runs.sort_unstable();
    let time = runs[RUNS / 2].0.as_secs_f64();
    runs.sort_unstable_by_key(|(_, cpu)| *cpu);
    let cpu = runs[RUNS / 2].1.as_secs_f64();
    println!("| {what} | {time:.3} s | {:.0} | {cpu:.3} s |", 300.0 / time);
}

/// The other side: whatever is sent is taken, whatever is asked for is a chunk.
fn serve() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".into()])
        .and_then(|params| params.self_signed(&key))
        .expect("a certificate");
    let der = certificate.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .expect("a certificate with its key");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    println!("https://{}", listener.local_addr().expect("an address"));
    println!("{}", data_encoding::HEXLOWER.encode(&der));
    let config = Arc::new(config);
    for tcp in listener.incoming().flatten() {
        let config = config.clone();
        std::thread::spawn(move || drop(converse(tcp, config)));
    }
}

fn converse(tcp: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let tls = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = BufReader::with_capacity(64 * 1024, StreamOwned::new(tls, tcp));
    let chunk = vec![0; CHUNK as usize];
    loop {
        let (mut request, mut length) = (String::new(), 0);
        if stream.read_line(&mut request)? == 0 {
            return Ok(());
        }
        loop {
            let mut header = String::new();
            stream.read_line(&mut header)?;
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            if header.trim().is_empty() {
                break;
            }
        }
        io::copy(&mut (&mut stream).take(length), &mut io::sink())?;
        let answer = stream.get_mut();
        if request.starts_with("GET") {
            let last =
                request.split(' ').nth(1).and_then(|path| path.rsplit('/').next()?.parse::<u64>().ok());
            let number = last.unwrap_or(1);
            let status = if number == CHUNKS { 200 } else { 206 };
            write!(
                answer,
                "HTTP/1.1 {status} -\r\nContent-Length: {CHUNK}\r\nMex-Chunk-Range: {number}:{CHUNKS}\r\n\r\n"
            )?;
            answer.write_all(&chunk)?;
        } else {
            let body = "{\"message_id\": \"SRC\"}";
            write!(answer, "HTTP/1.1 202 -\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
        }
        answer.flush()?;
    }
}
