//! PKCS#12 (PFX, RFC 7292): with a password all that is in it, without one all that can be read.
//!
//! Not by `p12-keystore`, which needs the password for anything at all, gives keys and certificates apart
//! so that their order is lost, refuses the whole for one part that it cannot open, and decodes DER alone,
//! where NSS and Java write BER. The tests hold the two against each other.

use zeroize::Zeroizing;

use super::ber::first_structure;
use super::element::{Element, elements};
use super::passwords::{Candidates, wrong_password};
use super::{Content, Contents, Encoding, Key, Kind, Note, Object, Protection, Unlocking, keys, pkcs7};
use crate::pki::encryption::{Closed, Encryption, Mac, Work};
use crate::pki::{Certificate, KeyError};
use crate::secret::Passphrase;

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";
/// Password-based MAC of RFC 9579, which OpenSSL 3.4 can write.
const PBMAC1: &str = "1.2.840.113549.1.5.14";

/// A PFX; `None` if the structure is none.
pub(super) fn read(whole: &Element<'_>, unlocking: &Unlocking<'_>) -> Option<Contents> {
    let mut children = whole.children();
    children.next()?.number().filter(|version| *version == 3)?;
    let safe = children.next().filter(Element::is_sequence)?;
    let mut content = safe.children();
    let id = content.next()?.oid().filter(|id| id == DATA || id == SIGNED_DATA)?;
    let mut contents = Contents::new(Kind::Pkcs12, Encoding::Der, Vec::new());
    let octets = content.next().and_then(|content| content.explicit(0)?.octets());
    let (DATA, Some(octets)) = (id.as_str(), octets) else {
        contents.objects.push(Object::other("a PKCS#12 file sealed with a certificate, not a password"));
        return Some(contents);
    };
    let Unlocking { passwords: given, work } = unlocking;
    let candidates = Candidates::new(given);
    let mut reading = Reading {
        passwords: candidates.all(given),
        any_given: !given.is_empty(),
        used: None,
        work,
        contents,
    };
    reading.file(octets, children.next());
    let Reading { used, mut contents, .. } = reading;
    contents.notes.extend(used.and_then(|position| candidates.remark(position)));
    let wrong = contents
        .objects
        .iter()
        .any(|object| matches!(&object.content, Content::PrivateKey(Key::Locked(KeyError::PassphraseWrong))));
    if !given.is_empty() && (wrong || contents.is_locked()) && used.is_none() {
        contents.notes.push(wrong_password());
    }
    if contents.objects.is_empty() {
        contents.objects.push(Object::other("a PKCS#12 (PFX) file with nothing in it"));
    }
    Some(contents)
}

struct Reading<'a> {
    passwords: Vec<&'a Passphrase>,
    any_given: bool,
    /// The first password that opened something.
    used: Option<usize>,
    work: &'a Work,
    contents: Contents,
}

impl<'a> Reading<'a> {
    fn file(&mut self, octets: &[u8], mac_data: Option<Element<'_>>) {
        let has_mac = mac_data.is_some();
        let verified = mac_data.map(|mac_data| self.integrity(octets, &mac_data));
        let is_wrong = verified == Some(Err(Closed::Wrong));
        if is_wrong {
            // A MAC that no password makes: they open nothing else either.
            self.passwords.clear();
        }
        // Written in BER by some, even where what holds it is DER.
        let safes = first_structure(octets);
        for safe in safes.iter().filter_map(|safes| Element::of(&safes.der)).flat_map(|all| all.children()) {
            self.safe(&safe);
        }
        if safes.is_none() {
            self.contents.objects.push(Object::damaged("a damaged PKCS#12 file"));
        }
        // The MAC closes nothing: it counts as closed while something else is, and where a password was
        // given that did not make it.
        let rows = &mut self.contents.protection;
        let closed = rows.iter().any(|row| !row.opened && row.part != "integrity");
        for row in rows.iter_mut().filter(|row| row.part == "integrity") {
            row.opened |= !(closed || is_wrong && self.any_given);
        }
        if !has_mac {
            rows.push(Protection::none("integrity"));
        }
        // In the order that people expect: what is in it, then what seals it.
        rows.sort_by_key(|row| row.part == "integrity");
    }

