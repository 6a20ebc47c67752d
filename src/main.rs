//! The program `mesh-onboard`.

fn main() -> std::process::ExitCode {
    mesh_onboard::cli::main()
}
