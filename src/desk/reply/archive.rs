//! Zip archives, and the formats of other programs that are zip archives inside.

use std::io::{Cursor, Read};

use zip::read::ZipFileEntry;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::budget::Budget;
use super::part::{Container, Part, Refused, too_large};
use crate::pki::sniff::{Encoding, Kind, Note};

/// The members of an archive, in the order of its directory.
pub(super) fn open(bytes: &[u8], budget: &mut Budget) -> Result<Container, Refused> {
    let damaged = |error: ZipError| Refused::damaged(Kind::Zip, error);
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut container = Container::new(Kind::Zip, Encoding::Binary);
    if archive.has_duplicate_names() {
        let message = "several members have the same name, and only the last of each is read";
        container.notes.push(Note::new("duplicate_names", message));
    }
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(damaged)?;
        let name = name(&entry);
        if let Some(program) = program(&name) {
            return Err(Refused::named(program));
        }
        if entry.is_dir() {
            continue;
        }
        if !budget.take_part() {
            container.cut_short();
            break;
        }
        container.parts.push(match unpack(entry, bytes, budget) {
            Ok(member) => Part::file(name, member),
            Err(why) => Part::unread(name, why),
        });
    }
    Ok(container)
}

fn name(entry: &ZipFileEntry<'_>) -> String {
    match entry.name() {
        Ok(name) => name.into_owned(),
        Err(_) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
    }
}

/// The program whose files have a member of this name. A certificate in one is part of a text or the
/// signature of a program, not what the desk sent.
fn program(member: &str) -> Option<&'static str> {
    let places = [
        ("word/", "a Word document (.docx)"),
        ("xl/", "an Excel workbook (.xlsx)"),
        ("ppt/", "a PowerPoint presentation (.pptx)"),
        ("META-INF/MANIFEST.MF", "a Java archive (.jar)"),
    ];
    places.iter().find(|(place, _)| member.starts_with(place)).map(|(_, name)| *name)
}

fn unpack(entry: ZipFileEntry<'_>, archive: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Note> {
    if entry.encrypted() {
        return Err(Note::new("member_encrypted", "password-protected, not read: unpack it first"));
    }
    match entry.compression() {
        CompressionMethod::Stored | CompressionMethod::Deflated => {}
        other => return Err(Note::new("member_unreadable", format!("compressed by {other}, not read"))),
    }
    let limit = budget.bytes_left();
    // What the directory says may be a lie, so the bytes are counted too.
    let claimed = usize::try_from(entry.size()).unwrap_or(usize::MAX);
    if claimed > limit {
        return Err(too_large());
    }
    let damaged =
        |error: &dyn std::fmt::Display| Note::new("member_unreadable", format!("damaged ({error})"));
    let mut source = Cursor::new(archive);
    let mut member = entry.with_reader(&mut source, Default::default()).map_err(|e| damaged(&e))?;
    let mut unpacked = Vec::with_capacity(claimed.min(archive.len()));
    let outcome = member.by_ref().take(limit as u64 + 1).read_to_end(&mut unpacked);
    budget.spend(unpacked.len());
    if unpacked.len() > limit {
        return Err(too_large());
    }
    match outcome {
        Ok(_) => Ok(unpacked),
        Err(error) => Err(damaged(&error)),
    }
}
