//! Size of a sealed bundle.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Context as _;

use crate::estate::Collected;
use crate::figure::{Figure, Target, megabytes};

const PART: &str = "bundle";

/// Tables that are named, largest first.
const N_LARGEST: usize = 3;

pub(crate) fn measure(collected: &Collected) -> anyhow::Result<Vec<Figure>> {
    let first = collected
        .bundles()?
        .into_iter()
        .next()
        .context("no bundle")?;
    let sealed = fs::metadata(&first)?.len();
    let mut tables: BTreeMap<String, u64> = BTreeMap::new();
    collected.open(&mut |part| {
        if let Some(table) = part.table {
            *tables.entry(table.to_owned()).or_default() += part.bytes.len() as u64;
        }
    })?;
    let size = collected.size;
    let what = format!(
        "sealed, {} volumes, {} snapshots, standard",
        size.volumes, size.snapshots
    );
    let mut figures = vec![
        Figure::new(PART, what, megabytes(sealed), "MB").beside(Target::AtMost(4.0)),
        Figure::new(
            PART,
            "rows before compression",
            megabytes(tables.values().sum()),
            "MB",
        ),
    ];
    let mut largest: Vec<(String, u64)> = tables.into_iter().collect();
    largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    for (table, bytes) in largest.into_iter().take(N_LARGEST) {
        figures.push(Figure::new(
            PART,
            format!("rows of {table}"),
            megabytes(bytes),
            "MB",
        ));
    }
    Ok(figures)
}
