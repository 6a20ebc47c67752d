//! What a handover is made from: the stored credential, and the secrets that its files hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::commands::Context;
use crate::commands::secrets::{KeyArgs, LoginArgs, Secrets};
use crate::desk::reply;
use crate::handover::{
    Delivered, Destination, Handover, HandoverError, Ingredients, Item, OwnTemplates, Plan, deliver,
    proved_chain,
};
use crate::mailbox::{Environment, MailboxId, Network};
use crate::mesh::Target;
use crate::onboarding;
use crate::pki::chain::Chain;
use crate::pki::{Certificate, PfxProfile, PrivateKey};
use crate::secret::{MailboxPassword, Passphrase, SecretBytes, SharedKey};
use crate::store::files::{self, Readers};
use crate::store::{CredentialRecord, FILE_LIMIT, Folder, MailboxRecord, Store};
use crate::ui::{Failure, InputError};

/// What is to be handed over.
pub struct Wanted<'a> {
    /// The mailbox.
    pub mailbox: &'a MailboxId,
    /// Its environment, where several hold it.
    pub environment: Option<Environment>,
    /// A credential by its number; otherwise the one in use.
    pub credential: Option<u32>,
    /// How the consumer reaches MESH.
    pub network: Network,
    /// An address of the user's own.
    pub url: Option<&'a str>,
    /// Whom the consumer is to believe, if the user says so.
    pub server_ca: Vec<Certificate>,
    /// Protection of PFX and keystore.
    pub profile: PfxProfile,
    /// Where mailbox password and shared key are.
    pub login: &'a LoginArgs,
    /// Where the passphrase of the key is.
    pub secrets: &'a KeyArgs,
}

/// Secrets that were found: several handovers of one credential ask once.
#[derive(Default)]
pub struct Opened {
    /// By the folder of the credential.
    keys: BTreeMap<PathBuf, Rc<PrivateKey>>,
    /// By the folder of the mailbox.
    passwords: BTreeMap<PathBuf, Rc<MailboxPassword>>,
    /// Every mailbox of an environment has the same.
    shared_keys: BTreeMap<Environment, Rc<SharedKey>>,
    /// The passphrase from standard input, which answers once for all keys.
    piped: Option<Rc<Passphrase>>,
}

/// Everything that a handover takes.
pub struct Gathered {
    /// The mailbox's own folder.
    pub folder: Folder,
    /// Its record.
    pub record: MailboxRecord,
    /// The credential: its own, or that of the mailbox that it shares with.
    pub credential: CredentialRecord,
    chain: Chain,
    key: Option<Rc<PrivateKey>>,
    password: Option<Rc<MailboxPassword>>,
    shared_key: Option<Rc<SharedKey>>,
    address: Option<Target>,
    url: Option<String>,
    server_ca: Vec<Certificate>,
    profile: PfxProfile,
}

/// Finds what the files of `plan` take, and asks for no more.
pub fn gather(
    context: &Context,
    wanted: &Wanted<'_>,
    plan: &Plan,
    opened: &mut Opened,
) -> Result<Gathered, Failure> {
    let (folder, record) = context.find(wanted.mailbox, wanted.environment)?;
    let environment = record.environment;
    let (owners, owner) = context.store.credentials_of(folder.clone(), record.clone())?;
    let credential = chosen(wanted, &owner)?;
    let roots = onboarding::trusted_roots(&context.store, environment, Some(&owner))?;
    let chain = proved_chain(&owners.certificates(&credential)?, &roots, context.now)?;
    let items = plan.items();
    let address = address(wanted, environment)?;
    if address.is_none() && items.iter().any(|item| matches!(item, Item::Url | Item::ApiUrl)) {
        return Err(InputError::UrlNeeded { environment: environment.as_str() }.into());
    }
    let key = match items.iter().any(|item| item.takes_key()) {
        false => None,
        true if credential.key_elsewhere => {
            return Err(InputError::KeyElsewhere {
                mailbox: owner.mailbox.to_string(),
                credential: credential.number,
            }
            .into());
        }
        true => Some(opened.key(context, wanted, &owners, &credential)?),
    };
    let takes = |secret: Item| items.contains(&secret);
    let password = takes(Item::Password).then(|| opened.password(context, wanted, &folder)).transpose()?;
    let shared_key =
        takes(Item::SharedKey).then(|| opened.shared_key(context, wanted, environment)).transpose()?;
    Ok(Gathered {
        url: (wanted.url.is_some() || wanted.network != Network::default())
            .then(|| address.as_ref().map(|address| address.url("")))
            .flatten(),
        server_ca: wanted.server_ca.clone(),
        profile: wanted.profile,
        folder,
        record,
        credential,
        chain,
        key,
        password,
        shared_key,
        address,
    })
}

impl Opened {
    fn key(
        &mut self,
        context: &Context,
        wanted: &Wanted<'_>,
        owners: &Folder,
        credential: &CredentialRecord,
    ) -> Result<Rc<PrivateKey>, Failure> {
        let folder = owners.credential(credential.number);
        if let Some(key) = self.keys.get(&folder) {
            return Ok(key.clone());
        }
        let pem = SecretBytes::new(files::read_bounded(&folder.join("key.pem"), FILE_LIMIT)?);
        let secrets = Secrets::new(context, wanted.secrets, None).of(owners.mailbox(), owners.environment());
        let is_piped = wanted.secrets.key_passphrase_file.as_deref() == Some(Path::new("-"));
        let passphrase = match self.piped.clone() {
            Some(piped) => piped,
            None => Rc::new(secrets.key_passphrase(credential)?),
        };
        self.piped = is_piped.then(|| passphrase.clone());
        let key = Rc::new(PrivateKey::parse(pem.expose(), Some(&passphrase))?);
        self.keys.insert(folder, key.clone());
        Ok(key)
    }

