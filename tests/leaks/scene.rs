//! Everything that a run of the program can write to, and a rehearsal MESH whose secrets are marked.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::process::Signal;
use tempfile::TempDir;

use super::echo::Echo;
use super::numbers::Numbers;
use super::search::{Needles, Search};
use super::secrets::{ALL, KINDS, Kind, MAILBOX_PASSWORD, PASSPHRASE, SHARED_KEY, Source};
use crate::support::{Authority, NOW, Program, Rehearsal, Tinyproxy, path_arg, tree};

/// A minute after the server's time: its certificate begins with that.
const LATER: &str = "2026-06-01T12:01:00Z";

/// What `secret_command` runs: it notes all that it can see of the program and of itself, and answers if it is let.
const VAULT: &str = r#"
{ tr '\0' '\n' </proc/$$/cmdline; tr '\0' '\n' </proc/$PPID/cmdline; env; } >"$SEEN/$$-$1"
[ "$VAULT" = open ] && cat "${0%/*}/$1"
"#;

/// The place.
pub struct Scene {
    folder: TempDir,
    server: Option<Rehearsal>,
    pub echo: Echo,
    pub proxy: Tinyproxy,
    needles: RefCell<Needles>,
    /// Of the needles as they were last.
    search: RefCell<Option<Rc<Search>>>,
    keys: RefCell<BTreeSet<PathBuf>>,
    /// What the tests themselves put there, which the program only reads.
    given: std::collections::BTreeMap<String, (u32, String)>,
}

