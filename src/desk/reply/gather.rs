//! From the parts of a container to its contents.

use super::budget::DEPTH;
use super::part::{Body, Container, Part};
use super::{Reader, too_deep};
use crate::pki::Fingerprint;
use crate::pki::sniff::{self, Content, Contents, Key, Kind, Note, Object};

/// The most parts that a description names.
const NAMED: usize = 5;

impl Reader<'_> {
    /// Reads every part of a container that lies in `depth` others.
    pub(super) fn gather(&mut self, container: Container, depth: usize) -> Contents {
        let mut contents = Contents::new(container.kind, container.encoding, Vec::new());
        contents.notes = container.notes;
        let mut texts = Texts::default();
        let mut silent = Vec::new();
        for Part { name, body } in container.parts {
            let is_text = matches!(body, Body::Text(_));
            let mut found = match body {
                Body::Text(bytes) => sniff::read_part(&bytes, &self.unlocking),
                Body::File(bytes) => self.file(&bytes, depth + 1),
                Body::Email(bytes) => self.enclosed_email(&bytes, depth + 1),
                Body::Opened(_) if depth + 1 == DEPTH => too_deep(),
                Body::Opened(inner) => self.gather(inner, depth + 1),
                Body::Unread(why) => {
                    silent.push(format!("{name} ({})", why.message));
                    contents.notes.push(named(&name, why));
                    continue;
                }
            };
            if is_silent(&found) {
                texts.count += usize::from(is_text);
                if !is_text {
                    silent.push(described(&name, &found));
                    contents.notes.extend(found.notes.into_iter().map(|note| named(&name, note)));
                }
                continue;
            }
            if is_text && !texts.keep_new(&mut found.objects) {
                continue;
            }
            for object in &mut found.objects {
                object.within.insert(0, name.clone());
            }
            contents.objects.extend(found.objects);
            contents.protection.extend(found.protection);
            contents.notes.extend(found.notes.into_iter().map(|note| named(&name, note)));
        }
        if contents.objects.is_empty() {
            let description = without(contents.kind, texts.count, &silent);
            contents.objects.push(Object::new(Content::Other(description)));
        }
        contents
    }
}

/// What the texts of one email held so far.
#[derive(Default)]
struct Texts {
    seen: Vec<String>,
    /// Those that held nothing.
    count: usize,
}

impl Texts {
    /// Leaves out what an earlier text held. Whether anything stays.
    fn keep_new(&mut self, objects: &mut Vec<Object>) -> bool {
        objects.retain(|object| {
            let identity = identity(&object.content);
            let is_new = !self.seen.contains(&identity);
            if is_new {
                self.seen.push(identity);
            }
            is_new
        });
        !objects.is_empty()
    }
}

fn identity(content: &Content) -> String {
    let fingerprint = match content {
        Content::Certificate(certificate) => Some(certificate.fingerprint()),
        Content::Request(csr) => Some(Fingerprint::of(csr.der())),
        Content::PrivateKey(Key::Rsa(key)) => Some(key.fingerprint()),
        _ => None,
    };
    format!("{} {}", content.name(), fingerprint.map(|f| f.to_string()).unwrap_or_default())
}

/// Whether there is nothing in a part that anybody would look for, such as in a picture or a greeting.
fn is_silent(contents: &Contents) -> bool {
    let unnamed = matches!(contents.kind, Kind::Unknown | Kind::Zip | Kind::Email | Kind::OutlookMsg);
    unnamed
        && !contents.is_locked()
        && contents.objects.iter().all(|o| matches!(o.content, Content::Other(_)))
}

/// A note of a part, with the part's name in its message.
fn named(name: &str, note: Note) -> Note {
    Note::new(note.code, format!("{name}: {}", note.message))
}

fn described(name: &str, contents: &Contents) -> String {
    let picture = [".png", ".jpg", ".jpeg", ".gif", ".bmp"];
    if picture.iter().any(|end| name.to_ascii_lowercase().ends_with(end)) {
        return name.to_owned();
    }
    format!("{name} ({})", contents.describe())
}

/// "an email without a certificate in it: 2 texts, image001.png"
fn without(kind: Kind, texts: usize, silent: &[String]) -> String {
    let texts = match texts {
        0 => None,
        1 => Some("1 text".to_owned()),
        n => Some(format!("{n} texts")),
    };
    let mut list: Vec<_> = texts.into_iter().chain(silent.iter().take(NAMED).cloned()).collect();
    if silent.len() > NAMED {
        list.push(format!("{} more", silent.len() - NAMED));
    }
    let name = kind.name();
    match &list[..] {
        [] => format!("{name} without anything in it"),
        list => format!("{name} without a certificate in it: {}", list.join(", ")),
    }
}
