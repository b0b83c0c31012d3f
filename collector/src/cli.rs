//! The command line: reads arguments, calls one function, prints the result or one line of error.

mod approve;
mod arguments;
mod collect;
mod environment;
mod inspect;
mod keygen;
mod manual;
mod paper;
mod preflight;
mod rotate;
mod sealed;
mod show;
mod stop;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{CommandFactory as _, Parser as _};
use truenas_common::exit::Exit;

use arguments::{Arguments, Command, KeyCommand, KeygenCommand, RotateCommand};
use stop::Stop;

/// Runs the program with these arguments, the program's name first; results go to the standard output.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    run_to(args, &mut io::stdout())
}

/// Runs the program and writes its results to `out`; messages and logs go to the standard error stream.
pub fn run_to(args: impl IntoIterator<Item = OsString>, out: &mut dyn Write) -> Exit {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(false)
        // Of this program alone: what a library logs was not written for this border.
        .with_env_filter(format!("off,truenas_collector={}", arguments.level()))
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let outcome = environment::check(std::env::vars_os()).and_then(|()| act(arguments, out));
    match outcome {
        Ok(exit) => exit,
        Err(stop) => {
            if stop.exit != Exit::Ok {
                eprintln!("error: {}", stop.line);
            }
            stop.exit
        }
    }
}

/// The whole command line, for generated pages.
pub fn command() -> clap::Command {
    Arguments::command()
}

fn refused(error: &clap::Error) -> Exit {
    // A closed standard output leaves nobody to tell.
    let _ = error.print();
    match error.exit_code() {
        0 => Exit::Ok,
        _ => Exit::Usage,
    }
}

fn act(arguments: Arguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    match arguments.command {
        Command::Collect(collect) => collect::collect(&collect, out),
        Command::Plan(file) => show::plan(&file.config, out),
        Command::Preflight(preflight) => preflight::preflight(&preflight, out),
        Command::Rbac(rbac) => show::rbac(&rbac, out),
        Command::Pin { server } => preflight::pin(&server, out),
        Command::Keygen(KeygenCommand::Site(site)) => keygen::site(&site, out),
        Command::Keygen(KeygenCommand::Pseudonym { out: folder }) => {
            keygen::pseudonym(&folder, out)
        }
        Command::Keygen(KeygenCommand::Recovery { out: folder }) => keygen::recovery(&folder, out),
        Command::Keygen(KeygenCommand::Approver { out: folder }) => keygen::approver(&folder, out),
        Command::Key(KeyCommand::Show { file }) => show::key(&file, out),
        Command::Key(KeyCommand::Public { file }) => show::public(&file, out),
        Command::Key(KeyCommand::Paper { file }) => paper::paper(&file, out),
        Command::Rotate(RotateCommand::Pseudonym(pseudonym)) => rotate::pseudonym(&pseudonym, out),
        Command::Rotate(RotateCommand::Site(site)) => rotate::site(&site, out),
        Command::Approve(approve) => approve::approve(&approve, out),
        Command::Inspect(inspect) => inspect::inspect(&inspect, out),
        Command::Man => {
            let mut page = Vec::new();
            manual::write(&mut page)?;
            out.write_all(&page)?;
            Ok(Exit::Ok)
        }
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            let name = command.get_name().to_owned();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, name, &mut script);
            out.write_all(&script)?;
            Ok(Exit::Ok)
        }
    }
}

#[cfg(test)]
mod border_tests;
#[cfg(test)]
mod tests;
