//! What the checks said at earlier moments, kept beside the streams so that it is computed once.
//!
//! A cache: every row follows from the bundles, the checks and the settings, and the key of a moment is a digest of all
//! three. Without the file, or with one that cannot be read, the moments are computed again and say the same.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use sha2::{Digest as _, Sha256};

use super::files;
use super::store::{History, HistoryError};

const STEM: &str = "findings";

/// What the checks said at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Digest of everything that the results follow from.
    pub key: String,
    /// End of the newest bundle, Unix seconds.
    pub at: i64,
    /// Whether each check could judge each scope.
    pub is_judged: BTreeMap<(String, String), bool>,
    /// Findings by fingerprint.
    pub traces: BTreeMap<String, Trace>,
}

/// What is remembered of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Check.
    pub check: String,
    /// Appliance or cluster; empty for the estate.
    pub scope: String,
    /// Table that holds the subject.
    pub subject_table: String,
    /// Key of the object.
    pub subject: String,
    /// Word of the grade.
    pub grade: String,
    /// Word of the effective severity.
    pub severity: String,
}

impl History {
    /// Digests of the sealed bundles of a domain by their end, oldest first.
    pub fn bundles_of(&self, domain: &str) -> Vec<(i64, String)> {
        let streams = self
            .streams
            .iter()
            .filter(|((of_domain, _), _)| of_domain == domain);
        let mut bundles: Vec<(i64, String)> = streams
            .flat_map(|(_, stream)| stream.bundles())
            .map(|entry| (entry.ended_at, entry.link.sha256.clone()))
            .collect();
        bundles.sort();
        bundles
    }

    /// Remembered moments of a domain; none when there is no file, or it is damaged.
    pub fn moments(&self, domain: &str) -> Vec<Moment> {
        let Some(folder) = self.folder() else {
            return Vec::new();
        };
        let Some((name, digest)) = file(&folder.join(domain)) else {
            return Vec::new();
        };
        let frame = files::read(&folder.join(domain), &name, &digest);
        frame
            .and_then(|frame| read(&frame).map_err(io::Error::other))
            .unwrap_or_default()
    }

    /// Remembers these moments of a domain, and no others. A history in memory remembers nothing.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn keep_moments(&self, domain: &str, moments: &[Moment]) -> Result<(), HistoryError> {
        let Some(folder) = self.folder() else {
            return Ok(());
        };
        let path = folder.join(domain);
        keep(&path, moments).map_err(|source| HistoryError { path, source })
    }
}

fn keep(folder: &Path, moments: &[Moment]) -> io::Result<()> {
    let mut frame = frame(moments).map_err(io::Error::other)?;
    let (name, _) = files::write(folder, STEM, "", &mut frame)?;
    for other in all(folder)?.into_iter().filter(|other| *other != name) {
        // A file that stays behind is harmless: its moments are old, and their keys say so.
        let _ = fs::remove_file(folder.join(other));
    }
    Ok(())
}

fn all(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(STEM) && name.ends_with(".parquet") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The file, with the digest of its bytes when its name is that of its bytes.
fn file(folder: &Path) -> Option<(String, String)> {
    let name = all(folder).ok()?.pop()?;
    let bytes = fs::read(PathBuf::from(folder).join(&name)).ok()?;
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    (name == format!("{STEM}-{}.parquet", &digest[..12])).then_some((name, digest))
}

/// One row for each check and scope of each moment, and one for each finding.
fn frame(moments: &[Moment]) -> PolarsResult<DataFrame> {
    type Row<'m> = (
        &'m Moment,
        &'m str,
        &'m str,
        bool,
        Option<(&'m str, &'m Trace)>,
    );
    let mut rows: Vec<Row<'_>> = Vec::new();
    for moment in moments {
        rows.extend(moment.is_judged.iter().map(|((check, scope), is_judged)| {
            (moment, check.as_str(), scope.as_str(), *is_judged, None)
        }));
        rows.extend(moment.traces.iter().map(|(fingerprint, trace)| {
            let found = Some((fingerprint.as_str(), trace));
            (
                moment,
                trace.check.as_str(),
                trace.scope.as_str(),
                true,
                found,
            )
        }));
    }
    let texts = |name: &str, value: &dyn Fn(&Row<'_>) -> Option<String>| {
        Column::new(name.into(), rows.iter().map(value).collect::<Vec<_>>())
    };
    let of_trace = |name: &str, value: fn(&Trace) -> &str| {
        texts(name, &|row| row.4.map(|(_, trace)| value(trace).to_owned()))
    };
    let columns = vec![
        texts("key", &|row| Some(row.0.key.clone())),
        Column::new(
            "at".into(),
            rows.iter().map(|row| row.0.at).collect::<Vec<_>>(),
        ),
        texts("check", &|row| Some(row.1.to_owned())),
        texts("scope", &|row| Some(row.2.to_owned())),
        Column::new(
            "is_judged".into(),
            rows.iter().map(|row| row.3).collect::<Vec<_>>(),
        ),
        texts("fingerprint", &|row| {
            row.4.map(|(fingerprint, _)| fingerprint.to_owned())
        }),
        of_trace("subject_table", |trace| &trace.subject_table),
        of_trace("subject", |trace| &trace.subject),
        of_trace("grade", |trace| &trace.grade),
        of_trace("severity", |trace| &trace.severity),
    ];
    DataFrame::new(rows.len(), columns)
}

