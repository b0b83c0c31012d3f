//! Writes a generated estate as a series of world folders.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use testkit::estate::{EstateOptions, Fault, UnknownFault, estate};
use testkit::plant::{self, Mode};

/// Generate an estate: one world folder per day, with planted faults and innocent traps
#[derive(Parser)]
struct Arguments {
    /// Seed of every name, id and size
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// CSI volumes on the first day
    #[arg(long, default_value_t = 100)]
    volumes: usize,
    /// ZFS snapshots per day, about
    #[arg(long, default_value_t = 1_000)]
    snapshots: usize,
    /// Days, one world each
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    days: u64,
    /// Share of volumes replaced each day, from 0 to 1
    #[arg(long, default_value_t = 0.02, value_parser = churn)]
    churn: f64,
    /// Failure modes to plant by id, or `all` for the faults of the demonstration
    #[arg(long, value_delimiter = ',')]
    faults: Vec<String>,
    /// First day
    #[arg(long, default_value_t = EstateOptions::default().start)]
    start: jiff::Timestamp,
    /// Name of the cluster
    #[arg(long, default_value_t = EstateOptions::default().cluster)]
    cluster: String,
    /// Name of the appliance
    #[arg(long, default_value_t = EstateOptions::default().appliance)]
    appliance: String,
    /// Folder of the series; made when missing
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (faults, modes) = match planted(&arguments.faults) {
        Ok(planted) => planted,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let estate = estate(&EstateOptions {
        seed: arguments.seed,
        volumes: arguments.volumes,
        snapshots: arguments.snapshots,
        days: usize::try_from(arguments.days).unwrap_or(usize::MAX),
        churn: arguments.churn,
        faults,
        start: arguments.start,
        cluster: arguments.cluster,
        appliance: arguments.appliance,
    });
    if let Err(error) = estate.write_series(&arguments.out) {
        eprintln!(
            "error: cannot write the series to `{}`: {error}",
            arguments.out.display()
        );
        return ExitCode::from(70);
    }
    match plant::plant(&arguments.out, &modes) {
        Ok(without_room) if without_room.is_empty() => {}
        Ok(without_room) => {
            let modes = without_room.join(", ");
            eprintln!("error: no healthy volume is left for {modes}; raise --volumes");
            return ExitCode::from(2);
        }
        Err(error) => {
            eprintln!("error: cannot plant the modes: {error}");
            return ExitCode::from(70);
        }
    }
    for truth in estate.truth() {
        println!(
            "{}\t{}\t{}\t{}\t{}",
            truth.mode, truth.table, truth.subject, truth.grade, truth.first_day
        );
    }
    ExitCode::SUCCESS
}

/// Faults that are planned as lives, and modes that are planted into the written worlds.
fn planted(ids: &[String]) -> Result<(Vec<Fault>, Vec<Mode>), UnknownFault> {
    if ids.len() == 1 && ids[0] == "all" {
        return Ok((Fault::demo(), Vec::new()));
    }
    let (mut faults, mut modes) = (Vec::new(), Vec::new());
    for id in ids {
        match plant::mode_of(id) {
            Some(mode) => modes.push(mode),
            None => faults.push(id.parse()?),
        }
    }
    Ok((faults, modes))
}

fn churn(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(churn) if (0.0..=1.0).contains(&churn) => Ok(churn),
        _ => Err("give a number from 0 to 1".to_owned()),
    }
}
