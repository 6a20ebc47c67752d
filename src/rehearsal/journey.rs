//! The whole journey on one machine: request, rehearsal CA, import, rehearsal MESH, check.

use std::time::Instant;

use time::OffsetDateTime;

use super::{CaError, CaPem, Clock, RehearsalCa, RehearsalConfig, RehearsalMailbox, RehearsalMesh};
use crate::check::{self, Expectation, Material, Online, Report, RoundTrip, Source, Verdict};
use crate::desk::Reason;
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::mesh::Trust;
use crate::mesh::token::Login;
use crate::onboarding::{self, DeliveredFile, Delivery, Imported, Order, Purpose, Requested};
use crate::pki::{BundleChoices, BundleRole, CertificateRequest, KeySize};
use crate::secret::{MailboxPassword, Passphrase, SecretBytes, SharedKey};
use crate::store::{Contact, PassphraseHolder, Store, StoreError};

/// Protects the rehearsal's keys, which protect nothing.
pub const PASSPHRASE: &str = "rehearsal passphrase";
/// The mailbox that rehearses.
const MAILBOX: &str = "X26ABC1";
const ODS: &str = "X26";
const PASSWORD: &str = "password";
const SHARED_KEY: &str = "TestKey";
const WORKFLOW: &str = "TEST_WORKFLOW2";

/// A step of the journey, done or failed.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its stable name.
    pub id: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// How long it took.
    pub millis: u64,
    /// What was seen.
    pub evidence: String,
}

/// What the journey leaves.
#[derive(Debug, Default)]
pub struct Journey {
    /// The steps as far as it came; only the last can have failed.
    pub steps: Vec<Step>,
    /// What was requested.
    pub requested: Option<Requested>,
    /// What was imported.
    pub imported: Option<Imported>,
    /// What the check found.
    pub report: Option<Report>,
}

impl Journey {
    /// Whether every step passed.
    pub fn passed(&self) -> bool {
        self.report.is_some() && self.steps.iter().all(|step| step.passed)
    }
}

type Stop = Box<dyn std::error::Error + Send + Sync>;

/// Walks the journey in `store`; `on_step` hears of each step as it ends.
pub fn walk(store: &Store, clock: &Clock, holder: &str, on_step: &mut dyn FnMut(&Step)) -> Journey {
    let mut journey = Journey::default();
    let mut steps = Steps { made: Vec::new(), on_step };
    // The error stands in the last step.
    let _ = steps.walk(&mut journey, store, clock, holder);
    journey.steps = steps.made;
    journey
}

struct Steps<'a> {
    made: Vec<Step>,
    on_step: &'a mut dyn FnMut(&Step),
}

impl Steps<'_> {
    fn walk(
        &mut self,
        journey: &mut Journey,
        store: &Store,
        clock: &Clock,
        holder: &str,
    ) -> Result<(), Stop> {
        let now = clock();
        let mailbox: MailboxId = MAILBOX.parse()?;
        let passphrase = Passphrase::new(PASSPHRASE);

        let ca = self.step("authority", |evidence| {
            let ca = authority(store, now)?;
            *evidence = format!("{} issues here", ca.sub_ca().subject());
            Ok(ca)
        })?;
        let requested = self.step("request", |evidence| {
            let requested = onboarding::request(store, order(holder)?, &passphrase, now)?;
            *evidence = format!("key, CSR and email in {}", requested.folder.display());
            Ok(requested)
        })?;
        let folder = store.folder(Environment::Rehearsal, &mailbox);
        let answer = self.step("issue", |evidence| {
            let record = folder.load()?.ok_or("mailbox.toml is missing")?;
            let credential = record.requested().ok_or("no request is outstanding")?;
            let csr = folder.request(credential.number)?;
            let certificate = ca.issue(&csr, now)?;
            *evidence = format!("{} until {}", certificate.subject(), certificate.not_after().date());
            Ok(certificate.pem())
        })?;
        let imported = self.step("import", |evidence| {
            let record = folder.load()?.ok_or("mailbox.toml is missing")?;
            let file = DeliveredFile {
                name: "the rehearsal's answer".into(),
                bytes: SecretBytes::new(answer.into_bytes()),
            };
            let delivery = Delivery { files: vec![file], ..Delivery::default() };
            let examined = onboarding::examine(store, folder.clone(), record, &delivery, now)?;
            let imported =
                examined.carry_out(&passphrase, &passphrase, &BundleChoices::default(), false, holder)?;
            let bundles = imported.bundles.as_ref().ok_or("nothing was written")?;
            *evidence = format!("PFX, base64 and PEM in {}", bundles.folder.display());
            Ok(imported)
        })?;
        let mesh = self.step("serve", |evidence| {
            let mut config = RehearsalConfig { shared_key: SharedKey::new(SHARED_KEY), ..Default::default() };
            config.add_mailbox(RehearsalMailbox {
                mailbox: mailbox.clone(),
                ods: ODS.parse()?,
                password: MailboxPassword::new(PASSWORD),
                name: String::new(),
            });
            let mesh = RehearsalMesh::start(config, &ca, clock.clone())?;
            *evidence = format!("rehearsal MESH at {}", mesh.url());
            Ok(mesh)
        })?;
        let report = self.step("check", |evidence| {
            let report = proof(store, &requested, &imported, &mesh, &passphrase, clock)?;
            *evidence = match report.first_failure() {
                Some(failure) => format!("{} failed: {}", failure.probe.as_str(), failure.evidence),
                None => format!("{} probes passed, message sent and received", report.findings.len()),
            };
            if report.verdict() == Verdict::Fail { Err(evidence.clone().into()) } else { Ok(report) }
        })?;
        journey.requested = Some(requested);
        journey.imported = Some(imported);
        journey.report = Some(report);
        Ok(())
    }

    /// Runs one step and tells of it.
    fn step<T>(
        &mut self,
        id: &'static str,
        work: impl FnOnce(&mut String) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let start = Instant::now();
        let mut evidence = String::new();
        let result = work(&mut evidence);
        if let Err(error) = &result {
            evidence = error.to_string();
        }
        let millis = start.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let step = Step { id, passed: result.is_ok(), millis, evidence };
        (self.on_step)(&step);
        self.made.push(step);
        result
    }
}

