//! What an application loads, in its own shape.

use std::path::PathBuf;

use super::form::{Turn, fill, keep};
use super::survey::Subject;
use super::{Line, Wizard, place, proving};
use crate::commands::export::{files_told, own_templates};
use crate::handover::{Item, Plan, Preset, presets};
use crate::mailbox::Network;
use crate::ui::{Entry, Failure, Reply};

/// What was answered.
#[derive(Default)]
struct Answers {
    consumer: Option<usize>,
    /// What the consumer cannot do without, by its name.
    settings: Vec<(&'static str, String)>,
    url: Option<String>,
    network: Option<Network>,
    folder: Option<PathBuf>,
}

impl Answers {
    fn preset(&self) -> &'static Preset {
        presets()[self.consumer.unwrap_or_default()]
    }

    /// What the answers make of the files.
    fn plan(&self, wizard: &Wizard<'_>, subject: &Subject) -> Result<Plan, Failure> {
        let given: Vec<_> =
            self.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(Plan::new(self.preset(), &given, &subject.record.mailbox, own_templates(wizard.context))?)
    }
}

/// Asks for whom and where, says what will be written, and writes it.
pub fn ask(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    fill(
        &mut Answers::default(),
        &[
            &|answers| consumer(wizard, answers),
            &|answers| settings(wizard, answers),
            &|answers| address(wizard, subject, answers),
            &|answers| network(wizard, subject, answers),
            &|answers| folder(wizard, subject, answers),
            &|answers| write(wizard, subject, answers),
        ],
    )
}

fn consumer(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    screen.tell("\nEach application loads its credentials in a shape of its own. What it loads is written into a new folder; what is here stays as it is.\n\n");
    let entries: Vec<_> = presets()
        .iter()
        .map(|preset| Entry { name: preset.name.into(), state: Some(preset.does.into()), ..Entry::default() })
        .collect();
    let named = |answer: &str| {
        let number = presets().iter().position(|preset| preset.name.eq_ignore_ascii_case(answer))?;
        Some(Ok(number))
    };
    Ok(match screen.choose_entry("Which application", &entries, named)? {
        Reply::Answer(number) => {
            if answers.consumer != Some(number) {
                *answers = Answers { consumer: Some(number), ..Answers::default() };
            }
            Turn::On
        }
        Reply::Back => Turn::Back,
    })
}

/// Asks for what nobody can know; the rest has a default, and flags.
fn settings(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let needed: Vec<_> =
        answers.preset().settings.iter().filter(|setting| setting.default.is_needed()).collect();
    if needed.is_empty() {
        return Ok(Turn::Skip);
    }
    let mut at = 0;
    while let Some(setting) = needed.get(at) {
        let words = capitalised(setting.does);
        let before = answers.settings.iter().position(|(name, _)| *name == setting.name);
        let default = before.map(|place| answers.settings[place].1.clone());
        let read = |text: &str| match setting.accepts(text) {
            Ok(()) => Ok(text.to_owned()),
            Err(why) => Err(format!("{}.", capitalised(&why))),
        };
        match (wizard.screen().ask(&words, default.as_deref(), read)?, before) {
            (Reply::Answer(value), Some(place)) => answers.settings[place].1 = value,
            (Reply::Answer(value), None) => answers.settings.push((setting.name, value)),
            (Reply::Back, _) if at == 0 => return Ok(Turn::Back),
            (Reply::Back, _) => {
                at -= 1;
                continue;
            }
        }
        at += 1;
    }
    Ok(Turn::On)
}

fn capitalised(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

/// Whether the files name an address.
fn has_address(wizard: &Wizard<'_>, subject: &Subject, answers: &Answers) -> Result<bool, Failure> {
    let items = answers.plan(wizard, subject)?.items();
    Ok(items.contains(&Item::Url) || items.contains(&Item::ApiUrl))
}

fn address(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<Turn, Failure> {
    let environment = subject.record.environment;
    if !proving::is_own(environment) || !has_address(wizard, subject, answers)? {
        return Ok(Turn::Skip);
    }
    let reply = proving::address(wizard, environment, answers.url.as_deref())?;
    Ok(keep(&mut answers.url, reply))
}

fn network(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<Turn, Failure> {
    if proving::is_own(subject.record.environment) || !has_address(wizard, subject, answers)? {
        return Ok(Turn::Skip);
    }
    let reply = proving::network(wizard, "How the application reaches MESH")?;
    Ok(keep(&mut answers.network, reply))
}

fn folder(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let (record, consumer) = (&subject.record, answers.preset().name);
    // What was handed over to the same application is replaced, and kept.
    let again = |path: &PathBuf| record.exports.iter().any(|e| e.folder == *path && e.consumer == consumer);
    let read = |text: &str| place::new_folder(wizard, text, again);
    let name = format!("{consumer}-{}", record.mailbox.as_str().to_lowercase());
    let before = answers.folder.as_ref().map(|path| path.display().to_string());
    let default = before.or_else(|| place::free(wizard, |number| format!("{name}{number}")));
    screen.tell("\nThe folder is made, and this account alone can read its files.\n");
    Ok(keep(&mut answers.folder, screen.ask("New folder", default.as_deref(), read)?))
}

/// Says which secret ends up where, and has it written.
fn write(wizard: &Wizard<'_>, subject: &Subject, answers: &Answers) -> Result<Turn, Failure> {
    let (screen, plan) = (wizard.screen(), answers.plan(wizard, subject)?);
    let folder = answers.folder.clone().unwrap_or_default();
    screen.tell("\nThis will be written into\n");
    screen.say(&format!("  {}", folder.display()));
    screen.tell("\n");
    let files: Vec<_> = plan.secrets().collect();
    let rows = files.iter().map(|(path, holds, secrets)| (*path, *holds, secrets.as_slice()));
    files_told(screen.asking_look(), rows, 2).lines().for_each(|line| screen.say(line));
    screen.tell("\nThe secrets among them are asked for first, unless they are found. mailbox.toml notes where it went, so that a renewal can name it.\n");
    if !answers.preset().settings.is_empty() {
        let list = format!("mesh-onboard export --list --for {}", answers.preset().name);
        let list = wizard.with_home(&list);
        screen.tell(&format!("What else can be set, by --set on the command line: {list}"));
    }
    screen.tell("\n");
    wizard.go(|| line(subject, answers))
}

fn line(subject: &Subject, answers: &Answers) -> Line {
    let line = subject.line("export", &subject.record).option("--for", Some(answers.preset().name));
    let line = answers
        .settings
        .iter()
        .fold(line, |line, (name, value)| line.option("--set", Some(format!("{name}={value}"))));
    let hscn = answers.network.filter(|network| *network == Network::Hscn).map(|_| "hscn");
    line.option("--url", answers.url.as_ref())
        .option("--network", hscn)
        .option("--to", answers.folder.as_ref().map(|path| path.display()))
}

/// Makes what was handed over again, from the credential in use.
pub fn again(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    screen.tell("\nThese folders still hold the credential of before:\n\n");
    for stale in subject.stale().iter().flat_map(|stale| stale.sentences()) {
        screen.say(&format!("  {stale}"));
    }
    screen.tell("\nEach is made again from the credential in use, with the settings that it had. What lies there now is kept beside it. Applications that read their files when they start have to be started again.\n\n");
    wizard.go(|| subject.line("export", &subject.record).word("--refresh"))
}
