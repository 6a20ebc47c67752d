//! Saved emails (RFC 5322), as mail programs and web mail write them, and mailboxes of the kind "mbox".

use std::borrow::Cow;

use super::attachment::Attachment;
use super::budget::Budget;
use super::html;
use super::mime::{Entity, field_name, next_line, split};
use super::part::{Body, Container, Part, Refused, too_large};
use crate::pki::sniff::{Encoding, Kind, Note};

/// How deep parts of one email may nest. Mail programs use three or four levels.
const MULTIPARTS: usize = 12;

/// Fields that programs write into a header, and hardly anybody into a text.
const WRITTEN_BY_PROGRAMS: [&[u8]; 9] = [
    b"date",
    b"message-id",
    b"received",
    b"return-path",
    b"delivered-to",
    b"mime-version",
    b"content-type",
    b"dkim-signature",
    b"x-originating-ip",
];

/// Fields that are as well the first lines of a text pasted from an email.
const WRITTEN_BY_PEOPLE: [&[u8]; 7] = [b"from", b"to", b"cc", b"bcc", b"subject", b"reply-to", b"sender"];

/// The most lines of a header that are looked at to tell whether it is one.
const HEADER_LINES: usize = 1000;

/// Whether this is an email and not a text with a colon in its first line. The first line suffices to tell
/// that a certificate or a key is none.
pub(super) fn is_email(bytes: &[u8]) -> bool {
    let mut rest = beginning(bytes);
    let quoted = rest.starts_with(b">");
    let (mut programs, mut people) = (0, 0);
    for number in 0..HEADER_LINES {
        let Some((line, after)) = next_line(rest) else { break };
        rest = after;
        let line = if quoted { unquoted(line) } else { line };
        if number == 0 && line.starts_with(b"From ") || number > 0 && is_folded(line) {
            continue;
        }
        let Some(name) = field_name(line) else { break };
        let name = name.to_ascii_lowercase();
        programs += usize::from(WRITTEN_BY_PROGRAMS.contains(&&name[..]));
        people += usize::from(WRITTEN_BY_PEOPLE.contains(&&name[..]));
        // Outlook keeps a signed email with no more header than this.
        let multipart =
            name == b"content-type" && line.to_ascii_lowercase().windows(10).any(|w| w == b"multipart/");
        if multipart || programs > 1 || programs == 1 && people > 0 {
            return true;
        }
    }
    false
}

fn is_folded(line: &[u8]) -> bool {
    line.starts_with(b" ") || line.starts_with(b"\t")
}

/// Without the byte order mark and empty lines before the header.
fn beginning(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}

fn unquoted(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b">").unwrap_or(line);
    line.strip_prefix(b" ").unwrap_or(line)
}

/// The texts and attachments of an email, or the emails of a mailbox file.
pub(super) fn open(bytes: &[u8], budget: &mut Budget) -> Result<Container, Refused> {
    let encoding = match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Encoding::Ascii,
        Ok(_) => Encoding::Utf8,
        Err(_) => Encoding::EightBit,
    };
    let mut container = Container::new(Kind::Email, encoding);
    let mut bytes = Cow::Borrowed(beginning(bytes));
    if bytes.starts_with(b">") {
        bytes = Cow::Owned(without_quotes(&bytes));
        container.notes.push(Note::new("quoted_lines", "every line of the email is quoted with '>'"));
    }
    match &messages(&bytes, budget.parts_left())[..] {
        [] => {}
        [message] => walk(message, &mut container, budget),
        several => {
            for (number, message) in (1..).zip(several) {
                let body = Body::Email(message.to_vec().into());
                container.parts.push(Part { name: format!("email {number}"), body });
            }
        }
    }
    Ok(container)
}

fn without_quotes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((line, after)) = next_line(rest) {
        out.extend_from_slice(unquoted(line));
        out.extend_from_slice(b"\r\n");
        rest = after;
    }
    out
}

/// The emails of a mailbox file (RFC 4155), each without the line "From " that begins it; any other email
/// is one.
fn messages(bytes: &[u8], most: usize) -> Vec<&[u8]> {
    if !bytes.starts_with(b"From ") {
        return vec![bytes];
    }
    let mut messages = Vec::new();
    let mut start = None;
    let mut after_empty_line = true;
    let mut rest = bytes;
    while let Some((line, after)) = next_line(rest) {
        if after_empty_line && line.starts_with(b"From ") {
            let here = bytes.len() - rest.len();
            messages.extend(start.map(|start| &bytes[start..here]));
            start = Some(bytes.len() - after.len());
            if messages.len() == most {
                return messages;
            }
        }
        after_empty_line = line.is_empty();
        rest = after;
    }
    messages.extend(start.map(|start| &bytes[start..]));
    messages
}

/// Every part that is not made of others, in order.
fn walk(message: &[u8], container: &mut Container, budget: &mut Budget) {
    let mut rest = vec![(message, 0)];
    while let Some((bytes, level)) = rest.pop() {
        if !budget.take_part() {
            container.cut_short();
            return;
        }
        let entity = Entity::read(bytes);
        if let Some(boundary) = &entity.boundary {
            let children = split(entity.body, boundary, budget.parts_left() + 1);
            if !children.is_empty() && level < MULTIPARTS {
                rest.extend(children.into_iter().rev().map(|child| (child, level + 1)));
                continue;
            }
        }
        container.parts.push(part(&entity, budget));
    }
}

fn part(entity: &Entity<'_>, budget: &mut Budget) -> Part {
    let is_text = entity.name.is_empty() && !entity.is_attachment && entity.media_type.starts_with("text/")
        // A boundary that stands nowhere: what is there is a text.
        || entity.boundary.is_some();
    let is_email = matches!(&entity.media_type[..], "message/rfc822" | "message/global");
    // Decoding makes them fewer, never more.
    if entity.body.len() > 2 * budget.bytes_left() {
        return Part::unread(shown_name(entity, is_email), too_large());
    }
    let bytes = match entity.decoded() {
        Some(bytes) => bytes,
        // As they are: there may be something to read in spite of what the header says.
        None => Cow::Borrowed(entity.body),
    };
    if let Cow::Owned(bytes) = &bytes {
        if bytes.len() > budget.bytes_left() {
            return Part::unread(shown_name(entity, is_email), too_large());
        }
        budget.spend(bytes.len());
    }
    if is_email {
        return Part { name: shown_name(entity, is_email), body: Body::Email(bytes.into_owned().into()) };
    }
    if is_text {
        let text = entity.in_utf8(bytes);
        return match &entity.media_type[..] {
            "text/html" => Part::text("html", html::lines(&String::from_utf8_lossy(&text)).into_bytes()),
            _ => Part::text("text", text.into_owned()),
        };
    }
    let attachment = Attachment {
        name: entity.name.clone(),
        media_type: entity.media_type.clone(),
        smime_type: entity.smime_type.clone(),
        bytes: bytes.into_owned(),
    };
    attachment.into_part()
}

fn shown_name(entity: &Entity<'_>, is_email: bool) -> String {
    match (&entity.name[..], is_email) {
        ("", true) => "attached email".into(),
        ("", false) => "attachment".into(),
        (name, _) => name.into(),
    }
}
