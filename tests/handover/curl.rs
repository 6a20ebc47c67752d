//! curl, by the command that stands in its configuration file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::stage::{alone, printed, stage};
use crate::support::{Mesh, tool, venv_python};

/// The command in the first lines of the file, as a user copies it.
fn command(folder: &Path) -> String {
    let config = fs::read_to_string(folder.join("mesh.curlrc")).unwrap();
    let comment = config.lines().skip(1).map_while(|line| line.strip_prefix("# "));
    comment.collect::<Vec<_>>().join("\n")
}

fn handed_over_to(mesh: &Mesh, name: &str, more: &[&str]) -> PathBuf {
    let folder = mesh.file(name);
    let export = mesh.answers("export", "X26ABC1").args(["--for", "curl", "--to"]).arg(&folder);
    export.args(more).run().expect(0);
    folder
}

#[test]
fn command_of_the_file_connects_wherever_the_folder_lies() {
    let mesh = stage();
    for name in ["curl", "curl 1:2 'q' \"d\" b\\s \\: $HOME #é"] {
        let folder = handed_over_to(&mesh, name, &[]);
        let command = command(&folder);
        let mut shell = alone("sh", &folder);
        shell.args(["-c", &format!("{command} --output answer --write-out '%{{http_code}}'")]);
        assert_eq!(printed(shell), "200", "{command}");
        // A header serves once: the second time curl fails, and shows why.
        let url = command.rsplit(' ').next().unwrap();
        let request = format!("curl --config mesh.curlrc --header @once --output answer {url}");
        let mut shell = alone("sh", &folder);
        shell
            .args(["-c", &format!("set -e; python3 authorization.py > once; {request}; ! {request} 2> why")]);
        printed(shell);
        assert!(fs::read_to_string(folder.join("why")).unwrap().contains("403"));
    }
}

#[test]
fn command_of_this_program_makes_the_header_where_it_is_to() {
    let mesh = stage();
    let folder = handed_over_to(&mesh, "curl", &["--set", "token=mesh-onboard"]);
    assert!(!folder.join("authorization.py").exists());
    // The same mailbox elsewhere changes nothing about it.
    mesh.setup().args(["request", "X26ABC1", "--ods", "X26", "--env", "integration"]).run().expect(0);
    let program = Path::new(env!("CARGO_BIN_EXE_mesh-onboard")).parent().unwrap();
    let mut shell = alone("sh", &folder);
    shell.args(["-c", &format!("{} --output answer --write-out '%{{http_code}}'", command(&folder))]);
    shell.envs(mesh.environment());
    shell.env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()));
    assert_eq!(printed(shell), "200");
}

#[test]
fn header_of_the_script_is_right_for_a_password_of_any_kind() {
    let mesh = stage();
    let password = "a'b\"c\\n $x é \\";
    let folder = mesh.file("curl");
    let export = mesh.answers("export", "X26ABC1").args(["--for", "curl", "--to"]).arg(&folder);
    export.env("MESH_MAILBOX_PASSWORD", password).run().expect(0);
    let mut python = alone(venv_python(), &folder);
    python.arg("authorization.py");
    let header = printed(python);
    let header = header.trim_end().strip_prefix("authorization: ").unwrap();
    let verify = mesh.person().args(["token", "X26ABC1", "--verify", header]);
    verify.env("MESH_MAILBOX_PASSWORD", password).run().expect(0);
    mesh.person().args(["token", "X26ABC1", "--verify", header]).run().expect(3);
    tool("python3", ["-m".as_ref(), "py_compile".as_ref(), folder.join("authorization.py").as_os_str()]);
}
