//! The structure of an email (RFC 2045, RFC 2046): header fields, boundaries, transfer encodings.
//!
//! The crate `mail-parser` reads the values and decodes. The tree of parts is walked here and not there: it
//! nests parts as deep as an email says, and drops them by recursion.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, MessageParser, MimeHeaders};

/// The longest header field that is looked at. Real ones take a few lines.
const FIELD_BYTES: usize = 8 * 1024;

/// The fields that say what a part is.
const FIELDS: [&[u8]; 3] = [b"content-type", b"content-transfer-encoding", b"content-disposition"];

/// A part with its header, or a whole email.
pub(super) struct Entity<'a> {
    /// In lower case, such as `text/plain`.
    pub(super) media_type: String,
    /// The name of the file, empty if it has none.
    pub(super) name: String,
    /// What stands between its own parts, if it has any.
    pub(super) boundary: Option<String>,
    /// In lower case, empty if there is none.
    pub(super) smime_type: String,
    /// Whether the sender means it to be saved, not shown.
    pub(super) is_attachment: bool,
    /// What is between its header and its end, as it was sent.
    pub(super) body: &'a [u8],
    charset: Option<String>,
    transfer_encoding: String,
}

impl<'a> Entity<'a> {
    /// Reads the header. Without one, the whole is a text.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let (fields, body) = header(bytes);
        let parsed = MessageParser::new().with_mime_headers().parse_headers(&fields);
        let content_type = parsed.as_ref().and_then(|m| m.content_type());
        let disposition = parsed.as_ref().and_then(|m| m.content_disposition());
        let attribute = |name: &str| content_type.and_then(|t| t.attribute(name)).map(str::to_owned);
        Self {
            media_type: content_type.map_or_else(|| "text/plain".into(), media_type),
            name: parsed.as_ref().and_then(|m| m.attachment_name()).unwrap_or_default().trim().to_owned(),
            boundary: attribute("boundary")
                .filter(|_| content_type.is_some_and(|t| is(t.ctype(), "multipart"))),
            smime_type: attribute("smime-type").unwrap_or_default().to_ascii_lowercase(),
            is_attachment: disposition.is_some_and(ContentType::is_attachment),
            body,
            charset: attribute("charset"),
            transfer_encoding: parsed
                .as_ref()
                .and_then(|m| m.content_transfer_encoding())
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        }
    }

    /// The bytes without their transfer encoding. `None` where they are not in the encoding that the header
    /// claims.
    pub(super) fn decoded(&self) -> Option<Cow<'a, [u8]>> {
        match &self.transfer_encoding[..] {
            "base64" => base64_decode(self.body).map(Cow::Owned),
            "quoted-printable" => quoted_printable_decode(self.body).map(Cow::Owned),
            _ => Some(Cow::Borrowed(self.body)),
        }
    }

    /// A text in UTF-8, if its character set is another one that is known.
    pub(super) fn in_utf8(&self, text: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        let known = self.charset.as_deref().filter(|c| !is(c, "utf-8") && !is(c, "us-ascii"));
        match known.and_then(|charset| charset_decoder(charset.as_bytes())) {
            Some(decode) => Cow::Owned(decode(&text).into_bytes()),
            None => text,
        }
    }
}

fn is(text: &str, expected: &str) -> bool {
    text.eq_ignore_ascii_case(expected)
}

fn media_type(content_type: &ContentType<'_>) -> String {
    format!("{}/{}", content_type.ctype(), content_type.subtype().unwrap_or_default()).to_ascii_lowercase()
}

