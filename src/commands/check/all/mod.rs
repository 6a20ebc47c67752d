//! `check --all`: every mailbox that is known here, side by side. One that cannot be checked hides no other.

mod compared;
mod summary;

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use self::compared::Tried;
use super::checked::{Checked, One};
use super::page::Page;
use super::{CheckArgs, Wanted, checked, exit_code};
use crate::check::{Online, RevocationLists, Verdict};
use crate::commands::Context;
use crate::commands::secrets::SharedKeys;
use crate::commands::target::{self, Chosen, TargetArgs};
use crate::expiry::day;
use crate::mailbox::{Environment, MailboxId};
use crate::mesh::Target;
use crate::pki::Certificate;
use crate::store::{Folder, MailboxRecord};
use crate::ui::{Explained, Failure, InputError, Outcome, Screen, exit, with_home};

pub(super) use summary::{not_well, tally};

/// How many are checked at a time: nearly all of it is waiting, for at most that many connections.
const AT_ONCE: usize = 32;

/// A mailbox of the home.
struct Job {
    mailbox: MailboxId,
    environment: Environment,
    state: State,
}

enum State {
    Known(Box<(Folder, MailboxRecord)>),
    /// Its `mailbox.toml` cannot be used.
    Unread(Explained),
}

/// What all jobs have in common.
struct Common<'a> {
    context: &'a Context,
    args: &'a CheckArgs,
    given: Option<Target>,
    ca: Vec<Certificate>,
    shared_keys: SharedKeys,
    revocation: Option<RevocationLists>,
}

/// Checks all of them.
pub(super) fn run(mut context: Context, args: &CheckArgs, page: Option<Page>) -> Result<Outcome, Failure> {
    // Two hundred questions would help nobody: what is asked at all is asked before the work begins.
    let asking = context.screen;
    context.screen = Screen { may_ask: false, ..asking };
    let jobs = jobs(&context, args.target.address.env)?;
    if jobs.is_empty() {
        return Err(InputError::NothingToCheck { home: context.store.home().to_owned() }.into());
    }
    args.target.secrets(&context).must_serve_many(&args.target.login)?;
    let given = args.target.address.given(&context)?;
    let ca = args.target.address.authorities(&context)?;
    let shared_keys = shared_keys(&context, args, &jobs, asking)?;
    let (count, s) = (jobs.len(), if jobs.len() == 1 { "" } else { "es" });
    if args.offline {
        context.screen.note(&format!("Checking {count} mailbox{s} without network."));
    } else {
        context.screen.note(&format!(
            "Checking {count} mailbox{s}; validation updates the connection history of each."
        ));
    }
    let revocation = args.revocation.lists(&context)?;
    let all = Common { context: &context, args, given, ca, shared_keys, revocation }.work(jobs);
    let outcome = outcome(&context, &all);
    Ok(args.report.written(&context, page, &all, outcome))
}

fn jobs(context: &Context, environment: Option<Environment>) -> Result<Vec<Job>, Failure> {
    let folders = context.store.folders()?;
    let wanted = folders.into_iter().filter(|f| environment.is_none_or(|wanted| wanted == f.environment()));
    Ok(wanted
        .filter_map(|folder| {
            let (mailbox, environment) = (folder.mailbox().clone(), folder.environment());
            let state = match folder.load() {
                Ok(Some(record)) => State::Known(Box::new((folder, record))),
                // Left by a first run that was killed; nothing was asked for.
                Ok(None) => return None,
                Err(error) => State::Unread(Explained::from(&Failure::from(error))),
            };
            Some(Job { mailbox, environment, state })
        })
        .collect())
}

/// Those that a person types; once an environment, and only where something goes there.
fn shared_keys(
    context: &Context,
    args: &CheckArgs,
    jobs: &[Job],
    asking: Screen,
) -> Result<SharedKeys, Failure> {
    let given = args.target.address.place.url.is_some();
    let online = jobs.iter().filter(|job| {
        let has_address = given || job.environment.url(args.target.address.place.network).is_some();
        let State::Known(known) = &job.state else { return false };
        !args.offline && has_address && waiting(&known.1).is_none()
    });
    let mailboxes = online.map(|job| (&job.mailbox, job.environment));
    SharedKeys::ask(asking, mailboxes, || args.target.secrets(context), &args.target.login)
}

