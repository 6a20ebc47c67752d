//! HashiCorp Vault: the exported script, unchanged, against OpenBao, which came out of it, and an application that reads
//! the secret over the API.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stage::{alone, handed_over, printed, stage};
use crate::stand_in::{asked, no_secret_in, script, stand_in};
use crate::support::{tool, venv_python};

/// A server in memory, with KV version 2 at `secret`, on the loopback; stopped when dropped.
struct Vault {
    process: Child,
    url: String,
}

impl Vault {
    fn start(folder: &Path) -> Self {
        // It takes no port 0.
        let address =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let mut process = alone(venv_python().with_file_name("bao"), folder)
            .args(["server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token"])
            .arg(format!("-dev-listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("bao starts: tests/run installs it");
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).is_err() {
            let ended = process.try_wait().expect("it can be asked");
            assert!(ended.is_none() && Instant::now() < patience, "bao does not serve: {ended:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { process, url: format!("http://{address}") }
    }

    fn login(&self, mut command: Command) -> Command {
        command.env("VAULT_ADDR", &self.url).env("VAULT_TOKEN", "root");
        command
    }

    /// A handshake with what a secret holds now.
    #[track_caller]
    fn read_back(&self, folder: &Path, path: &str) {
        let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover/vaults/reader.py");
        let mut python = alone(venv_python(), folder);
        python.arg(reader).args(["kv", &self.url, path]);
        assert_eq!(printed(python), "ok\n");
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn one_version_in_vault_holds_all_that_an_application_loads_and_a_renewal_makes_the_next() {
    let mesh = stage();
    let folder = handed_over(&mesh, "vault", &[]);
    tool("shellcheck", [folder.join("put.sh")]);
    let elsewhere = mesh.file("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let vault = Vault::start(&elsewhere);
    let bao = venv_python().with_file_name("bao");
    let (bin, record) = stand_in(&elsewhere, "vault", &format!("exec '{}' \"$@\"", bao.display()));
    let put = || printed(vault.login(script(&folder.join("put.sh"), &bin, &elsewhere)));

    let said = put();
    assert!(said.contains("secret/data/mesh/rehearsal/X26ABC1"), "{said}");
    assert!(!said.contains("TestKey") && !said.contains("BEGIN"), "{said}");
    let calls = asked(&record);
    no_secret_in(&calls);
    assert_eq!(calls, [["kv", "put", "-mount=secret", "mesh/rehearsal/X26ABC1", "@mesh.json"]]);
    vault.read_back(&elsewhere, "mesh/rehearsal/X26ABC1");

    mesh.import(&mesh.renewed()).run().expect(0);
    mesh.person().args(["export", "X26ABC1", "--refresh", "--no-input"]).run().expect(0);
    let said = put();
    let version = said.lines().find(|line| line.starts_with("version")).unwrap_or_default();
    assert!(version.ends_with(" 2"), "{said}");
    vault.read_back(&elsewhere, "mesh/rehearsal/X26ABC1");
}

#[test]
fn vault_gives_back_every_character_of_a_value_from_the_place_that_was_named() {
    let mesh = stage();
    let elsewhere = mesh.file("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let vault = Vault::start(&elsewhere);
    let bao = venv_python().with_file_name("bao");
    let (bin, _) = stand_in(&elsewhere, "vault", &format!("exec '{}' \"$@\"", bao.display()));

    let odd = "a'b\"c$d\\e {{x}} `y` £ é@";
    let folder = mesh.file("odd");
    let program = mesh.answers("export", "X26ABC1").env("MESH_MAILBOX_PASSWORD", odd);
    let program = program.args(["--for", "vault", "--set", "secret-path=team/mesh", "--to"]).arg(&folder);
    program.run().expect(0);
    printed(vault.login(script(&folder.join("put.sh"), &bin, &elsewhere)));
    let mut get = vault.login(alone(&bao, &elsewhere));
    get.args(["kv", "get", "-mount=secret", "-format=json", "team/mesh"]);
    let kept: Value = serde_json::from_str(&printed(get)).expect("JSON");
    let written: Value = serde_json::from_slice(&fs::read(folder.join("mesh.json")).unwrap()).expect("JSON");
    assert_eq!(kept["data"]["data"], written);
    assert_eq!(written["mailbox_password"], odd);
    assert_eq!(written["url"], mesh.url());

    let folder = mesh.file("refused");
    let program =
        mesh.answers("export", "X26ABC1").args(["--for", "vault", "--set", "secret-path=-x", "--to"]);
    assert_ne!(program.arg(&folder).run().code(), Some(0), "the command would take it for a flag");
}
