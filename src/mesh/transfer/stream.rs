use std::io::{self, Read};

use super::error::SendError;
use super::plan::Plan;

/// A stream that is read chunk by chunk, and proves to be as long as was said before its last chunk is sent.
pub(super) struct Stream<'a> {
    reader: Box<dyn Read + Send + 'a>,
    pub(super) len: u64,
    /// The first chunk, read to find out about the rest.
    pub(super) first: Vec<u8>,
}

impl<'a> Stream<'a> {
    /// Reads the first chunk.
    pub(super) fn new(
        mut reader: Box<dyn Read + Send + 'a>,
        said: Option<u64>,
        chunk_size: u64,
    ) -> Result<Self, SendError> {
        let mut first = Vec::new();
        let wanted = said.unwrap_or(u64::MAX).min(chunk_size);
        reader.by_ref().take(wanted).read_to_end(&mut first).map_err(SendError::Source)?;
        let found = first.len() as u64;
        let mut stream = Self { reader, len: said.unwrap_or(found), first };
        match said {
            Some(said) if found < wanted => Err(SendError::StreamLength { said, found, more: false }),
            Some(said) if found == said && !stream.ends()? => {
                Err(SendError::StreamLength { said, found, more: true })
            }
            None if !stream.ends()? => Err(SendError::SizeNeeded { chunk_size }),
            _ => Ok(stream),
        }
    }

    /// The next chunk, which is `index`.
    pub(super) fn chunk(&mut self, plan: &Plan, index: u32) -> Result<Vec<u8>, SendError> {
        if index == 1 {
            return Ok(std::mem::take(&mut self.first));
        }
        let (offset, len) = plan.chunk(index);
        let mut bytes = Vec::with_capacity(len as usize);
        self.reader.by_ref().take(len).read_to_end(&mut bytes).map_err(SendError::Source)?;
        let found = offset + bytes.len() as u64;
        if found < offset + len {
            return Err(SendError::StreamLength { said: plan.len, found, more: false });
        }
        if index == plan.chunks && !self.ends()? {
            return Err(SendError::StreamLength { said: plan.len, found, more: true });
        }
        Ok(bytes)
    }

    fn ends(&mut self) -> Result<bool, SendError> {
        loop {
            match self.reader.read(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map(|read| read == 0).map_err(SendError::Source),
            }
        }
    }
}
