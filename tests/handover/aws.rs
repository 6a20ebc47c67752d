//! AWS: the exported script, unchanged, with the real command against a stand-in for AWS, and a reader like the module's.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::stage::{alone, handed_over, printed, stage};
use crate::stand_in::{asked, no_secret_in, script, stand_in};
use crate::support::{tool, venv_python};

/// moto on a free port of the loopback, stopped when dropped.
struct Aws {
    process: Child,
    url: String,
}

impl Aws {
    fn start() -> Self {
        let server = venv_python().with_file_name("moto_server");
        let mut process = Command::new(server)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto_server starts: tests/run installs it");
        let mut lines = BufReader::new(process.stderr.take().expect("stderr is piped")).lines();
        let url = lines.find_map(|line| {
            let line = line.expect("it says where it listens");
            line.split_once("Running on ").map(|(_, url)| url.trim().to_owned())
        });
        // It tells each request there, and would wait if nobody read that.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url: url.expect("it says where it listens") }
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The real command, before which every call is recorded. moto has no Lambda here: those are answered at once.
fn recorded(folder: &Path) -> (PathBuf, PathBuf) {
    let aws = venv_python().with_file_name("aws");
    let body = format!(
        "case \" $* \" in *' lambda '*) echo Successful; exit;; esac\nexec '{}' \"$@\"",
        aws.display()
    );
    stand_in(folder, "aws", &body)
}

fn account(mut command: Command, aws: &Aws, folder: &Path) -> Command {
    let config = folder.join("aws-config");
    fs::write(&config, "[profile team]\naws_access_key_id = testing\naws_secret_access_key = testing\n")
        .unwrap();
    command
        .env("AWS_ENDPOINT_URL", &aws.url)
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", config)
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_DEFAULT_REGION", "eu-west-2");
    command
}

/// A handshake by the module's reader.
#[track_caller]
fn read_back(aws: &Aws, folder: &Path, mesh_url: &str, reader: &str, secrets_manager: bool) -> String {
    let mut python = alone(venv_python(), folder);
    python
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover/aws/reader.py"))
        .args([&aws.url, "dev", "X26ABC1", reader])
        .env("USE_SECRETS_MANAGER", if secrets_manager { "true" } else { "false" });
    if reader == "names" {
        python.env("MESH_URL", mesh_url);
    }
    printed(account(python, aws, folder))
}

#[track_caller]
fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

#[test]
fn functions_of_the_terraform_module_connect_with_what_the_script_puts_and_again_after_a_renewal() {
    let (mesh, aws) = (stage(), Aws::start());
    let settings =
        ["prefix=dev", "profile=team", "kms-key=alias/mesh", "functions=dev-mesh-poll-mailbox,dev-mesh-b"];
    let settings: Vec<_> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    let folder = handed_over(&mesh, "aws-ssm", &settings);
    tool("shellcheck", [folder.join("put.sh")]);
    let elsewhere = mesh.file("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let (bin, record) = recorded(&elsewhere);
    let put = || printed(account(script(&folder.join("put.sh"), &bin, &elsewhere), &aws, &elsewhere));

    let said = put();
    assert!(
        said.contains(
            "  /dev-mesh/mesh/MESH_CLIENT_KEY, version 1\n  /dev-mesh/mesh/MESH_CLIENT_CERT, version 1\n"
        ),
        "{said}"
    );
    assert!(said.contains("  dev-mesh-poll-mailbox, Successful\n  dev-mesh-b, Successful\n"), "{said}");
    let calls = asked(&record);
    no_secret_in(&calls);
    let starts = |call: &Vec<String>| call[..4] == ["--region", "eu-west-2", "--profile", "team"];
    assert!(calls.iter().all(starts), "{calls:?}");
    assert!(calls.iter().flatten().all(|word| word != "--environment"), "{calls:?}");
    assert_eq!(calls.len(), 9, "{calls:?}");
    for reader in ["path", "names"] {
        assert_eq!(read_back(&aws, &elsewhere, &mesh.url(), reader, false), "ok\n");
    }

    let before = json(&folder.join("parameters/MESH_CLIENT_CERT.json"));
    mesh.import(&mesh.renewed()).run().expect(0);
    mesh.person().args(["export", "X26ABC1", "--refresh", "--no-input"]).run().expect(0);
    assert_ne!(before["Value"], json(&folder.join("parameters/MESH_CLIENT_CERT.json"))["Value"]);
    let said = put();
    assert!(said.contains("  /dev-mesh/mesh/MESH_CLIENT_CERT, version 2\n"), "{said}");
    assert_eq!(read_back(&aws, &elsewhere, &mesh.url(), "names", false), "ok\n");
}

#[test]
fn secrets_manager_holds_what_is_secret_and_the_script_makes_or_updates_it() {
    let (mesh, aws) = (stage(), Aws::start());
    let folder =
        handed_over(&mesh, "aws-secrets-manager", &["--set", "prefix=dev", "--set", "kms-key=alias/mesh"]);
    tool("shellcheck", [folder.join("put.sh")]);
    let elsewhere = mesh.file("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let (bin, record) = recorded(&elsewhere);
    let put = || printed(account(script(&folder.join("put.sh"), &bin, &elsewhere), &aws, &elsewhere));

    let said = put();
    assert!(said.contains("update-function-configuration --function-name NAME"), "{said}");
    // A description that is the same as before would start nothing anew.
    assert!(said.contains(", put at $(date -u +%FT%TZ)\"\n"), "{said}");
    let made =
        |calls: &[Vec<String>]| calls.iter().filter(|call| call.contains(&"create-secret".into())).count();
    no_secret_in(&asked(&record));
    assert_eq!(made(&asked(&record)), 3, "{:?}", asked(&record));
    for reader in ["path", "names"] {
        assert_eq!(read_back(&aws, &elsewhere, &mesh.url(), reader, true), "ok\n");
    }
    put();
    assert_eq!(made(&asked(&record)), 3, "an existing secret is made once");
    assert_eq!(read_back(&aws, &elsewhere, &mesh.url(), "names", true), "ok\n");
    let names: Vec<_> =
        fs::read_dir(folder.join("parameters")).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name == "MESH_CLIENT_KEY.json"), "{names:?}");
}

/// An AWS that refuses by the rule given, in the words of the real one.
fn refusing(folder: &Path, rule: &str) -> (PathBuf, PathBuf) {
    let refuse = "refuse() { echo \"An error occurred ($1) when calling the PutParameter operation: $2\" >&2; exit 254; }";
    stand_in(folder, "aws", &format!("{refuse}\ncase \" $* \" in\n{rule}\nesac\necho 7"))
}

#[test]
fn script_keeps_tier_and_type_of_what_is_there_and_says_how_things_stand_when_it_stops() {
    let mesh = stage();
    let folder = handed_over(&mesh, "aws-ssm", &["--set", "prefix=dev"]);
    let elsewhere = mesh.file("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let run = |rule: &str| {
        let (bin, record) = refusing(&elsewhere, rule);
        let output = script(&folder.join("put.sh"), &bin, &elsewhere).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), stderr, asked(&record))
    };
    let file = |call: &Vec<String>| {
        call.iter().find_map(|w| w.strip_prefix("file://parameters/")).unwrap_or_default().to_owned()
    };

