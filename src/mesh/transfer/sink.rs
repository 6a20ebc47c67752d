use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// Where a message goes.
pub trait Sink: Send {
    /// Takes all of `bytes`, after those before.
    ///
    /// # Errors
    /// Ends the transfer with [`ReceiveError::Sink`](super::ReceiveError::Sink).
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Forgets all but the first `len` bytes, and goes on after them.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn roll_back(&mut self, len: u64) -> io::Result<()>;
}

impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn roll_back(&mut self, len: u64) -> io::Result<()> {
        self.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(())
    }
}

impl Sink for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn roll_back(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)?;
        self.seek(SeekFrom::Start(len)).map(drop)
    }
}
