//! What holds for every script that a handover brings.

use std::fs;
use std::path::Path;

use crate::stage::{alone, handed_over_to, printed, stage};
use crate::stand_in::stand_in;

#[test]
fn scripts_take_the_files_beside_them_whatever_cdpath_says() {
    let mesh = stage();
    let (there, decoy) = (mesh.file("there"), mesh.file("decoy"));
    let scripts = [
        ("aws-ssm", &["--set", "prefix=dev"][..], "aws", "put.sh", ""),
        ("aws-secrets-manager", &["--set", "prefix=dev"], "aws", "put.sh", ""),
        ("azure-key-vault", &["--set", "vault=mesh-dev"], "az", "import.sh", ""),
        ("vault", &[], "vault", "put.sh", ""),
        ("docker-secrets", &[], "docker", "create.sh", "secrets"),
    ];
    fs::create_dir(&there).unwrap();
    for (consumer, settings, program, script, below) in scripts {
        let folder = handed_over_to(&mesh, consumer, &there.join(consumer), settings);
        fs::create_dir_all(decoy.join(consumer).join(below)).unwrap();
        let where_it_ran = mesh.file(&format!("{consumer}.pwd"));
        let (bin, _) =
            stand_in(&mesh.file(program), program, &format!("pwd >> '{}'", where_it_ran.display()));
        let mut shell = alone("sh", &there);
        let path = std::env::var("PATH").unwrap_or_default();
        shell.arg(format!("{consumer}/{script}")).env("PATH", format!("{}:{path}", bin.display()));
        let said = printed({
            shell.env("CDPATH", &decoy);
            shell
        });
        let ran = fs::read_to_string(&where_it_ran).unwrap();
        let expected = folder.join(below);
        assert!(!ran.is_empty() && ran.lines().all(|ran| Path::new(ran) == expected), "{consumer}: {ran}");
        assert!(!said.contains(decoy.to_str().unwrap()), "{consumer}: {said}");
    }
}
