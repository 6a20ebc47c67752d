use std::path::Path;

/// Owner and group, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    /// The owner, where he is another than we are.
    pub user: Option<u32>,
    /// The group.
    pub group: u32,
}

/// Gives every path below `new` the owner and the group of the same path below `old`, or of `old` itself: who may read
/// what is replaced goes on reading it. Returns those of `old` if that is not allowed for all of them.
pub(super) fn take_over<'a>(
    new: &Path,
    paths: impl Iterator<Item = &'a Path>,
    old: &Path,
) -> Option<Ownership> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        let whole = old.symlink_metadata().ok()?;
        let (mut done, mut other_user) = (true, false);
        for path in paths {
            let there = path.strip_prefix(new).ok().and_then(|name| old.join(name).symlink_metadata().ok());
            let wanted = there.as_ref().unwrap_or(&whole);
            let Ok(own) = path.symlink_metadata() else { continue };
            let user = (wanted.uid() != own.uid()).then_some(wanted.uid());
            let group = (wanted.gid() != own.gid()).then_some(wanted.gid());
            if (user, group) == (None, None) || chown(path, user, group).is_ok() {
                continue;
            }
            // The group alone may be allowed.
            let group_done = group.is_none() || chown(path, None, group).is_ok();
            other_user |= user.is_some();
            done &= group_done && user.is_none();
        }
        (!done).then(|| Ownership { user: other_user.then(|| whole.uid()), group: whole.gid() })
    }
    #[cfg(not(unix))]
    {
        let _ = (new, paths.count(), old);
        None
    }
}
