//! Requests that our client cannot be made to send, byte by byte over its own TLS.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use mesh_onboard::mesh::transport::{TlsStream, connect, handshake, resolve};
use mesh_onboard::mesh::{Target, TlsSettings, TransportError};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::row::Stuck;

const PATIENCE: Duration = Duration::from_secs(30);

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Result<Value, Stuck> {
        serde_json::from_slice(&self.body).map_err(|e| Stuck(format!("{e}: {self:?}")))
    }

    /// Status and code, such as `417 12`.
    pub fn seen(&self) -> String {
        let json: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let code = json["detail"][0]["code"].as_str().unwrap_or_default();
        format!("{} {code}", self.status).trim_end().to_owned()
    }

    /// The status, with the headers that a validation error names.
    pub fn seen_as_validation(&self) -> String {
        let json: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let named = json["detail"].as_array().map_or(&[][..], Vec::as_slice);
        let named: Vec<_> = named.iter().filter_map(|error| error["loc"][1].as_str()).collect();
        format!("{} {}", self.status, named.join(" ").to_lowercase()).trim_end().to_owned()
    }
}

/// One request, to be described and then sent.
#[derive(Clone)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    /// With `accept` for version 2, and nothing else.
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        let headers = vec![("accept", "application/vnd.mesh.v2+json".to_owned())];
        Self { method, path: path.into(), headers, body: Vec::new() }
    }

    /// Adds a header, or replaces it.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self.headers.push((name, value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The request up to its body, which has `length` bytes.
    pub fn head(&self, host: &str, length: usize) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {host}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.method != "GET" && self.method != "HEAD" {
            head += &format!("content-length: {length}\r\n");
        }
        (head + "\r\n").into_bytes()
    }
}

/// A connection that serves one request after the other.
pub struct Line {
    stream: TlsStream,
    host: String,
    unread: Vec<u8>,
}

impl Line {
    pub fn open(target: &Target, settings: &TlsSettings) -> Result<Self, TransportError> {
        let (tcp, _) = connect(&resolve(target)?, PATIENCE)?;
        let mut stream = handshake(tcp, target, settings, PATIENCE)?;
        stream.set_deadline(Some(Instant::now() + PATIENCE));
        Ok(Self { stream, host: target.authority(), unread: Vec::new() })
    }

    pub fn send(&mut self, request: &Request) -> Result<Answer, Stuck> {
        let bytes = [request.head(&self.host, request.body.len()), request.body.clone()].concat();
        self.stream.send(&bytes)?;
        self.answer(request.method == "HEAD")
    }

    /// Whether anything is answered at all.
    pub fn ask(mut self, request: &Request) -> Result<(), TransportError> {
        self.stream.send(&request.head(&self.host, 0))?;
        match self.stream.receive(&mut [0; 1])? {
            0 => Err(TransportError::Truncated),
            _ => Ok(()),
        }
    }

    /// Announces a body and sends it in pieces until there is an answer: whether the server lets it come
    /// at all is what is to be seen.
    pub fn push(&mut self, request: &Request, length: usize) -> Result<Answer, Stuck> {
        self.stream.send(&request.head(&self.host, length))?;
        let piece = vec![0; 1 << 20];
        let mut left = length;
        // Time for an answer before the first byte of the body.
        let end = Instant::now() + Duration::from_millis(500);
        while self.stream.is_open() && !self.stream.has_answer() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        while left > 0 && self.stream.is_open() {
            let now = left.min(piece.len());
            self.stream.send(&piece[..now])?;
            left -= now;
        }
        self.answer(false)
    }

    fn answer(&mut self, without_body: bool) -> Result<Answer, Stuck> {
        let end = loop {
            match self.unread.windows(4).position(|w| w == b"\r\n\r\n") {
                Some(at) => break at,
                None => self.more()?,
            }
        };
        let head = String::from_utf8_lossy(&self.unread[..end]).into_owned();
        self.unread.drain(..end + 4);
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|s| s.parse().ok());
        let status = status.ok_or_else(|| Stuck(format!("no status line: {head}")))?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: Vec::new() };
        if without_body {
            return Ok(answer);
        }
        answer.body = match answer.header("content-length").map(str::parse) {
            Some(Ok(length)) => self.take(length)?,
            _ if answer.header("transfer-encoding") == Some("chunked") => self.take_chunked()?,
            _ => Vec::new(),
        };
        Ok(answer)
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>, Stuck> {
        while self.unread.len() < length {
            self.more()?;
        }
        Ok(self.unread.drain(..length).collect())
    }

    /// RFC 9112, 7.1.
    fn take_chunked(&mut self) -> Result<Vec<u8>, Stuck> {
        let mut body = Vec::new();
        loop {
            let at = loop {
                match self.unread.windows(2).position(|w| w == b"\r\n") {
                    Some(at) => break at,
                    None => self.more()?,
                }
            };
            let line = String::from_utf8_lossy(&self.take(at + 2)?).trim().to_owned();
            let length = usize::from_str_radix(&line, 16).map_err(|e| Stuck(format!("{e}: {line}")))?;
            body.extend_from_slice(&self.take(length + 2)?[..length]);
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn more(&mut self) -> Result<(), Stuck> {
        let mut buffer = vec![0; 64 * 1024];
        match self.stream.receive(&mut buffer)? {
            0 => {
                Err(Stuck(format!("the connection ended after {:?}", String::from_utf8_lossy(&self.unread))))
            }
            n => {
                self.unread.extend_from_slice(&buffer[..n]);
                Ok(())
            }
        }
    }
}

/// A token by hand, any part of which may be wrong.
#[derive(Clone)]
pub struct Token {
    pub prefix: &'static str,
    pub mailbox: String,
    pub nonce: String,
    pub count: u32,
    pub password: &'static str,
    pub shared_key: &'static str,
    pub at: OffsetDateTime,
}

impl Token {
    /// As it should be, with a nonce of its own.
    pub fn good(mailbox: &str, now: OffsetDateTime) -> Self {
        Self {
            prefix: "NHSMESH ",
            mailbox: mailbox.into(),
            nonce: uuid::Uuid::new_v4().to_string(),
            count: 0,
            password: "password",
            shared_key: "TestKey",
            at: now,
        }
    }

    pub fn header(&self) -> String {
        let at = self.at.format(format_description!("[year][month][day][hour][minute]")).expect("a date");
        let Self { prefix, mailbox, nonce, count, password, .. } = self;
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.shared_key.as_bytes());
        let hash = hmac::sign(&key, format!("{mailbox}:{nonce}:{count}:{password}:{at}").as_bytes());
        format!("{prefix}{mailbox}:{nonce}:{count}:{at}:{}", HEXLOWER.encode(hash.as_ref()))
    }
}
