//! The rows by subject.

mod authorization;
mod chunks;
mod connection;
mod download;
mod handshake;
mod inbox;
mod lookup;
mod reports;
mod send;
mod tracking;
mod workflows;

use std::io::Write;

use crate::row::Row;

/// What belongs together.
pub struct Subject {
    pub title: &'static str,
    pub rows: Vec<Row>,
}

pub fn all() -> Vec<Subject> {
    let subject = |title, rows| Subject { title, rows };
    vec![
        subject("Connection", connection::rows()),
        subject("Authorization", authorization::rows()),
        subject("Handshake", handshake::rows()),
        subject("Sending", send::rows()),
        subject("Who may send what", workflows::rows()),
        subject("Sending in chunks", chunks::rows()),
        subject("Inbox", inbox::rows()),
        subject("Downloading and acknowledging", download::rows()),
        subject("Reports", reports::rows()),
        subject("Tracking", tracking::rows()),
        subject("Lookup", lookup::rows()),
    ]
}

/// A body as it travels compressed.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes everything")
}
