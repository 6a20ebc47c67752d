/// How many containers may lie one in the other: a zip in an email that is forwarded in another is three.
pub(super) const DEPTH: usize = 4;

/// The largest that one part may unpack to, in bytes.
pub(super) const PART_BYTES: usize = 10 * 1024 * 1024;

/// The largest that all parts of a file may unpack to together.
const TOTAL_BYTES: usize = 20 * 1024 * 1024;

/// The most parts in a file, containers among them.
const PARTS: usize = 200;

/// What may still be spent on one file that was given, in all containers of it together, so that nothing in
/// it can multiply.
pub(super) struct Budget {
    bytes: usize,
    parts: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { bytes: TOTAL_BYTES, parts: PARTS }
    }

    /// The most bytes that the next part may unpack to.
    pub(super) fn bytes_left(&self) -> usize {
        self.bytes.min(PART_BYTES)
    }

    /// Pays for bytes that were unpacked.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// How many more parts may be opened.
    pub(super) fn parts_left(&self) -> usize {
        self.parts
    }

    /// Pays for one part, unless there were too many.
    pub(super) fn take_part(&mut self) -> bool {
        let left = self.parts > 0;
        self.parts = self.parts.saturating_sub(1);
        left
    }
}
