//! What an import says, and which of the credentials is in use.

use serde_json::{Value, json};

use crate::commands::check::Checked;
use crate::commands::hook::HookReport;
use crate::commands::{Context, bundle_files, known, proved, switched, warnings_json};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{Imported, Switched};
use crate::store::{CredentialState, StoreError};
use crate::ui::{Explained, Failure, Outcome, exit, with_home};

/// What became of the check with a new credential.
pub(super) enum Proof {
    /// There was none to make.
    NotNeeded,
    /// The user wanted none.
    Unwanted,
    /// It could not be made.
    Impossible(Failure),
    /// It found something.
    Failed { checked: Checked },
    /// It passed; meanwhile, somebody else changed the mailbox.
    Changed { checked: Option<Checked> },
    /// It passed, and the switch could not be written.
    Unswitched { checked: Checked, error: StoreError },
    /// It passed, and the credential is in use.
    Switched { checked: Checked, switched: Box<Switched> },
}

/// Why a credential stays ready.
struct Stays {
    code: &'static str,
    message: String,
    exit: u8,
}

impl Proof {
    fn checked(&self) -> Option<&Checked> {
        match self {
            Self::Failed { checked } | Self::Unswitched { checked, .. } | Self::Switched { checked, .. } => {
                Some(checked)
            }
            Self::Changed { checked } => checked.as_ref(),
            Self::NotNeeded | Self::Unwanted | Self::Impossible(_) => None,
        }
    }

    /// What is in use now, if that has changed.
    pub fn switched(&self) -> Option<&Switched> {
        match self {
            Self::Switched { switched, .. } => Some(switched),
            _ => None,
        }
    }

    /// Why the credential stays ready, in words.
    pub fn reason(&self) -> Option<String> {
        self.stays().map(|stays| stays.message)
    }

    fn stays(&self) -> Option<Stays> {
        let of = |code, message: &str, exit| Some(Stays { code, message: message.into(), exit });
        match self {
            Self::NotNeeded | Self::Switched { .. } => None,
            Self::Unwanted => of("not_checked", "it was not checked, as --no-check wants it", exit::DONE),
            Self::Impossible(why) => {
                let why = Explained::from(why);
                let hint = why.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                let message = format!("it could not be checked: {}{hint}", why.message);
                Some(Stays { code: "check_impossible", message, exit: exit::ATTENTION })
            }
            Self::Failed { checked } => {
                let first = checked.report.first_failure();
                let evidence = first.map(|f| format!("{}: {}", f.probe.as_str(), f.evidence));
                let evidence = evidence.unwrap_or_default();
                Some(match checked.exit() {
                    exit::UNREACHABLE => Stays {
                        code: "unreachable",
                        message: format!("MESH could not be reached, {evidence}"),
                        exit: exit::UNREACHABLE,
                    },
                    exit => Stays {
                        code: "check_failed",
                        message: format!("the check with it failed, {evidence}"),
                        exit,
                    },
                })
            }
            Self::Changed { .. } => of(
                "changed_meanwhile",
                "the check with it passed, and another run changed this mailbox meanwhile",
                exit::ATTENTION,
            ),
            Self::Unswitched { error, .. } => of(
                "not_switched",
                &format!("the check with it passed, and the switch could not be written: {error}"),
                exit::ATTENTION,
            ),
        }
    }
}

/// Everything that one import did.
pub(super) struct Done<'a> {
    pub mailbox: &'a MailboxId,
    pub environment: Environment,
    pub imported: &'a Imported,
    /// What follows `check` in the command that makes this check again.
    pub words: String,
    pub proof: Proof,
    pub hook: Option<HookReport>,
}

impl<'a> Done<'a> {
    /// A dry run.
    pub fn nothing_written(mailbox: &'a MailboxId, environment: Environment, imported: &'a Imported) -> Self {
        Self { mailbox, environment, imported, words: String::new(), proof: Proof::NotNeeded, hook: None }
    }

    /// The result.
    pub fn outcome(&self, context: &Context) -> Outcome {
        let stays = self.proof.stays();
        let hook = self.hook.as_ref().map_or(exit::DONE, HookReport::exit);
        let exit = stays.as_ref().map_or(hook, |stays| stays.exit);
        let next = self.next(context);
        Outcome {
            exit,
            json: self.json(context, stays.as_ref(), &next),
            text: self.text(context, stays.as_ref(), &next),
        }
    }

