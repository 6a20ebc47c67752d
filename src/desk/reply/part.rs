use zeroize::Zeroizing;

use crate::pki::sniff::{Content, Contents, Encoding, Kind, Note, Object};

/// A container that was opened, and whose parts are still to be read.
pub(super) struct Container {
    pub(super) kind: Kind,
    pub(super) encoding: Encoding,
    /// In the order of the container.
    pub(super) parts: Vec<Part>,
    pub(super) notes: Vec<Note>,
}

impl Container {
    pub(super) fn new(kind: Kind, encoding: Encoding) -> Self {
        Self { kind, encoding, parts: Vec::new(), notes: Vec::new() }
    }

    /// Says that the rest was left out, because there are too many parts.
    pub(super) fn cut_short(&mut self) {
        let read = self.parts.len();
        self.notes.push(Note::new("too_many_parts", format!("only its first {read} parts were read")));
    }
}

/// One file in a container.
pub(super) struct Part {
    /// As the container has it: not cleaned, and not a path.
    pub(super) name: String,
    pub(super) body: Body,
}

impl Part {
    pub(super) fn file(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), body: Body::File(Zeroizing::new(bytes)) }
    }

    pub(super) fn text(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), body: Body::Text(Zeroizing::new(bytes)) }
    }

    /// A part that is named and not read.
    pub(super) fn unread(name: impl Into<String>, why: Note) -> Self {
        Self { name: name.into(), body: Body::Unread(why) }
    }
}

/// What is in a part. It may hold a private key.
pub(super) enum Body {
    /// Any file.
    File(Zeroizing<Vec<u8>>),
    /// What a reader of the email sees: the same in several renderings, so nothing in it counts twice.
    Text(Zeroizing<Vec<u8>>),
    /// An email in an email.
    Email(Zeroizing<Vec<u8>>),
    /// A container that could only be opened together with the one around it.
    Opened(Container),
    /// Not read, and why.
    Unread(Note),
}

/// Something that looked like a container and cannot be opened as one.
pub(super) struct Refused {
    kind: Kind,
    name: String,
}

impl Refused {
    /// Not a container of ours, but known by name.
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self { kind: Kind::Unknown, name: name.into() }
    }

    /// A container that is damaged.
    pub(super) fn damaged(kind: Kind, why: impl std::fmt::Display) -> Self {
        // "a zip file" becomes "a damaged zip file".
        let noun = kind.name().split_once(' ').map_or(kind.name(), |(_, noun)| noun);
        Self { kind, name: format!("a damaged {noun} ({why})") }
    }

    pub(super) fn contents(self) -> Contents {
        Contents::new(self.kind, Encoding::Binary, vec![Object::new(Content::Other(self.name))])
    }
}

/// Why a part stays closed that would unpack to too much.
pub(super) fn too_large() -> Note {
    Note::new("too_large", "it unpacks to more than the limit, and is not read")
}