    let downgrade =
        "You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.";
    let rule = format!(
        "*CERT.json*'--tier Advanced'*) ;;\n*CLIENT_CERT.json*) refuse ValidationException \"{downgrade}\";;"
    );
    let (code, stderr, calls) = run(&rule);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(calls.last().map(&file), Some("MESH_CLIENT_CERT.json".into()));

    let other = "refuse HierarchyTypeMismatchException 'a type cannot be changed'";
    let (code, stderr, calls) =
        run(&format!("*MESH_URL.json*'--type String'*) ;;\n*MESH_URL.json*) {other};;"));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(calls.len(), 8);

    let (code, stderr, calls) = run(&format!("*MESH_SHARED_KEY.json*) {other};;"));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("ssm delete-parameter --name /dev-mesh/mesh/MESH_SHARED_KEY\n"), "{stderr}");
    assert!(stderr.contains("key and certificate in AWS are as they were"), "{stderr}");
    assert!(!calls.iter().any(|call| file(call).contains("CLIENT")), "{calls:?}");

    let denied =
        "refuse AccessDeniedException 'not authorized to perform: ssm:PutParameter on arn:aws:ssm::1:x'";
    let (code, stderr, calls) = run(&format!("*CLIENT_CERT.json*) {denied};;"));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("AccessDeniedException") && stderr.contains("may not belong together"),
        "{stderr}"
    );
    let last: Vec<_> = calls.iter().rev().take(2).map(&file).collect();
    assert_eq!(last, ["MESH_CLIENT_CERT.json", "MESH_CLIENT_KEY.json"]);
}

