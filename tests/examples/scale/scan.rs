//! Speed of the exit scan over the rows of a real bundle, table by table.

use std::collections::BTreeMap;
use std::fs;

use anyhow::anyhow;
use truenas_collector::exit_scan;

use crate::estate::Collected;
use crate::figure::{Figure, Target, megabytes};
use crate::process::own_cpu_secs;

const PART: &str = "scan";

/// Time is counted in hundredths of a second.
const MIN_SECS: f64 = 1.0;

/// A smaller table says nothing about speed.
const MIN_BYTES: u64 = 100_000;

/// Tables that are named, slowest first.
const N_SLOWEST: usize = 3;

type Files = Vec<(String, Vec<u8>)>;

pub(crate) fn measure(collected: &Collected) -> anyhow::Result<Vec<Figure>> {
    let mut tables: BTreeMap<String, Files> = BTreeMap::new();
    collected.open(&mut |part| {
        let files = tables.entry(part.table.unwrap_or_default().to_owned());
        files
            .or_default()
            .push((part.path.to_string(), part.bytes.to_vec()));
    })?;
    let all: Files = tables.values().flatten().cloned().collect();
    let what = format!("exit scan, {} tables as they leave", tables.len());
    let whole = Figure::new(PART, what, speed(collected, &all)?, "MB/s");
    let mut figures = vec![whole.beside(Target::AtLeast(100.0))];
    let mut speeds = Vec::new();
    for (table, files) in &tables {
        if n_bytes(files) >= MIN_BYTES {
            speeds.push((speed(collected, files)?, table));
        }
    }
    speeds.sort_by(|left, right| left.0.total_cmp(&right.0));
    for (speed, table) in speeds.into_iter().take(N_SLOWEST) {
        figures.push(Figure::new(
            PART,
            format!("slowest: {table}"),
            speed,
            "MB/s",
        ));
    }
    Ok(figures)
}

/// Megabytes that one core looks at in a second of its own time.
fn speed(collected: &Collected, files: &Files) -> anyhow::Result<f64> {
    let redactor = collected.site.redactor()?.recording(None);
    let keys = ["site.key", "pseudonym.key"].map(|name| collected.folder.join("site").join(name));
    let secrets = keys
        .map(fs::read_to_string)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let before = own_cpu_secs()?;
    let mut n_seen = 0;
    loop {
        let files = files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
        n_seen += exit_scan(files, &secrets, &redactor)
            .map_err(|error| anyhow!("a bundle that left is refused: {error}"))?;
        let secs = own_cpu_secs()? - before;
        if secs >= MIN_SECS {
            return Ok(megabytes(n_seen) / secs);
        }
    }
}

fn n_bytes(files: &Files) -> u64 {
    files.iter().map(|(_, bytes)| bytes.len() as u64).sum()
}
