//! Files made by other people's programs, in every combination and order that each can make, are read as
//! what they are: the right kind, the right objects in the right order, what protects them.

mod gnutls;
mod keytool;
mod nss;
mod openssl;
mod program;
mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use mesh_onboard::pki::sniff::{self, Content, Contents, Key, Kind, Protection};
use mesh_onboard::pki::{Certificate, Fingerprint};
use mesh_onboard::secret::Passphrase;

use crate::support::{Authority, openssl_with, path_arg, tool};

/// What everything here is protected with.
const PASSWORD: &str = "interop password";

/// One of the things that a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Key,
    Leaf,
    Sub,
    Root,
}

use Item::{Key as KEY, Leaf as LEAF, Root as ROOT, Sub as SUB};

/// A key with its chain, made once with openssl: `key.pem`, `leaf.pem`, `sub.pem`, `root.pem`, and beside
/// them DER.
struct Fixture {
    folder: PathBuf,
    key: Fingerprint,
    certificates: [Fingerprint; 3],
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop-fixture");
    if !folder.exists() {
        let made = crate::support::scratch();
        let at = |name: &str| made.path().join(name);
        let ours = Authority::ours();
        ours.leaf(Path::new(""), "x26abc1.x26.api.mesh-client.nhs.uk")
            .with_new_key(&at("key"))
            .sign(&at("leaf.pem"));
        fs::rename(at("key.key"), at("key.pem")).unwrap();
        fs::copy(ours.sub(), at("sub.pem")).unwrap();
        fs::copy(ours.root(), at("root.pem")).unwrap();
        // Another run may have been first; its files serve as well.
        let _ = fs::rename(made.keep(), &folder);
    }
    let certificates = ["leaf", "sub", "root"].map(|name| {
        let pem = fs::read(folder.join(format!("{name}.pem"))).unwrap();
        sniff::certificates(&pem).unwrap()[0].clone()
    });
    Fixture {
        key: certificates[0].key_fingerprint(),
        certificates: certificates.map(|certificate| certificate.fingerprint()),
        folder,
    }
});

impl Fixture {
    /// The path of an item as text.
    fn arg(&self, item: Item) -> String {
        let name = match item {
            KEY => "key.pem",
            LEAF => "leaf.pem",
            SUB => "sub.pem",
            ROOT => "root.pem",
        };
        path_arg(&self.folder.join(name))
    }

    /// The items one after the other in PEM.
    fn pem(&self, items: &[Item]) -> String {
        items.iter().map(|item| fs::read_to_string(self.arg(*item)).unwrap()).collect()
    }

    fn certificate(&self, certificate: &Certificate) -> Item {
        let position = self.certificates.iter().position(|known| *known == certificate.fingerprint());
        [LEAF, SUB, ROOT][position.expect("one of ours")]
    }

    /// Which of the items a file holds, in its order.
    fn items(&self, contents: &Contents) -> Vec<Item> {
        let item = |content: &Content| match content {
            Content::Certificate(certificate) => self.certificate(certificate),
            Content::PrivateKey(Key::Rsa(key)) if key.fingerprint() == self.key => KEY,
            other => panic!("{other:?} in {contents:?}"),
        };
        contents.objects.iter().map(|object| item(&object.content)).collect()
    }
}

fn passwords() -> [Passphrase; 1] {
    [Passphrase::new(PASSWORD)]
}

/// Reads with the password.
fn opened(bytes: &[u8]) -> Contents {
    sniff::read(bytes, &passwords())
}

/// Every order of every part of `items`, the empty one too.
fn arrangements(items: &[Item]) -> Vec<Vec<Item>> {
    let mut all = vec![Vec::new()];
    let mut last = all.clone();
    for _ in items {
        let longer = |shorter: &Vec<Item>| {
            let shorter = shorter.clone();
            items
                .iter()
                .filter(|item| !shorter.contains(item))
                .map(|item| [&shorter[..], &[*item]].concat())
                .collect::<Vec<_>>()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.clone());
    }
    all
}

/// `part: scheme, cipher, key derivation, iterations` of each row, with `closed` where it is.
fn rows(contents: &Contents) -> Vec<String> {
    let row = |row: &Protection| {
        let mut text = format!("{}: {}", row.part, row.scheme);
        for detail in [&row.cipher, &row.kdf].into_iter().flatten() {
            text += &format!(", {detail}");
        }
        if let Some(iterations) = row.iterations {
            text += &format!(", {iterations}");
        }
        if row.opened { text } else { text + ", closed" }
    };
    contents.protection.iter().map(row).collect()
}

/// Runs `jobs` on as many threads as there are processors.
fn in_parallel<T: Send>(jobs: Vec<T>, run: impl Fn(T) + Sync) {
    let jobs = Mutex::new(jobs);
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let Some(job) = jobs.lock().unwrap().pop() else { return };
                    run(job);
                }
            });
        }
    });
}

#[test]
fn arrangements_are_all_of_them() {
    assert_eq!(arrangements(&[KEY, LEAF, SUB, ROOT]).len(), 65);
    assert_eq!(arrangements(&[LEAF, SUB, ROOT]).len(), 16);
}
