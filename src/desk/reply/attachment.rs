//! Attachments that are not what their names suggest: signatures, sealed emails, and Outlook's own packing.

use super::part::Part;
use crate::pki::sniff::Note;

/// An attachment, as the header or the properties around it describe it.
pub(super) struct Attachment {
    /// Empty if it has none.
    pub(super) name: String,
    /// Its media type in lower case, such as `application/pkcs7-mime`; empty if it is not told.
    pub(super) media_type: String,
    /// The parameter `smime-type` of that (RFC 8551, section 3.2.2), in lower case.
    pub(super) smime_type: String,
    pub(super) bytes: Vec<u8>,
}

impl Attachment {
    /// A file to read, or why it is none.
    pub(super) fn into_part(self) -> Part {
        let name = if self.name.is_empty() { "attachment".into() } else { self.name.clone() };
        match self.remark() {
            Some(why) => Part::unread(name, why),
            None => Part::file(name, self.bytes),
        }
    }

    fn remark(&self) -> Option<Note> {
        let name = self.name.to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        let is = |kind: &str| {
            self.media_type.strip_prefix("application/").is_some_and(|t| t.trim_start_matches("x-") == kind)
        };
        if is("pkcs7-signature") || ends(&[".p7s"]) {
            // The certificates in it are the sender's own.
            return Some(Note::new("smime_signature", "the signature of the sender, left out"));
        }
        let sealed = is("pkcs7-mime") || ends(&[".p7m"]);
        let certificates = self.smime_type == "certs-only" || ends(&[".p7b", ".p7c", ".spc"]);
        // Outlook keeps a signed email as MIME text under the name smime.p7m.
        if sealed && !certificates && !super::email::is_email(&self.bytes) {
            return Some(Note::new(
                "smime_opaque",
                "a signed or encrypted email in one piece, not read: open it in the mail program and save what is attached",
            ));
        }
        is_tnef(&self.bytes).then(|| {
            Note::new(
                "tnef",
                "Outlook's own packing of attachments (TNEF), not read: ask for the certificate in a zip file, or save it in Outlook",
            )
        })
    }
}

/// Whether this is the Transport Neutral Encapsulation Format, by its signature (MS-OXTNEF, section 2.1.3.1).
pub(super) fn is_tnef(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x78, 0x9f, 0x3e, 0x22])
}
