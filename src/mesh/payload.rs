use std::io::{self, Read};

/// The body of a request: its length, and as often as it has to be sent, its bytes from the beginning.
pub trait Payload {
    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Reads it from the beginning.
    ///
    /// # Errors
    /// Whatever keeps it from being read; the call ends with [`Error::Source`](super::Error::Source).
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;

    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Payload for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(*self))
    }
}
