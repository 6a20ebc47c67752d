//! PEM armour in text (RFC 7468), whole or damaged, and base64 without any.
//!
//! A repair counts only where the outcome proves it: DER says its own length, and what is in it parses.

mod bare;
mod block;
mod body;
mod clean;
mod damage;
mod label;
mod length;
mod marker;
mod prefix;
mod prose;
mod repair;

use std::cell::OnceCell;

use self::bare::Rows;
use self::block::Shape;
use self::body::Region;
use self::clean::{Cleaned, clean};
use self::damage::Damage;
use self::marker::Marker;
use self::repair::{Repair, Repairs};
use super::binary;
use super::der::{der, labelled};
use super::text::{self, Text};
use super::{Content, Contents, Kind, Note, Object, Unlocking};

/// So many damaged blocks are told one by one.
const DAMAGED_TOLD: usize = 100;

/// Everything in a text.
pub(super) fn read(text: &Text, unlocking: &Unlocking<'_>) -> Contents {
    let cleaned = clean(&text.characters);
    let mut reader = Reader::new(text, &cleaned, unlocking);
    reader.armoured().or_else(|| reader.bare()).unwrap_or_else(|| reader.nothing())
}

/// Everything in armour in a text.
fn read_armoured(text: &Text, unlocking: &Unlocking<'_>) -> Option<Contents> {
    let cleaned = clean(&text.characters);
    Reader::new(text, &cleaned, unlocking).armoured()
}