    /// Finds the password by the MAC, and puts it first.
    fn integrity(&mut self, octets: &[u8], mac_data: &Element<'_>) -> Result<(), Closed> {
        let mut row = Protection { opened: false, ..Protection::none("integrity") };
        let mac = read_mac(mac_data);
        let result = match &mac {
            Some(mac) => {
                row.iterations = Some(mac.iterations.into());
                row.kdf = Some("PKCS#12".into());
                row.scheme = match (mac.name(), mac.hash.as_str()) {
                    (Some(name), _) => name.into(),
                    (None, PBMAC1) => "PBMAC1".into(),
                    (None, other) => format!("the MAC {other}"),
                };
                if mac.name().is_none() {
                    (row.kdf, row.iterations) = (None, None);
                }
                self.find_password(octets, mac)
            }
            None => {
                row.scheme = "a MAC that cannot be read".into();
                Err(Closed::Scheme)
            }
        };
        let reason = match result {
            Err(Closed::Scheme) => "which is not checked here",
            Err(Closed::TooMuchWork) => "with more iterations than are tried here",
            _ => "",
        };
        if !reason.is_empty() {
            let message = format!("its integrity is sealed with {}, {reason}", row.scheme);
            self.contents.notes.push(Note::new("mac_not_checked", message));
        }
        row.opened = result.is_ok();
        self.contents.protection.push(row);
        result
    }

    fn find_password(&mut self, octets: &[u8], mac: &Mac<'_>) -> Result<(), Closed> {
        for position in 0..self.passwords.len() {
            if mac.verify(octets, self.passwords[position], self.work)? {
                self.used = Some(position);
                return Ok(());
            }
        }
        Err(Closed::Wrong)
    }

    /// The passwords with the one that is known to fit first, and where each stands in the list.
    fn in_order(&self) -> (Vec<&'a Passphrase>, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.passwords.len()).collect();
        order.sort_by_key(|position| Some(*position) != self.used);
        (order.iter().map(|position| self.passwords[*position]).collect(), order)
    }

    /// One safe: a ContentInfo with bags, encrypted or not.
    fn safe(&mut self, safe: &Element<'_>) {
        let mut children = safe.children();
        let id = children.next().and_then(|id| id.oid()).unwrap_or_default();
        let inner = children.next().and_then(|content| content.explicit(0));
        match (id.as_str(), inner) {
            (DATA, Some(inner)) => match inner.octets() {
                Some(bags) => self.bags(bags),
                None => self.damaged_object(None, "a damaged part of a PKCS#12 file"),
            },
            (ENCRYPTED_DATA, Some(inner)) => match self.encrypted_safe(&inner) {
                Some(Ok(bags)) => self.bags(&bags),
                Some(Err(closed)) => {
                    let name = match closed {
                        Closed::Wrong => "encrypted certificates",
                        Closed::Scheme => "certificates encrypted in a way that is not read here",
                        Closed::TooMuchWork => {
                            "certificates encrypted with more iterations than are tried here"
                        }
                    };
                    self.object(None, name);
                }
                None => self.damaged_object(None, "a damaged part of a PKCS#12 file"),
            },
            ("1.2.840.113549.1.7.3", _) => {
                self.object(None, "a part of a PKCS#12 file that is encrypted for somebody's certificate");
            }
            _ => self.object(None, "a part of a PKCS#12 file that is not known here"),
        }
    }

    /// `EncryptedData`: version, then type, algorithm and content.
    fn encrypted_safe(&mut self, data: &Element<'_>) -> Option<Result<Zeroizing<Vec<u8>>, Closed>> {
        let info = data.children().nth(1)?;
        let mut parts = info.children().skip(1);
        let encryption = Encryption::from_algorithm(parts.next()?.any()?);
        let content = parts.next().filter(|content| content.is_context(0))?;
        // The content is octets under an implicit tag: in pieces where that tag is constructed.
        let pieces: Vec<u8>;
        let ciphertext = if content.tag.is_constructed() {
            pieces = content.children().filter_map(|piece| piece.octets()).collect::<Vec<_>>().concat();
            &pieces[..]
        } else {
            content.value
        };
        let (passwords, order) = self.in_order();
        // Bags are a sequence, and so is each of them.
        let accept = |plain: &Zeroizing<Vec<u8>>| {
            let structure = first_structure(plain)?;
            let is_bags = Element::of(&structure.der)
                .is_some_and(|bags| bags.is_sequence() && bags.children().all(|bag| bag.is_sequence()));
            is_bags.then(|| plain.clone())
        };
        let opened = encryption.open(ciphertext, &passwords, self.work, accept);
        self.contents.protection.push(Protection::of("certificates", &encryption, opened.is_ok()));
        Some(opened.map(|(plain, position)| {
            self.used.get_or_insert(order[position]);
            plain
        }))
    }

