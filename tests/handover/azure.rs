//! Azure Key Vault. Neither its command nor its server runs here: a stand-in records what the script asks, keeps what it is
//! given as the key vault would, and an application reads that.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::stage::{alone, handed_over, printed, stage};
use crate::stand_in::{asked, no_secret_in, script, stand_in};
use crate::support::{openssl, path_arg, tool, venv_python};

/// Keeps each `--file` under its `--name`. A PFX is kept as Key Vault gives it back: base64, without a password.
fn key_vault(store: &Path) -> String {
    format!(
        r#"name='' file='' password=''
while [ $# -gt 0 ]; do
    case $1 in
    --name) name=$2 ;;
    --file) file=$2 ;;
    --password) password=${{2#@}} ;;
    esac
    shift
done
mkdir -p '{store}'
case $file in
*.pfx)
    openssl pkcs12 -in "$file" -passin "file:$password" -nodes -out '{store}/open' &&
        openssl pkcs12 -export -in '{store}/open' -passout pass: -out '{store}/pfx' &&
        base64 -w 0 '{store}/pfx' > '{store}/'"$name"
    ;;
*) cp "$file" '{store}/'"$name" ;;
esac"#,
        store = store.display()
    )
}

#[track_caller]
fn reads(folder: &Path, args: &[&Path]) {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover/vaults/reader.py");
    let mut python = alone(venv_python(), folder);
    python.arg(reader).args(args);
    assert_eq!(printed(python), "ok\n");
}

fn elsewhere(mesh: &crate::support::Mesh) -> PathBuf {
    let folder = mesh.file("elsewhere");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What the policy says that the certificate is imported from.
#[track_caller]
fn content_type(folder: &Path) -> String {
    let policy: Value = serde_json::from_slice(&fs::read(folder.join("policy.json")).unwrap()).unwrap();
    policy["secretProperties"]["contentType"].as_str().expect("a content type").to_owned()
}

#[test]
fn key_vault_gives_an_application_the_pem_that_the_script_imports() {
    let mesh = stage();
    let folder = handed_over(&mesh, "azure-key-vault", &["--set", "vault=mesh-dev"]);
    tool("shellcheck", [folder.join("import.sh")]);
    let elsewhere = elsewhere(&mesh);
    let store = elsewhere.join("store");
    let (bin, record) = stand_in(&elsewhere, "az", &key_vault(&store));
    printed(script(&folder.join("import.sh"), &bin, &elsewhere));

    let calls = asked(&record);
    no_secret_in(&calls);
    let last = "keyvault certificate import --vault-name mesh-dev --name mesh-x26abc1 --file client.pem --policy @policy.json --output none";
    assert_eq!(calls.iter().map(|call| call.join(" ")).next_back().as_deref(), Some(last));
    let set = |call: &&Vec<String>| {
        call[..3] == ["keyvault", "secret", "set"] && call.ends_with(&["--output".into(), "none".into()])
    };
    assert_eq!(calls.iter().filter(set).count(), 3, "{calls:?}");
    reads(&elsewhere, &["pem".as_ref(), &store, mesh.url().as_ref()]);

    // az 2.91 leaves it to the caller to say that it is PEM, and the service takes it for a PFX otherwise.
    assert_eq!(content_type(&folder), "application/x-pem-file");

    let text = fs::read_to_string(folder.join("client.pem")).unwrap();
    assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"), "PKCS#8, not encrypted");
    let (leaf, others) = (mesh.file("leaf.pem"), mesh.file("others.pem"));
    let blocks: Vec<_> = text.split_inclusive("-----END CERTIFICATE-----\n").collect();
    assert_eq!(blocks.len(), 3, "certificate, sub CA, root");
    fs::write(&leaf, blocks[0]).unwrap();
    fs::write(&others, blocks[1..].concat()).unwrap();
    openssl(&format!("verify -CAfile {} {}", path_arg(&others), path_arg(&leaf)));
    assert!(
        openssl(&format!("x509 -noout -subject -in {}", path_arg(&leaf))).to_lowercase().contains("x26abc1")
    );
    for (file, value) in [("password", "password"), ("shared-key", "TestKey")] {
        assert_eq!(fs::read_to_string(folder.join("secrets").join(file)).unwrap(), value, "no line end");
    }
    assert!(!folder.join("app-settings.json").exists() && !folder.join("client.pfx").exists());
}

#[test]
fn references_to_the_key_vault_give_a_dotnet_application_all_that_it_loads() {
    let mesh = stage();
    let folder = handed_over(&mesh, "azure-key-vault", &["--set", "vault=mesh-dev", "--set", "form=pfx"]);
    tool("shellcheck", [folder.join("import.sh")]);
    let elsewhere = elsewhere(&mesh);
    let store = elsewhere.join("store");
    let (bin, record) = stand_in(&elsewhere, "az", &key_vault(&store));
    printed(script(&folder.join("import.sh"), &bin, &elsewhere));

    let calls = asked(&record);
    no_secret_in(&calls);
    let words = calls.iter().flatten();
    assert!(words.clone().any(|word| word == "@client-pfx-password.txt"), "{calls:?}");
    assert_eq!(content_type(&folder), "application/x-pkcs12");
    let password = fs::read_to_string(folder.join("client-pfx-password.txt")).unwrap();
    assert!(password.len() == 32 && password.bytes().all(|b| b.is_ascii_alphanumeric()), "no line end");
    assert!(words.clone().all(|word| !word.contains(&password)), "the password of the PFX is no argument");
    reads(&elsewhere, &["pfx".as_ref(), &store, &folder.join("app-settings.json")]);

    // What the machine of the application has to know: one CA, which is not the root.
    let sub_ca = fs::read_to_string(folder.join("sub-ca.cer")).unwrap();
    assert_eq!(sub_ca, fs::read_to_string(mesh.home().join("rehearsal-ca/sub.pem")).unwrap());

    let settings = fs::read_to_string(folder.join("app-settings.json")).unwrap();
    for secret in ["TestKey", "\"password\"", password.as_str(), "PRIVATE KEY"] {
        assert!(!settings.contains(secret), "app settings hold no secret");
    }
}

#[test]
fn names_that_key_vault_refuses_are_refused_here() {
    let mesh = stage();
    let given = [
        "vault=ab",
        "vault=9mesh",
        "vault=mesh_dev",
        "certificate-name=mesh.x",
        "secret-prefix=-x",
        "form=der",
    ];
    for setting in given {
        let to = mesh.file("refused");
        let program =
            mesh.answers("export", "X26ABC1").args(["--for", "azure-key-vault", "--set", "vault=mesh-dev"]);
        let ran = program.args(["--set", setting, "--to"]).arg(&to).run();
        assert_ne!(ran.code(), Some(0), "{setting}");
        assert!(!to.exists(), "{setting}");
    }
}
