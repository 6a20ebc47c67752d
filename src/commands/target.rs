//! Which credentials a client command uses, where it connects, and whom it trusts there.

use std::path::PathBuf;

use clap::Args;

use super::Context;
use super::address::AddressArgs;
use super::secrets::{KeyArgs, LoginArgs, PfxArgs, Secrets};
use super::stored::Stored;
use crate::check::{Expectation, Material, Source};
use crate::mailbox::{Authority, CommonName, Environment, MailboxId, Network};
use crate::mesh::{Identity, Service, Target, TlsSettings, Trust};
use crate::onboarding;
use crate::pki::{Certificate, anchors};
use crate::secret::Passphrase;
use crate::store::StoreError;
use crate::ui::{Failure, InputError};

/// Arguments of every command that talks to MESH.
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// Mailbox ID
    pub mailbox: Option<MailboxId>,
    #[command(flatten)]
    pub address: AddressArgs,
    /// Which credential of the mailbox, by its number; default: the one in use
    #[arg(long, value_name = "NUMBER", requires = "mailbox", conflicts_with_all = ["pfx", "cert", "key"])]
    pub credential: Option<u32>,
    /// Credentials that are not stored here: a PFX file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cert", "key"])]
    pub pfx: Option<PathBuf>,
    /// Credentials that are not stored here: the certificate, with its sub CA
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The key of --cert
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    #[command(flatten)]
    pub login: LoginArgs,
    #[command(flatten)]
    pub pfx_password: PfxArgs,
    #[command(flatten)]
    pub secrets: KeyArgs,
}

impl TargetArgs {
    /// Finds the secrets of these arguments.
    pub fn secrets<'a>(&'a self, context: &'a Context) -> Secrets<'a> {
        Secrets::new(context, &self.secrets, Some(&self.pfx_password))
    }

    /// Credentials that are not stored here, if any are named.
    pub fn source(&self) -> Option<Source> {
        match (&self.pfx, &self.cert, &self.key) {
            (Some(pfx), ..) => Some(Source::Pfx(pfx.clone())),
            (None, Some(certificate), Some(key)) => {
                Some(Source::Pair { certificate: certificate.clone(), key: key.clone() })
            }
            _ => None,
        }
    }

    /// The mailbox, of a command that cannot do without.
    pub fn named(&self) -> Result<&MailboxId, InputError> {
        self.mailbox.as_ref().ok_or_else(|| InputError::Usage("name the mailbox".into()))
    }
}

/// Credentials with all that is known about them and about the other side.
pub struct Chosen {
    /// The mailbox, if one was named.
    pub mailbox: Option<MailboxId>,
    /// Its environment.
    pub environment: Environment,
    /// The credentials as read.
    pub material: Material,
    /// What they ought to be.
    pub expectation: Expectation,
    /// Whether the server is believed.
    pub trust: Trust,
    /// Where MESH is, where that is known.
    pub url: Option<Target>,
    /// Whether the key stays closed because nothing was given to open it.
    pub locked: bool,
}

impl Chosen {
    /// Where MESH is; it takes one.
    pub fn needed_url(&self) -> Result<Target, InputError> {
        self.url.clone().ok_or(InputError::UrlNeeded { environment: self.environment.as_str() })
    }
}

/// A service that was chosen, ready for calls.
pub struct Reached {
    /// The environment.
    pub environment: Environment,
    /// The service; it connects with the first call.
    pub service: Service,
}

/// The service that the arguments mean, for all commands but `check`, which judges the credentials too.
///
/// A sandbox may ask for no certificate: a mailbox that is not stored is then used without one, and at an
/// `http://` address any.
pub fn reach(context: &Context, args: &TargetArgs) -> Result<Reached, Failure> {
    let given = args.address.given(context)?;
    let plain = given.as_ref().is_some_and(|target| !target.is_encrypted());
    let (environment, target, trust, identity) = if plain || is_bare(context, args) {
        let (ca, environment) = (args.address.authorities(context)?, Environment::Sandbox);
        let target = args.address.target(context, given, environment)?;
        let trust = args.address.trust(context, target.as_ref(), environment, None, ca)?;
        (environment, target, trust, None)
    } else {
        let chosen = choose_at(context, args, given)?;
        let identity: Identity = chosen.material.into_identity()?;
        (chosen.environment, chosen.url, chosen.trust, Some(identity))
    };
    let target = target.ok_or(InputError::UrlNeeded { environment: environment.as_str() })?;
    let settings = TlsSettings::new(trust, identity, Some(context.clock.clone()))?;
    Ok(Reached { environment, service: Service::new(target, &settings, context.clock.clone()) })
}

/// Whether it is a sandbox for which there are no credentials of any kind.
pub fn is_bare(context: &Context, args: &TargetArgs) -> bool {
    let stored = |mailbox| {
        !matches!(
            context.store.find(mailbox, Some(Environment::Sandbox)),
            Err(StoreError::NoSuchMailbox { .. })
        )
    };
    args.address.env == Some(Environment::Sandbox)
        && args.source().is_none()
        && !args.mailbox.as_ref().is_some_and(stored)
}

/// Reads what the arguments mean; asks for the key's passphrase only if there is one.
pub fn choose(context: &Context, args: &TargetArgs) -> Result<Chosen, Failure> {
    let given = args.address.given(context)?;
    choose_at(context, args, given)
}

