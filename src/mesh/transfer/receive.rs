use std::io::{self, Read};
use std::sync::mpsc::channel;
use std::thread;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use libdeflater::Crc;
use serde::{Deserialize, Serialize};

use super::error::ReceiveError;
use super::fetch::Fetched;
use super::pour::{Pour, PourError, Sums};
use super::sink::Sink;
use crate::mesh::{Client, Error, Head};

/// How far a message was received: what a [`Continuation`] needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveState {
    /// How many chunks are whole in the sink.
    pub chunks: u32,
    /// How many bytes these are.
    pub bytes: u64,
    /// CRC-32 of these bytes.
    pub checksum: u32,
    /// What the first chunk said of the message.
    pub head: Head,
}

/// A message that was received in part.
pub struct Continuation<'a> {
    /// What a [`ReceiveWatch`] was told last.
    pub state: ReceiveState,
    /// What the sink held then, from its beginning. It is read once, to prove that it is what was received.
    pub part: &'a mut dyn Read,
}

/// Is told how a message proceeds.
pub trait ReceiveWatch {
    /// The headers of the message are here, the message is not. `head.length` is of the first chunk, as it
    /// travels.
    ///
    /// # Errors
    /// End the transfer with [`ReceiveError::Watch`].
    fn opened(&mut self, head: &Head) -> io::Result<()> {
        let _ = head;
        Ok(())
    }

    /// A chunk is whole in the sink. Keep `state` for a [`Continuation`], unless it is complete.
    ///
    /// # Errors
    /// End the transfer with [`ReceiveError::Watch`].
    fn kept(&mut self, state: &ReceiveState) -> io::Result<()> {
        let _ = state;
        Ok(())
    }

    /// So many bytes, as they were before compression, are in the sink; `of` is how many there will be by what is
    /// known so far. Both may go back when a chunk is asked for again. Called often.
    fn progress(&self, bytes: u64, of: Option<u64>) {
        let _ = (bytes, of);
    }
}

/// A message that is whole in the sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What the first chunk said of it.
    pub head: Head,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its content in lower-case hexadecimal, if it was asked for.
    pub sha256: Option<String>,
}

/// Receives a message, as many chunks as it has, into `sink`. A chunk that breaks off or is damaged is asked
/// for again, as [`Retries`](crate::mesh::Retries) say; nothing of it stays in the sink.
///
/// Next: make what is in the sink safe, and then [`Client::acknowledge`].
///
/// MESH API specification, "Get Message" and "Get Message chunk".
///
/// # Errors
/// [`ReceiveError`]. The sink may hold a part of a chunk then, after what [`ReceiveWatch::kept`] was told.
pub fn receive(
    client: &Client,
    id: &str,
    from: Option<Continuation<'_>>,
    sink: &mut dyn Sink,
    sha256: bool,
    watch: &mut dyn ReceiveWatch,
) -> Result<Received, ReceiveError> {
    let mut receiver = Receiver {
        client,
        id,
        sink,
        hash: sha256.then(|| digest::Context::new(&digest::SHA256)),
        ahead: None,
        unpacked: Vec::new(),
    };
    let mut state = match from {
        Some(continuation) => {
            let state = receiver.take_up(continuation)?;
            watch.opened(&state.head).map_err(ReceiveError::Watch)?;
            state
        }
        None => receiver.chunk(1, None, watch)?,
    };
    while !state.is_complete() {
        state = receiver.chunk(state.chunks + 1, Some(state), watch)?;
    }
    let sha256 = receiver.hash.map(|hash| HEXLOWER.encode(hash.finish().as_ref()));
    Ok(Received { head: state.head, bytes: state.bytes, sha256 })
}

impl ReceiveState {
    /// Whether every chunk is in the sink.
    pub fn is_complete(&self) -> bool {
        self.chunks == self.head.range.total
    }
}

struct Receiver<'a> {
    client: &'a Client,
    id: &'a str,
    sink: &'a mut dyn Sink,
    hash: Option<digest::Context>,
    /// The next chunk, if it was fetched ahead.
    ahead: Option<Fetched>,
    unpacked: Vec<u8>,
}

