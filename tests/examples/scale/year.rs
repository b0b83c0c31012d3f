//! `capacity`, `cost`, `analyze`, `check` and `report` over a year of daily bundles.
//!
//! The first day is a real bundle as it is. The days after it are the same bundle with grown counters and other snapshots,
//! so that 40 % of the counters change and 2 % of the snapshots are replaced from one day to the next; they go into the
//! history through the same door as any bundle.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::ensure;
use serde_json::{Map, Value};
use truenas_analyzer::history::{Estate, History, Observation};
use truenas_common::bundle::{EntryPath, Opened, Part, PrevReason};
use truenas_common::time::Time;

use crate::estate::{Collected, SITE};
use crate::figure::{Figure, Target, mebibytes};
use crate::process::{Programs, watch};

const PART: &str = "year";
const DAYS: u64 = 365;
const DAY_SECS: i64 = 86_400;
/// Datasets of a hundred whose counters change in a day.
const CHANGED_PERCENT: u64 = 40;
/// Snapshots of a hundred that are replaced in a day; as many neighbours of them change.
const REPLACED_PERCENT: u64 = 2;
const SPACE: &str = "zfs_dataset_space";
const SNAPSHOT: &str = "zfs_snapshot";
const CARD: &str = "rate_card: {currency: EUR, per_gib_month: 0.08}\n";

pub(crate) fn measure(collected: &Collected, programs: &Programs) -> anyhow::Result<Vec<Figure>> {
    let folder = collected.folder.join("history-of-a-year");
    let started = Instant::now();
    write_year(collected, &folder)?;
    let made = started.elapsed().as_secs_f64();
    let config = collected.folder.join("analyzer.yaml");
    fs::write(&config, CARD)?;
    let mut figures = vec![
        Figure::new(PART, "making the history", made, "s"),
        opened(&folder)?,
    ];
    let analyzer = programs.find("truenas-analyzer")?;
    let report = collected.folder.join("report.html").display().to_string();
    for (args, target) in [
        (&["capacity"][..], Some(2.0)),
        (&["cost"], Some(2.0)),
        (&["capacity", "--by", "namespace"], None),
        (&["capacity", "--by", "volume"], None),
        // Every line has its band.
        (&["capacity", "--by", "volume", "--format", "json"], None),
        (&["analyze", "--trend", "30d"], None),
        (&["check"], None),
        (&["report", "--output", &report], Some(5.0)),
    ] {
        let mut command = Command::new(&analyzer);
        command.args(args).arg("--history").arg(&folder);
        command.arg("--config").arg(&config);
        let cost = watch(&mut command)?;
        // The estate has lists that failed on purpose.
        let code = cost.status.code();
        ensure!(matches!(code, Some(0 | 5)), "{args:?} ended with {code:?}");
        let name = args.join(" ").replace(&format!(" --output {report}"), "");
        let figure = Figure::new(PART, format!("`{name}`"), cost.wall_secs, "s");
        figures.push(match target {
            Some(secs) => figure.beside(Target::Below(secs)),
            None => figure,
        });
        let peak = mebibytes(cost.peak_bytes);
        figures.push(Figure::new(
            PART,
            format!("memory of `{name}`"),
            peak,
            "MiB",
        ));
    }
    Ok(figures)
}

/// Opens the history and makes the estate of its newest bundle.
fn opened(folder: &Path) -> anyhow::Result<Figure> {
    let started = Instant::now();
    let history = History::open(folder)?;
    Estate::at(&history, SITE, None)?;
    let secs = started.elapsed().as_secs_f64();
    Ok(Figure::new(
        PART,
        "opening it whole, and the estate",
        secs,
        "s",
    ))
}

/// Files of a bundle, with the table of each.
type Files = Vec<(EntryPath, Option<String>, Vec<u8>)>;

fn write_year(collected: &Collected, folder: &Path) -> anyhow::Result<()> {
    let mut files = Files::new();
    let mut opened = collected.open(&mut |part| {
        let table = part.table.map(str::to_owned);
        files.push((part.path.clone(), table, part.bytes.to_vec()));
    })?;
    let ended_at = opened.ended_at.unix_secs();
    let mut space = Rows::take(&mut files, SPACE)?;
    let mut snapshots = Rows::take(&mut files, SNAPSHOT)?;
    let mut history = History::open(folder)?;
    let mut before = "0".repeat(64);
    for day in 1..=DAYS {
        if day % 30 == 0 {
            eprintln!("day {day} of {DAYS}");
        }
        if day > 1 {
            grow(&mut space, day);
            replace(&mut snapshots, day);
        }
        let digest = format!("{day:064x}");
        date(&mut opened, day, ended_at, (&before, &digest));
        let mut observation = Observation::default();
        for (path, table, bytes) in &files {
            observation.take(&Part {
                path,
                table: table.as_deref(),
                bytes,
            });
        }
        for (table, rows) in [(SPACE, &space), (SNAPSHOT, &snapshots)] {
            observation.take(&Part {
                path: &EntryPath::parse(&format!("data/{table}/000001.jsonl"))?,
                table: Some(table),
                bytes: &rows.lines.join(&b'\n'),
            });
        }
        history.ingest(SITE, &opened, observation)?;
        before = digest;
    }
    history.commit()?;
    Ok(())
}