/// The fields that matter, each once, and what follows the header.
fn header(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut kept = Vec::new();
    let mut seen = [false; FIELDS.len()];
    let mut keeping = None;
    let mut rest = bytes;
    while let Some((line, after)) = next_line(rest) {
        let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
        if !is_folded {
            keeping = None;
            let name = match field_name(line) {
                Some(name) => name.to_ascii_lowercase(),
                // An empty line ends the header; any other begins a body that should have had one before.
                None => return (ended(kept), if line.is_empty() { after } else { rest }),
            };
            if let Some(at) = FIELDS.iter().position(|f| *f == name).filter(|at| !seen[*at]) {
                seen[at] = true;
                keeping = Some(kept.len());
            }
        }
        if let Some(start) = keeping.filter(|start| kept.len() - start + line.len() < FIELD_BYTES) {
            debug_assert!(start <= kept.len());
            kept.extend_from_slice(line);
            kept.extend_from_slice(b"\r\n");
        }
        rest = after;
    }
    (ended(kept), rest)
}

fn ended(mut fields: Vec<u8>) -> Vec<u8> {
    fields.extend_from_slice(b"\r\n");
    fields
}

/// The first line without its end, and what follows it.
pub(super) fn next_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let (line, rest) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// The name of a header field (RFC 5322, section 2.2): printable characters without a space, then a colon.
pub(super) fn field_name(line: &[u8]) -> Option<&[u8]> {
    let name = line.iter().take(78).position(|byte| *byte == b':').map(|colon| &line[..colon])?;
    let name = name.trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

/// The parts between the lines of a boundary (RFC 2046, section 5.1.1), no more than `most`. What precedes
/// the first line and what follows the last is for readers without MIME.
pub(super) fn split<'a>(body: &'a [u8], boundary: &str, most: usize) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut rest = body;
    while let Some((line, after)) = next_line(rest) {
        let here = body.len() - rest.len();
        let end_of_line = body.len() - after.len();
        let delimiter = line.strip_prefix(b"--").and_then(|l| l.strip_prefix(boundary.as_bytes()));
        let is_last = delimiter.is_some_and(|tail| tail.trim_ascii_end() == b"--");
        if is_last || delimiter.is_some_and(|tail| tail.trim_ascii_end().is_empty()) {
            // The line end before a boundary belongs to the boundary.
            parts.extend(start.map(|start| without_line_end(&body[start..here.max(start)])));
            start = Some(end_of_line).filter(|_| !is_last);
            if is_last || parts.len() == most {
                return parts;
            }
        }
        rest = after;
    }
    // Cut off on its way: the last part goes as far as there is something.
    parts.extend(start.map(|start| &body[start..]));
    parts
}

fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_split_at_whole_boundaries_only() {
        let body = b"preamble\r\n--ab\r\none\r\n--abc\r\n--ab \r\n\r\ntwo\r\n\r\n--ab--\r\n--ab\r\nepilogue";
        assert_eq!(split(body, "ab", 9), [&b"one\r\n--abc"[..], b"\r\ntwo\r\n"]);
        assert_eq!(split(b"--ab\none\n--ab\ntwo", "ab", 9), [&b"one"[..], b"two"]);
        assert_eq!(split(b"--ab\n--ab\n--ab--", "ab", 9), [b""; 2]);
        assert_eq!(split(b"--ab\na\n--ab\nb\n--ab\nc", "ab", 2).len(), 2);
        assert!(split(b"no boundary", "ab", 9).is_empty());
    }

    #[test]
    fn a_file_name_is_read_in_every_spelling() {
        let rows = [
            ("Content-Type: application/x-x509-ca-cert; name=\"a b.cer\"", "a b.cer"),
            ("content-disposition: attachment;\r\n\tfilename=a.cer", "a.cer"),
            ("Content-Disposition: attachment; filename*=utf-8''r%C3%A9ponse.cer", "réponse.cer"),
            ("Content-Disposition: attachment; filename*0=\"x26\"; filename*1=\".cer\"", "x26.cer"),
            ("Content-Disposition: attachment; filename=\"=?utf-8?B?csOpcG9uc2UuY2Vy?=\"", "réponse.cer"),
            ("Content-Type: text/plain", ""),
        ];
        for (field, name) in rows {
            assert_eq!(Entity::read(format!("{field}\r\n\r\nbody").as_bytes()).name, name, "{field}");
        }
    }
}
