//! Messages that Outlook saves (`.msg`, MS-OXMSG), and names for other files of the same container
//! (MS-CFB, "OLE").

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use cfb::CompoundFile;

use super::attachment::Attachment;
use super::budget::{Budget, DEPTH};
use super::html;
use super::part::{Body, Container, Part, Refused, too_large};
use crate::pki::sniff::{Encoding, Kind, Note};

type Ole<'a> = CompoundFile<Cursor<&'a [u8]>>;

/// Streams of a message and of an attachment, by the property in them (MS-OXPROPS): its number, then its
/// type (001F is UTF-16, 001E is in an eight-bit character set, 0102 is bytes, 000D is a storage).
const BODY: [&str; 2] = ["1000001F", "1000001E"];
const BODY_HTML: [&str; 2] = ["10130102", "1013001F"];
const BODY_RTF: &str = "10090102";
const ATTACHED_BYTES: &str = "37010102";
const ATTACHED_STORAGE: &str = "3701000D";
/// The long name, the short one, the one that is shown.
const ATTACHED_NAME: [&str; 6] = ["3707001F", "3707001E", "3704001F", "3704001E", "3001001F", "3001001E"];
const ATTACHED_MEDIA_TYPE: [&str; 2] = ["370E001F", "370E001E"];

/// The properties of a message, which no other OLE file has.
const PROPERTIES: &str = "__properties_version1.0";

/// Streams that give other OLE files away.
const OTHERS: [(&str, &str); 5] = [
    ("WordDocument", "a Word document (.doc)"),
    ("Workbook", "an Excel workbook (.xls)"),
    ("Book", "an Excel workbook (.xls)"),
    ("PowerPoint Document", "a PowerPoint presentation (.ppt)"),
    ("EncryptedPackage", "an Office document with a password"),
];

/// The longest name of an attachment that is read, in bytes.
const NAME_BYTES: usize = 1024;

/// Whether this is a compound file, by its signature.
pub(super) fn is_ole(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
}

/// The body and the attachments of a message.
pub(super) fn open(bytes: &[u8], budget: &mut Budget) -> Result<Container, Refused> {
    if !has_plausible_tables(bytes) {
        return Err(Refused::damaged(Kind::OutlookMsg, "its tables are larger than the file needs"));
    }
    let mut ole =
        CompoundFile::open(Cursor::new(bytes)).map_err(|e| Refused::damaged(Kind::OutlookMsg, e))?;
    if !ole.is_stream(Path::new("/").join(PROPERTIES)) {
        let known = OTHERS.iter().find(|(stream, _)| ole.is_stream(Path::new("/").join(stream)));
        return Err(Refused::named(known.map_or("an OLE file that is no Outlook message", |(_, name)| name)));
    }
    Ok(Message { ole: &mut ole, budget }.open(Path::new("/"), 0))
}

/// Whether the chain of tables (the DIFAT, MS-CFB section 2.5) is no longer than the file needs. `cfb`
/// reads every table that the chain names, the same one again and again if it is named so, before it
/// compares their size with the file's.
fn has_plausible_tables(bytes: &[u8]) -> bool {
    let number = |at: usize| {
        let four = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(four.try_into().ok()?) as usize)
    };
    let (Some(shift), Some(mut sector)) = (bytes.get(30), number(68)) else { return false };
    let size = match shift {
        9 => 512,
        12 => 4096,
        _ => return false,
    };
    // The header names the first 109 tables; each sector of the chain names as many as fit, less one.
    let tables = bytes.len() / size / (size / 4) + 1;
    let mut left = tables.saturating_sub(109) / (size / 4 - 1) + 2;
    while sector <= 0xffff_fffa {
        if left == 0 {
            return false;
        }
        left -= 1;
        let Some(next) = sector.checked_add(2).and_then(|s| number(s.checked_mul(size)? - 4)) else {
            // The chain leads out of the file, which cfb reports.
            return true;
        };
        sector = next;
    }
    true
}

struct Message<'a, 'b> {
    ole: &'a mut Ole<'b>,
    budget: &'a mut Budget,
}

impl Message<'_, '_> {
    /// The message in a storage: the file's root, or that of an attached message, `level` deep.
    fn open(&mut self, storage: &Path, level: usize) -> Container {
        let mut container = Container::new(Kind::OutlookMsg, Encoding::Binary);
        container.parts.extend(self.bodies(storage));
        for attached in self.attachments(storage) {
            if !self.budget.take_part() {
                container.cut_short();
                break;
            }
            container.parts.extend(self.attachment(&attached, level));
        }
        container
    }

