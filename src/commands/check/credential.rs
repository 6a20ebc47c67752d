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

/// A check that can be made without asking anything more.
pub(in crate::commands) struct CredentialCheck {
    args: TargetArgs,
    given: Option<Target>,
    login: FoundLogin,
}

impl CredentialCheck {
    /// Finds the secrets that open MESH, or asks for them. The error of the inner result says why the check is not
    /// possible, and is no reason to stop.
    pub fn prepare(
        context: &Context,
        args: TargetArgs,
        mailbox: &MailboxId,
        environment: Environment,
    ) -> Result<Result<Self, Failure>, Failure> {
        let given = args.address.given(context)?;
        if args.address.target(context, given.clone(), environment)?.is_none() {
            return Ok(Err(InputError::UrlNeeded { environment: environment.as_str() }.into()));
        }
        let login = args.secrets(context).of(mailbox, environment).login_as_found(mailbox, &args.login);
        match login {
            // What was given is never empty: somebody was asked, and has none.
            Ok(FoundLogin { login, .. }) if login.password.expose().is_empty() => {
                Ok(Err(InputError::NotAnswered { what: "mailbox password" }.into()))
            }
            Ok(FoundLogin { login, .. }) if login.shared_key.expose().is_empty() => {
                Ok(Err(InputError::NotAnswered { what: "shared key" }.into()))
            }
            Ok(login) => Ok(Ok(Self { args, given, login })),
            Err(missing @ Failure::Input(InputError::SecretNeeded { .. })) => Ok(Err(missing)),
            Err(failure) => Err(failure),
        }
    }

    /// Checks the credential that the arguments name end to end, as it is stored now.
    pub fn run(self, context: &Context, passphrase: &Passphrase) -> Result<Checked, Failure> {
        let stored = Stored::find(context, &self.args)?;
        let passphrase = std::slice::from_ref(passphrase);
        let chosen = target::opened(context, &self.args, self.given, Vec::new(), &stored, passphrase)?;
        let online = plain(context, &self.args, chosen.needed_url()?, &chosen, Some(self.login));
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
