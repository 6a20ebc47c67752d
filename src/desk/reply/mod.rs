//! What the desk sends back: any single file that [`sniff`] reads, in an email or an archive or not.
//!
//! Zip files, emails and messages of Outlook are opened here, and every file in them is read in turn, so
//! that a zip in a forwarded email is no obstacle. What that may cost is bounded for the whole file
//! ([`budget`]): bytes unpacked, parts, levels, and what trying
//! passwords costs. Names of parts are shown, never used as paths.

mod archive;
mod attachment;
mod budget;
mod email;
mod gather;
mod html;
mod mime;
mod outlook;
mod part;

use self::budget::Budget;
use self::part::{Container, Refused};
use crate::pki::Certificate;
use crate::pki::sniff::{self, Contents, Encoding, Note, Unlocking};
use crate::secret::Passphrase;

/// Reads a file and, if it is a container of files, everything in it. Each of `passwords` is tried on what
/// is protected. Never fails: what cannot be read is named, and said in the notes.
///
/// Objects come in the order of the file, with the names of the parts that they lie in. Parts in which
/// nothing is found are left out where others hold something; otherwise they are named.
pub fn read(bytes: &[u8], passwords: &[Passphrase]) -> Contents {
    Reader { unlocking: Unlocking::of_one_file(passwords), budget: Budget::new() }.file(bytes, 0)
}

/// The certificates in a file; if there is none, what is there instead.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let contents = read(bytes, &[]);
    let found: Vec<_> = contents.certificates().cloned().collect();
    if found.is_empty() { Err(contents.describe()) } else { Ok(found) }
}

/// Reads one file that was given, with all that is in it.
struct Reader<'a> {
    unlocking: Unlocking<'a>,
    budget: Budget,
}

impl Reader<'_> {
    /// A file that lies in `depth` containers. Recursion ends at [`budget::DEPTH`].
    fn file(&mut self, bytes: &[u8], depth: usize) -> Contents {
        let open: fn(&[u8], &mut Budget) -> Result<Container, Refused> = match bytes {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => archive::open,
            _ if outlook::is_ole(bytes) => outlook::open,
            _ if email::is_email(bytes) => email::open,
            _ if attachment::is_tnef(bytes) => {
                return Refused::named("winmail.dat of an Outlook sender (TNEF)").contents();
            }
            _ => return sniff::read_part(bytes, &self.unlocking),
        };
        self.container(bytes, open, depth)
    }

    /// The same for what is an email by the word of whoever encloses it, whatever its header looks like.
    fn enclosed_email(&mut self, bytes: &[u8], depth: usize) -> Contents {
        self.container(bytes, email::open, depth)
    }

    fn container(
        &mut self,
        bytes: &[u8],
        open: impl Fn(&[u8], &mut Budget) -> Result<Container, Refused>,
        depth: usize,
    ) -> Contents {
        if depth == budget::DEPTH {
            return too_deep();
        }
        match open(bytes, &mut self.budget) {
            Ok(container) => self.gather(container, depth),
            Err(refused) => refused.contents(),
        }
    }
}

fn too_deep() -> Contents {
    let mut contents = Contents::unknown(Encoding::Binary, "a file in too many others, not opened");
    contents.notes.push(Note::new(
        "nested_too_deep",
        format!("it lies in {} containers, one in the other, and is not opened", budget::DEPTH),
    ));
    contents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::KeyError;
    use crate::pki::sniff::{Content, Key};

    /// Takes a million iterations to each password, and none opens it.
    const COSTLY_KEY: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n\
MG4wSgYJKoZIhvcNAQUNMD0wHAYJKoZIhvcNAQUMMA8ECAEBAQEBAQEBAgMPQkAw\n\
HQYJYIZIAWUDBAECBBACAgICAgICAgICAgICAgICBCADAwMDAwMDAwMDAwMDAwMD\n\
AwMDAwMDAwMDAwMDAwMDAw==\n\
-----END ENCRYPTED PRIVATE KEY-----\n";

    #[test]
    fn many_costly_members_share_the_work_of_one_file() {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for number in 0..60 {
            zip.start_file(format!("{number}.key"), zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, COSTLY_KEY.as_bytes()).unwrap();
        }
        let zip = zip.finish().unwrap().into_inner();
        let contents = read(&zip, &[Passphrase::new("x"), Passphrase::new("y")]);
        let count = |wanted: fn(&KeyError) -> bool| {
            let is = |o: &&sniff::Object| matches!(&o.content, Content::PrivateKey(Key::Locked(why)) if wanted(why));
            contents.objects.iter().filter(is).count()
        };
        assert_eq!(count(|why| matches!(why, KeyError::PassphraseWrong)), 20);
        assert_eq!(count(|why| matches!(why, KeyError::Scheme { .. })), 40);
    }
}
