use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use rustls_pki_types::{PrivatePkcs8KeyDer, ServerName, UnixTime};
use serde_json::Value;
use time::OffsetDateTime;

use super::{CA, NOW};
use crate::mesh::token::{Login, header};
use crate::mesh::wire::ACCEPT_V2;
use crate::pki::{Certificate, CertificateRequest, KeySize, PrivateKey};
use crate::rehearsal::{RehearsalCa, RehearsalMesh};
use crate::secret::{MailboxPassword, SharedKey};

static NONCES: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
struct Fixed(OffsetDateTime);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0.unix_timestamp() as u64)))
    }
}

/// A key and the certificates that are sent with it.
pub struct Credential {
    key: PrivateKey,
    pub chain: Vec<Certificate>,
}

impl Credential {
    pub fn issued(ca: &RehearsalCa, at: OffsetDateTime) -> Self {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let name = "X26ABC1.X26.api.mesh-client.nhs.uk".parse().unwrap();
        let request = CertificateRequest::create(&key, &name).unwrap();
        let leaf = ca.issue(&request, at).unwrap();
        Self { key, chain: vec![leaf, ca.sub_ca().clone()] }
    }

    /// From nowhere that the server knows, under a name that it does not know either.
    pub fn self_signed() -> Self {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let der = PrivatePkcs8KeyDer::from(key.pkcs8().expose());
        let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).unwrap();
        let made = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
        Self { key, chain: vec![Certificate::from_der(made.der()).unwrap()] }
    }

    pub fn of_a_server(ca: &RehearsalCa) -> Self {
        let (chain, key) = ca.issue_server(&["localhost"], NOW).unwrap();
        Self { key, chain }
    }

    pub fn without_sub_ca(&self) -> Self {
        let key = PrivateKey::parse(self.key.pkcs8().expose(), None).unwrap();
        Self { key, chain: self.chain[..1].to_vec() }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// Event, code and text of a refusal in version 2.
    pub fn refusal(&self) -> (u16, String, String, String) {
        assert_eq!(self.header("content-type"), Some(ACCEPT_V2), "{self:?}");
        let detail = &self.json()["detail"][0];
        let text = |name: &str| detail[name].as_str().unwrap().to_owned();
        (self.status, text("event"), text("code"), text("msg"))
    }
}

/// One request a connection.
pub struct Client<'a> {
    mesh: &'a RehearsalMesh,
    credential: Option<&'a Credential>,
    pub mailbox: &'static str,
    pub login: Login,
    pub version: &'static SupportedProtocolVersion,
    /// When its tokens are made.
    pub now: OffsetDateTime,
}

impl<'a> Client<'a> {
    pub fn new(mesh: &'a RehearsalMesh, credential: Option<&'a Credential>) -> Self {
        let login =
            Login { password: MailboxPassword::new("password"), shared_key: SharedKey::new("TestKey") };
        Self { mesh, credential, mailbox: "X26ABC1", login, version: &TLS13, now: NOW }
    }

    pub fn of(self, mailbox: &'static str) -> Self {
        Self { mailbox, ..self }
    }

    pub fn over_tls12(self) -> Self {
        Self { version: &TLS12, ..self }
    }

    /// A token that was never used.
    pub fn token(&self, at: OffsetDateTime) -> String {
        let count = NONCES.fetch_add(1, Ordering::Relaxed);
        header(&self.mailbox.parse().unwrap(), &self.login, "1c820cd4-be3e-43ff-807f-e65362892722", count, at)
    }

    /// A call of version 2 with a fresh token, on a path below the mailbox.
    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let token = self.token(self.now);
        let own = [("accept", ACCEPT_V2), ("authorization", token.as_str())];
        let headers: Vec<_> = own.into_iter().chain(headers.iter().copied()).collect();
        let path = format!("/messageexchange/{}{path}", self.mailbox);
        self.request(method, &path, &headers, body).unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], b"")
    }

    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut stream = self.connect()?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        };
        let mut answer =
            Answer { status, headers: lines.map(header).collect(), body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = dechunked(&answer.body);
        }
        Ok(answer)
    }

    /// Two requests on one connection, the body of the first a little later than its head.
    pub fn twice(&self, path: &str, body: &[u8]) -> [u16; 2] {
        let mut stream = self.connect().unwrap();
        let mut status = |body: &[u8]| {
            write!(stream, "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len())
                .unwrap();
            stream.flush().unwrap();
            std::thread::sleep(Duration::from_millis(50));
            stream.write_all(body).unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
            stream.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
            head[9..12].parse().unwrap()
        };
        [status(body), status(body)]
    }

    pub fn connect(&self) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CA.root().to_rustls()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_details(provider, Arc::new(Fixed(self.now)))
            .with_protocol_versions(&[self.version])
            .unwrap()
            .with_root_certificates(roots);
        let config = match self.credential {
            Some(credential) => {
                let key = PrivatePkcs8KeyDer::from(credential.key.pkcs8().expose().to_vec());
                let chain = credential.chain.iter().map(Certificate::to_rustls).collect();
                config.with_client_auth_cert(chain, key.into()).unwrap()
            }
            None => config.with_no_client_auth(),
        };
        let tcp = TcpStream::connect(self.mesh.address())?;
        tcp.set_read_timeout(Some(Duration::from_secs(10)))?;
        let session =
            ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        Ok(StreamOwned::new(session, tcp))
    }
}

/// A body in chunks of HTTP's own, put together.
fn dechunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|w| w == b"\r\n").expect("the length of a chunk");
        let length = std::str::from_utf8(&body[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = &body[end + 4 + length..];
    }
}
