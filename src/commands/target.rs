//! Which credentials a client command uses, where it connects, and whom it trusts there.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use super::secrets::{KeyArgs, LoginArgs, PfxArgs, Secrets};
use super::stored::Stored;
use crate::check::{Expectation, Material, Source};
use crate::desk::reply;
use crate::mailbox::{Authority, CommonName, Environment, MailboxId, Network};
use crate::mesh::{Identity, Target};
use crate::onboarding;
use crate::pki::{Certificate, anchors};
use crate::secret::Passphrase;
use crate::store::{MailboxRecord, StoreError};
use crate::ui::{Failure, InputError};

/// Arguments of every command that talks to MESH.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Mailbox ID
    pub mailbox: Option<MailboxId>,
    /// Which environment; needed where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    pub env: Option<Environment>,
    /// internet or hscn
    #[arg(long, default_value = "internet")]
    pub network: Network,
    /// Address of MESH, instead of the environment's own
    // Taken as text: the parser of the command line would repeat a password in it.
    #[arg(long)]
    pub url: Option<String>,
    /// Trust the certificates in FILE as issuers of the server's certificate
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,
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

    /// Credentials in files of the user's, if any were given.
    pub fn source(&self) -> Option<Source> {
        match (&self.pfx, &self.cert, &self.key) {
            (Some(pfx), ..) => Some(Source::Pfx(pfx.clone())),
            (None, Some(certificate), Some(key)) => {
                Some(Source::Pair { certificate: certificate.clone(), key: key.clone() })
            }
            _ => None,
        }
    }

    /// Whether it goes to a sandbox, with credentials neither given nor stored.
    pub fn is_without_credentials(&self, context: &Context) -> Result<bool, Failure> {
        let given = self.pfx.is_some() || self.cert.is_some();
        if given || self.env != Some(Environment::Sandbox) || self.url.is_none() {
            return Ok(false);
        }
        let Some(mailbox) = &self.mailbox else { return Ok(true) };
        match context.store.find(mailbox, self.env) {
            Ok(_) => Ok(false),
            Err(StoreError::NoSuchMailbox { .. }) => Ok(true),
            Err(error) => Err(error.into()),
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
    /// Roots that the server may present.
    pub server_roots: Vec<Certificate>,
    /// Where MESH is, where that is known.
    pub url: Option<Target>,
}

impl Chosen {
    /// Where MESH is; it takes one.
    pub fn needed_url(&self) -> Result<Target, InputError> {
        self.url.clone().ok_or(InputError::UrlNeeded { environment: self.environment.as_str() })
    }
}

/// What a client command needs to reach MESH.
pub struct Reach {
    /// The environment.
    pub environment: Environment,
    /// What is shown to the server; a sandbox may ask for nothing.
    pub identity: Option<Identity>,
    /// Roots that the server may present.
    pub server_roots: Vec<Certificate>,
    /// Where MESH is.
    pub url: Target,
}

/// The credentials that the arguments mean, or none at a sandbox that asks for none.
pub fn reach(context: &Context, args: &TargetArgs) -> Result<Reach, Failure> {
    if !args.is_without_credentials(context)? {
        let chosen = choose(context, args)?;
        let url = chosen.needed_url()?;
        let (environment, server_roots) = (chosen.environment, chosen.server_roots);
        let identity = Some(chosen.material.into_identity()?);
        return Ok(Reach { environment, identity, server_roots, url });
    }
    let environment = Environment::Sandbox;
    let (server_roots, url) = (authorities(context, &args.ca)?, needed_url(args, environment)?);
    Ok(Reach { environment, identity: None, server_roots, url })
}

/// Reads what the arguments mean; asks for the key's passphrase only if there is one.
pub fn choose(context: &Context, args: &TargetArgs) -> Result<Chosen, Failure> {
    let ca = authorities(context, &args.ca)?;
    match args.source() {
        Some(source) => loose(context, args, ca, &source),
        None => stored(context, args, ca),
    }
}

/// A credential of ours.
fn stored(context: &Context, args: &TargetArgs, ca: Vec<Certificate>) -> Result<Chosen, Failure> {
    let stored = Stored::find(context, args)?;
    let (record, credential, source) = (&stored.record, stored.credential(), stored.source());
    let secrets = args.secrets(context).of(stored.folder.mailbox(), record.environment);
    let passphrase = source.is_protected().then(|| secrets.key_passphrase(credential)).transpose()?;
    let expectation = Expectation {
        common_name: Some(credential.common_name.clone()),
        roots: onboarding::trusted_roots(&context.store, record.environment, Some(record))?,
        known: anchors::known_certificates().collect(),
        roots_are_known: true,
        now: context.now,
    };
    Ok(Chosen {
        environment: record.environment,
        material: Material::read(&source, passphrase.as_slice()),
        expectation,
        server_roots: server_roots(context, record.environment, Some(record), ca)?,
        url: url(args, record.environment)?,
        mailbox: args.mailbox.clone(),
    })
}

/// Credentials in files of the user's.
fn loose(
    context: &Context,
    args: &TargetArgs,
    ca: Vec<Certificate>,
    source: &Source,
) -> Result<Chosen, Failure> {
    let material = Material::read(source, &loose_passphrases(context, args, source)?);
    let environment = environment(args, &material)?;
    let mut roots = onboarding::trusted_roots(&context.store, environment, None)?;
    if environment.authority() == Authority::Own {
        // No authority of its own: the chain ends at whatever the user brings, as far up as the files go.
        roots.extend(ca.iter().chain(material.certificates()).filter(|c| c.is_ca()).cloned());
    }
    let expectation = Expectation {
        common_name: None::<CommonName>,
        roots,
        known: anchors::known_certificates().chain(ca.iter().cloned()).collect(),
        roots_are_known: environment.authority() != Authority::Own,
        now: context.now,
    };
    Ok(Chosen {
        mailbox: args.mailbox.clone(),
        environment,
        material,
        expectation,
        server_roots: server_roots(context, environment, None, ca)?,
        url: url(args, environment)?,
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
pub fn environment(args: &TargetArgs, material: &Material) -> Result<Environment, Failure> {
    let given = args.url.as_deref().map(str::parse).transpose()?;
    Ok(args.env.unwrap_or_else(|| likely_environment(given.as_ref(), material.leaf())))
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

fn server_roots(
    context: &Context,
    environment: Environment,
    record: Option<&MailboxRecord>,
    ca: Vec<Certificate>,
) -> Result<Vec<Certificate>, Failure> {
    if !ca.is_empty() {
        return Ok(ca);
    }
    Ok(onboarding::server_roots(&context.store, environment, record)?)
}

/// Where MESH is; it takes one.
pub fn needed_url(args: &TargetArgs, environment: Environment) -> Result<Target, Failure> {
    let found = url(args, environment)?;
    Ok(found.ok_or(InputError::UrlNeeded { environment: environment.as_str() })?)
}

fn url(args: &TargetArgs, environment: Environment) -> Result<Option<Target>, Failure> {
    match (&args.url, environment.url(args.network)) {
        (Some(url), _) => Ok(Some(url.parse()?)),
        (None, Some(own)) => Ok(Some(own.parse()?)),
        (None, None) => Ok(None),
    }
}

/// Every certificate of the files given with `--ca`.
fn authorities(context: &Context, paths: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut found = Vec::new();
    for file in context.deliver(paths)? {
        let path = Path::new(&file.name);
        found.extend(
            reply::certificates(file.bytes.expose())
                .map_err(|found| InputError::NotACertificate { path: path.into(), found })?,
        );
    }
    Ok(found)
}
