//! What happened beside a handover.

use super::told::Warning;
use crate::commands::Context;
use crate::handover::Delivered;

/// Says what did, and returns it.
pub fn warn(context: &Context, delivered: &Delivered) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let folder = delivered.record.folder.display();
    if let Some(before) = &delivered.not_taken_over {
        let (whose, line) = match before.user {
            Some(user) => ("owner and group", format!("chown -R {user}:{}", before.group)),
            None => ("group", format!("chgrp -R {}", before.group)),
        };
        warnings.push((
            "readers_lost",
            format!(
                "the {whose} of the folder before could not be taken over, so that its readers may be shut out; give them back: {line} {folder}"
            ),
        ));
    }
    for (mailbox, forgotten) in &delivered.forgotten {
        warnings.push((
            "handover_forgotten",
            format!(
                "the handover of {} ({}) to {} in {folder} is forgotten: its files were gone, and the folder is another's now",
                mailbox.mailbox(),
                mailbox.environment(),
                forgotten.consumer
            ),
        ));
    }
    warnings.iter().for_each(|(_, message)| context.screen.warning(message));
    warnings
}
