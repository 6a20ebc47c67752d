//! What runs every day, as `docs/examples` has it: each command is run for a home with three mailboxes, against a MESH.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::scene::python;
use crate::support::{Mesh, tool};

/// A machine: programs in a folder that comes first in the path, a file of secrets, and a MESH.
struct Machine {
    mesh: Mesh,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { mesh: Mesh::start() };
        let programs = machine.programs();
        fs::create_dir(&programs).unwrap();
        // The rehearsal's MESH has no address of its own; all else is what the recipe says.
        let program = env!("CARGO_BIN_EXE_mesh-onboard");
        let url = machine.mesh.url();
        machine.executable(
            "mesh-onboard",
            &format!("#!/bin/sh\ncase \" $* \" in\n*' check '*) exec {program} \"$@\" --url {url} ;;\nesac\nexec {program} \"$@\"\n"),
        );
        let daily = fs::read_to_string(example("mesh-onboard-daily.sh")).unwrap();
        machine.executable("mesh-onboard-daily.sh", &daily);
        let secrets = "MESH_MAILBOX_PASSWORD = 'password'\nMESH_SHARED_KEY = 'TestKey'\n\
                       MESH_KEY_PASSPHRASE = 'correct horse battery'\n";
        machine.secret_file(secrets);
        machine
    }

    fn programs(&self) -> PathBuf {
        self.mesh.file("programs")
    }

    fn executable(&self, name: &str, text: &str) {
        let path = self.programs().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn secrets(&self) -> PathBuf {
        self.mesh.file("secrets.toml")
    }

    fn secret_file(&self, text: &str) {
        fs::write(self.secrets(), text).unwrap();
        fs::set_permissions(self.secrets(), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The home of the account, where the recipe for cron has its secrets.
    fn account(&self) -> PathBuf {
        let account = self.mesh.file("user");
        fs::create_dir_all(account.join(".config/mesh-onboard")).unwrap();
        fs::copy(self.secrets(), account.join(".config/mesh-onboard/secrets.toml")).unwrap();
        account
    }

    /// Runs words of a shell; no secret is in its environment.
    fn sh(&self, words: &[&str]) -> Output {
        let mut shell = Command::new("sh");
        shell.args(words).env_clear();
        let secret =
            |name: &str| ["MESH_KEY_PASSPHRASE", "MESH_MAILBOX_PASSWORD", "MESH_SHARED_KEY"].contains(&name);
        shell.envs(self.mesh.environment().into_iter().filter(|(name, _)| !secret(&name.to_string_lossy())));
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{path}", self.programs().display())).env("HOME", self.account());
        shell.output().expect("sh starts")
    }

    /// Every mailbox was validated, and nothing was wrong.
    #[track_caller]
    fn is_well(&self, output: &Output) {
        assert_eq!(output.status.code(), Some(0), "{}", said(output));
    }

    fn wrong_password(&self) {
        let secrets = fs::read_to_string(self.secrets()).unwrap();
        self.secret_file(&secrets.replace("'password'", "'another'"));
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(example(name)).unwrap()
}

#[test]
fn scripts_are_sound() {
    tool(
        "shellcheck",
        [
            "--norc",
            "--enable=all",
            "--exclude=SC2250,SC2312",
            example("mesh-onboard-daily.sh").to_str().unwrap(),
        ],
    );
}

#[test]
fn daily_script_is_silent_while_all_is_well_and_leaves_metrics() {
    let machine = Machine::new();
    let textfiles = machine.mesh.file("textfiles");
    fs::create_dir(&textfiles).unwrap();
    let secrets = machine.secrets();
    let words = [
        "-c",
        r#"mesh-onboard-daily.sh "$1" "$2""#,
        "sh",
        secrets.to_str().unwrap(),
        textfiles.to_str().unwrap(),
    ];
    let output = machine.sh(&words);
    machine.is_well(&output);
    assert_eq!(said(&output), "");
    let left: Vec<_> = fs::read_dir(&textfiles).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [textfiles.join("mesh-onboard.prom")]);
    let mode = fs::metadata(&left[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "the node exporter has to read it");
    let samples = python("metrics.py", &[&left[0]]);
    assert!(samples.as_array().unwrap().iter().any(|s| s["name"] == "x509_cert_not_after"), "{samples}");
    // A second run replaces them.
    let before = fs::read_to_string(&left[0]).unwrap();
    fs::write(&left[0], "old").unwrap();
    machine.is_well(&machine.sh(&words));
    let metrics =
        |text: &str| text.lines().filter(|l| !l.contains("last_run")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(metrics(&fs::read_to_string(&left[0]).unwrap()), metrics(&before));
}

#[test]
fn daily_script_says_what_is_wrong() {
    let machine = Machine::new();
    machine.wrong_password();
    let secrets = machine.secrets();
    let words = ["-c", r#"mesh-onboard-daily.sh "$1""#, "sh", secrets.to_str().unwrap()];
    let output = machine.sh(&words);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        said(&output).contains("X26ABC1") && said(&output).contains("authorization"),
        "{}",
        said(&output)
    );
    // Without the file nothing can be found out.
    let output = machine.sh(&["-c", "mesh-onboard-daily.sh missing"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(machine.sh(&["-c", "mesh-onboard-daily.sh"]).status.code(), Some(2));
}

#[test]
fn line_of_cron_is_sound_and_does_what_it_says() {
    let machine = Machine::new();
    let text = text("mesh-onboard.crontab");
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let (settings, jobs): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| {
        line.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_uppercase()))
    });
    assert!(settings.iter().any(|line| line.starts_with("PATH=/usr/local/bin:")), "{settings:?}");
    let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
    let fields: Vec<_> = job.split_whitespace().collect();
    let within = |field: &str, most: u32| field == "*" || field.parse::<u32>().is_ok_and(|n| n <= most);
    assert!(within(fields[0], 59) && within(fields[1], 23), "{job}");
    assert!(within(fields[2], 31) && within(fields[3], 12) && within(fields[4], 7), "{job}");
    // cron ends a command at a percent sign.
    let command = job.splitn(6, ' ').last().unwrap().trim();
    assert!(!command.contains('%') && command.starts_with("mesh-onboard-daily.sh"), "{command}");
    let output = machine.sh(&["-c", command]);
    machine.is_well(&output);
    assert_eq!(said(&output), "");
    machine.wrong_password();
    assert_eq!(machine.sh(&["-c", command]).status.code(), Some(3));
}

#[test]
fn units_of_systemd_are_sound_and_do_what_they_say() {
    let machine = Machine::new();
    let folder = machine.mesh.file("units");
    fs::create_dir(&folder).unwrap();
    let installed = machine.programs().join("mesh-onboard-daily.sh");
    let service = text("mesh-onboard.service");
    let line =
        service.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command").to_owned();
    let here = |text: &str| {
        let text = text.replace("/usr/local/bin/mesh-onboard-daily.sh", installed.to_str().unwrap());
        text.replace("/etc/mesh-onboard/secrets.toml", machine.secrets().to_str().unwrap())
    };
    fs::write(folder.join("mesh-onboard.service"), here(&service)).unwrap();
    fs::write(folder.join("mesh-onboard.timer"), text("mesh-onboard.timer")).unwrap();
    // Elsewhere there is no systemd.
    let verified: &[&str] =
        if cfg!(target_os = "linux") { &["mesh-onboard.service", "mesh-onboard.timer"] } else { &[] };
    for unit in verified {
        let mut verify = Command::new("systemd-analyze");
        let output = verify.args(["--man=no", "verify"]).arg(folder.join(unit)).output();
        let output = output.unwrap_or_else(|e| panic!("systemd-analyze does not start ({e}): run tests/run"));
        // A warning is one line too many.
        assert!(output.status.success() && said(&output).is_empty(), "{unit}: {}", said(&output));
    }
    let calendar = text("mesh-onboard.timer");
    let calendar = calendar.lines().find_map(|line| line.strip_prefix("OnCalendar=")).expect("a time");
    if cfg!(target_os = "linux") {
        tool("systemd-analyze", ["calendar", calendar]);
    }
    let output = machine.sh(&["-c", &here(&line)]);
    machine.is_well(&output);
    // The other way to start it, which stands beside it.
    assert!(service.contains(&format!("# ExecStart={line} /var/lib/prometheus/node-exporter")), "{service}");
}

#[test]
fn task_of_windows_is_sound_and_its_commands_do_what_they_say() {
    let machine = Machine::new();
    let task = python("task.py", &[&example("mesh-onboard-task.xml")]);
    let at = |path: &str| {
        task[format!("/Task/{path}")].as_str().unwrap_or_else(|| panic!("{path} is missing: {task}"))
    };
    assert_eq!(at("Triggers/CalendarTrigger/ScheduleByDay/DaysInterval"), "1");
    assert_eq!(at("Settings/StartWhenAvailable"), "true");
    assert_eq!(at("Principals/Principal/RunLevel"), "LeastPrivilege");
    at("Triggers/CalendarTrigger/StartBoundary");
    assert_eq!(at("Actions/Exec/Command"), r"%SystemRoot%\System32\cmd.exe");
    // What stands between the outer quotes is the line of cmd.exe; this much of it a shell understands as well.
    let line = at("Actions/Exec/Arguments").strip_prefix("/d /s /c \"").and_then(|l| l.strip_suffix('"'));
    let folder = machine.mesh.file("local");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(machine.secrets(), folder.join("secrets.toml")).unwrap();
    let line =
        line.expect("the line").replace(r"%LOCALAPPDATA%\mesh-onboard\", &format!("{}/", folder.display()));
    assert!(!line.contains('%'), "{line}");
    machine.is_well(&machine.sh(&["-c", &line]));
    let log = fs::read_to_string(folder.join("daily.log")).unwrap();
    assert!(log.contains("X26ABC1") && log.contains("MAILBOX"), "{log}");
    machine.wrong_password();
    fs::copy(machine.secrets(), folder.join("secrets.toml")).unwrap();
    assert_eq!(machine.sh(&["-c", &line]).status.code(), Some(3));
    // What expires is told also when a check failed, and what was told before stays.
    let log = fs::read_to_string(folder.join("daily.log")).unwrap();
    assert!(log.contains("authorization"), "{log}");
    assert_eq!(log.matches("MAILBOX ").count(), 2, "{log}");
}

#[test]
fn job_of_kubernetes_is_sound_and_does_what_it_says() {
    let machine = Machine::new();
    let documents = python("tables.py", &[&example("mesh-onboard-cronjob.yaml")]);
    let [job] = documents.as_array().unwrap().as_slice() else { panic!("{documents}") };
    assert_eq!((&job["apiVersion"], &job["kind"]), (&"batch/v1".into(), &"CronJob".into()));
    let spec = &job["spec"];
    assert_eq!(spec["schedule"].as_str().map(|s| s.split(' ').count()), Some(5));
    assert_eq!(spec["concurrencyPolicy"], "Forbid");
    let pod = &spec["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Never");
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    let [container] = pod["containers"].as_array().unwrap().as_slice() else { panic!("{pod}") };
    // What is mounted is there, and what is there is mounted.
    let names = |list: &Value| {
        let mut names: Vec<_> =
            list.as_array().unwrap().iter().map(|v| v["name"].clone().to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&container["volumeMounts"]), names(&pod["volumes"]));
    assert_eq!(container["command"], serde_json::json!(["/bin/sh", "-uc"]));
    let (mounted, private) = (machine.mesh.file("mounted"), machine.mesh.file("private"));
    fs::create_dir(&mounted).unwrap();
    fs::create_dir(&private).unwrap();
    let script = container["args"][0].as_str().unwrap();
    let script = script.replace("/etc/mesh-onboard", mounted.to_str().unwrap());
    let script = script.replace("/run/mesh-onboard", private.to_str().unwrap());
    let mount = || {
        fs::copy(machine.secrets(), mounted.join("secrets.toml")).unwrap();
        // As Kubernetes mounts it for a group.
        fs::set_permissions(mounted.join("secrets.toml"), fs::Permissions::from_mode(0o440)).unwrap();
    };
    mount();
    machine.is_well(&machine.sh(&["-uc", &script]));
    machine.wrong_password();
    fs::set_permissions(mounted.join("secrets.toml"), fs::Permissions::from_mode(0o640)).unwrap();
    mount();
    assert_eq!(machine.sh(&["-uc", &script]).status.code(), Some(3));
}
