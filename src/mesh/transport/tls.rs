use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::ClientConnection;
use rustls::{CertificateError, ProtocolVersion};
use rustls_pki_types::UnixTime;
use time::OffsetDateTime;

use super::tcp::{TimedTcp, is_timeout};
use super::trust::Seen;
use super::{Stage, TlsSettings, TransportError, alert};
use crate::mesh::Target;
use crate::pki::Certificate;

/// How long a last word is waited for when the connection has broken.
const LAST_WORD: Duration = Duration::from_millis(500);

/// A connection on which the server has proved who it is.
pub struct TlsStream {
    tls: ClientConnection,
    tcp: TimedTcp,
    seen: Arc<Seen>,
    peer: Option<SocketAddr>,
}

/// Stage 3: the TLS handshake, within `timeout`, over a connection from [`connect`](super::connect).
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
    let (config, seen) = settings.for_one_handshake();
    let tls = ClientConnection::new(config, target.server_name())
        .map_err(|source| TransportError::Tls { stage: Stage::Handshake, source })?;
    let peer = tcp.peer_addr().ok();
    let mut stream =
        TlsStream { tls, tcp: TimedTcp { tcp, deadline: Some(Instant::now() + timeout) }, seen, peer };
    while stream.tls.is_handshaking() || stream.tls.wants_write() {
        if let Err(error) = stream.tls.complete_io(&mut stream.tcp) {
            return Err(stream.explain(error, Stage::Handshake));
        }
    }
    stream.tcp.deadline = None;
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
        self.tcp.deadline = deadline;
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

    /// Whether something has come that [`receive`](Self::receive) gives without waiting.
    pub fn has_answer(&mut self) -> bool {
        self.tls.process_new_packets().is_ok_and(|state| state.plaintext_bytes_to_read() > 0)
    }

    /// Whether the connection still stands and nothing unexpected has come: fit for another request.
    pub fn is_open(&mut self) -> bool {
        if self.tcp.tcp.set_nonblocking(true).is_err() {
            return false;
        }
        let stands = loop {
            match self.tls.read_tls(&mut self.tcp.tcp) {
                Ok(0) => break false,
                // Session tickets and the like come at any time and do no harm.
                Ok(_) => match self.tls.process_new_packets() {
                    Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
                    _ => break false,
                },
                Err(e) => break e.kind() == ErrorKind::WouldBlock,
            }
        };
        self.tcp.tcp.set_nonblocking(false).is_ok() && stands
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
        self.tcp.deadline = Some(Instant::now() + LAST_WORD);
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

/// Why the server's certificate was not accepted.
fn server_refused(error: CertificateError, chain: Vec<Certificate>) -> TransportError {
    match error {
        CertificateError::NotValidForNameContext { expected, presented } => TransportError::ServerName {
            expected: expected.to_str().into_owned(),
            presented: presented.iter().map(|name| plain(name)).collect(),
            common_name: chain.first().and_then(|leaf| leaf.common_name()).map(Into::into),
            chain,
        },
        CertificateError::ExpiredContext { not_after, .. } => {
            TransportError::ServerExpired { not_after: date(not_after), chain }
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            TransportError::ServerNotYetValid { not_before: date(not_before), chain }
        }
        CertificateError::UnknownIssuer => {
            TransportError::ServerUntrusted { reason: "no trusted root stands behind it".into(), chain }
        }
        CertificateError::BadSignature => TransportError::ServerUntrusted {
            reason: "it was not signed by the trusted root of that name, or was changed since".into(),
            chain,
        },
        error => TransportError::ServerUntrusted { reason: error.to_string(), chain },
    }
}

/// A name out of the wrapping in which the library gives it: `DnsName("localhost")`.
fn plain(name: &str) -> String {
    ["DnsName(", "IpAddress("]
        .iter()
        .find_map(|kind| name.strip_prefix(kind)?.strip_suffix(')'))
        .unwrap_or(name)
        .trim_matches('"')
        .into()
}

fn date(time: UnixTime) -> OffsetDateTime {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
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
mod tests {
    use rustls::version::{TLS12, TLS13};
    use time::Duration as Days;
    use time::macros::datetime;

    use super::*;
    use crate::mesh::transport::testing::{NOW, Pki, clock, listen, serve_tls};
    use crate::mesh::transport::{connect, resolve};

    const WAIT: Duration = Duration::from_secs(5);

    /// All three stages.
    fn shake(target: &Target, settings: &TlsSettings) -> Result<TlsStream, TransportError> {
        let (tcp, _) = connect(&resolve(target)?, WAIT)?;
        handshake(tcp, target, settings, WAIT)
    }

    /// A request, and the answer.
    fn ask(stream: &mut TlsStream) -> Result<Vec<u8>, TransportError> {
        stream.set_deadline(Some(Instant::now() + WAIT));
        stream.send(b"request")?;
        let mut answer = [0; 64];
        let n = stream.receive(&mut answer)?;
        Ok(answer[..n].to_vec())
    }

    #[test]
    fn handshake_tells_version_chain_and_wish_for_a_certificate() {
        let pki = Pki::new();
        for (version, name) in [(&TLS12, "TLS 1.2"), (&TLS13, "TLS 1.3")] {
            let (target, server) = serve_tls(pki.server(&["127.0.0.1"], version, Some(&pki)), 1, &["answer"]);
            let mut stream = shake(&target, &pki.settings(Some(pki.identity()))).unwrap();
            assert_eq!(stream.version(), name);
            assert!(stream.cipher_suite().starts_with("TLS"), "{}", stream.cipher_suite());
            let names: Vec<_> =
                stream.server_chain().iter().map(|c| c.common_name().unwrap().to_owned()).collect();
            assert_eq!(names, ["test server", "test root"]);
            assert!(stream.certificate_requested());
            assert_eq!(ask(&mut stream).unwrap(), b"answer");
            assert_eq!(ask(&mut stream).unwrap(), b"", "the orderly end");
            server.join().unwrap();
        }
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 1, &[]);
        assert!(!shake(&target, &pki.settings(None)).unwrap().certificate_requested());
        server.join().unwrap();
    }

    #[test]
    fn alert_about_the_client_comes_during_the_handshake_of_tls_1_2() {
        let pki = Pki::new();
        let (target, server) =
            serve_tls(pki.server(&["127.0.0.1"], &TLS12, Some(&Pki::named("other root"))), 2, &[""]);
        let error = shake(&target, &pki.settings(Some(pki.identity()))).unwrap_err();
        assert!(
            matches!(&error, TransportError::Alert { name, after_handshake: false, certificate_requested: true } if name == "unknown_ca"),
            "{error:?}"
        );
        let error = shake(&target, &pki.settings(None)).unwrap_err();
        assert!(
            matches!(&error, TransportError::Alert { name, after_handshake: false, certificate_requested: true } if name == "certificate_required"),
            "{error:?}"
        );
        server.join().unwrap();
    }

    #[test]
    fn alert_about_the_client_comes_after_the_handshake_of_tls_1_3() {
        let pki = Pki::new();
        let (target, server) =
            serve_tls(pki.server(&["127.0.0.1"], &TLS13, Some(&Pki::named("other root"))), 2, &[""]);
        let error = ask(&mut shake(&target, &pki.settings(Some(pki.identity()))).unwrap()).unwrap_err();
        assert!(
            matches!(&error, TransportError::Alert { name, after_handshake: true, certificate_requested: true } if name == "unknown_ca"),
            "{error:?}"
        );
        let error = ask(&mut shake(&target, &pki.settings(None)).unwrap()).unwrap_err();
        assert!(
            matches!(&error, TransportError::Alert { name, after_handshake: true, .. } if name == "certificate_required"),
            "{error:?}"
        );
        server.join().unwrap();
    }

    #[test]
    fn alert_is_found_though_sending_fails_first() {
        let pki = Pki::new();
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, Some(&pki)), 1, &[""]);
        let mut stream = shake(&target, &pki.settings(None)).unwrap();
        stream.set_deadline(Some(Instant::now() + WAIT));
        // The server has sent its alert and is gone: sending fails sooner or later.
        server.join().unwrap();
        let error = std::iter::repeat_with(|| stream.send(&[0; 100_000])).find_map(Result::err).unwrap();
        assert!(
            matches!(&error, TransportError::Alert { name, after_handshake: true, .. } if name == "certificate_required"),
            "{error:?}"
        );
    }

    #[test]
    fn untrusted_server_leaves_its_chain_as_evidence() {
        let pki = Pki::new();
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 2, &[]);
        for (trusted, expected) in [
            (Pki::named("other root"), "no trusted root stands behind it"),
            // As when a rehearsal authority was made anew.
            (Pki::new(), "it was not signed by the trusted root of that name, or was changed since"),
        ] {
            let error = shake(&target, &trusted.settings(None)).unwrap_err();
            let TransportError::ServerUntrusted { chain, reason } = &error else { panic!("{error:?}") };
            assert_eq!(reason, expected);
            assert_eq!(chain[0].common_name(), Some("test server"));
            assert_eq!(chain[1], pki.root());
        }
        server.join().unwrap();
    }

    #[test]
    fn certificate_for_another_name_is_told_from_one_without_names() {
        let pki = Pki::new();
        for (sans, presented) in [(&["mesh.invalid", "10.0.0.1"][..], "mesh.invalid 10.0.0.1"), (&[], "")] {
            let (target, server) = serve_tls(pki.server(sans, &TLS13, None), 1, &[]);
            let error = shake(&target, &pki.settings(None)).unwrap_err();
            let TransportError::ServerName { expected, presented: found, common_name, chain } = &error else {
                panic!("{error:?}")
            };
            assert_eq!((expected.as_str(), found.join(" ").as_str()), ("127.0.0.1", presented));
            assert_eq!((common_name.as_deref(), chain.len()), (Some("test server"), 2));
            server.join().unwrap();
        }
    }

    #[test]
    fn server_certificate_is_judged_by_the_clock_given() {
        let pki = Pki::new();
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 2, &[]);
        let at = |now| TlsSettings::new(&[pki.root()], None, clock(now)).unwrap();
        let error = shake(&target, &at(NOW + Days::days(365))).unwrap_err();
        assert!(
            matches!(&error, TransportError::ServerExpired { not_after, chain } if *not_after == datetime!(2028-01-01 0:00 UTC) && chain.len() == 2),
            "{error:?}"
        );
        let error = shake(&target, &at(NOW - Days::days(365))).unwrap_err();
        assert!(matches!(&error, TransportError::ServerNotYetValid { .. }), "{error:?}");
        server.join().unwrap();
    }

    #[test]
    fn close_without_a_word_is_no_alert() {
        let pki = Pki::new();
        let (target, server) = listen(
            1,
            Box::new(|mut tcp| {
                // Reads the hello, so that the end is orderly and no reset.
                let _ = tcp.read(&mut [0; 16 * 1024]);
            }),
        );
        let error = shake(&target, &pki.settings(None)).unwrap_err();
        assert!(
            matches!(error, TransportError::ClosedWithoutAlert { stage: Stage::Handshake, .. }),
            "{error:?}"
        );
        server.join().unwrap();
    }

    #[test]
    fn server_that_speaks_no_tls_is_a_tls_error() {
        let pki = Pki::new();
        let (target, server) = listen(
            1,
            Box::new(|mut tcp| {
                let _ = tcp.read(&mut [0; 16 * 1024]);
                let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            }),
        );
        let error = shake(&target, &pki.settings(None)).unwrap_err();
        assert!(matches!(error, TransportError::Tls { stage: Stage::Handshake, .. }), "{error:?}");
        server.join().unwrap();
    }

    #[test]
    fn silent_server_times_out() {
        let pki = Pki::new();
        let (target, server) = listen(1, Box::new(|mut tcp| drop(tcp.read_to_end(&mut Vec::new()))));
        let (tcp, address) = connect(&resolve(&target).unwrap(), WAIT).unwrap();
        let error = handshake(tcp, &target, &pki.settings(None), Duration::from_millis(100)).unwrap_err();
        assert!(
            matches!(&error, TransportError::TimedOut { stage: Stage::Handshake, addresses } if *addresses == [address]),
            "{error:?}"
        );
        server.join().unwrap();
    }

    #[test]
    fn connection_that_the_server_closed_is_not_open() {
        let pki = Pki::new();
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 1, &["answer"]);
        let mut stream = shake(&target, &pki.settings(None)).unwrap();
        assert!(stream.is_open());
        assert_eq!(ask(&mut stream).unwrap(), b"answer");
        server.join().unwrap();
        assert!(!stream.is_open());
    }
}