impl Common<'_> {
    /// All jobs, some at a time; in the order of the jobs.
    fn work(&self, jobs: Vec<Job>) -> Vec<One> {
        let (count, threads) = (jobs.len(), jobs.len().min(AT_ONCE));
        let (waiting, done) = (Mutex::new(jobs.into_iter().enumerate()), Mutex::new(Vec::new()));
        let progress = self.context.screen.progress();
        progress.begin_count("Checking mailboxes", count as u64);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((number, job)) = job else { break };
                        let one = self.one(job);
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        done.push((number, one));
                        progress.at(done.len() as u64, Some(count as u64));
                    }
                });
            }
        });
        progress.end();
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(number, _)| *number);
        let mut all: Vec<(One, Tried)> = done.into_iter().map(|(_, one)| one).collect();
        compared::tell(&mut all);
        all.into_iter().map(|(one, _)| one).collect()
    }

    fn one(&self, job: Job) -> (One, Tried) {
        let Job { mailbox, environment, state } = job;
        let found = match state {
            State::Known(known) => self.judged(&mailbox, environment, *known),
            State::Unread(explained) => return (One::Broken { mailbox, environment, explained }, None),
        };
        found.unwrap_or_else(|failure| {
            let explained = Explained::from(&failure);
            (One::Broken { mailbox, environment, explained }, None)
        })
    }

    fn judged(
        &self,
        mailbox: &MailboxId,
        environment: Environment,
        (folder, record): (Folder, MailboxRecord),
    ) -> Result<(One, Tried), Failure> {
        let (_, owner) = self.context.store.credentials_of(folder, record)?;
        if let Some(why) = waiting(&owner) {
            return Ok((One::Waiting { mailbox: mailbox.clone(), environment, why }, None));
        }
        let mut args = self.args.target.clone();
        args.mailbox = Some(mailbox.clone());
        args.address.env = Some(environment);
        let mut chosen =
            target::choose_one_of_many(self.context, &args, self.given.clone(), self.ca.clone())?;
        chosen.expectation.revocation = self.revocation.clone();
        let locked = chosen.locked;
        // Without an address, as in rehearsal, what needs no network is judged all the same.
        let (online, missing) = match chosen.url.is_some() && !self.args.offline {
            true => self.online(&args, &chosen)?,
            false => (None, None),
        };
        let tried = compared::tried(online.as_ref());
        let mut checked: Checked = checked(chosen, online, &mut |_| {});
        let owner = &owner.mailbox;
        if locked {
            checked.report.lacks_passphrase(
                format!("no passphrase was found for the key of {owner}"),
                format!("give it by secret_command in settings.toml, as MESH_KEY_PASSPHRASE in a table [{owner}] of --secrets FILE, or try this mailbox alone: mesh-onboard check {mailbox} --env {environment}"),
            );
        }
        if let Some(what) = missing {
            checked.report.lacks_secrets(
                format!("{what} of {mailbox} was not found"),
                format!("give it by secret_command in settings.toml, in a table [{mailbox}] of --secrets FILE, or try this mailbox alone: mesh-onboard check {mailbox} --env {environment}"),
            );
        }
        Ok((One::Checked(checked), tried))
    }

    /// What the network takes; without a login, and what of it is missing, where a secret is not found.
    fn online(
        &self,
        args: &TargetArgs,
        chosen: &Chosen,
    ) -> Result<(Option<Online<'_>>, Option<&'static str>), Failure> {
        let online = |wanted| super::online(self.context, self.args, args, chosen, wanted);
        match online(Wanted::Login(self.shared_keys.of(chosen.environment))) {
            Ok(online) => Ok((Some(online), None)),
            Err(Failure::Input(InputError::SecretNeeded { what, .. })) => {
                Ok((Some(online(Wanted::Nothing)?), Some(what)))
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Why there is nothing to check yet.
fn waiting(owner: &MailboxRecord) -> Option<String> {
    let Some(credential) = owner.foremost() else { return Some("it has no credential".into()) };
    if credential.key_elsewhere {
        return Some("its key is kept elsewhere; name the files: --cert FILE --key FILE".into());
    }
    match (&credential.certificate, credential.sent_at) {
        (Some(_), _) => None,
        (None, Some(sent)) => Some(format!("no certificate yet, asked for on {}", day(sent))),
        (None, None) => Some(format!("no certificate yet, requested on {}", day(credential.requested_at))),
    }
}

fn outcome(context: &Context, all: &[One]) -> Outcome {
    let verdict = all.iter().map(One::verdict).max().unwrap_or(Verdict::Pass);
    let json = json!({
        "verdict": verdict.as_str(),
        "mailboxes": all.iter().map(One::json).collect::<Vec<_>>(),
    });
    let look = context.screen.look();
    let text = match context.screen.quiet {
        true => not_well(look, all),
        false => summary::text(look, all),
    };
    // 3 before 4: somebody who waits for the network to come back must not overlook a fault that will stay.
    let codes: Vec<u8> = all.iter().map(code).collect();
    let text = with_home(&text, context.home_flag.as_deref());
    let exit = [exit::ATTENTION, exit::UNREACHABLE].into_iter().find(|code| codes.contains(code));
    Outcome { exit: exit.unwrap_or(exit::DONE), json, text }
}

fn code(one: &One) -> u8 {
    match one {
        One::Checked(checked) if checked.report.fails_besides_the_network() => exit::ATTENTION,
        One::Checked(checked) => exit_code(&checked.report),
        One::Waiting { .. } => exit::DONE,
        One::Broken { .. } => exit::ATTENTION,
    }
}
