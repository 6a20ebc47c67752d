//! What may be found, and why it belongs there.

/// A place where something is no leak.
#[derive(Debug)]
pub struct Allowed {
    /// The row, or anything.
    pub row: Option<&'static str>,
    /// What the place begins with: `output` (standard output, or the file of `--output`) or a path.
    pub place: &'static str,
    /// What the path ends with.
    pub end: &'static str,
    /// What the finding begins with.
    pub leak: &'static str,
}

const fn allowed(
    row: Option<&'static str>,
    place: &'static str,
    end: &'static str,
    leak: &'static str,
) -> Allowed {
    Allowed { row, place, end, leak }
}

/// Each of these is met: one that is not is taken out.
pub const ALLOWED: &[Allowed] = &[
    // A header is what `token` is for; it serves once, for two hours.
    allowed(Some("token"), "output", "", "a token"),
    allowed(Some("token from files"), "output", "", "a token"),
    allowed(Some("token from lines"), "output", "", "a token"),
    // Asked for twice, by --plaintext-key and --i-understand.
    allowed(None, "work/plain-bundles/", ".pem", "the key from elsewhere"),
    allowed(None, "work/plain-bundles/", ".pem", "a key without encryption"),
    // What is handed over is in the files that are to hold it, and in what was there before.
    allowed(None, "work/handed/", "key.pem", "a key: "),
    allowed(None, "work/handed/", "key.pem", "a key without encryption"),
    allowed(None, "work/handed/", "mesh.env", "the mailbox password"),
    allowed(None, "work/handed/", "mesh.env", "the shared key"),
    // Asked for by --show-secrets.
    allowed(Some("export --show-secrets"), "output", "", "the mailbox password"),
    allowed(Some("export --show-secrets"), "output", "", "the shared key"),
    // The rehearsal's own CA and clients protect nothing but a rehearsal; applications want plain keys there.
    allowed(None, "home/rehearsal-ca/", ".key", "a key without encryption"),
    allowed(None, "home/rehearsal-mesh/credentials/", "key.pem", "a key of the rehearsal"),
    allowed(None, "home/rehearsal-mesh/credentials/", "key.pem", "a key without encryption"),
    // A home that was restored is as it was.
    allowed(None, "work/restored/rehearsal-ca/", ".key", "a key without encryption"),
    // `rehearse --serve` tells what to connect with, from the configuration that it was given.
    allowed(Some("rehearse --serve"), "output", "", "the mailbox password"),
    allowed(Some("rehearse --serve"), "output", "", "the shared key"),
];

impl Allowed {
    pub fn covers(&self, row: &str, place: &str, leak: &str) -> bool {
        self.row.is_none_or(|own| own == row)
            && place.starts_with(self.place)
            && place.ends_with(self.end)
            && leak.starts_with(self.leak)
    }
}