    fn bodies(&mut self, storage: &Path) -> Vec<Part> {
        let text = self.first(storage, &BODY).map(|body| match body {
            Ok(bytes) => Part::text("text", bytes),
            Err(why) => Part::unread("text", why),
        });
        let html = self.first(storage, &BODY_HTML).map(|body| match body {
            Ok(bytes) => Part::text("html", html::lines(&String::from_utf8_lossy(&bytes)).into_bytes()),
            Err(why) => Part::unread("html", why),
        });
        let parts: Vec<_> = text.into_iter().chain(html).collect();
        if parts.is_empty() && self.ole.is_stream(stream(storage, BODY_RTF)) {
            let why = Note::new("rtf_body", "compressed RTF, not read: save the email as text or HTML");
            return vec![Part::unread("text", why)];
        }
        parts
    }

    /// The storages of the attachments, in order.
    fn attachments(&self, storage: &Path) -> Vec<PathBuf> {
        let Ok(entries) = self.ole.read_storage(storage) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .filter(|entry| entry.is_storage() && entry.name().starts_with("__attach_version1.0_"))
            .map(|entry| entry.path().to_owned())
            .collect();
        found.sort();
        found
    }

    fn attachment(&mut self, storage: &Path, level: usize) -> Option<Part> {
        let name = self.short_text(storage, &ATTACHED_NAME);
        let inner = stream(storage, ATTACHED_STORAGE);
        if self.ole.is_stream(inner.join(PROPERTIES)) {
            let name = if name.is_empty() { "attached email".into() } else { name };
            if level + 1 == DEPTH {
                return Some(Part::unread(
                    name,
                    Note::new("nested_too_deep", "in too many others, not opened"),
                ));
            }
            let message = self.open(&inner, level + 1);
            return Some(Part { name, body: Body::Opened(message) });
        }
        let bytes = self.first(storage, &[ATTACHED_BYTES])?;
        let media_type = self.short_text(storage, &ATTACHED_MEDIA_TYPE).to_ascii_lowercase();
        Some(match bytes {
            Ok(bytes) => Attachment { name, media_type, smime_type: String::new(), bytes }.into_part(),
            Err(why) => Part::unread(if name.is_empty() { "attachment".into() } else { name }, why),
        })
    }

    /// A property that is a line of text; empty if there is none.
    fn short_text(&mut self, storage: &Path, properties: &[&str]) -> String {
        for property in properties {
            let Ok(mut stream) = self.ole.open_stream(stream(storage, property)) else { continue };
            let mut bytes = Vec::new();
            if stream.len() <= NAME_BYTES as u64 && stream.read_to_end(&mut bytes).is_ok() {
                let text = as_utf8(property, bytes);
                let text = String::from_utf8_lossy(&text).trim_end_matches('\0').trim().to_owned();
                if !text.is_empty() {
                    return text;
                }
            }
        }
        String::new()
    }

    /// The first of these properties that is there, in UTF-8 if it is a text. `None` if none is.
    fn first(&mut self, storage: &Path, properties: &[&str]) -> Option<Result<Vec<u8>, Note>> {
        let property = properties.iter().find(|p| self.ole.is_stream(stream(storage, p)))?;
        Some(self.stream(&stream(storage, property)).map(|bytes| as_utf8(property, bytes)))
    }

    /// A whole stream, if it is not too long. Streams may share their bytes, so each is paid for.
    fn stream(&mut self, path: &Path) -> Result<Vec<u8>, Note> {
        let damaged = |error| Note::new("member_unreadable", format!("damaged ({error})"));
        let mut stream = self.ole.open_stream(path).map_err(damaged)?;
        let limit = self.budget.bytes_left();
        if stream.len() > limit as u64 {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let outcome = stream.read_to_end(&mut bytes);
        self.budget.spend(bytes.len());
        outcome.map(|_| bytes).map_err(damaged)
    }
}

/// Where a property lies that is too long for the table of properties.
fn stream(storage: &Path, property: &str) -> PathBuf {
    storage.join(format!("__substg1.0_{property}"))
}

/// Text of type 001F from UTF-16; anything else as it is.
fn as_utf8(property: &str, bytes: Vec<u8>) -> Vec<u8> {
    if !property.ends_with("001F") {
        return bytes;
    }
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}
