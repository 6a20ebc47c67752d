//! Mailbox password and shared key, with what `check` wants to know when MESH refuses them.

use super::sources::{MAILBOX_PASSWORD, SHARED_KEY};
use super::tidy::Given;
use super::{LoginArgs, Secrets};
use crate::check::{Kept, Lookup, OtherSecrets};
use crate::keyring::{self, entry};
use crate::mailbox::{Environment, MailboxId};
use crate::mesh::token::Login;
use crate::secret::{MailboxPassword, SharedKey};
use crate::ui::Failure;

/// A login as it was found.
pub struct FoundLogin {
    /// The secrets, without white space and quotes around them.
    pub login: Login,
    /// What else there is. It looks into the keyring only when it is called.
    pub others: Lookup<'static>,
}

impl Secrets<'_> {
    /// Mailbox password and shared key of a mailbox whose environment need not be known: without an owner,
    /// `secret_command` and the keyring are not asked.
    pub fn login(&self, mailbox: &MailboxId, args: &LoginArgs) -> Result<Login, Failure> {
        let (password, shared_key) = self.given_login(mailbox, args)?;
        Ok(tidy(&password, &shared_key))
    }

    /// The same, with what may be wrong with them.
    pub fn login_as_found(&self, mailbox: &MailboxId, args: &LoginArgs) -> Result<FoundLogin, Failure> {
        let (password, shared_key) = self.given_login(mailbox, args)?;
        let login = tidy(&password, &shared_key);
        let (mailbox, environment) = (mailbox.clone(), self.owner.map(|(_, environment)| environment));
        let as_it_was = |given: Given| given.as_it_was.map(|text| text.as_str().to_owned());
        let password_as_it_was = as_it_was(password).map(MailboxPassword::new);
        let shared_key_as_it_was = as_it_was(shared_key).map(SharedKey::new);
        let others = move || OtherSecrets {
            environment: environment.unwrap_or(Environment::Sandbox),
            password_as_it_was,
            shared_key_as_it_was,
            kept: Environment::ALL.into_iter().map(|environment| kept(&mailbox, environment)).collect(),
        };
        Ok(FoundLogin { login, others: Box::new(others) })
    }

    /// The password of a mailbox alone.
    pub fn mailbox_password(
        &self,
        mailbox: &MailboxId,
        args: &LoginArgs,
    ) -> Result<MailboxPassword, Failure> {
        Ok(MailboxPassword::new(self.given_password(mailbox, args)?.tidy.as_str()))
    }

    /// The shared key alone.
    pub fn shared_key(&self, args: &LoginArgs) -> Result<SharedKey, Failure> {
        Ok(SharedKey::new(self.given_shared_key(args)?.tidy.as_str()))
    }

    fn given_login(&self, mailbox: &MailboxId, args: &LoginArgs) -> Result<(Given, Given), Failure> {
        Ok((self.given_password(mailbox, args)?, self.given_shared_key(args)?))
    }

    fn given_password(&self, mailbox: &MailboxId, args: &LoginArgs) -> Result<Given, Failure> {
        let environment = self.owner.map(|(_, environment)| environment);
        self.given_or_asked(
            &MAILBOX_PASSWORD,
            args.mailbox_password_file.as_deref(),
            environment.map(|environment| entry::mailbox_password(mailbox, environment)).as_deref(),
            &format!("Password of mailbox {mailbox}"),
        )
    }

    fn given_shared_key(&self, args: &LoginArgs) -> Result<Given, Failure> {
        let environment = self.owner.map(|(_, environment)| environment);
        self.given_or_asked(
            &SHARED_KEY,
            args.shared_key_file.as_deref(),
            environment.map(entry::shared_key).as_deref(),
            &format!("Shared key of {}", environment.map_or("the environment", Environment::as_str)),
        )
    }
}

fn tidy(password: &Given, shared_key: &Given) -> Login {
    Login {
        password: MailboxPassword::new(password.tidy.as_str()),
        shared_key: SharedKey::new(shared_key.tidy.as_str()),
    }
}

/// What the keyring holds; nothing where there is none.
fn kept(mailbox: &MailboxId, environment: Environment) -> Kept {
    let get = |name: String| keyring::get(&name).ok().flatten();
    Kept {
        environment,
        password: get(entry::mailbox_password(mailbox, environment))
            .map(|text| MailboxPassword::new(text.as_str())),
        shared_key: get(entry::shared_key(environment)).map(|text| SharedKey::new(text.as_str())),
    }
}