/// Makes a bundle that of a day in the year, behind the one before it.
fn date(opened: &mut Opened, day: u64, ended_at: i64, (before, digest): (&str, &str)) {
    let days = i64::try_from(day - 1).unwrap_or(0);
    opened.ended_at = Time::from_unix_secs(ended_at + days * DAY_SECS);
    opened.info.seq = day;
    opened.info.bundle = format!("{SITE}-{day:06}");
    opened.info.captured = None;
    opened.info.prev = before.to_owned();
    opened.info.prev_reason = if day == 1 {
        PrevReason::First
    } else {
        PrevReason::Normal
    };
    opened.outer.comment.sha256 = digest.to_owned();
}

/// Rows of one table, each with its line.
struct Rows {
    rows: Vec<Map<String, Value>>,
    lines: Vec<Vec<u8>>,
}

impl Rows {
    /// Takes the files of a table out of a bundle.
    fn take(files: &mut Files, table: &str) -> anyhow::Result<Self> {
        let is_ours =
            |(_, of, _): &(EntryPath, Option<String>, Vec<u8>)| of.as_deref() == Some(table);
        let mut rows = Vec::new();
        for (_, _, bytes) in files.iter().filter(|file| is_ours(file)) {
            let lines = bytes.split(|byte| *byte == b'\n');
            for line in lines.filter(|line| !line.is_empty()) {
                rows.push(serde_json::from_slice(line)?);
            }
        }
        files.retain(|file| !is_ours(file));
        ensure!(!rows.is_empty(), "the bundle has no {table}");
        let lines = rows.iter().map(serde_json::to_vec);
        Ok(Self {
            lines: lines.collect::<Result<_, _>>()?,
            rows,
        })
    }

    fn add(&mut self, row: usize, column: &str, bytes: i64) {
        if let Some(value) = self.rows[row].get_mut(column)
            && let Some(held) = value.as_i64()
        {
            *value = (held + bytes).max(0).into();
        }
    }

    fn render(&mut self, row: usize) {
        let value = Value::Object(self.rows[row].clone());
        self.lines[row] = value.to_string().into_bytes();
    }
}

/// A number that looks random, of a row and a day.
fn noise(row: usize, day: u64) -> u64 {
    let seed =
        (row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ day.wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mixed = (seed ^ (seed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 29)
}

/// Lets datasets grow by a day; what is above them holds more as well.
fn grow(space: &mut Rows, day: u64) {
    let text = |row: &Map<String, Value>, column: &str| {
        row.get(column).and_then(Value::as_str).map(str::to_owned)
    };
    let keys: Vec<Option<(String, String)>> = space
        .rows
        .iter()
        .map(|row| text(row, "appliance").zip(text(row, "path")))
        .collect();
    let places: BTreeMap<&(String, String), usize> = keys
        .iter()
        .enumerate()
        .filter_map(|(row, key)| Some((key.as_ref()?, row)))
        .collect();
    let mut grown: BTreeMap<usize, i64> = BTreeMap::new();
    let mut own: Vec<(usize, i64)> = Vec::new();
    for (row, key) in keys.iter().enumerate() {
        let Some((appliance, path)) = key else {
            continue;
        };
        let noise = noise(row, day);
        let data = space.rows[row].get("used_by_dataset_bytes");
        let data = data.and_then(Value::as_i64).unwrap_or(0);
        let bytes = (data / 1_000).min(i64::try_from(noise >> 40).unwrap_or(0));
        if noise % 100 >= CHANGED_PERCENT || bytes <= 0 {
            continue;
        }
        own.push((row, bytes));
        let mut above = path.as_str();
        while let Some((parent, _)) = above.rsplit_once('/') {
            above = parent;
            if let Some(row) = places.get(&(appliance.clone(), parent.to_owned())) {
                *grown.entry(*row).or_default() += bytes;
            }
        }
    }
    for (row, bytes) in own {
        for column in ["used_bytes", "used_by_dataset_bytes", "referenced_bytes"] {
            space.add(row, column, bytes);
        }
        space.render(row);
    }
    for (row, bytes) in grown {
        space.add(row, "used_bytes", bytes);
        space.add(row, "used_by_children_bytes", bytes);
        space.add(row, "available_bytes", -bytes);
        space.render(row);
    }
}

/// Puts other snapshots in the place of some, and changes what some hold alone.
fn replace(snapshots: &mut Rows, day: u64) {
    for row in 0..snapshots.rows.len() {
        // What a driver made goes with its content alone.
        if snapshots.rows[row].get("class").and_then(Value::as_str) == Some("csi") {
            continue;
        }
        let draw = noise(row, day) % 100;
        if draw < REPLACED_PERCENT {
            let values = &mut snapshots.rows[row];
            if let Some(name) = values.get("name").and_then(Value::as_str) {
                let stem = name.split("-day").next().unwrap_or(name);
                let name = format!("{stem}-day{day}");
                values.insert("name".to_owned(), name.into());
            }
            values.insert(
                "guid".to_owned(),
                noise(row, day + 1_000).to_string().into(),
            );
        } else if draw < 2 * REPLACED_PERCENT {
            snapshots.add(row, "used_bytes", 4_096);
        } else {
            continue;
        }
        snapshots.render(row);
    }
}
