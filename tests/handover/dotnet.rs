//! Applications on .NET, by its own runtime. NEL.MESH and dotnet-mesh-client are not to be had here; what they are made
//! of is: .NET's configuration, its PKCS#12 reader, its HttpClient and its TLS, called as these two call them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stage::{alone, handed_over, printed, refusal, stage};
use crate::support::{Mesh, venv_python};

/// Runs the reader in `folder` behind a shell's `preparation`; nothing where there is no .NET for this machine.
pub fn reader(mesh: &Mesh, folder: &Path, preparation: &str, arguments: &str) -> Option<Command> {
    let runtime = runtime()?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // What is installed for an account counts as well.
    let home = mesh.file("dotnet-home");
    std::fs::create_dir_all(&home).expect("a test can write beside its home");
    let mut shell = alone("sh", folder);
    shell.args(["-c", &format!("set -ea; {preparation}; set +a; exec \"$0\" \"$1\" {arguments}")]);
    shell.arg(venv_python()).arg(here.join("tests/handover/dotnet/reader.py"));
    shell.env("HOME", home).env("DOTNET_FOLDER", runtime);
    Some(shell)
}

/// Where `tests/run` has put the runtime. It says so itself where there is none to be had, and leaves a note.
fn runtime() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/dotnet");
    let stamp = std::fs::read_to_string(folder.join("stamp")).unwrap_or_default();
    assert!(
        stamp == include_str!("dotnet/package-lock.json"),
        "the runtime of .NET is missing: run tests/run, which takes it from npm"
    );
    if folder.join("left-out").exists() {
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            panic!("run tests/run: .NET runs on this machine");
        }
        return None;
    }
    Some(folder.join("runtime"))
}

#[test]
fn dotnet_mesh_client_connects_by_either_way_of_naming_its_settings() {
    let mesh = stage();
    for scheme in ["retrieve", "mailboxes"] {
        let to = mesh.file(scheme);
        let scheme = format!("scheme={scheme}");
        let folder = crate::stage::handed_over_to(
            &mesh,
            "dotnet-mesh-client",
            &to,
            &["--set", &scheme, "--set", "platform=linux"],
        );
        let of_functions: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("local.settings.json")).unwrap()).unwrap();
        for (name, value) in of_functions["Values"].as_object().expect("values") {
            let mut shell = alone("sh", &folder);
            shell.args(["-c", &format!(". ./mesh.env; printf %s \"${name}\"")]);
            assert_eq!(printed(shell), value.as_str().expect("all of them are texts"), "{name}");
        }
        // Blocks and nothing else: its own way through the file takes no comments.
        let trusted = std::fs::read_to_string(folder.join("ca.pem")).unwrap();
        let between = trusted.split("-----END CERTIFICATE-----").map(|block| block.trim_start_matches('\n'));
        assert!(
            between
                .clone()
                .all(|block| block.is_empty() || block.starts_with("-----BEGIN CERTIFICATE-----\n"))
        );
        assert_eq!(between.count(), 3, "root and sub CA");

        if let Some(shell) = reader(&mesh, &folder, ". ./mesh.env; . ./sub-ca.env", "dotnet-mesh-client") {
            assert_eq!(printed(shell), "200\n");
        }
    }
}

#[test]
fn a_pfx_of_the_legacy_profile_opens_in_dotnet_too() {
    let mesh = stage();
    let more = ["--pfx-profile", "legacy", "--set", "platform=linux", "--set", "mailbox-variable=OurMailbox"];
    let folder = handed_over(&mesh, "dotnet-mesh-client", &more);
    let variables = ". ./mesh.env; . ./sub-ca.env; BSSMailBox=$OurMailbox";
    if let Some(shell) = reader(&mesh, &folder, variables, "dotnet-mesh-client") {
        assert_eq!(printed(shell), "200\n");
    }
    if let Some(shell) =
        reader(&mesh, &folder, &format!("{variables}; MeshKeyPassphrase=x"), "dotnet-mesh-client")
    {
        assert!(refusal(shell).contains("CryptographicException"));
    }
}
