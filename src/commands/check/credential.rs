//! The check of one credential of ours, in two halves: what has to be asked for, and the check itself.

use super::checked::Checked;
use super::told::{self, Lines};
use super::{Watched, checked, exit_code, note, plain};
use crate::commands::Context;
use crate::commands::secrets::FoundLogin;
use crate::commands::stored::Stored;
use crate::commands::target::{self, TargetArgs};
use crate::mailbox::{Environment, MailboxId};
use crate::mesh::Target;
use crate::secret::Passphrase;
use crate::ui::{Failure, InputError, exit};

/// A check that may be made.
pub(in crate::commands) struct CredentialCheck {
    args: TargetArgs,
    given: Option<Target>,
    login: Option<FoundLogin>,
}

impl CredentialCheck {
    /// Refuses an address that nothing may go to, before anybody is asked. The error of the inner result says why the
    /// check is not possible, and is no reason to stop.
    pub fn of(
        context: &Context,
        args: TargetArgs,
        environment: Environment,
    ) -> Result<Result<Self, Failure>, Failure> {
        let given = args.address.given(context)?;
        if args.address.target(context, given.clone(), environment)?.is_none() {
            return Ok(Err(InputError::UrlNeeded { environment: environment.as_str() }.into()));
        }
        Ok(Ok(Self { args, given, login: None }))
    }

    /// Finds the secrets that open MESH, or asks for them; after this, nothing more is asked. The inner error as above.
    pub fn with_login(
        self,
        context: &Context,
        mailbox: &MailboxId,
        environment: Environment,
    ) -> Result<Result<Self, Failure>, Failure> {
        let secrets = self.args.secrets(context).of(mailbox, environment);
        match secrets.login_as_found(mailbox, &self.args.login) {
            // What was given is never empty: somebody was asked, and has none.
            Ok(FoundLogin { login, .. }) if login.password.expose().is_empty() => {
                Ok(Err(InputError::NotAnswered { what: "mailbox password" }.into()))
            }
            Ok(FoundLogin { login, .. }) if login.shared_key.expose().is_empty() => {
                Ok(Err(InputError::NotAnswered { what: "shared key" }.into()))
            }
            Ok(login) => Ok(Ok(Self { login: Some(login), ..self })),
            Err(missing @ Failure::Input(InputError::SecretNeeded { .. })) => Ok(Err(missing)),
            Err(failure) => Err(failure),
        }
    }

    /// Checks the credential that the arguments name end to end, as it is stored now.
    pub fn run(self, context: &Context, passphrase: &Passphrase) -> Result<Checked, Failure> {
        let stored = Stored::find(context, &self.args)?;
        let passphrase = std::slice::from_ref(passphrase);
        let chosen = target::opened(context, &self.args, self.given, Vec::new(), &stored, passphrase)?;
        let online = plain(context, &self.args, chosen.needed_url()?, &chosen, self.login);
        note(context, &online);
        let watched = Watched::new(context);
        let checked = checked(chosen, Some(online), &mut |finding| watched.wait_after(finding));
        watched.end();
        Ok(checked)
    }
}

impl Checked {
    /// The exit code of a check that ends so.
    pub(in crate::commands) fn exit(&self) -> u8 {
        exit_code(&self.report)
    }

    /// Whether it stands in nobody's way.
    pub(in crate::commands) fn is_well(&self) -> bool {
        self.exit() == exit::DONE
    }

    /// For people: a line a probe, and what is not well.
    pub(in crate::commands) fn text(&self, context: &Context) -> String {
        let look = context.screen.look();
        let lines = Lines::new(look, context.screen.verbose).of(&self.report);
        format!("{lines}\n{}", told::ending(look, &self.report))
    }

    /// For people, in a sentence.
    pub(in crate::commands) fn sentence(&self) -> String {
        told::verdict(&self.report)
    }
}
