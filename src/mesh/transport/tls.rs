use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ProtocolVersion;
use rustls::client::ClientConnection;

use super::error::server_refused;
use super::tcp::is_timeout;
use super::timed::BufferedTcp;
use super::witness::Seen;
use super::{Belief, Stage, TlsSettings, TransportError, alert};
use crate::mesh::Target;
use crate::pki::Certificate;

/// How long a last word is waited for when the connection has broken.
const LAST_WORD: Duration = Duration::from_millis(500);

/// A connection on which the server has proved who it is, as far as the settings ask for it.
pub struct TlsStream {
    tls: ClientConnection,
    tcp: BufferedTcp,
    seen: Arc<Seen>,
    peer: Option<SocketAddr>,
}

/// Stage 4: the TLS handshake, within `timeout`, over a connection from [`connect`](super::connect) or
/// [`tunnel`](super::tunnel).
///
/// In TLS 1.3 success says only that the *server* is trusted. It judges our certificate afterwards: its
/// alert comes with the first [`TlsStream::receive`], so send a request before you believe it.
///
/// # Errors
/// [`TransportError::ServerUntrusted`], [`ServerName`](TransportError::ServerName),
/// [`ServerExpired`](TransportError::ServerExpired),
/// [`ServerNotYetValid`](TransportError::ServerNotYetValid) with the chain that the server showed;
/// [`Alert`](TransportError::Alert) if the server refused; or how the connection broke.
pub fn handshake(
    tcp: TcpStream,
    target: &Target,
    settings: &TlsSettings,
    timeout: Duration,
) -> Result<TlsStream, TransportError> {
    handshake_watched(tcp, target, settings, timeout, |_| {})
}

/// The same; `on_end` sees how far it came, also where it failed.
///
/// # Errors
/// As of [`handshake`].
pub fn handshake_watched(
    tcp: TcpStream,
    target: &Target,
    settings: &TlsSettings,
    timeout: Duration,
    on_end: impl FnOnce(&TlsStream),
) -> Result<TlsStream, TransportError> {
    let (config, seen) = settings.for_one_handshake();
    let tls = ClientConnection::new(config, target.server_name())
        .map_err(|source| TransportError::Tls { stage: Stage::Handshake, source })?;
    let peer = tcp.peer_addr().ok();
    let mut stream = TlsStream { tls, tcp: BufferedTcp::new(tcp), seen, peer };
    stream.tcp.set_deadline(Some(Instant::now() + timeout));
    let ended = stream.shake();
    on_end(&stream);
    ended?;
    stream.tcp.set_deadline(None);
    Ok(stream)
}

