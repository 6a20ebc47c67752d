//! Where a client command connects, by which way, and whom it believes there: `--url`, `--network`,
//! `--proxy`, `--ca`, `--insecure`, and what of these may go together.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use crate::desk::reply;
use crate::mailbox::{Environment, Network};
use crate::mesh::{Target, Trust};
use crate::onboarding;
use crate::pki::Certificate;
use crate::store::MailboxRecord;
use crate::ui::{Failure, InputError};

/// Arguments about where the server is.
#[derive(Debug, Default, Clone, Args)]
pub struct PlaceArgs {
    /// internet or hscn
    #[arg(long, default_value = "internet")]
    pub network: Network,
    /// Address of MESH, instead of the environment's own; http:// only with --env sandbox
    // Taken as text: the parser of the command line would repeat a password in it.
    #[arg(long)]
    pub url: Option<String>,
    /// HTTP proxy to go by, instead of that of HTTPS_PROXY, ALL_PROXY and NO_PROXY; a login can only be
    /// given there
    // As text, for the same reason.
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
}

/// Arguments about the server.
#[derive(Debug, Clone, Args)]
pub struct AddressArgs {
    /// Which environment; needed where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    pub env: Option<Environment>,
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Trust the certificates in FILE as issuers of the server's certificate; with --env sandbox also as
    /// the server's own
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,
    /// Believe any server, only with --env sandbox and never under nhs.uk
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,
}

impl AddressArgs {
    /// The address in `--url`, once all that is asked for is allowed; before anything else is done.
    pub(super) fn given(&self, context: &Context) -> Result<Option<Target>, Failure> {
        let sandbox = self.env == Some(Environment::Sandbox);
        let given = match &self.place.url {
            Some(url) if sandbox => Some(Target::of_sandbox(url)?),
            Some(url) => Some(url.parse()?),
            None => None,
        };
        if let Some(target) = &given
            && !target.is_encrypted()
        {
            context
                .screen
                .note(&format!("Nothing is encrypted on the way to {target}, and no certificate is shown."));
        }
        if self.insecure {
            if !sandbox {
                return Err(InputError::SandboxOnly.into());
            }
            if let Some(target) = given.as_ref().filter(|target| target.is_nhs()) {
                return Err(InputError::InsecureNhs { host: target.host().into() }.into());
            }
            context
                .screen
                .warning("--insecure: anyone could be the server, and read and change what is sent");
        }
        Ok(given)
    }

    /// Where MESH is, with the proxy before it; `None` if neither argument nor environment says.
    pub(super) fn target(
        &self,
        context: &Context,
        given: Option<Target>,
        environment: Environment,
    ) -> Result<Option<Target>, Failure> {
        let target = match (given, environment.url(self.place.network)) {
            (Some(given), _) => given,
            (None, Some(own)) => own.parse()?,
            (None, None) => return Ok(None),
        };
        let proxy = context.proxies.choose(self.place.proxy.as_deref(), &target)?;
        if let Some(proxy) = &proxy {
            context.screen.detail(&format!("by the proxy {proxy}"));
        }
        Ok(Some(target.through(proxy)))
    }

    /// Every certificate of the files given with `--ca`.
    pub(super) fn authorities(&self, context: &Context) -> Result<Vec<Certificate>, Failure> {
        let mut found = Vec::new();
        for file in context.deliver(&self.ca)? {
            let path = Path::new(&file.name);
            found.extend(
                reply::certificates(file.bytes.expose())
                    .map_err(|found| InputError::NotACertificate { path: path.into(), found })?,
            );
        }
        Ok(found)
    }

    /// Whom to believe at `target`.
    pub(super) fn trust(
        &self,
        context: &Context,
        target: Option<&Target>,
        environment: Environment,
        record: Option<&MailboxRecord>,
        ca: Vec<Certificate>,
    ) -> Result<Trust, Failure> {
        Ok(match target {
            Some(target) if !target.is_encrypted() => Trust::Nobody,
            _ if self.insecure => Trust::Anyone,
            _ if ca.is_empty() => {
                Trust::Roots(onboarding::server_roots(&context.store, environment, record)?)
            }
            _ if environment == Environment::Sandbox => Trust::RootsOrServers(ca),
            _ => Trust::Roots(ca),
        })
    }
}