#[test]
fn parameters_fit_their_tier_and_a_value_that_aws_refuses_is_refused_here() {
    let mesh = stage();
    let with = |folder: &str, (password, shared_key): (&str, &str), more: &[&str]| {
        let to = mesh.file(folder);
        let program = mesh.answers("export", "X26ABC1").env("MESH_MAILBOX_PASSWORD", password);
        let program = program.env("MESH_SHARED_KEY", shared_key);
        let program = program.args(["--for", "aws-ssm", "--set", "prefix=dev", "--to"]).arg(&to).args(more);
        (program.run(), to)
    };
    let odd = "a'b\"c$d\\e {x} `y` £ é";
    let (ran, folder) = with("plain", (odd, "TestKey"), &[]);
    ran.expect(0);
    let names = [
        "MESH_URL",
        "MESH_VERIFY_SSL",
        "MESH_CA_CERT",
        "MESH_CLIENT_CERT",
        "MESH_CLIENT_KEY",
        "MESH_SHARED_KEY",
    ];
    for name in names.iter().chain(&["MAILBOX_PASSWORD"]) {
        let parameter = json(&folder.join(format!("parameters/{name}.json")));
        let place = if *name == "MAILBOX_PASSWORD" { "mailboxes/X26ABC1/" } else { "" };
        assert_eq!(parameter["Name"], format!("/dev-mesh/mesh/{place}{name}"));
        assert_eq!((&parameter["Type"], &parameter["Overwrite"]), (&"SecureString".into(), &true.into()));
        let size = parameter["Value"].as_str().unwrap().len();
        assert_eq!(parameter["Tier"], if size > 4096 { "Advanced" } else { "Standard" }, "{name}: {size}");
        assert!(size <= 8192 && parameter.get("KeyId").is_none() && parameter.get("Tags").is_none());
    }
    assert_eq!(json(&folder.join("parameters/MAILBOX_PASSWORD.json"))["Value"], odd);
    assert_eq!(json(&folder.join("parameters/MESH_SHARED_KEY.json"))["Value"], "TestKey");
    assert_eq!(json(&folder.join("parameters/MESH_URL.json"))["Value"], mesh.url());
    let key = json(&folder.join("parameters/MESH_CLIENT_KEY.json"))["Value"].as_str().unwrap().to_owned();
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----\n") && key.ends_with("-----END PRIVATE KEY-----\n"));
    let certificate =
        json(&folder.join("parameters/MESH_CLIENT_CERT.json"))["Value"].as_str().unwrap().to_owned();
    assert_eq!(certificate.matches("-----BEGIN CERTIFICATE-----").count(), 2, "certificate and sub CA");

    for (folder, length, tier) in
        [("fits", 4096, "Standard"), ("one-more", 4097, "Advanced"), ("most", 8192, "Advanced")]
    {
        let value = "x".repeat(length);
        let (ran, folder) = with(folder, (&value, &value), &[]);
        ran.expect(0);
        for name in ["MAILBOX_PASSWORD", "MESH_SHARED_KEY"] {
            let parameter = json(&folder.join(format!("parameters/{name}.json")));
            assert_eq!(
                (&parameter["Tier"], &parameter["Value"]),
                (&tier.into(), &value.as_str().into()),
                "{length}"
            );
        }
    }
    let (ran, folder) = with("intelligent", ("password", "TestKey"), &["--set", "tier=Intelligent-Tiering"]);
    ran.expect(0);
    assert_eq!(json(&folder.join("parameters/MESH_CA_CERT.json"))["Tier"], "Intelligent-Tiering");
    let long = "x".repeat(8193);
    for (name, secrets) in [
        ("long-password", (long.as_str(), "TestKey")),
        ("long-key", ("password", long.as_str())),
        ("braces-in-password", ("a{{b", "TestKey")),
        ("braces-in-key", ("password", "a{{b")),
    ] {
        let (ran, folder) = with(name, secrets, &[]);
        assert_ne!(ran.code(), Some(0), "{name}");
        assert!(!folder.exists(), "{name}");
    }
    let (ran, _) = with("not-ours", ("password", "TestKey"), &["--set", "prefix=SSM-dev"]);
    assert_ne!(ran.code(), Some(0), "names that begin with ssm are AWS' own");
}
