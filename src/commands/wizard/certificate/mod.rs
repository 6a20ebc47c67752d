//! The certificate that the desk sent: a file, its text, or what lies in the downloads folder.

mod downloads;
mod missing;

use std::path::PathBuf;

use self::downloads::{Fit, fitting};
use super::form::{Turn, fill, keep};
use super::given::Given;
use super::survey::Subject;
use super::{Line, Wizard, proving};
use crate::expiry::{Deadlines, day};
use crate::mailbox::Authority;
use crate::onboarding::{DeliveredFile, Delivery, Examined, ImportError, examine};
use crate::secret::SecretBytes;
use crate::ui::{Failure, Reply};

/// Which files applications need besides the usual ones.
const BUNDLES: [(&str, &[&str]); 4] = [
    ("The usual: a PFX, its base64, PEM files", &[]),
    ("Also a keystore, as the MESH client and other Java programs load it", &["--keystore"]),
    (
        "The PFX for older readers: Windows Server 2016, Java before 8u301, the macOS Keychain",
        &["--pfx-profile", "legacy"],
    ),
    ("Both: a keystore, and all for older readers", &["--keystore", "--pfx-profile", "legacy"]),
];

/// What was given.
#[derive(Default)]
struct Answers {
    given: Option<Given>,
    /// Whether it was chosen from the downloads folder.
    offered: bool,
    authorities: Vec<PathBuf>,
    /// Files of CA certificates that complete it.
    beside: Vec<PathBuf>,
    /// Whether a missing CA certificate is fetched.
    fetch: bool,
    bundles: usize,
    /// Where MESH is: a certificate that follows another is proved there.
    url: Option<String>,
    /// What the last question was answered with is proved.
    proved: Option<Examined>,
}

impl Answers {
    /// Something else than before, which needs nothing yet that completes it.
    fn give(&mut self, given: Given) {
        (self.given, self.beside, self.fetch) = (Some(given), Vec::new(), false);
    }
}

/// Asks for it, proves that it is the right one, and imports it.
pub fn ask(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let fits = wizard.context.downloads.as_deref().map(|folder| fitting(folder, &subject.owner));
    let fits = fits.unwrap_or_default();
    fill(
        &mut Answers::default(),
        &[
            &|answers| offer(wizard, subject, &fits, answers),
            &|answers| given(wizard, subject, answers),
            &|answers| authorities(wizard, subject, answers),
            &|answers| bundles(wizard, answers),
            &|answers| address(wizard, subject, answers),
            &|answers| import(wizard, subject, answers),
        ],
    )
}

/// Offers what fits a request by its key.
fn offer(
    wizard: &Wizard<'_>,
    subject: &Subject,
    fits: &[Fit],
    answers: &mut Answers,
) -> Result<Turn, Failure> {
    answers.offered = false;
    if fits.is_empty() {
        return Ok(Turn::Skip);
    }
    let screen = wizard.screen();
    let mut choices: Vec<_> = fits
        .iter()
        .map(|fit| {
            format!(
                "{}, saved on {}: it has the key of credential {}",
                fit.path.display(),
                day(fit.saved),
                fit.credential
            )
        })
        .collect();
    choices.push("Another file, or a text to paste".into());
    loop {
        screen.tell("\nYour downloads folder holds what fits the request:\n\n");
        let Reply::Answer(number) = screen.choose("Which one", &choices, 0)? else { return Ok(Turn::Back) };
        let Some(fit) = fits.get(number) else { return Ok(Turn::On) };
        answers.give(Given::Files(vec![fit.path.clone()]));
        if needs_authorities(subject) || prove(wizard, subject, answers)? {
            answers.offered = true;
            return Ok(Turn::On);
        }
    }
}

