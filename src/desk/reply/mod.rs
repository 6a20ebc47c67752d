//! What the desk sends back: any single file that [`sniff`] reads, in an email or an archive or not.

use crate::pki::Certificate;
use crate::pki::sniff::{self, Contents};
use crate::secret::Passphrase;

/// Reads a file and, if it is a container of files, everything in it. Each of `passwords` is tried on what
/// is protected.
pub fn read(bytes: &[u8], passwords: &[Passphrase]) -> Contents {
    sniff::read(bytes, passwords)
}

/// The certificates in a file; if there is none, what is there instead.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let contents = read(bytes, &[]);
    let found: Vec<_> = contents.certificates().cloned().collect();
    if found.is_empty() { Err(contents.describe()) } else { Ok(found) }
}
