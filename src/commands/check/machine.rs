//! What a service desk asks of the machine. No name of it and of nobody at it.

use std::path::Path;

use crate::store::files;

/// Where systemd, and nearly every Linux without it, says what it is (os-release(5)).
const OS_RELEASE: &str = "/etc/os-release";

/// The operating system with its version, as far as it says so, and the processor.
pub(super) fn operating_system() -> String {
    let kernel = kernel().map(|kernel| format!(", {kernel}")).unwrap_or_default();
    let system = pretty_name().unwrap_or_else(|| std::env::consts::OS.into());
    format!("{system}{kernel}, {}", std::env::consts::ARCH)
}

fn pretty_name() -> Option<String> {
    let bytes = files::read_bounded(Path::new(OS_RELEASE), 64 * 1024).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    // Values are quoted as a shell would have them.
    shell_words::split(value).ok()?.into_iter().next()
}

#[cfg(unix)]
fn kernel() -> Option<String> {
    let name = rustix::system::uname();
    Some(format!("{} {}", name.sysname().to_str().ok()?, name.release().to_str().ok()?))
}

#[cfg(not(unix))]
fn kernel() -> Option<String> {
    None
}
