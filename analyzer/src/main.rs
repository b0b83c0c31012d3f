//! The program `truenas-analyzer`.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(truenas_analyzer::cli::run(std::env::args_os()).code())
}
