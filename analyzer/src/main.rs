//! The program `truenas-analyzer`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(truenas_analyzer::cli::run(std::env::args_os()).code())
}