impl TlsStream {
    /// The version of TLS, such as `TLS 1.3`.
    pub fn version(&self) -> &'static str {
        match self.tls.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            _ => "TLS of an unknown version",
        }
    }

    /// The cipher suite, such as `TLS13_AES_256_GCM_SHA384`.
    pub fn cipher_suite(&self) -> String {
        self.tls.negotiated_cipher_suite().map(|s| format!("{:?}", s.suite())).unwrap_or_default()
    }

    /// What the server showed, its own certificate first; what cannot be read is left out.
    pub fn server_chain(&self) -> Vec<Certificate> {
        self.seen.chain()
    }

    /// By what the server was believed.
    pub fn belief(&self) -> Belief {
        self.seen.belief().unwrap_or(Belief::Nothing)
    }

    /// Whether the server asked for a client certificate. A MESH server must.
    pub fn certificate_requested(&self) -> bool {
        self.seen.certificate_requested()
    }

    /// The address of the server.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// When [`send`](Self::send) and [`receive`](Self::receive) give up; `None` is never.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.tcp.set_deadline(deadline);
    }

    /// Sends all of `data`.
    ///
    /// # Errors
    /// How the connection broke. If the server sent an alert before, that is the error, however the
    /// sending itself failed. If it sent an answer before, `receive` still gives it: see
    /// [`has_answer`](Self::has_answer).
    pub fn send(&mut self, mut data: &[u8]) -> Result<(), TransportError> {
        loop {
            while self.tls.wants_write() {
                if let Err(error) = self.tls.write_tls(&mut self.tcp) {
                    return Err(self.explain(error, Stage::Send));
                }
            }
            if data.is_empty() {
                return Ok(());
            }
            // Takes as much as the library's buffer holds.
            match self.tls.writer().write(data) {
                Ok(taken) => data = &data[taken..],
                Err(error) => return Err(self.explain(error, Stage::Send)),
            }
        }
    }

    /// Reads what has come, at least one byte; 0 is the orderly end.
    ///
    /// # Errors
    /// How the connection broke. An alert about our certificate comes out here in TLS 1.3.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, TransportError> {
        loop {
            match self.tls.reader().read(buffer) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(self.explain(error, Stage::Receive)),
                Ok(n) => return Ok(n),
            }
            if let Err(error) = self.take_in() {
                return Err(self.explain(error, Stage::Receive));
            }
        }
    }

    fn shake(&mut self) -> Result<(), TransportError> {
        while self.tls.is_handshaking() || self.tls.wants_write() {
            if let Err(error) = self.tls.complete_io(&mut self.tcp) {
                return Err(self.explain(error, Stage::Handshake));
            }
        }
        Ok(())
    }

    /// Whether something has come that [`receive`](Self::receive) gives without waiting.
    pub fn has_answer(&mut self) -> bool {
        self.tls.process_new_packets().is_ok_and(|state| state.plaintext_bytes_to_read() > 0)
    }

    /// Whether the connection still stands and nothing unexpected has come: fit for another request.
    pub fn is_open(&mut self) -> bool {
        if self.has_answer() || self.tcp.set_nonblocking(true).is_err() {
            return false;
        }
        let stands = loop {
            match self.tls.read_tls(&mut self.tcp) {
                Ok(0) => break false,
                // Session tickets and the like come at any time and do no harm.
                Ok(_) => match self.tls.process_new_packets() {
                    Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
                    _ => break false,
                },
                Err(e) => break e.kind() == ErrorKind::WouldBlock,
            }
        };
        self.tcp.set_nonblocking(false).is_ok() && stands
    }

    /// Reads from the socket once and lets TLS work on it.
    fn take_in(&mut self) -> io::Result<()> {
        // TLS may owe an answer of its own, such as to a key update. Nobody may be there to hear it.
        while self.tls.wants_write() && self.tls.write_tls(&mut self.tcp).is_ok() {}
        self.tls.read_tls(&mut self.tcp)?;
        self.tls.process_new_packets().map(drop).map_err(|e| io::Error::new(ErrorKind::InvalidData, e))
    }

    /// Turns a failure into words, after a look for the alert that may have come before it.
    fn explain(&mut self, error: io::Error, stage: Stage) -> TransportError {
        let certificate_requested = self.certificate_requested();
        let error = match error.downcast::<rustls::Error>() {
            Ok(error) => return self.explain_tls(error, stage),
            Err(error) => error,
        };
        // The server may have spoken before it hung up, or before it stopped reading.
        if (stage == Stage::Send || stage == Stage::Handshake && !is_timeout(&error))
            && let Some(error) = self.last_word()
        {
            return self.explain_tls(error, stage);
        }
        match error.kind() {
            _ if is_timeout(&error) => {
                TransportError::TimedOut { stage, addresses: self.peer.into_iter().collect() }
            }
            ErrorKind::UnexpectedEof => TransportError::ClosedWithoutAlert { stage, certificate_requested },
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                TransportError::Reset { stage, certificate_requested }
            }
            _ => TransportError::Io { stage, source: error },
        }
    }

    /// What a broken connection still holds: reads on until there is an alert, an answer or the end.
    fn last_word(&mut self) -> Option<rustls::Error> {
        self.tcp.set_deadline(Some(Instant::now() + LAST_WORD));
        loop {
            match self.tls.process_new_packets() {
                Err(error) => return Some(error),
                Ok(state) if state.plaintext_bytes_to_read() > 0 => return None,
                Ok(_) => {}
            }
            if !matches!(self.tls.read_tls(&mut self.tcp), Ok(1..)) {
                return None;
            }
        }
    }

    fn explain_tls(&self, error: rustls::Error, stage: Stage) -> TransportError {
        match error {
            rustls::Error::AlertReceived(description) => TransportError::Alert {
                name: alert::name(description),
                after_handshake: stage != Stage::Handshake,
                certificate_requested: self.certificate_requested(),
            },
            rustls::Error::InvalidCertificate(error) => server_refused(error, self.seen.chain()),
            source => TransportError::Tls { stage, source },
        }
    }
}

impl fmt::Debug for TlsStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("version", &self.version())
            .field("cipher_suite", &self.cipher_suite())
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