fn given(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<Turn, Failure> {
    if answers.offered {
        return Ok(Turn::Skip);
    }
    wizard.screen().tell(
        "\nGive what the desk sent as it came: the certificate, a zip of it, the saved email (.eml, .msg), or its text. A text that you paste ends with Enter.\n\n",
    );
    loop {
        match wizard.ask_given("Drag the file here, type its path, or paste the certificate")? {
            Reply::Back => return Ok(Turn::Back),
            Reply::Answer(given) => answers.give(given),
        }
        // A sandbox has no issuer that would be known: it is asked for first.
        if needs_authorities(subject) || prove(wizard, subject, answers)? {
            return Ok(Turn::On);
        }
    }
}

/// Whether it is not known whose certificates are trusted.
fn needs_authorities(subject: &Subject) -> bool {
    subject.owner.environment.authority() == Authority::Own && subject.owner.authorities.is_empty()
}

fn authorities(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<Turn, Failure> {
    if !needs_authorities(subject) {
        return Ok(Turn::Skip);
    }
    wizard.screen().tell(
        "\nA sandbox has no CA that is built in. Name the certificates of the CA that issued this one: its root, and the sub CA if there is one. The self-signed among them are trusted for this mailbox from then on.\n\n",
    );
    loop {
        match wizard.screen().ask("Files of the CA", None, |text| wizard.files(text))? {
            Reply::Back => return Ok(Turn::Back),
            Reply::Answer(paths) => answers.authorities = paths,
        }
        if prove(wizard, subject, answers)? {
            return Ok(Turn::On);
        }
    }
}

fn bundles(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    screen.tell(
        "\nWhich files do your applications load? More can be made at any time, by importing once more.\n\n",
    );
    Ok(match screen.choose("Files", &BUNDLES.map(|(words, _)| words), answers.bundles)? {
        Reply::Answer(number) => {
            answers.bundles = number;
            Turn::On
        }
        Reply::Back => Turn::Back,
    })
}

/// Asks where MESH is, where the command cannot know it and goes there.
fn address(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<Turn, Failure> {
    let environment = subject.owner.environment;
    if !is_to_be_proved(answers) || !proving::is_own(environment) {
        return Ok(Turn::Skip);
    }
    let reply = proving::address(wizard, environment, answers.url.as_deref())?;
    Ok(keep(&mut answers.url, reply))
}

/// Whether it takes the place of another credential once a check with it has passed.
fn is_to_be_proved(answers: &Answers) -> bool {
    answers.proved.as_ref().is_some_and(Examined::is_to_be_proved)
}

/// Says what is proved and what will be written, and has it written.
fn import(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    if let Some(proved) = &answers.proved {
        let (leaf, number) = (proved.leaf(), proved.credential().number);
        let folder = wizard.context.store.folder(subject.owner.environment, &subject.owner.mailbox);
        screen.tell(&format!(
            "\nThis is the certificate of {}. It belongs to the key of credential {number}, and {}.\n\nA new folder will hold what applications load, and nothing that is there is changed:\n",
            leaf.common_name().unwrap_or(leaf.subject()),
            Deadlines::of(leaf, wizard.now()).expiry_sentence(),
        ));
        screen.say(&format!("  {}", folder.next_bundles(number)?.display()));
        screen.tell("mailbox.toml then names it. The key's passphrase is asked for first.\n\n");
        if is_to_be_proved(answers) {
            screen.tell("Then it is proved with MESH, for which mailbox password and shared key are needed. If it passes, it takes the place of the credential in use; if not, that one stays, and this one is kept ready.\n\n");
        }
    }
    wizard.go(|| line(subject, answers))
}

fn line(subject: &Subject, answers: &Answers) -> Line {
    let line = subject.line("import", &subject.owner);
    let line = answers.given.as_ref().expect("asked before").on(line);
    let line = answers.beside.iter().fold(line, |line, path| line.word(path.display()));
    let line = if answers.fetch { line.word("--fetch") } else { line };
    let line = answers.authorities.iter().fold(line, |line, path| line.option("--ca", Some(path.display())));
    let line = line.option("--url", answers.url.as_ref().filter(|_| is_to_be_proved(answers)));
    BUNDLES[answers.bundles].1.iter().fold(line, Line::word)
}

/// Proves what was given, as the command will, and tells why if it cannot be. Where only the CA is missing, it can
/// be had. Nothing is written, and nobody is asked for a passphrase.
fn prove(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Answers) -> Result<bool, Failure> {
    loop {
        match examined(wizard, subject, answers)? {
            Ok(proved) => answers.proved = Some(proved),
            // A password may open it: the command knows where to look for one.
            Err(ImportError::NotACertificate { locked: true, .. }) => answers.proved = None,
            // Whom to trust in a sandbox is asked as a question of its own.
            Err(error) if !missing::is_of(&error, subject) || needs_authorities(subject) => {
                wizard.explain(&error.into());
                return Ok(false);
            }
            Err(error) => {
                let address = match &error {
                    ImportError::ChainIncomplete { attempts, .. } => attempts.offered.clone(),
                    _ => None,
                };
                wizard.explain_without_hint(&error.into());
                if !missing::ask(wizard, subject, address.as_deref(), answers)? {
                    return Ok(false);
                }
                continue;
            }
        }
        return Ok(true);
    }
}

fn examined(
    wizard: &Wizard<'_>,
    subject: &Subject,
    answers: &Answers,
) -> Result<Result<Examined, ImportError>, Failure> {
    let context = wizard.context;
    let mut files = match answers.given.as_ref().expect("asked before") {
        Given::Files(paths) => context.deliver(paths)?,
        Given::Text(text) => vec![DeliveredFile {
            name: "the text that was pasted".into(),
            bytes: SecretBytes::new(text.expose().to_vec()),
        }],
    };
    files.extend(context.deliver(&answers.beside)?);
    let delivery = Delivery {
        files,
        deploy_hook: None,
        authorities: context.deliver(&answers.authorities)?,
        fetcher: answers.fetch.then(|| context.fetcher()).transpose()?,
        ..Delivery::default()
    };
    let folder = context.store.folder(subject.owner.environment, &subject.owner.mailbox);
    Ok(examine(&context.store, folder, subject.owner.as_ref().clone(), &delivery, wizard.now()))
}
