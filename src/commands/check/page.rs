//! The report: a page that stands alone, to attach to a ticket. Values in, text out.

use std::path::Path;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment as Templates, UndefinedBehavior, context};
use time::OffsetDateTime;
use time::macros::format_description;

use super::checked::{Checked, One};
use super::told;
use crate::check::{Finding, ProbeId, Status};
use crate::expiry::{Deadlines, day};
use crate::pki::Certificate;
use crate::ui::{Explained, Mark, clean};

/// The name of the template, also of the user's own below `<home>/templates`.
pub(super) const TEMPLATE: &str = "check.html";

const BUILT_IN: &str = include_str!("../../../templates/check.html");

/// The program as it names itself.
const PROGRAM: &str = concat!("mesh-onboard ", env!("CARGO_PKG_VERSION"));

/// Everything on the page that is not of one mailbox.
pub(super) struct About<'a> {
    pub now: OffsetDateTime,
    /// Of this machine; see [`super::machine`].
    pub system: &'a str,
    /// The folder of whoever runs it: a path below it would name them.
    pub user_home: Option<&'a Path>,
}

/// A template that can be read.
pub(super) struct Page(Templates<'static>);

impl Page {
    /// From the user's own template, or the built-in one. Text is escaped as HTML wherever it stands.
    pub fn new(own: Option<String>) -> Result<Self, String> {
        let mut templates = Templates::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        templates.set_syntax(syntax.expect("the default delimiters differ"));
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        let source = own.unwrap_or_else(|| BUILT_IN.into());
        templates.add_template_owned(TEMPLATE, source).map_err(|e| e.to_string())?;
        Ok(Self(templates))
    }

    /// The page in HTML.
    pub fn render(&self, about: &About<'_>, all: &[One]) -> Result<String, String> {
        let shown = |text: &str| nameless(&clean(text), about.user_home);
        let worst = worst(all);
        let time = about
            .now
            .format(format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC"));
        let time = time.unwrap_or_else(|_| about.now.to_string());
        let mut facts = vec![fact("Checked", &time, false)];
        if let [One::Checked(checked)] = all {
            facts.extend(checked.mailbox.iter().map(|mailbox| fact("Mailbox", mailbox.as_str(), false)));
            facts.push(fact("Environment", checked.environment.as_str(), false));
            facts.extend(checked.url.iter().map(|url| fact("MESH", &shown(url), false)));
        }
        facts.push(fact("Program", PROGRAM, false));
        facts.push(fact("System", &shown(about.system), false));
        let title = match all {
            [one] => one.name(),
            several => format!("{} mailboxes", several.len()),
        };
        let page = context! {
            title,
            time,
            program => PROGRAM,
            verdict => context! { sentence => sentence(all), ..marked(worst) },
            facts,
            several => all.len() > 1,
            checks => all.iter().map(|one| section(one, about, &shown)).collect::<Vec<_>>(),
        };
        let template = self.0.get_template(TEMPLATE).map_err(|e| e.to_string())?;
        template.render(page).map_err(|e| e.to_string())
    }
}

fn worst(all: &[One]) -> Mark {
    let rank = |mark: &Mark| match mark {
        Mark::Fail => 3,
        Mark::Warn => 2,
        Mark::Pass => 1,
        Mark::Skipped => 0,
    };
    all.iter().map(One::mark).max_by_key(rank).unwrap_or(Mark::Skipped)
}

fn sentence(all: &[One]) -> String {
    match all {
        [One::Checked(checked)] => told::verdict(&checked.report),
        several => super::all::tally(several),
    }
}

fn section(one: &One, about: &About<'_>, shown: &dyn Fn(&str) -> String) -> Value {
    let (mailbox, environment) = one.whose();
    let (url, told, causes, probes, certificates) = match one {
        One::Checked(checked) => (
            checked.url.as_deref().map(shown),
            told::verdict(&checked.report),
            causes(checked, shown),
            checked.report.findings.iter().map(|f| probe(f, shown)).collect(),
            checked.certificates.iter().map(|c| certificate(c, about.now, shown)).collect(),
        ),
        One::Waiting { why, .. } => (None, format!("Not checked: {}.", shown(why)), vec![], vec![], vec![]),
        One::Broken { explained, .. } => {
            (None, "It could not be checked.".into(), vec![broken(explained, shown)], vec![], vec![])
        }
    };
    context! {
        name => one.name(),
        mailbox => mailbox.map_or("", |mailbox| mailbox.as_str()),
        anchor => format!("{environment}-{}", mailbox.map_or("credentials", |mailbox| mailbox.as_str())),
        environment => environment.as_str(),
        verdict => marked(one.mark()),
        first => shown(&one.first()),
        // Two hundred mailboxes that are well would bury the one that is not.
        is_well => matches!(one.mark(), Mark::Pass | Mark::Skipped),
        url, told, causes, probes, certificates,
    }
}

/// What is not well, the first failure before all else.
fn causes(checked: &Checked, shown: &dyn Fn(&str) -> String) -> Vec<Value> {
    let of = |status| checked.report.findings.iter().filter(move |f| f.status == status);
    of(Status::Fail)
        .chain(of(Status::Warn))
        .map(|finding| {
            let verb = if finding.status == Status::Fail { "failed" } else { "warns" };
            context! {
                heading => format!("{} {verb}", finding.probe.as_str()),
                mark => marked(told::mark(finding.status)),
                code => finding.code.unwrap_or_default(),
                meaning => finding.meaning,
                evidence => shown(&finding.evidence),
                remedy => finding.remedy.as_deref().map(shown),
            }
        })
        .collect()
}

fn broken(explained: &Explained, shown: &dyn Fn(&str) -> String) -> Value {
    context! {
        heading => "What is kept of it cannot be used",
        mark => marked(Mark::Fail),
        code => explained.code,
        meaning => shown(&explained.message),
        evidence => shown(&explained.because.join("; ")),
        remedy => explained.hint.as_deref().map(shown),
    }
}

fn probe(finding: &Finding, shown: &dyn Fn(&str) -> String) -> Value {
    let time =
        if finding.status == Status::Skipped { String::new() } else { format!("{} ms", finding.millis) };
    context! {
        id => finding.probe.as_str(),
        asks => asks(finding.probe),
        mark => marked(told::mark(finding.status)),
        code => finding.code,
        evidence => shown(&finding.evidence),
        time,
    }
}

fn certificate(certificate: &Certificate, now: OffsetDateTime, shown: &dyn Fn(&str) -> String) -> Value {
    let role = match (certificate.is_ca(), certificate.is_self_issued()) {
        (false, _) => "Client certificate",
        (true, false) => "Sub CA",
        (true, true) => "Root CA",
    };
    let deadlines = Deadlines::of(certificate, now);
    let left = match deadlines.is_over() {
        true => format!("over for {} days", deadlines.days_over()),
        false => format!("{} days left", deadlines.days_left()),
    };
    let mut facts = vec![
        fact("Subject", &shown(certificate.subject()), false),
        fact("Issuer", &shown(certificate.issuer()), false),
        fact("Serial", &shown(certificate.serial()), true),
        fact("SHA-256", &certificate.fingerprint().to_string(), true),
        fact("Key SHA-256", &certificate.key_fingerprint().to_string(), true),
        fact("Valid from", &day(certificate.not_before()), false),
        fact("Valid until", &format!("{} ({left})", day(certificate.not_after())), false),
    ];
    facts.extend(certificate.key_usage_ends().map(|ends| fact("Key usage until", &day(ends), false)));
    facts.extend(certificate.key_bits().map(|bits| fact("Key", &format!("RSA, {bits} bits"), false)));
    context! { role, facts }
}

fn fact(name: &str, value: &str, exact: bool) -> Value {
    context! { name, value, exact }
}

fn marked(mark: Mark) -> Value {
    context! { word => mark.word(), sign => mark.sign() }
}

/// What a probe asks, for those who do not know its name.
fn asks(probe: ProbeId) -> &'static str {
    match probe {
        ProbeId::Files => "Can the files be read, and are they private?",
        ProbeId::Key => "Does the key open, and is it fit for MESH?",
        ProbeId::Match => "Do key, certificate and name belong together?",
        ProbeId::Chain => "Does the chain lead to a trusted root?",
        ProbeId::Expiry => "Is the certificate valid now?",
        ProbeId::Dns => "Has the host an address?",
        ProbeId::Connect => "Does anything answer there?",
        ProbeId::Tls => "Does it speak TLS?",
        ProbeId::ServerTrust => "Is the server who it should be?",
        ProbeId::ClientCertificate => "Does the server accept our certificate?",
        ProbeId::Clock => "Do the clocks agree?",
        ProbeId::Authorization => "Are mailbox, password and shared key accepted?",
        ProbeId::Mailbox => "Can the inbox be read?",
        ProbeId::RoundTrip => "Does a message come back as it was sent?",
    }
}

/// Folders that hold the folders of people, where a path begins with them.
const HOMES: [&str; 3] = ["/home/", "/Users/", ":\\Users\\"];

/// Text without the name of a person in its paths: below the user's own folder as `~`, below another's without
/// its name.
fn nameless(text: &str, user_home: Option<&Path>) -> String {
    let mut shown = text.to_owned();
    if let Some(home) = user_home.and_then(Path::to_str).filter(|home| home.len() > 1) {
        shown = shown.replace(&format!("{home}/"), "~/");
    }
    for homes in HOMES {
        let mut rest = std::mem::take(&mut shown);
        while let Some(at) = rest.find(homes) {
            let after = rest.split_off(at + homes.len());
            let begins = homes.starts_with(':')
                || !rest[..at].ends_with(|c: char| c.is_alphanumeric() || "/~._-".contains(c));
            shown.push_str(&rest);
            rest = after;
            if begins {
                let end = rest.find(|c: char| "/\\,;:'\" ".contains(c)).unwrap_or(rest.len());
                shown.push('…');
                rest.drain(..end);
            }
        }
        shown.push_str(&rest);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_named_by_a_path() {
        let home = Path::new("/home/alice");
        let hidden = |text| nameless(text, Some(home));
        assert_eq!(hidden("/home/alice/mesh/key.pem, chmod it"), "~/mesh/key.pem, chmod it");
        assert_eq!(hidden("/home/bob/key.pem; /home/carol"), "/home/…/key.pem; /home/…");
        assert_eq!(hidden("/home/alicelong/key.pem"), "/home/…/key.pem");
        assert_eq!(hidden("C:\\Users\\bob\\key.pem"), "C:\\Users\\…\\key.pem");
        assert_eq!(hidden("'/home/bob smith"), "'/home/… smith");
        for nobody in ["/srv/mesh/key.pem", "/srv/home/rehearsal/X26ABC1"] {
            assert_eq!(hidden(nobody), nobody);
        }
    }

    #[test]
    fn built_in_template_is_well_formed() {
        assert!(Page::new(None).is_ok());
        assert!(Page::new(Some("{% if %}".into())).is_err());
    }
}
