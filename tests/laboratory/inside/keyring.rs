//! A keyring of one run's own: a session bus, and on it the daemon that a desktop has.

use std::path::Path;

use super::scene::Scene;
use crate::support::Program;

/// Keeps what comes on standard input, unlocks the keyring, and runs what follows.
const SESSION: &str = r#"
umask 077
mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME"
printf unlocked | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
while IFS='=' read -r entry secret; do
    printf %s "$secret" | secret-tool store --label="$entry" service mesh-onboard username "$entry"
done
exec "$@"
"#;

/// The program in a session whose keyring holds these entries.
pub fn with_keyring(scene: &Scene, program: Program, entries: &[(&str, &str)]) -> Program {
    for (name, package) in [
        ("dbus-run-session", "dbus-daemon"),
        ("gnome-keyring-daemon", "gnome-keyring"),
        ("secret-tool", "libsecret-tools"),
    ] {
        tool_exists(name, package);
    }
    let script = scene.file("session.sh");
    std::fs::write(&script, SESSION).expect("a test can write into its folder");
    let lines: String = entries.iter().map(|(entry, secret)| format!("{entry}={secret}\n")).collect();
    let runner: [&Path; 4] = ["dbus-run-session".as_ref(), "--".as_ref(), "sh".as_ref(), &script];
    program.run_by(runner).stdin(lines)
}

fn tool_exists(name: &str, package: &str) {
    let found = std::process::Command::new(name).arg("--help").output();
    assert!(found.is_ok(), "{name} is missing; install it with: sudo apt-get install {package}");
}
