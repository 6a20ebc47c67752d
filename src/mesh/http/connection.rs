//! Connections as ureq wants them. The only file that touches `ureq::unversioned`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::Duration as UreqDuration;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

use crate::mesh::Target;
use crate::mesh::transport::{
    PlainStream, Stage, Stream, TlsSettings, TransportError, connect, handshake, resolve, tunnel,
};

/// For TCP, and once more for the proxy and for TLS.
const CONNECT: Duration = Duration::from_secs(10);

/// [`TransportError`]s pass through ureq in its box for strangers; [`explain`](super::explain) takes them out again.
fn boxed(error: TransportError) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

/// Names are resolved in [`Stages`], whose errors carry evidence.
#[derive(Debug)]
pub(in crate::mesh) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Makes connections to one target, stage by stage.
#[derive(Debug)]
pub(in crate::mesh) struct Stages {
    pub(super) target: Target,
    pub(super) settings: TlsSettings,
    pub(super) standing: Standing,
}

/// A connection that stands already, for whoever connects first.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing(Arc<Mutex<Option<Stream>>>);

impl Standing {
    pub(super) fn put(&self, stream: Stream) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
    }

    fn take(&self) -> Option<Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Connector for Stages {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _chained: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        // One that stands is used as it is: what the server said meanwhile, an alert perhaps, is for the request.
        let stream = match self.standing.take() {
            Some(stream) => stream,
            None => self.reach().map_err(boxed)?,
        };
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Connection { stream, buffers, unanswered: false, answered_early: false }))
    }
}

impl Stages {
    fn reach(&self) -> Result<Stream, TransportError> {
        let target = &self.target;
        let to_first = |error: TransportError| error.on_the_way_to(target);
        let (tcp, _) = connect(&resolve(target).map_err(to_first)?, CONNECT).map_err(to_first)?;
        if !target.is_encrypted() {
            return Ok(Stream::Plain(PlainStream::new(tcp)));
        }
        let tcp = tunnel(tcp, target, CONNECT)?;
        Ok(Stream::Tls(Box::new(handshake(tcp, target, &self.settings, CONNECT)?)))
    }
}

/// A connection as ureq drives it.
#[derive(Debug)]
pub(in crate::mesh) struct Connection {
    stream: Stream,
    buffers: LazyBuffers,
    /// Something was sent, and nothing has come back yet.
    unanswered: bool,
    /// The server answered before it had the whole request, and reads no further.
    answered_early: bool,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if self.answered_early {
            return Ok(());
        }
        self.unanswered = true;
        self.stream.set_deadline(deadline(timeout.for_write()));
        let sent = self.stream.send(&self.buffers.output()[..amount]);
        match sent {
            // A server that refuses a large message at its head may close before it has read it all.
            // Its reason is worth more than the broken pipe: drop the rest, and let ureq read the answer.
            Err(_) if self.stream.has_answer() => {
                self.answered_early = true;
                Ok(())
            }
            other => other.map_err(boxed),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.set_deadline(deadline(timeout.for_read()));
        let amount = self.stream.receive(self.buffers.input_append_buf()).map_err(boxed)?;
        self.buffers.input_appended(amount);
        if amount == 0 && self.unanswered {
            return Err(boxed(TransportError::ClosedWithoutAlert {
                stage: Stage::Receive,
                certificate_requested: self.stream.certificate_requested(),
            }));
        }
        self.unanswered = false;
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        !self.answered_early && self.stream.is_open()
    }

    fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }
}

fn deadline(timeout: NextTimeout) -> Option<Instant> {
    match timeout.after {
        UreqDuration::Exact(after) => Some(Instant::now() + after),
        UreqDuration::NotHappening => None,
    }
}
