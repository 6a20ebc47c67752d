//! Fault points: places at which a test kills the process, to show that nothing is lost there.
//!
//! They exist only with the cargo feature `test-hooks`, which no shipped binary has.

use std::borrow::Cow;
use std::path::Path;

/// One place before, inside or after something that reaches the disk.
#[cfg(not(feature = "test-hooks"))]
pub(super) fn point() {}

/// Kills this process at the point that `MESH_ONBOARD_TEST_KILL_AT` counts to.
#[cfg(feature = "test-hooks")]
pub(super) fn point() {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static KILL_AT: LazyLock<Option<u32>> =
        LazyLock::new(|| std::env::var("MESH_ONBOARD_TEST_KILL_AT").ok()?.parse().ok());
    static PASSED: AtomicU32 = AtomicU32::new(0);

    let Some(kill_at) = *KILL_AT else { return };
    if PASSED.fetch_add(1, Ordering::SeqCst) + 1 == kill_at {
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
            .expect("a process may kill itself");
    }
}

/// The bytes that reach the disk.
#[cfg(not(feature = "test-hooks"))]
pub(super) fn spoilt<'a>(_: &Path, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    Cow::Borrowed(bytes)
}

/// The bytes that reach the disk: other ones for the file named by `MESH_ONBOARD_TEST_SPOIL`.
#[cfg(feature = "test-hooks")]
pub(super) fn spoilt<'a>(path: &Path, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    if std::env::var_os("MESH_ONBOARD_TEST_SPOIL").as_deref() != path.file_name() {
        return Cow::Borrowed(bytes);
    }
    let mut spoilt = bytes.to_vec();
    if let Some(last) = spoilt.last_mut() {
        *last ^= 1;
    }
    Cow::Owned(spoilt)
}

/// Keeps a lock for the milliseconds of `MESH_ONBOARD_TEST_HOLD_LOCK_MS`, so that a test can meet it.
pub(super) fn hold_lock() {
    #[cfg(feature = "test-hooks")]
    if let Some(millis) =
        std::env::var("MESH_ONBOARD_TEST_HOLD_LOCK_MS").ok().and_then(|text| text.parse().ok())
    {
        std::thread::sleep(std::time::Duration::from_millis(millis));
    }
}