    fn password(
        &mut self,
        context: &Context,
        wanted: &Wanted<'_>,
        folder: &Folder,
    ) -> Result<Rc<MailboxPassword>, Failure> {
        if let Some(password) = self.passwords.get(folder.path()) {
            return Ok(password.clone());
        }
        let secrets = Secrets::new(context, wanted.secrets, None).of(wanted.mailbox, folder.environment());
        let password = Rc::new(secrets.mailbox_password(wanted.mailbox, wanted.login)?);
        self.passwords.insert(folder.path().to_owned(), password.clone());
        Ok(password)
    }

    fn shared_key(
        &mut self,
        context: &Context,
        wanted: &Wanted<'_>,
        environment: Environment,
    ) -> Result<Rc<SharedKey>, Failure> {
        if let Some(shared_key) = self.shared_keys.get(&environment) {
            return Ok(shared_key.clone());
        }
        let secrets = Secrets::new(context, wanted.secrets, None).of(wanted.mailbox, environment);
        let shared_key = Rc::new(secrets.shared_key(wanted.login)?);
        self.shared_keys.insert(environment, shared_key.clone());
        Ok(shared_key)
    }
}

fn chosen(wanted: &Wanted<'_>, owner: &MailboxRecord) -> Result<CredentialRecord, Failure> {
    let mailbox = wanted.mailbox.to_string();
    let credential = match wanted.credential {
        Some(number) => owner
            .credential(number)
            .ok_or(InputError::NoCredential { mailbox: mailbox.clone(), number: Some(number) })?,
        None => owner.current().ok_or(InputError::NoCertificate { mailbox: mailbox.clone() })?,
    };
    match credential.certificate {
        Some(_) => Ok(credential.clone()),
        None => Err(InputError::NoCertificate { mailbox }.into()),
    }
}

fn address(wanted: &Wanted<'_>, environment: Environment) -> Result<Option<Target>, Failure> {
    Ok(match wanted.url.or_else(|| environment.url(wanted.network)) {
        Some(url) if environment == Environment::Sandbox => Some(Target::of_sandbox(url)?),
        Some(url) => Some(url.parse()?),
        None => None,
    })
}

/// Every certificate of files that the user named, roots first.
pub fn certificates(context: &Context, paths: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut found = Vec::new();
    for file in context.deliver(paths)? {
        let path = PathBuf::from(&file.name);
        let read = reply::certificates(file.bytes.expose());
        found.extend(read.map_err(|found| InputError::NotACertificate { path, found })?);
    }
    Ok(found)
}

/// The user's own templates, as they lie in the home.
pub struct OfHome<'a>(&'a Store);

impl OwnTemplates for OfHome<'_> {
    fn names(&self) -> Result<Vec<String>, HandoverError> {
        Ok(self.0.template_names()?)
    }

    fn text(&self, name: &str) -> Result<Option<String>, HandoverError> {
        Ok(self.0.template(name)?)
    }
}

/// Finds templates of the user's own.
pub fn own_templates(context: &Context) -> OfHome<'_> {
    OfHome(&context.store)
}

/// Whether the permissions suit what the files hold.
pub fn readers_fit(readers: Readers, plan: &Plan) -> Result<(), InputError> {
    let secret = plan.secrets().find(|(.., secrets)| !secrets.is_empty());
    match secret.filter(|_| readers.is_anyone()) {
        Some((path, ..)) => Err(InputError::Usage(format!(
            "--mode {readers} lets everybody read {path}, which holds a secret; 640 lets a group read it"
        ))),
        None => Ok(()),
    }
}

impl Gathered {
    /// As the handover takes it.
    pub fn ingredients(&self) -> Ingredients<'_> {
        Ingredients {
            mailbox: &self.record.mailbox,
            ods: &self.record.ods,
            environment: self.record.environment,
            common_name: &self.credential.common_name,
            chain: &self.chain,
            server_ca: &self.server_ca,
            address: self.address.as_ref(),
            key: self.key.as_deref(),
            password: self.password.as_deref(),
            shared_key: self.shared_key.as_deref(),
            profile: self.profile,
        }
    }

    /// Whether the certificate is that of the credential in use.
    pub fn certificate(&self) -> &Certificate {
        &self.chain.leaf
    }

    /// Puts it where it belongs, and records that.
    pub fn deliver(
        &self,
        context: &Context,
        made: &Handover,
        to: &Path,
        installed_at: Option<&Path>,
        readers: Readers,
    ) -> Result<Delivered, HandoverError> {
        let destination = Destination {
            folder: to,
            installed_at,
            readers,
            url: self.url.as_deref(),
            server_ca: &self.server_ca,
            legacy_pfx: self.profile == PfxProfile::Legacy,
            credential: self.credential.number,
            certificate_sha256: self.chain.leaf.fingerprint(),
        };
        deliver(&context.store, &self.folder, made, &destination, &context.holder("export"), context.now)
    }
}