    fn bags(&mut self, bytes: &[u8]) {
        /// Bags that hold bags; real files have none.
        const DEEPEST: usize = 8;
        let Some(structure) = first_structure(bytes) else {
            return self.damaged_object(None, "a damaged part of a PKCS#12 file");
        };
        let mut open = vec![elements(Element::of(&structure.der).map_or(&[][..], |bags| bags.value))];
        while let Some(bags) = open.last_mut() {
            match bags.next() {
                None => drop(open.pop()),
                Some(bag) => match self.bag(&bag) {
                    Some(nested) if open.len() < DEEPEST => open.push(nested.children()),
                    Some(_) => self.object(None, "bags nested too deeply"),
                    None => {}
                },
            }
        }
    }

    /// One bag; gives the bags that it holds, if that is its kind.
    fn bag<'b>(&mut self, bag: &Element<'b>) -> Option<Element<'b>> {
        let mut parts = bag.children();
        let id = parts.next().and_then(|id| id.oid()).unwrap_or_default();
        let value = parts.next().and_then(|value| value.explicit(0));
        let attributes = Attributes::read(parts.next());
        let Some(value) = value else {
            self.damaged_object(attributes.name, "a damaged bag in a PKCS#12 file");
            return None;
        };
        let kind = id.strip_prefix("1.2.840.113549.1.12.10.1.").unwrap_or(&id);
        let content = match kind {
            "1" => {
                self.contents.protection.push(Protection::none("private key"));
                keys::plain(value.whole).map(|key| key.content)
            }
            "2" => self.shrouded_key(&value),
            "3" => certificate(&value),
            "4" => explicit_octets(&value).and_then(pkcs7::crl),
            "5" => Some(Content::Other("a secret that is neither key nor certificate".into())),
            "6" => return Some(value),
            _ => Some(Content::Other("a bag of a kind that is not known here".into())),
        };
        let content = content.unwrap_or_else(|| Content::Damaged("a damaged bag in a PKCS#12 file".into()));
        let mut object = Object::new(content);
        object.alias = attributes.name;
        object.trusted = attributes.trusted;
        self.contents.objects.push(object);
        None
    }

    fn shrouded_key(&mut self, value: &Element<'_>) -> Option<Content> {
        let (passwords, order) = self.in_order();
        let (content, row, position) = keys::encrypted(value, &passwords, self.any_given, self.work)?;
        if let Some(position) = position {
            self.used.get_or_insert(order[position]);
        }
        self.contents.protection.push(row);
        Some(content)
    }

    fn object(&mut self, alias: Option<String>, name: &str) {
        let object = Object::other(name);
        self.contents.objects.push(Object { alias, ..object });
    }

    fn damaged_object(&mut self, alias: Option<String>, name: &str) {
        let object = Object::damaged(name);
        self.contents.objects.push(Object { alias, ..object });
    }
}

/// `MacData`: digest, salt, iterations, which are one where they are left out.
fn read_mac<'a>(mac_data: &Element<'a>) -> Option<Mac<'a>> {
    let mut parts = mac_data.children();
    let mut digest = parts.next()?.children();
    let hash = digest.next()?.children().next()?.oid()?;
    let digest = digest.next()?.octets()?;
    let salt = parts.next()?.octets()?;
    let iterations = parts.next().map_or(Some(1), |iterations| iterations.number())?;
    Some(Mac { hash, salt, iterations, digest })
}

/// `CertBag` and `CRLBag`: a type, then octets under an explicit tag.
fn explicit_octets<'a>(value: &Element<'a>) -> Option<&'a [u8]> {
    value.children().nth(1)?.explicit(0)?.octets()
}

fn certificate(value: &Element<'_>) -> Option<Content> {
    if value.children().next()?.oid()? != "1.2.840.113549.1.9.22.1" {
        return Some(Content::Other("a certificate of a kind that is not used for TLS".into()));
    }
    let certificate = Certificate::from_der(explicit_octets(value)?).ok()?;
    Some(Content::Certificate(Box::new(certificate)))
}

/// What a bag says of itself.
#[derive(Default)]
struct Attributes {
    name: Option<String>,
    trusted: bool,
}

impl Attributes {
    fn read(set: Option<Element<'_>>) -> Self {
        let mut attributes = Self::default();
        for attribute in set.iter().flat_map(|set| set.children()) {
            let mut parts = attribute.children();
            let id = parts.next().and_then(|id| id.oid()).unwrap_or_default();
            let value = parts.next().and_then(|values| values.children().next());
            match (id.as_str(), value) {
                ("1.2.840.113549.1.9.20", Some(name)) => attributes.name = Some(bmp(name.value)),
                // What Java calls a trusted certificate, whatever usage it names.
                ("2.16.840.1.113894.746875.1.1", Some(_)) => attributes.trusted = true,
                _ => {}
            }
        }
        attributes
    }
}

/// A BMPString: UTF-16, high byte first.
fn bmp(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
