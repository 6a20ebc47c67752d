use clap::Args;
use serde_json::{Value, json};

use super::held_in;
use crate::commands::secrets::{Answer, KeyArgs, LoginArgs, PfxArgs, SecretName, Secrets};
use crate::commands::{Context, Example, known};
use crate::keyring::{self, KeyringError, entry};
use crate::mailbox::{Environment, MailboxId};
use crate::store::{CredentialRecord, CredentialState};
use crate::ui::{Failure, Outcome, table};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "Where each secret of each mailbox is found", line: "mesh-onboard secret list" },
    Example { does: "Of one mailbox, for a script", line: "mesh-onboard --json secret list X26ABC1" },
];

/// List where each secret is found, in the order of looking; never a value
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Mailbox ID; default: all
    mailbox: Option<MailboxId>,
    /// Mailboxes of this environment alone
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    pfx: PfxArgs,
    #[command(flatten)]
    login: LoginArgs,
}

/// One secret of a mailbox, and who has it.
struct Row {
    mailbox: MailboxId,
    environment: Environment,
    name: SecretName,
    credential: Option<u32>,
    answers: Vec<Answer>,
}

impl Row {
    fn json(&self) -> Value {
        let sources = self.answers.iter().map(|answer| json!({"kind": answer.kind, "source": answer.told}));
        known(json!({
            "name": self.name.as_str(),
            "credential": self.credential,
            "sources": sources.collect::<Vec<_>>(),
        }))
    }

    fn cells(&self) -> Vec<String> {
        let name = match self.credential {
            Some(number) => format!("{} of credential {number}", self.name.as_str()),
            None => self.name.as_str().to_owned(),
        };
        let told: Vec<_> = self.answers.iter().map(|answer| answer.told.as_str()).collect();
        let told = match (told.is_empty(), self.name) {
            (false, _) => told.join(", then "),
            (true, SecretName::PfxPassword) => "nowhere: the key's passphrase is taken".into(),
            (true, _) => "nowhere: it is asked for".into(),
        };
        vec![self.mailbox.to_string(), self.environment.to_string(), name, told]
    }
}

/// Lists them.
pub fn run(context: &Context, args: &ListArgs) -> Result<Outcome, Failure> {
    keyring::try_again();
    let mut rows = Vec::new();
    for (mailbox, environment) in mailboxes(context, args)? {
        rows.extend(rows_of(context, args, &mailbox, environment)?);
    }
    // After the entries were looked for: only then is it known whether it is locked.
    let keyring = keyring::is_here();
    let json = json!({"keyring": keyring_json(&keyring), "mailboxes": mailboxes_json(&rows)});
    let state = match &keyring {
        Ok(()) => "Keyring: it answers.".to_owned(),
        Err(error) => format!("Keyring: {error}."),
    };
    if rows.is_empty() {
        return Ok(Outcome::done(json, format!("There is no mailbox here.\n\n{state}")));
    }
    let cells = rows.iter().map(Row::cells);
    let text = table(&["MAILBOX", "ENVIRONMENT", "SECRET", "FOUND IN"], cells);
    Ok(Outcome::done(json, format!("{}\n\n{state}", text.trim_end())))
}

fn mailboxes(context: &Context, args: &ListArgs) -> Result<Vec<(MailboxId, Environment)>, Failure> {
    if let Some(mailbox) = &args.mailbox {
        let (_, record) = context.find(mailbox, args.env)?;
        return Ok(vec![(record.mailbox, record.environment)]);
    }
    let wanted = |environment| args.env.is_none_or(|wanted| wanted == environment);
    let folders = context.store.folders()?.into_iter().filter(|folder| wanted(folder.environment()));
    let mut found = Vec::new();
    for folder in folders {
        if folder.load()?.is_some() {
            found.push((folder.mailbox().clone(), folder.environment()));
        }
    }
    Ok(found)
}

fn rows_of(
    context: &Context,
    args: &ListArgs,
    mailbox: &MailboxId,
    environment: Environment,
) -> Result<Vec<Row>, Failure> {
    let secrets = Secrets::new(context, &args.key, Some(&args.pfx)).of(mailbox, environment);
    let mut rows = Vec::new();
    let mut add = |name, credential, entry: Option<&str>| -> Result<(), Failure> {
        let answers = secrets.answers(name, &args.login, entry)?;
        rows.push(Row { mailbox: mailbox.clone(), environment, name, credential, answers });
        Ok(())
    };
    for name in SecretName::ALL {
        match name {
            SecretName::KeyPassphrase => {
                for credential in keys(context, mailbox, environment)? {
                    add(name, Some(credential.number), held_in(&credential))?;
                }
            }
            SecretName::PfxPassword => add(name, None, Some(&entry::pfx_password(mailbox, environment)))?,
            SecretName::MailboxPassword => {
                add(name, None, Some(&entry::mailbox_password(mailbox, environment)))?;
            }
            SecretName::SharedKey => add(name, None, Some(&entry::shared_key(environment)))?,
        }
    }
    Ok(rows)
}

/// The credentials that one works with, and whose keys are here.
fn keys(
    context: &Context,
    mailbox: &MailboxId,
    environment: Environment,
) -> Result<Vec<CredentialRecord>, Failure> {
    let (folder, record) = context.find(mailbox, Some(environment))?;
    let (_, record) = context.store.credentials_of(folder, record)?;
    let used = |c: &CredentialRecord| c.state != CredentialState::Archived && !c.key_elsewhere;
    Ok(record.credentials.into_iter().filter(used).collect())
}

fn keyring_json(keyring: &Result<(), KeyringError>) -> Value {
    match keyring {
        Ok(()) => json!({"state": "present"}),
        Err(error) => json!({"state": error.state(), "reason": error.in_full()}),
    }
}

/// Rows of one mailbox under its name.
fn mailboxes_json(rows: &[Row]) -> Value {
    let same = |a: &Row, b: &Row| a.mailbox == b.mailbox && a.environment == b.environment;
    rows.chunk_by(same)
        .map(|rows| {
            json!({
                "mailbox": rows[0].mailbox.as_str(),
                "environment": rows[0].environment.as_str(),
                "secrets": rows.iter().map(Row::json).collect::<Vec<_>>(),
            })
        })
        .collect()
}