impl Scene {
    pub fn new() -> Self {
        let folder = crate::support::scratch();
        for name in ["given", "home", "user", "work", "tmp", "seen"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let given = folder.path().join("given");
        let toml = |text: &str| toml::Value::from(text).to_string();
        let (mut lines, mut table) = (String::from("# ours\n"), String::new());
        for kind in KINDS.into_iter().chain([Kind::Backup]) {
            give(&given.join(kind.variable()), kind.value());
            lines.push_str(&format!("{}={}\n", kind.variable(), kind.value()));
            table.push_str(&format!("{} = {}\n", kind.variable(), toml(kind.value())));
        }
        give(&given.join("lines"), &lines);
        give(&given.join("table"), &table);
        give(&given.join("vault.sh"), VAULT);
        let mut config = format!("shared_key = {}\n", toml(SHARED_KEY));
        for (id, ods) in [("X26ABC1", "X26"), ("X26ABC2", "X26"), ("X26ABC3", "X27")] {
            let password = toml(MAILBOX_PASSWORD);
            config
                .push_str(&format!("[[mailboxes]]\nid = \"{id}\"\nods = \"{ods}\"\npassword = {password}\n"));
        }
        config.push_str(
            "[[workflows]]\nid = \"TEST_WORKFLOW\"\nsenders = [\"X26ABC1\"]\nreceivers = [\"X26ABC2\"]\n\
             [[workflows]]\nid = \"TEST_WORKFLOW2\"\nsenders = [\"X26ABC1\"]\nreceivers = [\"X26ABC1\"]\n",
        );
        give(&given.join("rehearsal.toml"), &config);
        let elsewhere = given.join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let leaf = Authority::ours().leaf(Path::new(""), "X26ABC3.X27.api.mesh-client.nhs.uk");
        let leaf = leaf.with_new_key(&elsewhere.join("made")).issuer_at("http://192.0.2.1/sub.cer");
        leaf.sign(&elsewhere.join("fetch.pem"));
        let command = serde_json::json!(["sh", given.join("vault.sh")]);
        fs::write(folder.path().join("home/settings.toml"), format!("secret_command = {command}\n")).unwrap();

        let mut needles = Needles::default();
        ALL.iter().for_each(|(label, text)| needles.text(label, text));
        needles.hash("the hash of a header", super::rows::header().rsplit(':').next().expect("a hash"));
        needles.key("the key from elsewhere", &Numbers::of(&elsewhere.join("made.key"), ""));
        let login = format!("BasicAuth {} {}", super::secrets::PROXY_USER, super::secrets::PROXY_PASSWORD);
        let mut scene = Self {
            echo: Echo::start(&elsewhere),
            proxy: Tinyproxy::start(&login),
            needles: RefCell::new(needles),
            search: RefCell::default(),
            keys: RefCell::default(),
            given: tree(&given),
            server: None,
            folder,
        };
        let arguments = ["--keep", &scene.path("home"), "--config", &scene.path("given/rehearsal.toml")];
        scene.server = Some(Rehearsal::start(scene.bare().now(NOW), &arguments));
        scene
    }

    /// A path of the scene.
    pub fn path(&self, name: &str) -> String {
        path_arg(&self.folder.path().join(name))
    }

    /// A private file that the program is given.
    pub fn given(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        give(&self.folder.path().join("given").join(name), text);
        self.path(&format!("given/{name}"))
    }

    /// The address of the rehearsal MESH.
    pub fn url(&self) -> String {
        self.server.as_ref().expect("it serves").url()
    }

    /// The program in its place, without any secret.
    pub fn bare(&self) -> Program {
        let program = Program::new().home(&self.folder.path().join("home")).now(LATER);
        let program = program.env("TMPDIR", self.path("tmp")).env("SEEN", self.path("seen"));
        program.env("MESH_ONBOARD_TEST_FIRST_WAIT", "10").directory(&self.folder.path().join("work"))
    }

    /// The program with secrets of these kinds.
    pub fn with(&self, source: Source, kinds: &[Kind]) -> Program {
        let mut program = self.bare();
        match source {
            Source::Lines => return program.last_args(["--secrets", &self.path("given/lines")]),
            Source::Toml => return program.last_args(["--secrets", &self.path("given/table")]),
            Source::Command => return program.env("VAULT", "open"),
            Source::Environment | Source::Files | Source::Stdin => {}
        }
        for (index, kind) in kinds.iter().enumerate() {
            program = match source {
                Source::Stdin if index == 0 => program.last_args([kind.flag(), "-"]).stdin(kind.value()),
                Source::Files => {
                    program.last_args([kind.flag(), &self.path(&format!("given/{}", kind.variable()))])
                }
                _ => program.env(kind.variable(), kind.value()),
            };
        }
        program
    }

    /// The credential of X26ABC1.
    pub fn credential(&self, file: &str) -> String {
        self.path(&format!("home/rehearsal/X26ABC1/credentials/0001/{file}"))
    }

    /// What is looked for by now: keys that were made are known only afterwards.
    pub fn search(&self) -> Rc<Search> {
        let (mut needles, mut kept) = (self.needles.borrow_mut(), self.search.borrow_mut());
        let home = self.folder.path().join("home");
        for (name, _) in tree(&home).into_iter().filter(|(name, _)| name.ends_with("/key.pem")) {
            // X26ABC3 has the key from elsewhere, which is known.
            let is_ours = name.contains("/credentials/0") && !name.starts_with("rehearsal/X26ABC3/");
            let is_served = name.starts_with("rehearsal-mesh/credentials/");
            if (is_ours || is_served) && self.keys.borrow_mut().insert(name.clone().into()) {
                let passphrase = if is_ours { PASSPHRASE } else { "" };
                let label = if is_ours { "a key" } else { "a key of the rehearsal" };
                needles.key(label, &Numbers::of(&home.join(&name), passphrase));
                *kept = None;
            }
        }
        kept.get_or_insert_with(|| Rc::new(needles.search())).clone()
    }

    /// The tokens that were used, if there are new ones.
    pub fn token_search(&self) -> Option<Search> {
        let (shown, mut tokens) = (self.echo.shown(), Needles::default());
        for token in &shown {
            tokens.hash("the hash of a token", token.rsplit(':').next().expect("a hash"));
        }
        (!shown.is_empty()).then(|| tokens.search())
    }

    /// Every file that a run could have written, and the SHA-256 of its bytes.
    pub fn written(&self) -> Vec<(String, String)> {
        let root = self.folder.path();
        let below = |folder: &'static str| {
            let files = tree(&root.join(folder)).into_iter().filter(|(_, (_, content))| content != "folder");
            files.map(move |(name, (_, content))| (format!("{folder}/{name}"), content))
        };
        ["home", "user", "work", "tmp", "seen"].into_iter().flat_map(below).collect()
    }

    /// Ends the server: all that it said. What the tests gave must be as they gave it.
    pub fn end(mut self) -> (String, String) {
        let server = self.server.take().expect("it serves");
        let first = server.settings.to_string();
        let (_, stdout, stderr) = server.stop(Signal::TERM);
        let given = tree(&self.folder.path().join("given"));
        let changed: Vec<_> =
            self.given.iter().filter(|(name, file)| given.get(*name) != Some(file)).collect();
        assert!(changed.is_empty(), "files that were given have changed: {changed:?}");
        (first + &stdout, stderr)
    }
}

fn give(path: &Path, text: impl AsRef<[u8]>) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