fn read(frame: &DataFrame) -> PolarsResult<Vec<Moment>> {
    let text = |name: &str| frame.column(name)?.str();
    let [key, check, scope, fingerprint] = [
        text("key")?,
        text("check")?,
        text("scope")?,
        text("fingerprint")?,
    ];
    let [subject_table, subject, grade, severity] = [
        text("subject_table")?,
        text("subject")?,
        text("grade")?,
        text("severity")?,
    ];
    let (at, is_judged) = (
        frame.column("at")?.i64()?,
        frame.column("is_judged")?.bool()?,
    );
    let mut moments: Vec<Moment> = Vec::new();
    for row in 0..frame.height() {
        let of = |column: &StringChunked| column.get(row).unwrap_or_default().to_owned();
        let key = of(key);
        if moments.last().is_none_or(|moment| moment.key != key) {
            moments.push(Moment {
                key,
                at: at.get(row).unwrap_or_default(),
                ..Moment::default()
            });
        }
        let Some(moment) = moments.last_mut() else {
            continue;
        };
        match fingerprint.get(row) {
            None => {
                let judged = is_judged.get(row).unwrap_or_default();
                moment.is_judged.insert((of(check), of(scope)), judged);
            }
            Some(fingerprint) => {
                let trace = Trace {
                    check: of(check),
                    scope: of(scope),
                    subject_table: of(subject_table),
                    subject: of(subject),
                    grade: of(grade),
                    severity: of(severity),
                };
                moment.traces.insert(fingerprint.to_owned(), trace);
            }
        }
    }
    Ok(moments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at: i64) -> Moment {
        let trace = Trace {
            check: "ORP-001".to_owned(),
            scope: "nas".to_owned(),
            subject_table: "zfs_dataset".to_owned(),
            subject: format!("p/{at}"),
            grade: "confirmed".to_owned(),
            severity: "high".to_owned(),
        };
        Moment {
            key: format!("key {at}"),
            at,
            is_judged: BTreeMap::from([
                (("ORP-001".to_owned(), "nas".to_owned()), true),
                (("SNP-001".to_owned(), String::new()), false),
            ]),
            traces: BTreeMap::from([(format!("f{at}"), trace)]),
        }
    }

    #[test]
    fn moments_are_read_as_they_were_kept_and_older_files_go() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("d")).unwrap();
        let history = History::open(folder.path()).unwrap();
        assert_eq!(history.moments("d"), []);
        let moments = [moment(1), moment(2)];
        history.keep_moments("d", &moments).unwrap();
        assert_eq!(history.moments("d"), moments);
        history.keep_moments("d", &moments[1..]).unwrap();
        assert_eq!(history.moments("d"), moments[1..]);
        assert_eq!(all(&folder.path().join("d")).unwrap().len(), 1);
        assert_eq!(History::open(folder.path()).unwrap().streams().count(), 0);
    }

    #[test]
    fn a_damaged_file_is_no_memory() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("d")).unwrap();
        let history = History::open(folder.path()).unwrap();
        history.keep_moments("d", &[moment(1)]).unwrap();
        let name = all(&folder.path().join("d")).unwrap().remove(0);
        let path = folder.path().join("d").join(name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(history.moments("d"), []);
    }
}
