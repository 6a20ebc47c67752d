//! Transfers against a server over TLS.

mod receiving;
mod sending;
mod server;

use std::io::{self, Write};
use std::sync::Mutex;

use flate2::Compression as Level;
use flate2::write::GzEncoder;

use self::server::{Chunk, Fault, Server};
use super::*;
use crate::mesh::{Error, Head, Outgoing};

/// Bytes that can be told from one another, half of them compressible.
fn content(len: usize) -> Vec<u8> {
    let mut state = 7_u32;
    (0..len)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if i % 1000 < 500 { (state >> 24) as u8 } else { b'x' }
        })
        .collect()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// Remembers what it was told, and can fail.
#[derive(Default)]
struct Told {
    sent: Vec<SendState>,
    opened: Vec<Head>,
    kept: Vec<ReceiveState>,
    progress: Mutex<Vec<u64>>,
    fail_at: Option<u32>,
}

impl Told {
    fn failing_at(chunk: u32) -> Self {
        Self { fail_at: Some(chunk), ..Self::default() }
    }

    fn note(&self, chunk: u32) -> io::Result<()> {
        if self.fail_at == Some(chunk) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl SendWatch for Told {
    fn accepted(&mut self, state: &SendState) -> io::Result<()> {
        self.sent.push(state.clone());
        self.note(state.accepted)
    }

    fn progress(&self, bytes: u64, of: u64) {
        assert!(bytes <= of);
        self.progress.lock().unwrap().push(bytes);
    }
}

impl ReceiveWatch for Told {
    fn opened(&mut self, head: &Head) -> io::Result<()> {
        self.opened.push(head.clone());
        Ok(())
    }

    fn kept(&mut self, state: &ReceiveState) -> io::Result<()> {
        self.kept.push(state.clone());
        self.note(state.chunks)
    }
}
