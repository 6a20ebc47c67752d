//! A connection that may be refused, kept waiting or cut.

use std::borrow::Borrow;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;

use super::armed::Faults;
use super::exchange;
use super::rule::{Action, Manner};
use crate::rehearsal::config::Clock;
use crate::rehearsal::server::{LINGER, linger};

/// How long a stalled connection is kept, whether or not its client is still there.
const STALL: Duration = Duration::from_secs(300);

/// Gives every connection its line.
#[derive(Clone)]
pub struct Lines {
    faults: Faults,
    clock: Clock,
}

/// One connection. Without faults it is nothing.
#[derive(Clone, Default)]
pub struct Line(Option<Arc<State>>);

struct State {
    lines: Lines,
    /// To be cut as soon as all that was written is on its way.
    after_flush: Mutex<Option<Manner>>,
    cut: watch::Sender<Option<Manner>>,
}

impl Lines {
    /// For a server with these faults.
    pub fn new(faults: Faults, clock: Clock) -> Self {
        Self { faults, clock }
    }

    /// For a connection that has come.
    pub fn line(&self) -> Line {
        let state =
            || State { lines: self.clone(), after_flush: Mutex::default(), cut: watch::Sender::new(None) };
        Line((!self.faults.is_empty()).then(|| Arc::new(state())))
    }
}

impl Line {
    /// What befalls the connection before TLS. None if it is over.
    pub async fn open(&self, mut stream: TcpStream) -> Option<TcpStream> {
        let Some(state) = &self.0 else { return Some(stream) };
        for shot in state.lines.faults.of_connection() {
            for action in shot.actions() {
                if !shot.fire() {
                    break;
                }
                match action {
                    Action::Delay(delay) => sleep(*delay).await,
                    Action::Alert(description) => {
                        // One record: alert, TLS 1.2, two bytes; fatal.
                        let record = [21, 3, 3, 0, 2, 2, *description];
                        // The peer may be gone.
                        let _ = stream.write_all(&record).await;
                        linger(stream).await;
                        return None;
                    }
                    _ => {
                        // Where that cannot be, it is closed instead.
                        let _ = stream.set_zero_linger();
                        return None;
                    }
                }
            }
        }
        Some(stream)
    }

    /// Whether nothing can befall it.
    #[cfg(test)]
    pub fn is_nothing(&self) -> bool {
        self.0.is_none()
    }

    /// Watches what is written.
    pub fn tap<S>(&self, stream: S) -> Tap<S> {
        Tap { stream, line: self.clone() }
    }

    /// The server's paths, with what befalls requests on this connection.
    pub fn over(&self, router: Router) -> Router {
        let Some(state) = &self.0 else { return router };
        let (line, lines) = (self.clone(), state.lines.clone());
        router.layer(from_fn(move |request, next| {
            exchange::exchange(lines.faults.clone(), lines.clock.clone(), line.clone(), request, next)
        }))
    }

    /// Has the connection cut.
    pub fn cut(&self, manner: Manner) {
        if let Some(state) = &self.0 {
            state.cut.send_if_modified(|cut| cut.is_none() && cut.replace(manner).is_none());
        }
    }

    /// Has the connection cut when all that was written is on its way.
    pub fn cut_after_flush(&self, manner: Manner) {
        if let Some(state) = &self.0 {
            *state.after_flush.lock().unwrap_or_else(PoisonError::into_inner) = Some(manner);
        }
    }

    /// Whether the connection is about to be cut.
    pub fn is_cut(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.cut.borrow().is_some())
    }

    /// Waits until the connection is to be cut.
    pub async fn until_cut(&self) -> Manner {
        let manner = match &self.0 {
            Some(state) => state.cut.subscribe().wait_for(Option::is_some).await.ok().and_then(|cut| *cut),
            None => None,
        };
        match manner {
            Some(manner) => manner,
            None => std::future::pending().await,
        }
    }

    fn flushed(&self) {
        if let Some(state) = &self.0
            && let Some(manner) = state.after_flush.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            self.cut(manner);
        }
    }
}

/// A stream of which a [`Line`] learns when all that was written is on its way.
pub struct Tap<S> {
    stream: S,
    line: Line,
}

impl<S> Tap<S> {
    /// The stream.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + AsyncWrite + Borrow<TcpStream> + Unpin> Tap<TlsStream<S>> {
    /// Ends the connection.
    pub async fn end(self, manner: Manner) {
        let mut tls = self.stream;
        match manner {
            Manner::Reset => {
                // Where that cannot be, it is closed instead.
                let _ = tls.get_ref().0.borrow().set_zero_linger();
            }
            Manner::Close => linger(tls.into_inner().0).await,
            Manner::CloseNotify => {
                // The peer may be gone.
                let _ = timeout(LINGER, tls.shutdown()).await;
                linger(tls.into_inner().0).await;
            }
            Manner::Stall => {
                sleep(STALL).await;
                drop(tls);
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.line.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
