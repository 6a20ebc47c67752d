//! The same way once more with other credentials, to tell what a refusal was about.

use std::time::{Duration, Instant};

use super::Way;
use crate::mesh::transport::{self, Stage};
use crate::mesh::{TlsSettings, TransportError};

/// How long a server may take for its answer. A refusal comes at once, and so does a login page.
pub(super) const LISTEN: Duration = Duration::from_secs(3);

/// What a server did with a handshake and a request without a token.
pub(super) enum Reception {
    /// It let the connection stand: it answered, or waited.
    Taken {
        /// Whether it asked for a certificate.
        asked: bool,
    },
    /// The connection failed.
    Failed(TransportError),
}

/// Connects with these settings and sees what comes of it. Made only after a refusal.
pub(super) fn reception(way: &Way, settings: &TlsSettings) -> Reception {
    attempt(way, settings).map_or_else(Reception::Failed, |asked| Reception::Taken { asked })
}

fn attempt(way: &Way, settings: &TlsSettings) -> Result<bool, TransportError> {
    let (target, patience) = (&way.target, way.patience.connect);
    let (tcp, _) = transport::connect(&transport::resolve(target)?, patience)?;
    let mut stream =
        transport::handshake(transport::tunnel(tcp, target, patience)?, target, settings, patience)?;
    let asked = stream.certificate_requested();
    stream.set_deadline(Some(Instant::now() + LISTEN.min(patience)));
    // In TLS 1.3 a server judges only now; asking for nothing but its root page does no harm.
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target.authority());
    stream.send(request.as_bytes())?;
    match stream.receive(&mut [0; 512]) {
        Ok(1..) | Err(TransportError::TimedOut { stage: Stage::Receive, .. }) => Ok(asked),
        Ok(0) => {
            Err(TransportError::ClosedWithoutAlert { stage: Stage::Receive, certificate_requested: asked })
        }
        Err(error) => Err(error),
    }
}
