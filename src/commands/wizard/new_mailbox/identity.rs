//! Which mailbox, where, and whose.

use super::super::Wizard;
use super::super::form::{Turn, keep};
use super::answers::Answers;
use crate::mailbox::{Environment, MailboxId, OdsCode};
use crate::onboarding::Warning;
use crate::ui::{BACK, Failure, Reply};

/// Asks for the mailbox ID.
pub fn mailbox(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let default = answers.mailbox.as_ref().map(MailboxId::as_str);
    let read = |text: &str| {
        text.parse::<MailboxId>().map_err(|_| {
            "A mailbox ID has 3 to 32 letters and digits and nothing else, such as X26ABC1 or C43008GP004.".to_owned()
        })
    };
    let reply = wizard.screen().ask("Mailbox ID, such as X26ABC1", default, read)?;
    Ok(keep(&mut answers.mailbox, reply))
}

/// Asks for the environment.
pub fn environment(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    screen.tell("\nEach environment has a mailbox, a certificate and a shared key of its own. Where does this one live?\n\n");
    let lines = Environment::ALL.map(|environment| format!("{environment}: {}", what_it_is(environment)));
    let before = Environment::ALL.iter().position(|known| Some(*known) == answers.environment);
    Ok(match screen.choose("Environment", &lines, before.unwrap_or(0))? {
        Reply::Answer(number) => keep(&mut answers.environment, Reply::Answer(Environment::ALL[number])),
        Reply::Back => Turn::Back,
    })
}

/// In a few words.
fn what_it_is(environment: Environment) -> &'static str {
    match environment {
        Environment::Integration => "for tests with other systems (Path to Live); most begin here",
        Environment::Live => "for real; its desk asks for the technical conformance certificate",
        Environment::Deployment => "another Path to Live environment, if the desk gave you a mailbox there",
        Environment::Development => "likewise",
        Environment::Training => "likewise",
        Environment::Sandbox => "mesh-sandbox on a machine of your own; no desk, a CA of your own",
        Environment::Rehearsal => {
            "to try it all out: this program plays desk and MESH, and nothing leaves this machine"
        }
    }
}

/// Asks whose mailbox it is. Nearly every ID begins with its owner's code.
pub fn owner(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let mailbox = answers.mailbox().clone();
    let begins = |ods: &&OdsCode| mailbox.belongs_to(ods);
    let known = answers.owners.iter().filter(begins).max_by_key(|ods| ods.as_str().len()).cloned();
    // Taken back, the mailbox may be another's.
    let before = answers.ods.clone().filter(|ods| answers.again || mailbox.belongs_to(ods));
    let default = before.or(known).or_else(|| mailbox.likely_owner());
    let read = |text: &str| {
        text.parse::<OdsCode>().map_err(|_| {
            "An ODS code has 3 to 10 letters and digits and nothing else, such as X26 or N1G3B.".to_owned()
        })
    };
    let words = "ODS code of the organisation that owns it";
    let reply = wizard.screen().ask(words, default.as_ref().map(OdsCode::as_str), read)?;
    if let Reply::Answer(ods) = &reply
        && let Some(warning) = Warning::ods_mismatch(&mailbox, ods)
    {
        wizard.screen().warning(&format!("{} ({BACK} leads back)", warning.message));
    }
    let turn = keep(&mut answers.ods, reply);
    if turn == Turn::On
        && let Err(error) = answers.common_name()
    {
        wizard.screen().tell(&format!("{error}: choose a name with request --cn-label."));
        return Ok(Turn::Back);
    }
    Ok(turn)
}
