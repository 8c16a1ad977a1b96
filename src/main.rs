//! The program: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    gate::cli::main(std::env::args_os()).into()
}
