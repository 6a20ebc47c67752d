use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use super::tcp::{TimedTcp, is_timeout};
use super::{Stage, TransportError};

/// A connection on which nothing is encrypted and nobody proves anything: for the `http://` address of a
/// sandbox.
#[derive(Debug)]
pub struct PlainStream {
    tcp: TimedTcp,
    peer: Option<SocketAddr>,
}

impl PlainStream {
    /// What is left to do after [`connect`](super::connect) where there is no TLS.
    pub fn new(tcp: TcpStream) -> Self {
        let peer = tcp.peer_addr().ok();
        Self { tcp: TimedTcp::new(tcp), peer }
    }

    /// When [`send`](Self::send) and [`receive`](Self::receive) give up; `None` is never.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.tcp.deadline = deadline;
    }

    /// Sends all of `data`.
    ///
    /// # Errors
    /// How the connection broke. If the server sent an answer before, `receive` still gives it: see
    /// [`has_answer`](Self::has_answer).
    pub fn send(&mut self, data: &[u8]) -> Result<(), TransportError> {
        self.tcp.write_all(data).map_err(|error| self.explain(error, Stage::Send))
    }

    /// Reads what has come, at least one byte; 0 is the orderly end.
    ///
    /// # Errors
    /// How the connection broke.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, TransportError> {
        self.tcp.read(buffer).map_err(|error| self.explain(error, Stage::Receive))
    }

    /// Whether something has come that [`receive`](Self::receive) gives without waiting.
    pub fn has_answer(&mut self) -> bool {
        matches!(self.peek(), Some(Ok(1..)))
    }

    /// Whether the connection still stands and nothing unexpected has come: fit for another request.
    pub fn is_open(&mut self) -> bool {
        matches!(self.peek(), Some(Err(error)) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Looks without waiting, and takes nothing; `None` if that is not possible.
    fn peek(&mut self) -> Option<std::io::Result<usize>> {
        let tcp = &self.tcp.tcp;
        tcp.set_nonblocking(true).ok()?;
        let seen = tcp.peek(&mut [0; 1]);
        tcp.set_nonblocking(false).ok()?;
        Some(seen)
    }

    fn explain(&self, error: std::io::Error, stage: Stage) -> TransportError {
        let certificate_requested = false;
        match error.kind() {
            _ if is_timeout(&error) => {
                TransportError::TimedOut { stage, addresses: self.peer.into_iter().collect() }
            }
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                TransportError::Reset { stage, certificate_requested }
            }
            _ => TransportError::Io { stage, source: error },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::mesh::Target;
    use crate::mesh::transport::testing::listen;
    use crate::mesh::transport::{connect, resolve};

    const WAIT: Duration = Duration::from_secs(5);

    fn reach(target: &Target) -> PlainStream {
        let (tcp, _) = connect(&resolve(target).unwrap(), WAIT).unwrap();
        let mut stream = PlainStream::new(tcp);
        stream.set_deadline(Some(Instant::now() + WAIT));
        stream
    }

    #[test]
    fn what_is_sent_and_received_is_not_changed() {
        let (target, server) = listen(
            1,
            Box::new(|mut tcp| {
                let mut request = [0; 7];
                tcp.read_exact(&mut request).unwrap();
                tcp.write_all(&request).unwrap();
            }),
        );
        let mut stream = reach(&target);
        assert!(stream.is_open() && !stream.has_answer());
        stream.send(b"request").unwrap();
        let mut answer = [0; 16];
        assert_eq!(stream.receive(&mut answer[..3]).unwrap(), 3);
        assert!(stream.has_answer() && !stream.is_open(), "four bytes more have come");
        assert_eq!(stream.receive(&mut answer).unwrap(), 4);
        server.join().unwrap();
        assert_eq!(stream.receive(&mut answer).unwrap(), 0, "the orderly end");
        assert!(!stream.is_open());
    }

    #[test]
    fn silent_server_times_out() {
        let (target, server) = listen(1, Box::new(|mut tcp| drop(tcp.read_to_end(&mut Vec::new()))));
        let mut stream = reach(&target);
        stream.set_deadline(Some(Instant::now() + Duration::from_millis(50)));
        let error = stream.receive(&mut [0; 8]).unwrap_err();
        assert!(
            matches!(&error, TransportError::TimedOut { stage: Stage::Receive, addresses } if addresses.len() == 1),
            "{error:?}"
        );
        drop(stream);
        server.join().unwrap();
    }
}
