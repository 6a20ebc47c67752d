//! A keyring of one run's own: a session bus, and on it the daemon that a desktop has. The user's own is out of reach:
//! home, folders and bus are others.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Program, path_arg};

/// In what state the program finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// No session bus at all.
    NoBus,
    /// A bus, and nobody on it.
    NoService,
    /// It answers.
    Unlocked,
    /// It holds its entries, locked, and nobody is there to unlock it.
    Locked,
    /// The bus forbids to speak to it.
    Forbidden,
    /// It is there and hangs.
    Hanging,
}

/// What runs the program: `sh SCRIPT STATE ENTRIES FOLDER PROGRAM…`. The daemon keeps its collection in the folder, so
/// that one run finds what another one kept.
const SESSION: &str = r#"
umask 077
state=$1 entries=$2 folder=$3
shift 3
export HOME="$folder" XDG_RUNTIME_DIR="$folder/runtime" XDG_DATA_HOME="$folder/data" XDG_CACHE_HOME="$folder/cache"
export XDG_CONFIG_HOME="$folder/config"
mkdir -p "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME"
# Whatever happens, the daemon ends with the session.
trap '[ -z "$service" ] || { kill -CONT $service; kill $service; }' EXIT
owned() {
    dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
        string:org.freedesktop.secrets 2>/dev/null | grep -q true
}
service=
if [ "$state" != NoService ]; then
    printf unlocked | gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null 2>&1 &
    service=$!
    for attempt in $(seq 1200); do owned && break; sleep 0.05; done
fi
if [ "$state" != NoService ] && [ "$state" != Forbidden ]; then
    while IFS='=' read -r entry secret; do
        printf %s "$secret" | secret-tool store --label="$entry" service mesh-onboard username "$entry"
    done <"$entries"
fi
if [ "$state" = Locked ]; then
    dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
        org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
fi
[ "$state" != Hanging ] || kill -STOP $service
"$@"
status=$?
# What stands in the keyring afterwards, for the test.
if [ "$state" = Unlocked ]; then secret-tool search --all service mesh-onboard >"$folder/after" 2>&1; fi
exit $status
"#;

/// A bus that starts no service by itself, and lets nobody call that of the keyring.
const FORBIDS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow receive_sender="*" eavesdrop="true"/>
    <allow own="*"/>
    <deny send_destination="org.freedesktop.secrets" send_interface="org.freedesktop.Secret.Service"/>
  </policy>
</busconfig>
"#;

/// One account's keyring, which lives as long as its folder.
pub struct Account {
    folder: PathBuf,
}

impl Account {
    /// In a folder of the test's own.
    pub fn new(folder: PathBuf) -> Self {
        for (name, package) in [
            ("dbus-run-session", "dbus-daemon"),
            ("gnome-keyring-daemon", "gnome-keyring"),
            ("secret-tool", "libsecret-tools"),
        ] {
            let found = Command::new(name).arg("--help").output();
            assert!(found.is_ok(), "{name} is missing; install it with: sudo apt-get install {package}");
        }
        fs::create_dir_all(&folder).expect("a test can write into its folder");
        Self { folder }
    }

    /// The program with this keyring, which also holds these entries.
    pub fn lends(&self, program: Program, state: Keyring, entries: &[(&str, &str)]) -> Program {
        if state == Keyring::NoBus {
            return program.env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
        }
        let write = |name: &str, text: &str| {
            let path = self.folder.join(name);
            fs::write(&path, text).expect("a test can write into its folder");
            path_arg(&path)
        };
        let lines: String = entries.iter().map(|(entry, secret)| format!("{entry}={secret}\n")).collect();
        let mut runner = vec!["dbus-run-session".to_owned()];
        if matches!(state, Keyring::Forbidden | Keyring::NoService) {
            runner.push(format!("--config-file={}", write("bus.conf", FORBIDS)));
        }
        let script = write("session.sh", SESSION);
        let state = format!("{state:?}");
        runner.extend([
            "--".into(),
            "sh".into(),
            script,
            state,
            write("entries", &lines),
            path_arg(&self.folder),
        ]);
        program.run_by(runner)
    }

    /// What stood in the keyring at the end of the last run in which it was unlocked: attributes and values.
    pub fn after(&self) -> String {
        fs::read_to_string(self.folder.join("after")).unwrap_or_default()
    }
}
