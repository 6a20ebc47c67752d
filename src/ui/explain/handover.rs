//! What stands in the way of a handover.

use std::path::Path;

use super::{Explained, bundles, chain, exit, key, store};
use crate::handover::HandoverError;

pub(super) fn handover(error: &HandoverError) -> Explained {
    let usage = |code| Explained::new(code, error).exit(exit::USAGE);
    match error {
        HandoverError::UnknownConsumer { known, .. } => usage("unknown_consumer")
            .because(format!("known are {}", known.join(", ")))
            .hint("see what each gets: mesh-onboard export --list"),
        HandoverError::UnknownSetting { known, consumer, .. } => match known.is_empty() {
            true => usage("usage").because(format!("{consumer} takes none")),
            false => usage("usage").because(format!("it has {}", known.join(", "))),
        }
        .hint(format!("see what it takes: mesh-onboard export --list --for {consumer}")),
        HandoverError::Setting { name, .. } => {
            usage("usage").hint(format!("give another: --set {name}=VALUE"))
        }
        HandoverError::SettingNeeded { name, .. } => usage("usage").hint(format!("give it: --set {name}=VALUE")),
        HandoverError::Template { name, .. } => Explained::new("template", error)
            .hint(format!("mend <home>/templates/{name}, or take it away: there is a built-in one")),
        HandoverError::StrayTemplate { known, consumer, .. } => match known.is_empty() {
            true => Explained::new("template", error).because(format!("{consumer} is made without templates")),
            false => Explained::new("template", error).because(format!("those that count are {}", known.join(", "))),
        }
        .hint("give it one of their names in <home>/templates, or take it away from there"),
        HandoverError::Alone { .. } => Explained::new("template", error)
            .because("both are made anew each time, and one is of no use without the other; no template of yours names it")
            .hint("name {{ generated_password }} and the key in templates of yours, or both in none"),
        HandoverError::Value { .. } => Explained::new("not_representable", error)
            .hint("choose a consumer that takes the value in a file of its own, or change it: mesh-onboard export --list"),
        HandoverError::TooLarge { .. } => Explained::new("too_large", error)
            .because("the consumer would refuse it, or cut it")
            .hint("see what else there is: mesh-onboard export --list"),
        HandoverError::Unreadable { .. } => Explained::new("unreadable", error)
            .hint("if a template of your own makes it, mend that: its name is <home>/templates/CONSUMER.FILE"),
        HandoverError::Chain(e) => chain(e),
        HandoverError::NoSubCa { .. } => Explained::new("no_sub_ca", error)
            .because("the root itself issued the certificate, or --ca names no sub CA")
            .hint("name root and sub CA with --ca FILE"),
        HandoverError::NoRoot { .. } | HandoverError::NoIssuer { .. } => Explained::new("no_root", error)
            .because("a client proves a server up to a root that it has")
            .hint("name each sub CA and the root that signed it: --ca ROOT-FILE --ca SUB-CA-FILE"),
        HandoverError::KeyMismatch => Explained::new("key_mismatch", error)
            .because("somebody has changed key.pem or the bundles")
            .hint("bring the files back from a backup: mesh-onboard restore FILE"),
        HandoverError::Key(e) => key(e),
        HandoverError::Certificate(e) => Explained::new("not_a_certificate", e),
        HandoverError::Bundle(e) => bundles(e),
        HandoverError::NotOurs { folder, .. } => Explained::new("not_ours", error)
            .because("the folder would change places with a new one, and the application would miss it")
            .hint(format!("move it elsewhere, or hand over to a new folder instead of {}", folder.display())),
        HandoverError::Changed { folder, .. } => Explained::new("not_ours", error)
            .because("it may be another handover, or somebody's own change, and would be replaced")
            .hint(format!("move the folder away, and run this again: mv {0} {0}.old", quoted(folder))),
        HandoverError::Linked { .. } => Explained::new("not_ours", error)
            .because("the link alone would be replaced, and what it leads to would stay as it is")
            .hint("put the folder back in its place, or hand over to the folder that the link leads to: --for CONSUMER --to DIR"),
        HandoverError::Contested { folder, mailbox, environment, .. } => Explained::new("not_ours", error)
            .because("one folder cannot hold both, and the credential of one would stand where the other is read")
            .hint(format!(
                "see whose it is (mesh-onboard export --verify), and forget the other: mesh-onboard export {mailbox} --env {environment} --forget {}",
                quoted(folder)
            )),
        HandoverError::Recorded { .. } => Explained::new("record_unreadable", error)
            .because("somebody has changed mailbox.toml")
            .hint("hand over once more with the same flags: mesh-onboard export MAILBOX --for CONSUMER --to DIR"),
        HandoverError::NotRecorded { .. } => Explained::new("not_handed_over", error)
            .hint("see where handovers went: mesh-onboard export --verify"),
        HandoverError::Store(e) => store(e),
    }
}

fn quoted(path: &Path) -> String {
    shell_words::quote(&path.to_string_lossy()).into_owned()
}
