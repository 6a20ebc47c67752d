//! PEM armour in text, whole or damaged, and base64 without any.

use zeroize::Zeroizing;

use super::der::labelled;
use super::text::Text;
use super::{Content, Contents, Kind, Object};
use crate::secret::Passphrase;

/// Everything in a text.
pub(super) fn read(text: &Text, passwords: &[Passphrase]) -> Contents {
    let begins = text.characters.contains("-----BEGIN ");
    match pem::parse_many(text.characters.as_bytes()) {
        Ok(blocks) if !blocks.is_empty() => {
            let mut contents = Contents::new(Kind::Pem, text.encoding, Vec::new());
            contents.notes.extend(text.notes.iter().cloned());
            for block in blocks {
                let label = block.tag().to_owned();
                let headers: Vec<(String, String)> =
                    block.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                let found = labelled(&label, &headers, &Zeroizing::new(block.into_contents()), passwords);
                contents.objects.extend(found.objects);
                contents.protection.extend(found.protection);
                contents.notes.extend(found.notes);
            }
            contents
        }
        Err(error) if begins => damaged(text, format!("damaged PEM ({error})")),
        Ok(_) if begins => damaged(text, "damaged PEM (a block has no end)".into()),
        _ => Contents::unknown(text.encoding, "text without a certificate in it"),
    }
}

fn damaged(text: &Text, description: String) -> Contents {
    Contents::new(Kind::Pem, text.encoding, vec![Object::new(Content::Other(description))])
}
