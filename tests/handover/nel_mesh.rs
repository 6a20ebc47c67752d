//! NEL.MESH, by .NET's own reader of settings, PKCS#12 and TLS; and what its loader asks of every byte.

use serde_json::Value;

use crate::dotnet::reader;
use crate::stage::{alone, handed_over, printed, refusal, stage};
use crate::support::tool;

const LINUX: [&str; 2] = ["--set", "platform=linux"];

#[test]
fn dotnet_connects_with_the_section_alone_and_with_the_variables_alone() {
    let mesh = stage();
    let folder = handed_over(&mesh, "nel-mesh", &LINUX);
    let connected = |preparation: &str, arguments: &str| {
        if let Some(shell) = reader(&mesh, &folder, preparation, arguments) {
            assert_eq!(printed(shell), "200\n", "{preparation} {arguments}");
        }
    };
    connected(". ./sub-ca.env", "nel-mesh appsettings.mesh.json");
    connected(". ./mesh.env; . ./sub-ca.env", "nel-mesh");

    let refused = |preparation: &str, why: &str| {
        if let Some(shell) = reader(&mesh, &folder, preparation, "nel-mesh appsettings.mesh.json") {
            let said = refusal(shell);
            assert!(said.contains(why), "{preparation}: {said}");
        }
    };
    // What the sub CA is handed over for: its PFX has it, and .NET does not send it.
    refused("true", "unknown ca");
    refused(". ./sub-ca.env; MeshConfiguration__SharedKey=x", "403");
    refused(
        ". ./sub-ca.env; MeshConfiguration__ClientSigningCertificatePassword=x",
        "CryptographicException",
    );
}

#[test]
fn every_value_is_what_the_loader_of_dotnet_takes() {
    let mesh = stage();
    let folder = handed_over(&mesh, "nel-mesh", &[]);
    let read = |name: &str| std::fs::read(folder.join(name)).expect("it was handed over");
    let settings: Value = serde_json::from_slice(&read("appsettings.mesh.json")).expect("JSON");
    let section = settings["MeshConfiguration"].as_object().expect("a section");
    assert_eq!(section["Url"], mesh.url());
    assert_eq!(section["MailboxId"], "X26ABC1");
    assert_eq!(section["Password"], "password");
    assert_eq!(section["SharedKey"], "TestKey");
    assert_eq!(section["MaxChunkSizeInMegabytes"], 20);
    assert_eq!(section["MaxRequestTimeoutInSeconds"], 600);
    for header in ["MexClientVersion", "MexOSName", "MexOSVersion"] {
        assert!(!section[header].as_str().expect("a text").is_empty());
    }

    // The variables say the same as the section.
    for (name, value) in section {
        let (name, value) = match value {
            Value::Array(one) => (format!("{name}__0"), one[0].clone()),
            other => (name.clone(), other.clone()),
        };
        let mut shell = alone("sh", &folder);
        shell.args(["-c", &format!(". ./mesh.env; printf %s \"$MeshConfiguration__{name}\"")]);
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(printed(shell), text, "{name}");
    }

    // One root that signed itself, one sub CA that it signed: each base64 of DER on a single line, without armour.
    for (name, subject, issuer) in
        [("TlsRootCertificates", "Root", "Root"), ("TlsIntermediateCertificates", "Sub", "Root")]
    {
        let entries = section[name].as_array().expect("a list");
        assert_eq!(entries.len(), 1, "{name}");
        let path = mesh.file(name);
        std::fs::write(&path, decoded(&entries[0])).expect("a test can write beside its home");
        let path = path.to_str().expect("UTF-8");
        let names = tool("openssl", ["x509", "-inform", "DER", "-in", path, "-noout", "-subject", "-issuer"]);
        let names: Vec<_> =
            names.lines().map(|line| line.split_once('=').expect("a name").1.trim()).collect();
        assert_eq!(names[0] == names[1], subject == issuer, "{name}: {names:?}");
    }

    // The PFX: all of the chain, and few enough iterations for LoadPkcs12: 300,000 each, 1,000,000 in all.
    let pfx = mesh.file("signing.pfx");
    std::fs::write(&pfx, decoded(&section["ClientSigningCertificate"]))
        .expect("a test can write beside its home");
    let password = section["ClientSigningCertificatePassword"].as_str().expect("a text");
    assert!(password.len() >= 20 && password.bytes().all(|b| b.is_ascii_alphanumeric()));
    let mut openssl = alone("sh", &folder);
    openssl
        .args(["-c", "exec openssl pkcs12 -in \"$0\" -info -nokeys -passin env:PASS 2>&1"])
        .arg(&pfx)
        .env("PASS", password);
    let told = printed(openssl);
    let iterations = told.split("Iteration ").skip(1).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().expect("a number")
    });
    let iterations: Vec<_> = iterations.collect();
    assert_eq!(iterations.len(), 3, "of the MAC, the certificates and the key: {told}");
    assert!(iterations.iter().all(|count| *count <= 300_000) && iterations.iter().sum::<u64>() <= 1_000_000);
    assert_eq!(told.matches("-----BEGIN CERTIFICATE-----").count(), 3, "leaf, sub CA, root");
}

#[test]
fn only_the_form_and_the_platform_that_are_asked_for_are_written() {
    let mesh = stage();
    let folder = handed_over(&mesh, "nel-mesh", &["--set", "form=env"]);
    assert!(!folder.join("appsettings.mesh.json").exists());
    assert!(folder.join("mesh.env").exists());
    assert!(!folder.join("sub-ca.env").exists());
    let script = std::fs::read_to_string(folder.join("install-sub-ca.ps1")).expect("it was handed over");
    // What it installs is there, under that name, and is the one CA that signed the client's certificate.
    assert!(script.contains(r"'sub-ca\sub-ca.cer'") && script.is_ascii());
    let installed = std::fs::read_to_string(folder.join("sub-ca/sub-ca.cer")).expect("it was handed over");
    assert_eq!(installed.matches("BEGIN CERTIFICATE").count(), 1);
}

/// Base64 on one line, as it has to be.
fn decoded(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("a text");
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)), "{text}");
    data_encoding::BASE64.decode(text.as_bytes()).expect("base64 with its padding")
}
