//! One collection of a large estate: memory, time, and time against raw reads of the same requests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use truenas_common::exit::Exit;

use crate::estate::{SITE, Size};
use crate::figure::{Figure, Target, mebibytes, megabytes};
use crate::process::{Programs, watch};
use crate::raw;
use crate::site::Site;

const PART: &str = "collector";

pub(crate) fn measure(
    folder: &Path,
    size: Size,
    programs: &Programs,
) -> anyhow::Result<Vec<Figure>> {
    let mut command = Command::new(programs.find("truenas-collector")?);
    let worlds = folder.join("worlds");
    size.write(&worlds, 1, Vec::new())?;
    let site = Site::new(folder, SITE, &[])?;
    let simulation = Site::simulate(&worlds)?;
    let collectors = site.configure(&simulation, &worlds.join("000"))?;
    let (config, bundles) = collectors.into_iter().next().context("no collector")?;
    fs::remove_dir_all(&worlds)?;

    eprintln!("collecting it");
    command
        .arg("--quiet")
        .arg("collect")
        .arg("--config")
        .arg(config);
    command.arg("--output").arg(bundles);
    command.args(["--clock", &simulation.now()]);
    let cost = watch(&mut command)?;
    let code = cost.status.code();
    ensure!(
        [Exit::Ok, Exit::Incomplete]
            .iter()
            .any(|exit| code == Some(exit.code().into())),
        "the collector ended with {}",
        cost.status
    );
    let requests = simulation.requests();
    let n_bytes: usize = requests.iter().map(|request| request.n_bytes).sum();
    let n_largest = requests.iter().map(|request| request.n_bytes).max();

    eprintln!("reading the same raw");
    let raw_secs = raw::read(&simulation, &requests)?;
    let estate = format!("{} volumes, {} snapshots", size.volumes, size.snapshots);
    Ok(vec![
        Figure::new(
            PART,
            format!("peak memory, {estate}"),
            mebibytes(cost.peak_bytes),
            "MiB",
        )
        .beside(Target::AtMost(96.0)),
        Figure::new(
            PART,
            "largest answer",
            mebibytes(n_largest.unwrap_or_default() as u64),
            "MiB",
        )
        .beside(Target::AtMost(16.0)),
        Figure::new(PART, "requests", requests.len() as f64, ""),
        Figure::new(PART, "bytes read", megabytes(n_bytes as u64), "MB"),
        Figure::new(PART, "processor time", cost.cpu_secs, "s"),
        Figure::new(PART, "wall time", cost.wall_secs, "s"),
        Figure::new(PART, "wall time of raw reads", raw_secs, "s"),
        Figure::new(
            PART,
            "wall time / raw reads",
            cost.wall_secs / raw_secs,
            "x",
        )
        .beside(Target::AtMost(1.3)),
    ])
}
