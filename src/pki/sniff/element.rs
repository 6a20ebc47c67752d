//! Walking through DER without knowing its schema: the elements of a structure one by one, without
//! recursion and without copying.

use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged};

/// One element of DER.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub tag: Tag,
    /// Its contents.
    pub value: &'a [u8],
    /// Tag, length and contents.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The element that `bytes` are, all of them.
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let any = AnyRef::from_der(bytes).ok()?;
        Some(Self { tag: any.tag(), value: any.value(), whole: bytes })
    }

    /// The elements that it is made of.
    pub fn children(&self) -> Elements<'a> {
        elements(self.value)
    }

    /// An object identifier in digits and dots.
    pub fn oid(&self) -> Option<String> {
        (self.tag == Tag::ObjectIdentifier).then_some(())?;
        <ObjectIdentifier>::from_der(self.whole).ok().map(|oid| oid.to_string())
    }

    /// A number that is small and not negative.
    pub fn number(&self) -> Option<u32> {
        (self.tag == Tag::Integer).then_some(())?;
        u32::from_der(self.whole).ok()
    }

    pub fn is_sequence(&self) -> bool {
        self.tag == Tag::Sequence
    }

    /// Whether it has the context-specific tag `wanted`, as `[0]`.
    pub fn is_context(&self, wanted: u32) -> bool {
        matches!(self.tag, Tag::ContextSpecific { number, .. } if number.value() == wanted)
    }

    /// The element inside an explicit context-specific tag.
    pub fn explicit(&self, wanted: u32) -> Option<Self> {
        self.is_context(wanted).then_some(())?;
        Self::of(self.value)
    }

    pub fn octets(&self) -> Option<&'a [u8]> {
        (self.tag == Tag::OctetString).then_some(self.value)
    }

    pub fn any(&self) -> Option<AnyRef<'a>> {
        AnyRef::from_der(self.whole).ok()
    }
}

/// Elements one after the other; ends at the first that is not well-formed.
pub(super) struct Elements<'a> {
    left: Option<SliceReader<'a>>,
}

/// The elements in `bytes`.
pub(super) fn elements(bytes: &[u8]) -> Elements<'_> {
    Elements { left: SliceReader::new(bytes).ok() }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let reader = self.left.as_mut()?;
        if reader.is_finished() {
            return None;
        }
        let element = reader.tlv_bytes().ok().and_then(Element::of);
        if element.is_none() {
            self.left = None;
        }
        element
    }
}
