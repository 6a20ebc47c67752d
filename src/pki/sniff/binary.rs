//! What is no text: DER and the containers made of it, Java keystores, and names for the rest.

use super::{Content, Contents, Encoding, Kind, Object, Unlocking, der, foreign, jks};

/// One structure in binary.
pub(super) fn read(bytes: &[u8], unlocking: &Unlocking<'_>) -> Contents {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => named(Kind::Zip),
        [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => jks::read(bytes, unlocking.passwords),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            let name = "an Outlook message or another OLE file";
            Contents::new(Kind::OutlookMsg, Encoding::Binary, vec![Object::other(name)])
        }
        _ => match foreign::name(bytes) {
            Some(name) => Contents::unknown(Encoding::Binary, name),
            None => der::der(bytes, unlocking),
        },
    }
}

fn named(kind: Kind) -> Contents {
    Contents::new(kind, Encoding::Binary, vec![Object::new(Content::Other(kind.name().into()))])
}