fn order(holder: &str) -> Result<Order, Stop> {
    let (mailbox, ods): (MailboxId, OdsCode) = (MAILBOX.parse()?, ODS.parse()?);
    Ok(Order {
        purpose: Purpose::New,
        common_name: CommonName::for_mailbox(&mailbox, &ods)?,
        mailbox,
        ods,
        environment: Environment::Rehearsal,
        key_size: KeySize::default(),
        contact: Contact {
            name: Some("A. Engineer".into()),
            email: Some("a.engineer@rehearsal.invalid".into()),
            phone: None,
            organisation: Some("Rehearsal Trust".into()),
            application: Some("Rehearsal".into()),
        },
        reason: Reason::New,
        ticket: None,
        existing: None,
        attachments: Vec::new(),
        to: None,
        again: false,
        deploy_hook: None,
        passphrase_held_by: PassphraseHolder::You,
        holder: holder.into(),
    })
}

/// What `check --round-trip` does.
fn proof(
    store: &Store,
    requested: &Requested,
    imported: &Imported,
    mesh: &RehearsalMesh,
    passphrase: &Passphrase,
    clock: &Clock,
) -> Result<Report, Stop> {
    let fullchain = imported.bundles.as_ref().and_then(|bundles| bundles.file(BundleRole::Fullchain));
    let source = Source::Pair {
        certificate: fullchain.ok_or("nothing was written")?.to_owned(),
        key: requested.folder.join("key.pem"),
    };
    let material = Material::read(&source, std::slice::from_ref(passphrase));
    let expectation = Expectation {
        environment: Environment::Rehearsal,
        known_roots: Vec::new(),
        imported: None,
        revocation: None,
        common_name: imported.chain.leaf.common_name().map(str::parse).transpose()?,
        roots: onboarding::trusted_roots(store, Environment::Rehearsal, None)?,
        roots_are_known: true,
        known: Vec::new(),
        now: clock(),
    };
    let login = Login { password: MailboxPassword::new(PASSWORD), shared_key: SharedKey::new(SHARED_KEY) };
    let online = Online {
        target: mesh.url().parse()?,
        trust: Trust::Roots(onboarding::server_roots(store, Environment::Rehearsal, None)?),
        login: Some((MAILBOX.parse()?, login)),
        words: MAILBOX.into(),
        others: None,
        round_trip: Some(RoundTrip::new(WORKFLOW)),
        clock: clock.clone(),
        consumer: None,
        timeout: None,
    };
    Ok(check::check(material, &expectation, Some(online), &mut |_| {}))
}

/// Why there is no rehearsal CA.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The CA itself.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The home.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some of its files are there and some are not.
    #[error("the rehearsal-ca folder lacks {0}; move the folder away, and a new CA is made")]
    Incomplete(&'static str),
}

/// The rehearsal CA of a home, made on first use.
pub fn authority(store: &Store, now: OffsetDateTime) -> Result<RehearsalCa, AuthorityError> {
    if store.rehearsal_ca("root.pem")?.is_none() {
        let ca = RehearsalCa::create(now)?;
        let pem = ca.to_pem()?;
        // Root first, as trust stores are loaded.
        let bundle = format!("{}{}", pem.root_certificate, pem.sub_certificate);
        store.keep_rehearsal_ca(&[
            ("root.pem", pem.root_certificate.as_bytes()),
            ("root.key", pem.root_key.expose()),
            ("sub.pem", pem.sub_certificate.as_bytes()),
            ("sub.key", pem.sub_key.expose()),
            ("ca-bundle.pem", bundle.as_bytes()),
        ])?;
    }
    // Read back also when it was just made: another run may have been first.
    let read = |name: &'static str| store.rehearsal_ca(name)?.ok_or(AuthorityError::Incomplete(name));
    Ok(RehearsalCa::from_pem(&CaPem {
        root_certificate: read("root.pem")?,
        root_key: SecretBytes::new(read("root.key")?.into_bytes()),
        sub_certificate: read("sub.pem")?,
        sub_key: SecretBytes::new(read("sub.key")?.into_bytes()),
    })?)
}

/// Lets the rehearsal CA of a home sign a request.
pub fn issue(
    store: &Store,
    request: &CertificateRequest,
    now: OffsetDateTime,
) -> Result<crate::pki::Certificate, AuthorityError> {
    Ok(authority(store, now)?.issue(request, now)?)
}
