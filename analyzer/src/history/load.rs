//! Versions out of files: decoded in parts side by side, and put into units in bulk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use polars::prelude::DataFrame;
use rayon::prelude::*;
use truenas_common::schema::Table;

use super::encode;
use super::files::{self, OPEN};
use super::frame::Reader;
use super::residual;
use super::unit::{Interval, Unit};

/// What a file has beside the columns of its table.
const VERSION_COLUMNS: [&str; 3] = ["scope", "first_seq", "last_seq"];

/// Size of a file whose frame takes much memory.
const LARGE_BYTES: u64 = 512 << 10;

/// Rows that one thread takes at a time.
const PART_ROWS: usize = 65_536;

/// Versions by cluster or appliance: encoded row, and interval as the file has it.
pub(super) type Versions = BTreeMap<String, Vec<Version>>;

/// One row and when it was so.
type Version = (Box<[u8]>, Interval);

/// Units by table and scope.
type Units = BTreeMap<(String, String), Unit>;

/// A file of versions.
pub(super) struct VersionFile<'f> {
    pub(super) table: &'static Table,
    pub(super) name: &'f str,
    pub(super) digest: &'f str,
    /// Whether nothing is wanted of its rows but their identity and when they were there.
    pub(super) is_brief: bool,
}

impl VersionFile<'_> {
    /// A column that is not read is NULL in every row.
    fn columns(&self) -> Option<Vec<String>> {
        let keys = self.table.columns.iter().take(self.table.n_keys());
        let names = keys.map(|column| column.name).chain(VERSION_COLUMNS);
        self.is_brief.then(|| names.map(str::to_owned).collect())
    }
}

/// Reads files of one folder: small ones side by side, large ones one after the other, so that the frame of one is gone
/// before the next is there; the rows of each are taken side by side.
///
/// # Errors
/// A file that is missing or does not have its digest.
pub(super) fn read(
    folder: &Path,
    files: &[VersionFile<'_>],
) -> io::Result<Vec<(&'static Table, Versions)>> {
    let read = |file: &VersionFile<'_>| {
        let frame = files::read_columns(folder, file.name, file.digest, file.columns())?;
        Ok((file.table, decode(file.table, frame)?))
    };
    let is_large = |file: &&VersionFile<'_>| {
        // One that is not there is told when it is read.
        let found = fs::metadata(folder.join(file.name));
        found.is_ok_and(|found| found.len() > LARGE_BYTES)
    };
    let (large, small): (Vec<_>, Vec<_>) = files.iter().partition(is_large);
    let mut read_files: Vec<_> = small.into_par_iter().map(read).collect::<io::Result<_>>()?;
    for file in large {
        read_files.push(read(file)?);
    }
    Ok(read_files)
}

/// The versions of one frame, a part of it for each thread at a time.
fn decode(table: &'static Table, frame: DataFrame) -> io::Result<Versions> {
    let frame = residual::load(table, frame).map_err(io::Error::other)?;
    let starts: Vec<usize> = (0..frame.height()).step_by(PART_ROWS).collect();
    let part = |start: usize| {
        let at = i64::try_from(start).map_err(io::Error::other)?;
        rows(table, &frame.slice(at, PART_ROWS))
    };
    let parts: io::Result<Vec<Versions>> = starts.into_par_iter().map(part).collect();
    let mut versions = Versions::new();
    for (scope, held) in parts?.into_iter().flatten() {
        versions.entry(scope).or_default().extend(held);
    }
    Ok(versions)
}

fn rows(table: &'static Table, frame: &DataFrame) -> io::Result<Versions> {
    let mut versions = Versions::new();
    let number = |name: &str| frame.column(name).and_then(|column| column.i64());
    let firsts = number("first_seq").map_err(io::Error::other)?;
    let lasts = number("last_seq").map_err(io::Error::other)?;
    let scopes = frame.column("scope").and_then(|column| column.str());
    let scopes = scopes.map_err(io::Error::other)?;
    let mut readers: Vec<Reader<'_>> = table
        .columns
        .iter()
        .map(|column| Reader::new(frame, column))
        .collect();
    let mut cells = Vec::with_capacity(readers.len());
    for ((first, last), scope) in firsts.iter().zip(lasts.iter()).zip(scopes.iter()) {
        cells.clear();
        cells.extend(readers.iter_mut().map(Reader::next));
        let (Some(first), Some(last)) = (first, last) else {
            continue;
        };
        let version = (encode::encode(&cells), Interval { first, last });
        let scope = scope.unwrap_or_default();
        match versions.get_mut(scope) {
            Some(held) => held.push(version),
            None => {
                versions.insert(scope.to_owned(), vec![version]);
            }
        }
    }
    Ok(versions)
}

/// Puts versions into the units that were observed; what nobody observed is left out.
pub(super) fn fill(units: &mut Units, read: Vec<(&'static Table, Versions)>) {
    let mut of_units: BTreeMap<(String, String), Vec<Version>> = BTreeMap::new();
    for (table, versions) in read {
        for (scope, held) in versions {
            let key = (table.name.to_owned(), scope);
            of_units.entry(key).or_default().extend(held);
        }
    }
    let ours = units
        .iter_mut()
        .filter_map(|(key, unit)| Some((unit, of_units.remove(key)?)));
    let ours: Vec<_> = ours.collect();
    ours.into_par_iter().for_each(|(unit, mut versions)| {
        let head = unit.head();
        for (_, run) in &mut versions {
            if run.last == OPEN {
                run.last = head.unwrap_or(run.first);
            }
        }
        unit.fill(versions);
    });
}
