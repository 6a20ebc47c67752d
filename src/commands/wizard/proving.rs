//! Proof that the credentials work.

use std::path::PathBuf;

use super::Wizard;
use super::form::{Turn, fill, keep};
use super::survey::Subject;
use crate::mailbox::{Environment, Network};
use crate::mesh::Target;
use crate::ui::{Failure, Reply};

/// What was answered.
#[derive(Default)]
struct Answers {
    key: Option<PathBuf>,
    far: Option<bool>,
    url: Option<String>,
    network: Option<Network>,
    round_trip: Option<bool>,
}

/// Asks what the command cannot know; the secrets are its own to ask for.
pub fn ask(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let (screen, environment) = (wizard.screen(), subject.record.environment);
    let own = is_own(environment);
    let elsewhere = subject.credential.as_ref().filter(|credential| credential.key_elsewhere);
    let certificate = elsewhere.and_then(|credential| {
        let folder = wizard.context.store.folder(environment, &subject.owner.mailbox);
        let bundles = folder.credential(credential.number).join(&credential.certificate.as_ref()?.bundles);
        ["fullchain.pem", "certificate.pem"]
            .map(|name| bundles.join(name))
            .into_iter()
            .find(|path| path.exists())
    });
    let far = |answers: &mut Answers| {
        screen.tell("\nA check writes nothing here. With MESH it proves the whole way: network, certificate, password.\n\n");
        let ways = [
            "All the way to MESH; your mailbox password and the shared key are needed",
            "Only what lies on this machine",
        ];
        Ok(match screen.choose("How far", &ways, 0)? {
            Reply::Answer(number) => keep(&mut answers.far, Reply::Answer(number == 0)),
            Reply::Back => Turn::Back,
        })
    };
    let key = |answers: &mut Answers| {
        if elsewhere.is_none() {
            return Ok(Turn::Skip);
        }
        let read = |text: &str| {
            let mut files = wizard.files(text)?;
            if files.len() > 1 { Err("One file, please.".to_owned()) } else { Ok(files.remove(0)) }
        };
        Ok(keep(
            &mut answers.key,
            screen.ask("File with the private key, which is kept elsewhere", None, read)?,
        ))
    };
    let url = |answers: &mut Answers| {
        if answers.far != Some(true) || !own {
            return Ok(Turn::Skip);
        }
        let reply = address(wizard, environment, answers.url.as_deref())?;
        Ok(keep(&mut answers.url, reply))
    };
    let network = |answers: &mut Answers| {
        if answers.far != Some(true) || own {
            return Ok(Turn::Skip);
        }
        Ok(keep(&mut answers.network, self::network(wizard, "How this machine reaches MESH")?))
    };
    let round_trip = |answers: &mut Answers| {
        if answers.far != Some(true) || !own {
            return Ok(Turn::Skip);
        }
        let words = "Also send a small message to the mailbox itself, and take it back";
        Ok(keep(&mut answers.round_trip, screen.ask_yes(words, Some(false))?))
    };
    let check = |answers: &mut Answers| {
        let mut line = subject.line("check", &subject.record);
        if let Some(key) = &answers.key {
            let certificate = certificate.as_ref().map(|path| path.display());
            line = line.option("--cert", certificate).option("--key", Some(key.display()));
        }
        if answers.far == Some(false) {
            return wizard.carry_out(line.word("--offline"));
        }
        line = line.option("--url", answers.url.as_ref().filter(|_| own));
        if answers.network == Some(Network::Hscn) {
            line = line.option("--network", Some("hscn"));
        }
        if answers.round_trip == Some(true) {
            line = line.word("--round-trip");
        }
        wizard.carry_out(line)
    };
    fill(&mut Answers::default(), &[&far, &key, &url, &network, &round_trip, &check])
}

/// Asks where MESH is, in an environment of one's own.
pub fn address(
    wizard: &Wizard<'_>,
    environment: Environment,
    before: Option<&str>,
) -> Result<Reply<String>, Failure> {
    let read = |text: &str| {
        let target = match environment {
            Environment::Sandbox => Target::of_sandbox(text),
            _ => text.parse(),
        };
        match target {
            Ok(_) => Ok(text.to_owned()),
            Err(error) => Err(format!("{error}. An address looks like https://localhost:8700.")),
        }
    };
    let words = match environment {
        Environment::Rehearsal => "Address of MESH, as rehearse --serve prints it",
        _ => "Address of MESH",
    };
    Ok(wizard.screen().ask(words, before.or(environment.url(Network::Internet)), read)?)
}

/// Asks for the way to MESH.
pub fn network(wizard: &Wizard<'_>, words: &str) -> Result<Reply<Network>, Failure> {
    wizard.screen().tell("\n");
    Ok(match wizard.screen().choose(words, &["By the internet", "By HSCN"], 0)? {
        Reply::Answer(number) => Reply::Answer([Network::Internet, Network::Hscn][number]),
        Reply::Back => Reply::Back,
    })
}

/// Whether the address of MESH there is one's own to know.
pub fn is_own(environment: Environment) -> bool {
    matches!(environment, Environment::Sandbox | Environment::Rehearsal)
}
