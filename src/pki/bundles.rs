mod content;
mod role;

use std::str::FromStr;
use std::thread;

pub use role::BundleRole;

use self::content::Content;
use super::chain::Chain;
use super::pfx::Pkcs12;
use super::{Alias, AliasError, Certificate, KeyError, PfxError, PfxProfile, PrivateKey};
use crate::secret::{Passphrase, SecretBytes};

/// The alias under which the MESH Java client looks for its key.
const MESH_CLIENT: &str = "meshclient";

/// Why the bundles could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A PKCS#12 file could not be written.
    #[error(transparent)]
    Pfx(#[from] PfxError),
    /// The key could not be written without encryption.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The name that the files are called by is no alias.
    #[error("the key needs an alias: {0}")]
    Alias(#[from] AliasError),
    /// Two files of one name.
    #[error("two files would be called {0}")]
    SameName(String),
    /// What was read back is not what was written.
    #[error("{0} does not read back as it was written")]
    ReadBack(String),
}

/// How a key is written without encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaintextKey {
    /// `PRIVATE KEY` (RFC 5208), what Azure Key Vault, Kubernetes and most libraries take.
    Pkcs8,
    /// `RSA PRIVATE KEY` (RFC 8017), what some older programs want.
    Pkcs1,
}

impl FromStr for PlaintextKey {
    type Err = String;
    fn from_str(given: &str) -> Result<Self, String> {
        match given {
            "pkcs8" => Ok(Self::Pkcs8),
            "pkcs1" => Ok(Self::Pkcs1),
            _ => Err(format!("'{given}' is not a form of a plaintext key: pkcs8 or pkcs1")),
        }
    }
}

/// Which bundles are wanted. By default a PFX of the modern profile, its base64, and PEM.
#[derive(Debug, Clone, Default)]
pub struct BundleChoices {
    /// How the PKCS#12 files are protected.
    pub profile: PfxProfile,
    /// The alias of the key; by default the stem in the PFX and `meshclient` in the keystore.
    pub alias: Option<Alias>,
    /// Also a keystore for Java.
    pub keystore: bool,
    /// Also a truststore for Java.
    pub truststore: bool,
    /// Also the key without encryption.
    pub plaintext_key: Option<PlaintextKey>,
    /// Whom keystore and truststore believe, if not the CAs of the chain.
    pub believed: Vec<Certificate>,
}

/// What the bundles of one credential are made with.
#[derive(Debug, Clone, Copy)]
pub struct BundleOptions<'a> {
    /// The password of every PKCS#12 file.
    pub password: &'a Passphrase,
    /// What PFX and keystore are called, without an extension: the mailbox ID.
    pub stem: &'a str,
    /// Which bundles.
    pub choices: &'a BundleChoices,
}

/// One file that applications load.
#[derive(Debug)]
pub struct BundleFile {
    /// What it is for.
    pub role: BundleRole,
    /// Its name.
    pub name: String,
    /// What is in it. Wiped when dropped, whether it is secret or not.
    pub bytes: SecretBytes,
    /// Which readers open it, in a few words.
    pub readers: &'static str,
}

/// The files that applications load, made from one proved chain and its key. What is in this list is what
/// is written, printed and promised.
#[derive(Debug)]
pub struct Bundles(Vec<BundleFile>);

impl Bundles {
    /// Makes every bundle. Each is read back and compared with what went into it.
    pub fn build(chain: &Chain, key: &PrivateKey, options: &BundleOptions) -> Result<Self, BundleError> {
        let contents = contents(chain, key, options)?;
        // Deriving keys is what takes the time, so the files are made side by side.
        let made: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = contents
                .iter()
                .map(|(role, content)| scope.spawn(move || file(*role, content, options)))
                .collect();
            threads.into_iter().map(|t| t.join().expect("making a bundle does not panic")).collect()
        });
        let mut files = made.into_iter().collect::<Result<Vec<_>, _>>()?;
        // The base64 is of the very PFX that was written.
        let pfx = files.iter().position(|f| f.role == BundleRole::Pfx).expect("there is always a PFX");
        let base64 = file(BundleRole::PfxBase64, &Content::Base64(files[pfx].bytes.expose()), options)?;
        files.insert(pfx + 1, base64);
        names_differ(&files)?;
        Ok(Self(files))
    }

    /// What can be made without the key: the certificate, and the files of its chain where that is known.
    pub fn without_key(leaf: &Certificate, chain: Option<&Chain>) -> Self {
        let mut contents = vec![(BundleRole::Certificate, vec![leaf])];
        if let Some(chain) = chain {
            contents.extend(chain_files(chain));
        }
        let file = |(role, certificates): (BundleRole, Vec<&Certificate>)| BundleFile {
            role,
            name: role.file_name(""),
            bytes: content::pem(&certificates),
            readers: role.readers(PfxProfile::default()),
        };
        Self(contents.into_iter().map(file).collect())
    }

    /// The files, in the order in which they are told.
    pub fn files(&self) -> &[BundleFile] {
        &self.0
    }
}

/// The files that a chain makes with nothing else, each in its order.
fn chain_files(chain: &Chain) -> [(BundleRole, Vec<&Certificate>); 3] {
    [
        (BundleRole::Fullchain, chain.leaf_first().collect()),
        (BundleRole::Chain, chain.authorities().collect()),
        (BundleRole::CaBundle, chain.authorities().rev().collect()),
    ]
}

/// What goes into each file but the base64 of another one.
fn contents<'a>(
    chain: &'a Chain,
    key: &'a PrivateKey,
    options: &BundleOptions<'a>,
) -> Result<Vec<(BundleRole, Content<'a>)>, BundleError> {
    let believed = match options.choices.believed.as_slice() {
        [] => chain.authorities().collect(),
        given => given.iter().collect::<Vec<_>>(),
    };
    let alias = |usual: &str| match &options.choices.alias {
        Some(alias) => Ok(alias.clone()),
        None => usual.parse::<Alias>(),
    };
    let mut contents = vec![(BundleRole::Certificate, Content::Certificates(vec![&chain.leaf]))];
    contents.extend(
        chain_files(chain)
            .into_iter()
            .map(|(role, certificates)| (role, Content::Certificates(certificates))),
    );
    contents.push((BundleRole::Pfx, Content::Pkcs12(Pkcs12::pfx(chain, key, alias(options.stem)?))));
    if options.choices.keystore {
        let keystore = Pkcs12::keystore(chain, key, &alias(MESH_CLIENT)?, &believed);
        contents.push((BundleRole::Keystore, Content::Pkcs12(keystore)));
    }
    if options.choices.truststore {
        contents.push((BundleRole::Truststore, Content::Pkcs12(Pkcs12::truststore(&believed))));
    }
    if let Some(form) = options.choices.plaintext_key {
        contents.push((BundleRole::PlaintextKey, Content::Key(key, form)));
    }
    Ok(contents)
}

/// Writes one file and reads it back.
fn file(role: BundleRole, content: &Content, options: &BundleOptions) -> Result<BundleFile, BundleError> {
    let (profile, name) = (options.choices.profile, role.file_name(options.stem));
    let bytes = content.write(options.password, profile)?;
    if !content.is_in(bytes.expose(), options.password) {
        return Err(BundleError::ReadBack(name));
    }
    Ok(BundleFile { role, name, bytes, readers: role.readers(profile) })
}

/// Some file systems do not tell capitals apart.
fn names_differ(files: &[BundleFile]) -> Result<(), BundleError> {
    let mut names: Vec<_> = files.iter().map(|f| f.name.to_ascii_lowercase()).collect();
    names.sort();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(BundleError::SameName(pair[0].clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
