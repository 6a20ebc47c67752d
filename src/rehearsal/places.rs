//! How many may be connected, and whose place is given away when all places are taken.
//!
//! A peer that stalls costs a place until a timeout ends it. When others wait for one, the peer that has
//! been silent longest makes room at once, so that no number of stalled connections shuts the rest out.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Whoever was heard within this time keeps its place.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked again whether somebody has fallen silent.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// All places of a server.
#[derive(Debug)]
pub struct Places {
    limit: usize,
    start: Instant,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    peers: HashMap<u64, Arc<Peer>>,
}

#[derive(Debug, Default)]
struct Peer {
    /// When bytes last went either way, in milliseconds since the start.
    heard: AtomicU64,
    leave: Notify,
}

/// One place; dropping it frees it.
#[derive(Debug)]
pub struct Place {
    number: u64,
    peer: Arc<Peer>,
    places: Arc<Places>,
}

impl Places {
    /// This many, all free.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, start: Instant::now(), taken: Mutex::default(), freed: Notify::new() })
    }

    /// Takes a place, and if none is free sends away whoever has been silent longest.
    pub async fn take(self: &Arc<Self>) -> Place {
        loop {
            if let Some(place) = self.try_take() {
                return place;
            }
            // Woken when a place is freed; and silence comes by waiting.
            let _ = timeout(LOOK_AGAIN, self.freed.notified()).await;
        }
    }

    fn try_take(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.taken.lock().expect("nothing panics under this lock");
        let now = self.millis();
        if taken.peers.len() >= self.limit {
            let silent = |peer: &&Arc<Peer>| now.saturating_sub(peer.heard.load(Ordering::Relaxed));
            if let Some(peer) = taken.peers.values().max_by_key(silent)
                && u128::from(silent(&peer)) >= PATIENCE.as_millis()
            {
                peer.leave.notify_one();
            }
            return None;
        }
        let number = taken.next;
        taken.next += 1;
        let peer = Arc::new(Peer { heard: AtomicU64::new(now), ..Peer::default() });
        taken.peers.insert(number, peer.clone());
        Some(Place { number, peer, places: self.clone() })
    }

    fn millis(&self) -> u64 {
        self.start.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
    }
}

impl Place {
    /// Ends when the place is given to somebody else.
    pub async fn is_given_away(&self) {
        self.peer.leave.notified().await;
    }

    /// The stream of this place, which is heard when bytes go either way.
    pub fn listen<S>(&self, stream: S) -> Heard<S> {
        Heard { stream, peer: self.peer.clone(), places: self.places.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken.lock().expect("nothing panics under this lock").peers.remove(&self.number);
        self.places.freed.notify_one();
    }
}

/// A stream that notes when bytes go either way.
#[derive(Debug)]
pub struct Heard<S> {
    stream: S,
    peer: Arc<Peer>,
    places: Arc<Places>,
}

impl<S> Heard<S> {
    fn note(&self) {
        self.peer.heard.store(self.places.millis(), Ordering::Relaxed);
    }
}

impl<S> Borrow<S> for Heard<S> {
    fn borrow(&self) -> &S {
        &self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        this.note();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, buf))?;
        this.note();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write_vectored(cx, bufs))?;
        this.note();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::time::sleep;

    use super::*;

    #[test]
    fn who_is_silent_longest_makes_room_and_who_speaks_stays() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let places = Places::new(2);
            let (speaking, silent) = (places.take().await, places.take().await);
            assert!(timeout(LOOK_AGAIN * 4, places.take()).await.is_err(), "nobody has been silent for long");
            let speaks = async {
                let mut stream = speaking.listen(tokio::io::sink());
                loop {
                    stream.write_all(b"x").await.unwrap();
                    sleep(LOOK_AGAIN).await;
                }
            };
            let sent_away = async move {
                silent.is_given_away().await;
                drop(silent);
            };
            let third = tokio::select! {
                third = timeout(PATIENCE * 5, async { tokio::join!(places.take(), sent_away).0 }) => third,
                () = speaks => unreachable!("it speaks on and on"),
                () = speaking.is_given_away() => panic!("it spoke"),
            };
            assert!(third.is_ok(), "a place became free");
        });
    }
}