    fn state(&self) -> CredentialState {
        match &self.proof {
            Proof::Switched { .. } => CredentialState::Current,
            _ => self.imported.state,
        }
    }

    fn json(&self, context: &Context, stays: Option<&Stays>, next: &str) -> Value {
        let imported = self.imported;
        let bundles = imported.bundles.as_ref();
        let previous = self.proof.switched().and_then(|switched| switched.previous.as_ref());
        known(json!({
            "mailbox": self.mailbox.as_str(),
            "environment": self.environment.as_str(),
            "credential": imported.credential,
            "state": self.state().as_str(),
            "previous": previous.map(|previous| previous.number),
            "reason": stays.map(|stays| json!({"code": stays.code, "message": stays.message})),
            "certificate": proved::certificate_json(&imported.chain.leaf, context.now),
            "chain": proved::chain_json(Some(&imported.chain)),
            "files": bundle_files::files_json(bundles),
            "readers": bundle_files::readers_json(bundles),
            "handed_over": self.proof.switched().and_then(|switched| switched::handed_over(context, switched)),
            "check": self.proof.checked().map(Checked::json),
            "deploy_hook": self.hook.as_ref().map(HookReport::json),
            "warnings": warnings_json(&imported.warnings),
            "next": next,
        }))
    }

    fn text(&self, context: &Context, stays: Option<&Stays>, next: &str) -> String {
        let imported = self.imported;
        let (number, state) = (imported.credential, self.state().as_str());
        let (done, becomes) = match imported.bundles {
            Some(_) => ("Imported", "now"),
            None => ("Dry run, nothing written:", "would become"),
        };
        let mut text = format!(
            "{done} the certificate of {} ({}), credential {number}, {becomes} {state}\n\n",
            self.mailbox, self.environment
        );
        text.push_str(&proved::text(&imported.chain.leaf, Some(&imported.chain), context.now));
        if let Some(bundles) = &imported.bundles {
            text.push_str(&format!("\n{}", bundle_files::text(bundles)));
        }
        for part in self.standing(context, stays) {
            text.push_str(&format!("\n{part}\n"));
        }
        text.push_str(&format!("\nNext: {next}"));
        text
    }

    /// Which credential is in use, and why.
    fn standing(&self, context: &Context, stays: Option<&Stays>) -> Vec<String> {
        let number = self.imported.credential;
        let mut parts = Vec::new();
        match (&self.proof, stays, self.imported.in_use) {
            (Proof::Switched { checked, switched }, ..) => {
                parts.push(format!(
                    "Checked with the new credential, and put in use: {}",
                    checked.sentence()
                ));
                parts.push(switched::change(context, switched).join("\n").trim_start().to_owned());
            }
            (proof, Some(stays), Some(in_use)) => {
                parts.extend(proof.checked().filter(|c| !c.is_well()).map(|checked| checked.text(context)));
                parts.push(format!(
                    "Credential {in_use} stays in use and credential {number} stays ready: {}.",
                    stays.message
                ));
            }
            (_, _, Some(in_use)) if self.imported.bundles.is_none() => parts.push(format!(
                "Credential {in_use} would stay in use until a check with the new one passes."
            )),
            (_, _, Some(in_use)) => parts.push(format!(
                "Credential {in_use} stays in use. Credential {number} was in use before it, and stays archived."
            )),
            (_, _, None) => {}
        }
        parts.extend(self.hook.as_ref().map(HookReport::sentence));
        parts
    }

    fn next(&self, context: &Context) -> String {
        let line = |verb, more: &str| context.line(verb, self.mailbox, self.environment, more);
        if self.imported.bundles.is_none() {
            return "the same without --dry-run".into();
        }
        let again = with_home(&format!("mesh-onboard check {}", self.words), context.home_flag.as_deref());
        match (&self.proof, self.state()) {
            (Proof::Switched { switched, .. }, _) => format!(
                "see that your applications get the new files{}{}",
                switched::again(context, switched),
                switched::undone(context, switched, "to go back")
            ),
            (Proof::Changed { .. }, _) => format!("see where it stands: {}", line("history", "")),
            (Proof::Unswitched { .. }, _) => format!("put it in use: {}", line("activate", "")),
            (_, CredentialState::Ready) => {
                format!("check it: {again}; put it in use: {}", line("activate", ""))
            }
            (_, CredentialState::Archived) => format!("to put it in use again: {}", line("rollback", "")),
            _ => format!("prove that it works: {}", context.check_line(self.mailbox, self.environment)),
        }
    }
}