impl Receiver<'_> {
    /// Proves that the message and the part are the ones that were begun.
    fn take_up(&mut self, from: Continuation<'_>) -> Result<ReceiveState, ReceiveError> {
        let Continuation { state, part } = from;
        if state.head.id != self.id || !(1..=state.head.range.total).contains(&state.chunks) {
            return Err(ReceiveError::PartChanged { what: "the record of it makes no sense".into() });
        }
        let (bytes, crc) = self.read_part(part, state.bytes).map_err(ReceiveError::Sink)?;
        if (bytes, crc) != (state.bytes, state.checksum) {
            let what = if bytes == state.bytes {
                "its content is different".into()
            } else {
                format!("it had {} bytes and has {bytes}", state.bytes)
            };
            return Err(ReceiveError::PartChanged { what });
        }
        let now = self.client.head(self.id).map_err(|e| ReceiveError::mesh(1, e))?.value;
        if let Some(what) = difference(&state.head, &now) {
            return Err(ReceiveError::MessageChanged { what });
        }
        self.sink.roll_back(state.bytes).map_err(ReceiveError::Sink)?;
        Ok(state)
    }

    fn read_part(&mut self, part: &mut dyn Read, len: u64) -> io::Result<(u64, u32)> {
        let (mut crc, mut bytes) = (Crc::new(), 0);
        let mut part = part.take(len);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = match part.read(&mut buffer) {
                Ok(0) => return Ok((bytes, crc.sum())),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            crc.update(&buffer[..read]);
            if let Some(hash) = &mut self.hash {
                hash.update(&buffer[..read]);
            }
            bytes += read as u64;
        }
    }

    /// Receives one chunk, trying again from its beginning.
    fn chunk(
        &mut self,
        index: u32,
        before: Option<ReceiveState>,
        watch: &mut dyn ReceiveWatch,
    ) -> Result<ReceiveState, ReceiveError> {
        let client = self.client;
        let service = client.service();
        let mut other = None;
        let mut tried = false;
        let result = service.retries().run(
            |error| error.is_transient() && service.may_recover_from(error),
            || {
                self.once(index, before.as_ref(), tried, watch).map_err(|error| {
                    tried = true;
                    match error {
                        ReceiveError::Mesh { source, .. } => *source,
                        error => {
                            other = Some(error);
                            Error::Source(io::ErrorKind::Other.into())
                        }
                    }
                })
            },
        );
        match other {
            Some(error) => Err(error),
            None => result.map_err(|e| ReceiveError::mesh(index, e)),
        }
    }

    fn once(
        &mut self,
        index: u32,
        before: Option<&ReceiveState>,
        again: bool,
        watch: &mut dyn ReceiveWatch,
    ) -> Result<ReceiveState, ReceiveError> {
        let mesh = |error| ReceiveError::mesh(index, error);
        let start = before.map_or(0, |state| state.bytes);
        if again {
            self.sink.roll_back(start).map_err(ReceiveError::Sink)?;
        }
        let fetched = match self.ahead.take_if(|ahead| ahead.head.range.index == index) {
            Some(fetched) => fetched,
            None => Fetched::fetch(self.client, self.id, index).map_err(mesh)?,
        };
        let total = fetched.head.range.total;
        let first = match before {
            Some(state) if state.head.range.total != total => {
                let what = format!("it had {} chunks and has {total}", state.head.range.total);
                return Err(ReceiveError::MessageChanged { what });
            }
            Some(state) => state.head.clone(),
            None => fetched.head.clone(),
        };
        if index == 1 && !again {
            watch.opened(&first).map_err(ReceiveError::Watch)?;
        }
        // Kept only if the chunk is whole.
        let mut sums = Sums {
            bytes: start,
            crc: Crc::with_initial(before.map_or(0, |state| state.checksum)),
            hash: self.hash.clone(),
        };
        let (client, id, sink) = (self.client, self.id, &mut *self.sink);
        let state = thread::scope(|scope| {
            let (go, asked) = channel();
            let ahead = (self.ahead.is_none() && index < total).then(|| {
                // What goes wrong with it will go wrong again when it is its turn.
                scope.spawn(move || {
                    asked.recv().ok().and_then(|()| Fetched::fetch(client, id, index + 1).ok())
                })
            });
            let pour = Pour {
                sink,
                sums: &mut sums,
                watch,
                unpacked: &mut self.unpacked,
                chunks_left: total - index,
            };
            let poured = pour.run(fetched, &mut || {
                // Nobody listens if the next one is here already.
                let _ = go.send(());
            });
            drop(go);
            // Noted before the next one is waited for: whoever is interrupted then goes on after this one.
            let kept = match poured {
                Ok(()) => {
                    let (bytes, checksum) = (sums.bytes, sums.crc.sum());
                    let state = ReceiveState { chunks: index, bytes, checksum, head: first };
                    watch.kept(&state).map(|()| state).map_err(ReceiveError::Watch)
                }
                Err(PourError::Body(error)) => Err(mesh(error)),
                Err(PourError::Sink(error)) => Err(ReceiveError::Sink(error)),
            };
            if let Some(ahead) = ahead {
                self.ahead = ahead.join().expect("fetching does not panic");
            }
            kept
        })?;
        self.hash = sums.hash;
        Ok(state)
    }
}

/// In what two heads of one message differ; how a chunk is encoded for its way is no matter.
fn difference(then: &Head, now: &Head) -> Option<String> {
    let mut told = Vec::new();
    if then.range.total != now.range.total {
        told.push(format!("it had {} chunks and has {}", then.range.total, now.range.total));
    }
    for (what, then, now) in [
        ("sender", &then.from, &now.from),
        ("workflow", &then.workflow, &now.workflow),
        ("file name", &then.filename, &now.filename),
        ("local identifier", &then.local_id, &now.local_id),
        ("checksum", &then.checksum, &now.checksum),
    ] {
        if then != now {
            told.push(format!("its {what} is another"));
        }
    }
    (!told.is_empty()).then(|| told.join(", "))
}
