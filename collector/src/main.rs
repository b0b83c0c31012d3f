//! The program: everything is in the library, so that tests can call it in process.

use std::process::ExitCode;

fn main() -> ExitCode {
    truenas_collector::process::harden();
    ExitCode::from(truenas_collector::cli::run(std::env::args_os()).code())
}
