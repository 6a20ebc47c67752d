//! Starting, serving and stopping.

use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::config::{Clock, RehearsalConfig};
use super::faults::{Faults, Line, Lines};
use super::handlers::{Mesh, router};
use super::places::{Place, Places};
use super::{RehearsalCa, tls};
use crate::store::StoreError;

/// How many connections are served at a time; others wait to be accepted, or until one that stalls is let go.
const CONNECTIONS: usize = 200;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Also how long a connection may be idle between requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// What a connection may hold of a request that is not yet understood, or of an answer that is not yet read.
const BUFFER: usize = 64 * 1024;
/// How long open connections may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(2);
/// How long is read on after the last word: while bytes come, and altogether.
pub const LINGER: Duration = Duration::from_secs(2);
const LINGER_WHOLE: Duration = Duration::from_secs(15);

/// A MESH on this machine, over mutual TLS, with its own threads. Dropping it stops it.
#[derive(Debug)]
pub struct RehearsalMesh {
    address: SocketAddr,
    faults: Faults,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl RehearsalMesh {
    /// Listens on 127.0.0.1 and serves from a thread of its own, until dropped.
    ///
    /// It trusts clients of `ca` alone, takes its own certificate from there, and believes `clock` for
    /// certificates, tokens and dates.
    pub fn start(config: RehearsalConfig, ca: &RehearsalCa, clock: Clock) -> io::Result<Self> {
        let tls = tls::acceptor(ca, &clock)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let port = config.port;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port))).map_err(|error| {
            io::Error::new(error.kind(), format!("port {port} of 127.0.0.1 cannot be had: {error}"))
        })?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let faults = config.faults.clone();
        let lines = Lines::new(faults.clone(), clock.clone());
        let router = router(Arc::new(Mesh::new(config, clock).map_err(refused)?));
        let thread = std::thread::Builder::new()
            .name("rehearsal-mesh".into())
            .spawn(move || run(runtime, listener, tls, router, lines, stopped))?;
        Ok(Self { address, faults, stop, thread: Some(thread) })
    }

    /// Where it listens, without `/messageexchange`.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// How often each fault has happened, in the order of the rules.
    pub fn faults_fired(&self) -> Vec<u64> {
        self.faults.fired()
    }

    /// The address and the port.
    #[cfg(test)]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for RehearsalMesh {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic there was shown there; a destructor adds nothing to it.
            let _ = thread.join();
        }
    }
}

fn run(
    runtime: Runtime,
    listener: TcpListener,
    tls: TlsAcceptor,
    router: Router,
    lines: Lines,
    stopped: watch::Receiver<bool>,
) {
    runtime.block_on(async {
        let mut connections = JoinSet::new();
        tokio::select! {
            () = accept(&listener, tls, router, lines, &stopped, &mut connections) => {}
            () = until(stopped.clone()) => {}
        }
        drop(listener);
        let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
    });
    // Whatever still hangs is let go, and its temporary files with it.
    runtime.shutdown_timeout(GRACE);
}

/// The folder of messages cannot be used.
fn refused(error: StoreError) -> io::Error {
    match error {
        StoreError::Locked { path, holder } => {
            let folder = path.parent().unwrap_or(&path).display().to_string();
            io::Error::other(format!("{folder} is in use by {}", holder.trim()))
        }
        other => io::Error::other(other),
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the other side is gone, which is a stop, too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn accept(
    listener: &TcpListener,
    tls: TlsAcceptor,
    router: Router,
    lines: Lines,
    stopped: &watch::Receiver<bool>,
    connections: &mut JoinSet<()>,
) {
    let places = Places::new(CONNECTIONS);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Such as no file handle left: others must end first.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Only now: whoever stalls is sent away for somebody who is there.
        let place = places.take().await;
        let (tls, router, line, stopped) = (tls.clone(), router.clone(), lines.line(), stopped.clone());
        connections.spawn(async move {
            tokio::select! {
                () = serve(stream, &place, tls, router, line, stopped) => {}
                () = place.is_given_away() => {}
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// One connection, from the TLS handshake to its end.
async fn serve(
    stream: TcpStream,
    place: &Place,
    tls: TlsAcceptor,
    router: Router,
    line: Line,
    stopped: watch::Receiver<bool>,
) {
    // Small answers must not wait for more to come.
    let _ = stream.set_nodelay(true);
    let opened = tokio::select! {
        opened = line.open(stream) => opened,
        () = until(stopped.clone()) => None,
    };
    let Some(stream) = opened else { return };
    let stream = place.listen(stream);
    let stream = match timeout(HANDSHAKE_TIMEOUT, tls.accept(stream).into_fallible()).await {
        Ok(Ok(stream)) => stream,
        // The alert is written by now.
        Ok(Err((_, stream))) => return linger(stream).await,
        Err(_) => return,
    };
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER)
        // The date comes from the rehearsal's clock.
        .auto_date_header(false)
        .serve_connection(TokioIo::new(line.tap(stream)), TowerToHyperService::new(line.over(router)));
    // An error ends the connection as an end does.
    let ended = tokio::select! {
        _ = poll_fn(|cx| connection.poll_without_shutdown(cx)) => true,
        manner = line.until_cut() => {
            let cut = connection.into_parts().io.into_inner().end(manner);
            return tokio::select! {
                () = cut => {}
                () = until(stopped) => {}
            };
        }
        () = until(stopped.clone()) => false,
    };
    if !ended {
        Pin::new(&mut connection).graceful_shutdown();
        let _ = timeout(GRACE, poll_fn(|cx| connection.poll_without_shutdown(cx))).await;
    }
    let mut stream = connection.into_parts().io.into_inner().into_inner();
    // close_notify; the peer may be gone.
    let _ = timeout(LINGER, stream.shutdown()).await;
    if ended {
        linger(stream.into_inner().0).await;
    }
}

/// Says that nothing more comes and reads on for a while: closing a socket with unread bytes resets the
/// connection, and the peer loses the alert or the refusal that was on its way.
pub async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut unread = [0; 16 * 1024];
    let _ = stream.shutdown().await;
    let more = async { while matches!(timeout(LINGER, stream.read(&mut unread)).await, Ok(Ok(1..))) {} };
    let _ = timeout(LINGER_WHOLE, more).await;
}