struct Reader<'a> {
    text: &'a Text,
    cleaned: &'a Cleaned<'a>,
    unlocking: &'a Unlocking<'a>,
    contents: Contents,
    repairs: Repairs,
    damaged: usize,
    /// Where lines begin; made when the first is asked for.
    lines: OnceCell<Vec<usize>>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a Text, cleaned: &'a Cleaned<'a>, unlocking: &'a Unlocking<'a>) -> Self {
        Self {
            text,
            cleaned,
            unlocking,
            contents: Contents::new(Kind::Pem, text.encoding, Vec::new()),
            repairs: Repairs::default(),
            damaged: 0,
            lines: OnceCell::new(),
        }
    }

    /// The line in which an offset of the cleaned text lies, from 1.
    fn line(&self, offset: usize) -> usize {
        let lines = self.lines.get_or_init(|| {
            let bytes = self.cleaned.as_bytes();
            let ends =
                |&i: &usize| bytes[i] == b'\n' || (bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
            (0..bytes.len()).filter(ends).map(|i| i + 1).collect()
        });
        lines.partition_point(|&start| start <= offset) + 1
    }

    /// All blocks; `None` if there is none.
    fn armoured(&mut self) -> Option<Contents> {
        let markers = marker::find(self.cleaned);
        let mut before = 0;
        let mut markers = markers.iter().peekable();
        while let Some(marker) = markers.next() {
            if !marker.begins {
                self.tail(marker, before);
                before = marker.end;
                continue;
            }
            let end = markers.next_if(|next| !next.begins);
            let until = end.or(markers.peek().copied()).map_or(self.cleaned.len(), |next| next.start);
            self.block(marker, end, before, until);
            before = end.map_or(until, |end| end.end);
        }
        (!self.contents.objects.is_empty()).then(|| self.finish())
    }

    /// What was found, with all notes; nothing is left in the reader.
    fn finish(&mut self) -> Contents {
        if self.damaged > DAMAGED_TOLD {
            let name = format!("{} more damaged blocks", self.damaged - DAMAGED_TOLD);
            self.contents.objects.push(Object::damaged(name));
        }
        let repaired = std::mem::take(&mut self.repairs).notes(|offset| self.line(offset));
        let others = std::mem::take(&mut self.contents.notes);
        let given = self.text.notes.iter().cloned();
        let empty = Contents::new(Kind::Pem, self.text.encoding, Vec::new());
        let mut contents = std::mem::replace(&mut self.contents, empty);
        contents.notes = given.chain(repaired).chain(others).collect();
        contents
    }

    fn damage(&mut self, damage: &Damage, name: &str, at: usize) {
        self.damaged += 1;
        if self.damaged <= DAMAGED_TOLD {
            let line = self.line(at);
            self.contents.objects.push(damage.object(name, line));
            self.contents.notes.push(damage.note(name, line));
        }
    }

    fn take(&mut self, found: Contents) {
        self.contents.objects.extend(found.objects);
        self.contents.protection.extend(found.protection);
        self.contents.notes.extend(found.notes);
    }

    /// One block that a BEGIN line opens. `before` is where the one before it ended.
    fn block(&mut self, begin: &Marker, end: Option<&Marker>, before: usize, until: usize) {
        if let Some(label) = begin.known.filter(|label| label.is_named_only()) {
            self.contents.objects.push(Object::new(Content::Other(label.name.into())));
            return;
        }
        let name = match begin.known {
            Some(label) => label.name.to_owned(),
            None => format!("PEM block '{}'", begin.label),
        };
        let line = &self.cleaned[before..begin.start];
        let line = &line[line.rfind(['\n', '\r']).map_or(0, |newline| newline + 1)..];
        let text = &self.cleaned[begin.end..until];
        let region = Region { text, at: begin.end, prefix: line, ends: end.is_some() };
        let shape = match begin.known {
            Some(label) if label.text == "TRUSTED CERTIFICATE" => Shape::Trusted,
            Some(label) if label.holds.contains(&Kind::Unknown) => Shape::Any,
            _ => Shape::Sequences,
        };
        let mut block = match block::read(region, shape) {
            Ok(block) => block,
            // A line of prose can look like an unknown label.
            Err(_) if begin.known.is_none() && end.is_none_or(|end| end.label != begin.label) => return,
            Err((damage, at)) => return self.damage(&damage, &name, at),
        };
        begin.repairs(&mut block.repairs);
        if let Some(end) = end {
            end.repairs(&mut block.repairs);
            if !end.label.eq_ignore_ascii_case(begin.label) {
                block.repairs.add(Repair::DifferentLabels, end.start);
            }
        }
        for (repair, at) in self.cleaned.changes(begin.start..end.map_or(block.end, |end| end.end)) {
            block.repairs.add(repair, at);
        }
        block.repairs.leave_out_what_follows();
        let label = begin.known.map_or(begin.label, |label| label.text);
        let encrypted = block.headers.iter().any(|(name, _)| name == "DEK-Info");
        for part in block.parts.clone() {
            let found = labelled(label, &block.headers, &block.bytes[part], self.unlocking);
            let holds = begin.known.map(|label| label.holds);
            if !encrypted && holds.is_some_and(|holds| !holds.contains(&Kind::Unknown)) && is_nothing(&found)
            {
                self.damage(&Damage::Within, &name, begin.start);
                continue;
            }
            if begin.known.is_some_and(|label| label.old) {
                block.repairs.add(Repair::OldLabel, begin.start);
            }
            let is_told = found.notes.iter().any(|note| note.code == "label_wrong");
            if !encrypted && !is_told && !holds.is_some_and(|holds| holds.contains(&found.kind)) {
                block.repairs.add(Repair::WrongLabel, begin.start);
            }
            self.repairs.append(std::mem::take(&mut block.repairs));
            self.take(found);
        }
    }

    /// What an END line closes that nothing has opened since `before`.
    fn tail(&mut self, end: &Marker, before: usize) {
        let Some(label) = end.known.filter(|label| !label.is_named_only()) else { return };
        let rows = Rows::of(&self.cleaned[before..end.start]);
        if let Some(found) = rows.at_the_end() {
            let read = labelled(label.text, &[], &found.bytes, self.unlocking);
            if !is_nothing(&read) {
                self.repairs.add(Repair::MissingBegin, before + found.start);
                end.repairs(&mut self.repairs);
                self.changes(before + found.start, end.end);
                return self.take(read);
            }
        }
        if rows.end_looks_like_base64() {
            self.damage(&Damage::NoBegin, label.name, end.start);
        } else if self.cleaned[before..end.start].trim().is_empty() && before > 0 {
            self.repairs.add(Repair::StrayEnd, end.start);
        }
    }

    fn changes(&mut self, start: usize, end: usize) {
        for (repair, at) in self.cleaned.changes(start..end) {
            self.repairs.add(repair, at);
        }
    }

    /// Base64 without armour; `None` if there is none.
    fn bare(&mut self) -> Option<Contents> {
        let cleaned = self.cleaned;
        let rows = Rows::of(cleaned);
        rows.each(|found| self.bare_piece(&found, false));
        if self.contents.objects.is_empty() {
            let whole = rows.whole().is_some_and(|found| self.bare_piece(&found, true));
            if let Some(cut) = rows.cut().filter(|_| !whole) {
                let damage = Damage::Truncated { found: cut.found, whole: Some(cut.whole) };
                self.damage(&damage, "DER structure in base64", cut.start);
            }
        }
        if self.contents.objects.is_empty() {
            return None;
        }
        self.contents.kind = Kind::Base64;
        Some(self.finish())
    }

    /// Whether a piece of base64 is something that is known here.
    fn bare_piece(&mut self, found: &bare::Found, whole: bool) -> bool {
        let inner = match text::decode(&found.bytes) {
            Some(text) => {
                let armoured = read_armoured(&text, self.unlocking);
                armoured.map(|mut inner| {
                    let note =
                        Note::new("base64_of_pem", "the base64 holds PEM text, as Kubernetes keeps it");
                    inner.notes.insert(0, note);
                    inner
                })
            }
            None if whole => Some(binary::read(&found.bytes, self.unlocking)),
            None => Some(der(&found.bytes, self.unlocking)),
        };
        let Some(inner) = inner.filter(|inner| inner.kind == Kind::Pem || !is_nothing(inner)) else {
            return false;
        };
        if found.url_safe {
            self.repairs.add(Repair::UrlSafe, found.start);
        }
        self.changes(found.start, found.end);
        self.take(inner);
        true
    }

    /// A text without anything that is known here.
    fn nothing(&mut self) -> Contents {
        if let Some(at) = self.cleaned.find("-----BEGIN") {
            self.damage(&Damage::NoLabel, "PEM file", at);
            return self.finish();
        }
        let mut contents = Contents::unknown(self.text.encoding, prose::describe(&self.text.characters));
        contents.notes.extend(self.text.notes.iter().cloned());
        contents
    }
}

/// Whether there is nothing in it that has a name.
fn is_nothing(found: &Contents) -> bool {
    let named = |object: &Object| !matches!(object.content, Content::Other(_));
    matches!(found.kind, Kind::Der | Kind::Unknown) && !found.objects.iter().any(named)
}

#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod tests;
