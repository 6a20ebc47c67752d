use crate::pki::encryption::Work;
use crate::secret::Passphrase;

/// What may open the protected parts of one file that was given: the passwords, and the key derivation that
/// trying them may still cost. All members, blocks and structures of the file share it, so that a file of
/// many keys costs no more than a file of one.
#[derive(Debug)]
pub(crate) struct Unlocking<'a> {
    pub(super) passwords: &'a [Passphrase],
    pub(super) work: Work,
}

impl<'a> Unlocking<'a> {
    /// For one file, of which nothing was tried yet.
    pub(crate) fn of_one_file(passwords: &'a [Passphrase]) -> Self {
        Self { passwords, work: Work::of_one_file() }
    }
}
