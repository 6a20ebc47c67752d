//! What mailboxes with the same shared key tell of each other: MESH gives one answer for a wrong password and for a
//! wrong shared key.

use zeroize::Zeroizing;

use crate::check::{Finding, Online, ProbeId, Status};
use crate::commands::check::checked::One;

/// The shared key that a mailbox was tried with; compared here, and never shown.
pub(super) type Tried = Option<Zeroizing<String>>;

/// That of a check to come.
pub(super) fn tried(online: Option<&Online<'_>>) -> Tried {
    let (_, login) = online?.login.as_ref()?;
    Some(Zeroizing::new(login.shared_key.expose().to_owned()))
}

/// Tells of each login that was refused what the others say about it.
pub(super) fn tell(all: &mut [(One, Tried)]) {
    let told: Vec<Option<(String, String)>> = all.iter().map(|(one, key)| told(one, key, all)).collect();
    for ((one, _), told) in all.iter_mut().zip(told) {
        let (One::Checked(checked), Some((evidence, remedy))) = (one, told) else { continue };
        for finding in checked.report.findings.iter_mut().filter(|finding| is_refused(finding)) {
            finding.evidence.push_str(&evidence);
            finding.remedy = Some(remedy.clone());
        }
    }
}

/// What is to be added to the evidence, and the remedy; nothing where no other was tried with the same key.
fn told(one: &One, key: &Tried, all: &[(One, Tried)]) -> Option<(String, String)> {
    key.as_ref()?;
    authorization(one).filter(|finding| is_refused(finding))?;
    let (mailbox, environment) = one.whose();
    let (mailbox, desk) = (mailbox?, environment.desk_address());
    let same = || all.iter().filter(|(other, tried)| tried == key && other.whose().1 == environment);
    let is_let_in = |other: &&(One, Tried)| {
        authorization(&other.0).is_some_and(|f| matches!(f.status, Status::Pass | Status::Warn))
    };
    if let Some(other) = same().find(is_let_in).and_then(|(other, _)| other.whose().0) {
        return Some((
            format!("; with the same shared key {other} is let in"),
            format!(
                "the password of {mailbox} is wrong: look it up where it was issued, and paste it without white space and quotes. One that is lost can only be set anew, by {desk}"
            ),
        ));
    }
    let refused = same().filter(|(other, _)| authorization(other).is_some_and(is_refused)).count();
    (refused > 1).then(|| {
        (
            format!("; {refused} mailboxes were refused with this shared key, and none was let in"),
            format!("the shared key is probably wrong: ask {desk} for that of {environment}; if it is right, all of these passwords are wrong"),
        )
    })
}

fn authorization(one: &One) -> Option<&Finding> {
    let One::Checked(checked) = one else { return None };
    checked.report.findings.iter().find(|finding| finding.probe == ProbeId::Authorization)
}

fn is_refused(finding: &Finding) -> bool {
    finding.probe == ProbeId::Authorization && finding.code == Some("login_refused")
}
