//! A MESH as small as these tests need, over TLS, that can be told to fail.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use rustls::version::TLS13;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::mesh::token::Login;
use crate::mesh::transport::testing::{NOW, Pki};
use crate::mesh::{Client, Retries, Service};
use crate::secret::{MailboxPassword, SharedKey};

/// What goes wrong with one request, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with this status, and nothing else is done.
    Status(u16),
    /// It is done, and the connection closed instead of answered.
    LoseAnswer,
    /// The connection is closed after so many bytes of the answer's body.
    Cut(usize),
    /// A byte of the answer's body, counted from its end, is another.
    Damage(usize),
    /// The answer claims to be of a message of so many chunks.
    Total(u32),
}

/// A chunk as it was received, and whether it was compressed.
pub type Chunk = (Vec<u8>, bool);

#[derive(Default)]
pub struct State {
    /// By message ID and chunk; a chunk that comes twice replaces itself.
    pub sent: HashMap<(String, u32), Chunk>,
    /// How many chunks each message is to have.
    pub totals: HashMap<String, u32>,
    /// Messages that can be received.
    pub inbox: HashMap<String, Vec<Chunk>>,
    /// By method and end of the path.
    pub faults: Vec<(&'static str, String, Fault)>,
    /// Method and path of each request.
    pub log: Vec<String>,
    /// What tracking says of every message.
    pub status: &'static str,
}

impl State {
    /// The message as its recipient would have it.
    pub fn message(&self, id: &str) -> Vec<u8> {
        let total = self.totals[id];
        (1..=total).flat_map(|i| plain(&self.sent[&(id.to_owned(), i)])).collect()
    }

    pub fn requests(&self, of: &str) -> usize {
        self.log.iter().filter(|line| line.contains(of)).count()
    }
}

fn plain((body, gzip): &Chunk) -> Vec<u8> {
    if !gzip {
        return body.clone();
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
    plain
}

pub struct Server {
    pub state: Arc<Mutex<State>>,
    pub client: Client,
}

impl Server {
    pub fn start() -> Self {
        let pki = Pki::new();
        let config = pki.server(&["127.0.0.1"], &TLS13, None);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let target = format!("https://{}", listener.local_addr().unwrap()).parse().unwrap();
        let state = Arc::new(Mutex::new(State { status: "accepted", ..State::default() }));
        let shared = Arc::clone(&state);
        // Ends with the test's process; each connection ends with its client.
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let (config, state) = (config.clone(), Arc::clone(&shared));
                thread::spawn(move || drop(serve(tcp, config, &state)));
            }
        });
        let login = Login { password: MailboxPassword::new("p"), shared_key: SharedKey::new("k") };
        let retries = Retries { times: 2, first: Duration::from_millis(1), ..Retries::default() };
        let service = Service::new(target, &pki.settings(None), Arc::new(|| NOW)).with_retries(retries);
        Self { state, client: Client::new(service, "X26ABC1".parse().unwrap(), login) }
    }

    pub fn fail(&self, method: &'static str, path: &str, fault: Fault) {
        self.state.lock().unwrap().faults.push((method, path.into(), fault));
    }

    pub fn offer(&self, id: &str, chunks: Vec<Chunk>) {
        self.state.lock().unwrap().inbox.insert(id.into(), chunks);
    }
}

type Stream = BufReader<StreamOwned<ServerConnection, TcpStream>>;

fn serve(tcp: TcpStream, config: Arc<ServerConfig>, state: &Mutex<State>) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(config).unwrap(), tcp));
    while one(&mut stream, state)? {}
    stream.get_mut().conn.send_close_notify();
    stream.get_mut().flush()
}

/// One request and its answer; whether another may follow.
fn one(stream: &mut Stream, state: &Mutex<State>) -> io::Result<bool> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(false);
    }
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let mut state = state.lock().unwrap();
    state.log.push(format!("{method} {path}"));
    let at = state.faults.iter().position(|(m, end, _)| *m == method && path.ends_with(end.as_str()));
    let fault = at.map(|at| state.faults.remove(at).2);
    let (status, mut more, mut body) = match fault {
        Some(Fault::Status(status)) => (status, String::new(), b"{}".to_vec()),
        _ => answer(&mut state, &method, &path, &headers, body),
    };
    drop(state);
    let length = body.len();
    match fault {
        Some(Fault::LoseAnswer) => return Ok(false),
        Some(Fault::Cut(after)) => body.truncate(after),
        Some(Fault::Damage(from_end)) => body[length - from_end] ^= 0x55,
        Some(Fault::Total(total)) => more = format!("mex-chunk-range: 1:{total}\r\n"),
        _ => {}
    }
    let head = format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\n\r\n");
    let stream = stream.get_mut();
    stream.write_all(head.as_bytes())?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()?;
    Ok(!matches!(fault, Some(Fault::Cut(_))))
}

/// Status, headers, body.
fn answer(
    state: &mut State,
    method: &str,
    path: &str,
    headers: &HashMap<String, String>,
    body: Vec<u8>,
) -> (u16, String, Vec<u8>) {
    let parts: Vec<_> = path.trim_start_matches("/messageexchange/X26ABC1/").split(['/', '?']).collect();
    let gzip = headers.contains_key("content-encoding");
    match (method, &parts[..]) {
        ("POST", ["outbox"]) => {
            let id = format!("ID{}", state.totals.len());
            let total = headers.get("mex-chunk-range").map_or(1, |r| r[2..].parse().unwrap());
            state.totals.insert(id.clone(), total);
            state.sent.insert((id.clone(), 1), (body, gzip));
            (202, String::new(), format!("{{\"message_id\":\"{id}\"}}").into_bytes())
        }
        ("POST", ["outbox", id, index]) => {
            let (index, total) = (index.parse().unwrap(), state.totals[*id]);
            let whole = state.sent.contains_key(&((*id).to_owned(), total));
            assert_eq!(headers["mex-chunk-range"], format!("{index}:{total}"));
            if whole {
                return (423, String::new(), Vec::new());
            }
            assert!(state.sent.contains_key(&((*id).to_owned(), index - 1)), "chunks come in order");
            state.sent.insert(((*id).to_owned(), index), (body, gzip));
            (202, String::new(), Vec::new())
        }
        ("GET", ["outbox", "tracking", _]) => {
            let text = format!("{{\"message_id\":\"ID0\",\"status\":\"{}\"}}", state.status);
            (200, String::new(), text.into_bytes())
        }
        ("GET" | "HEAD", ["inbox", id, rest @ ..]) => {
            let index = rest.first().map_or(1, |index| index.parse().unwrap());
            let Some(chunks) = state.inbox.get(*id) else { return (404, String::new(), Vec::new()) };
            let (body, gzip) = chunks[index - 1].clone();
            let encoding = if gzip { "content-encoding: gzip\r\n" } else { "" };
            let head =
                format!("mex-chunk-range: {index}:{}\r\nmex-filename: a.csv\r\n{encoding}", chunks.len());
            (if index == chunks.len() { 200 } else { 206 }, head, body)
        }
        _ => (404, String::new(), Vec::new()),
    }
}
