use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// What is sent: bytes that can be read at any place, as often as need be, from several threads.
pub trait Source: Sync {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Reads at `offset`; 0 bytes is the end.
    ///
    /// # Errors
    /// Whatever keeps them from being read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Source for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(<[u8]>::len(self));
        (&self[from..]).read(buffer)
    }
}

/// A file, or whatever else can seek, as a [`Source`].
#[derive(Debug)]
pub struct Seekable<T> {
    len: u64,
    /// The file and where it stands: reads in order need no seek.
    inner: Mutex<(T, u64)>,
}

impl<T: Read + Seek + Send> Seekable<T> {
    /// Takes the length as it is now.
    ///
    /// # Errors
    /// If it cannot seek, as a pipe cannot: that is [`Content::Stream`].
    pub fn new(mut inner: T) -> io::Result<Self> {
        let len = inner.seek(SeekFrom::End(0))?;
        Ok(Self { len, inner: Mutex::new((inner, len)) })
    }
}

impl<T: Read + Seek + Send> Source for Seekable<T> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (inner, at) = &mut *guard;
        if *at != offset {
            *at = inner.seek(SeekFrom::Start(offset))?;
        }
        let read = inner.read(buffer)?;
        *at += read as u64;
        Ok(read)
    }
}

/// Where the bytes of a message come from.
pub enum Content<'a> {
    /// Can be read again: chunks need no memory, and a transfer that broke off can be resumed.
    File(&'a dyn Source),
    /// Can be read once, such as standard input. One chunk at a time is kept in memory, to be sent again.
    Stream {
        /// The bytes.
        reader: Box<dyn Read + Send + 'a>,
        /// How many there are. Without it they have to fit one chunk: MESH wants to know the number of
        /// chunks before the first.
        len: Option<u64>,
    },
}

/// Reads until `buffer` is full.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] if the source has become shorter.
pub(super) fn read_exact_at(source: &dyn Source, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match source.read_at(offset, buffer) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it has become shorter")),
            Ok(n) => {
                offset += n as u64;
                buffer = &mut buffer[n..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn seekable_reads_the_same_as_memory_in_any_order() {
        let bytes: Vec<u8> = (0..=255).collect();
        let file = Seekable::new(Cursor::new(bytes.clone())).unwrap();
        assert_eq!(Source::len(&file), 256);
        for (offset, len) in [(10, 5), (15, 5), (0, 256), (250, 6), (3, 1)] {
            let (mut a, mut b) = (vec![0; len], vec![0; len]);
            read_exact_at(&file, offset, &mut a).unwrap();
            read_exact_at(&&bytes[..], offset, &mut b).unwrap();
            assert_eq!(a, b);
            assert_eq!(a[0], offset as u8);
        }
        let error = read_exact_at(&file, 250, &mut [0; 7]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!((&bytes[..]).read_at(u64::MAX, &mut [0]).unwrap(), 0);
    }
}