fn choose_at(context: &Context, args: &TargetArgs, given: Option<Target>) -> Result<Chosen, Failure> {
    let ca = args.address.authorities(context)?;
    match args.source() {
        Some(source) => loose(context, args, given, ca, &source),
        None => stored(context, args, given, ca, Closed::IsAnError),
    }
}

/// One of several mailboxes: a key for which nothing is given stays closed, and is no error.
pub fn choose_one_of_many(
    context: &Context,
    args: &TargetArgs,
    given: Option<Target>,
    ca: Vec<Certificate>,
) -> Result<Chosen, Failure> {
    stored(context, args, given, ca, Closed::IsTold)
}

/// What a key is for which nothing is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closed {
    IsAnError,
    IsTold,
}

/// A credential of ours.
fn stored(
    context: &Context,
    args: &TargetArgs,
    given: Option<Target>,
    ca: Vec<Certificate>,
    closed: Closed,
) -> Result<Chosen, Failure> {
    let stored = Stored::find(context, args)?;
    let (record, credential) = (&stored.record, &stored.credential);
    let source = stored.source();
    let secrets = args.secrets(context).of(stored.folder.mailbox(), record.environment);
    let passphrase = source.is_protected().then(|| secrets.key_passphrase(credential)).transpose();
    let (passphrase, locked) = match passphrase {
        Err(Failure::Input(InputError::SecretNeeded { .. })) if closed == Closed::IsTold => (None, true),
        found => (found?, false),
    };
    Ok(Chosen { locked, ..opened(context, args, given, ca, &stored, passphrase.as_slice())? })
}

/// A credential of ours whose passphrase is known.
pub fn opened(
    context: &Context,
    args: &TargetArgs,
    given: Option<Target>,
    ca: Vec<Certificate>,
    stored: &Stored,
    passphrases: &[Passphrase],
) -> Result<Chosen, Failure> {
    let (record, credential) = (&stored.record, &stored.credential);
    let expectation = Expectation {
        environment: record.environment,
        common_name: Some(credential.common_name.clone()),
        roots: onboarding::trusted_roots(&context.store, record.environment, Some(record))?,
        known_roots: context.known_roots()?,
        imported: stored.imported(),
        revocation: None,
        known: anchors::known_certificates().collect(),
        roots_are_known: true,
        now: context.now,
    };
    let url = args.address.target(context, given, record.environment)?;
    Ok(Chosen {
        environment: record.environment,
        material: Material::read(&stored.source(), passphrases),
        expectation,
        trust: args.address.trust(context, url.as_ref(), record.environment, Some(record), ca)?,
        url,
        mailbox: args.mailbox.clone(),
        locked: false,
    })
}

/// Credentials in files of the user's.
fn loose(
    context: &Context,
    args: &TargetArgs,
    given: Option<Target>,
    ca: Vec<Certificate>,
    source: &Source,
) -> Result<Chosen, Failure> {
    let material = Material::read(source, &loose_passphrases(context, args, source)?);
    let environment = environment(args, given.as_ref(), &material);
    let mut roots = onboarding::trusted_roots(&context.store, environment, None)?;
    if environment.authority() == Authority::Own {
        // No authority of its own: the chain ends at whatever the user brings, as far up as the files go.
        roots.extend(ca.iter().chain(material.certificates()).filter(|c| c.is_ca()).cloned());
    }
    let expectation = Expectation {
        environment,
        common_name: None::<CommonName>,
        known_roots: context.known_roots()?,
        imported: None,
        revocation: None,
        roots,
        known: anchors::known_certificates().chain(ca.iter().cloned()).collect(),
        roots_are_known: environment.authority() != Authority::Own,
        now: context.now,
    };
    let url = args.address.target(context, given, environment)?;
    Ok(Chosen {
        mailbox: args.mailbox.clone(),
        environment,
        material,
        expectation,
        trust: args.address.trust(context, url.as_ref(), environment, None, ca)?,
        url,
        locked: false,
    })
}

fn loose_passphrases(
    context: &Context,
    args: &TargetArgs,
    source: &Source,
) -> Result<Vec<Passphrase>, Failure> {
    if !source.is_protected() {
        return Ok(Vec::new());
    }
    match source {
        Source::Pfx(path) => args.secrets(context).pfx_file_passwords(path),
        Source::Pair { key, .. } => args.secrets(context).file_passphrases(key),
    }
}

/// The environment that files of the user's are for.
pub fn environment(args: &TargetArgs, url: Option<&Target>, material: &Material) -> Environment {
    args.address.env.unwrap_or_else(|| likely_environment(url, material.leaf()))
}

/// The environment whose server or authority it is; what nobody claims is a sandbox of the user's own.
fn likely_environment(url: Option<&Target>, leaf: Option<&Certificate>) -> Environment {
    let by_url = url.and_then(|url| {
        Environment::ALL.into_iter().find(|environment| {
            [Network::Internet, Network::Hscn].into_iter().filter_map(|n| environment.url(n)).any(|own| {
                own.parse::<Target>().is_ok_and(|own| own.host() == url.host() && own.port() == url.port())
            })
        })
    });
    let by_issuer = || leaf.and_then(anchors::issuer_of).and_then(|ca| ca.environments.first().copied());
    by_url.or_else(by_issuer).unwrap_or(Environment::Sandbox)
}
