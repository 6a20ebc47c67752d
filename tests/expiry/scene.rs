//! A home with a mailbox in use, one that shares it and one that waits, and a folder of certificates made elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Authority, Mailbox, Output, venv_python};

/// When the certificates of the scene end: of the mailbox, and of those that were made elsewhere, the second in British
/// Summer Time.
pub const MAILBOX_ENDS: &str = "2029-01-01T00:30:00Z";
pub const WINTER_ENDS: &str = "2028-12-01T10:00:00Z";
pub const SUMMER_ENDS: &str = "2029-05-31T23:30:00Z";

/// A name that has everything in it that text formats give a meaning to.
pub const AWKWARD: &str = r#"a "quoted", \back; slash"#;

pub struct Scene {
    pub mailbox: Mailbox,
}

impl Scene {
    /// X26ABC1 in use, X26ABC2 shares it, X26ABC3 waits for the desk since 1 June 2026.
    pub fn new() -> Self {
        let mailbox = Mailbox::imported();
        let run = |words: &[&str]| mailbox.program().args(words).run().expect(0);
        run(&["adopt", "X26ABC2", "--env", "sandbox", "--share", "X26ABC1"]);
        run(&["request", "X26ABC3", "--ods", "X26", "--env", "sandbox"]);
        run(&["sent", "X26ABC3", "--ticket", "CS1234567"]);
        let scene = Self { mailbox };
        let watched = scene.watched();
        fs::create_dir_all(watched.join("below")).unwrap();
        let authority = Authority::ours();
        let leaf = |name: &str, until: &str, file: &str| {
            let stem = watched.join(file);
            let leaf = authority.leaf(&stem, name).with_new_key(&stem).valid("20260301120000Z", until);
            leaf.sign(&stem.with_extension("pem"))
        };
        leaf("winter.example", "20281201100000Z", "winter");
        // With its chain, as servers have it.
        let summer = leaf("summer.example", "20290531233000Z", "below/summer");
        let chain = [fs::read(&summer).unwrap(), fs::read(authority.sub()).unwrap()].concat();
        fs::write(&summer, chain).unwrap();
        fs::copy(authority.root(), watched.join("root.pem")).unwrap();
        scene
    }

    /// The folder of what was made elsewhere.
    pub fn watched(&self) -> PathBuf {
        self.mailbox.file("elsewhere")
    }

    /// `status` for a script, of everything there is.
    pub fn status(&self, now: &str, more: &[&str]) -> Output {
        let program = self.mailbox.person().arg("--no-input").now(now);
        program.args(["status", "--watch"]).arg(self.watched()).args(more).run()
    }

    /// A certificate of an awkward name, in a file of an awkward name.
    pub fn add_awkward(&self) -> PathBuf {
        let path = self.watched().join("an \"awkward\" \\name\n.pem");
        let key = self.mailbox.file("awkward.key");
        let plain = self.mailbox.file("awkward.pem");
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1000", "-addext"]);
        openssl.args([
            "basicConstraints=critical,CA:FALSE",
            "-subj",
            &format!("/CN={}", AWKWARD.replace('\\', r"\\")),
        ]);
        openssl.arg("-keyout").arg(key).arg("-out").arg(&plain);
        assert!(openssl.output().expect("openssl starts").status.success());
        fs::copy(plain, &path).unwrap();
        path
    }
}

/// Runs a Python script of these tests with the packages of the test environment; its answer is JSON.
pub fn python(script: &str, args: &[&Path]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expiry").join(script);
    let output = Command::new(venv_python()).arg(script).args(args).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("no JSON: {e}\n{said}"))
}
