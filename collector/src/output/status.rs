//! `status.json` and `status.prom`: how the last run ended, for people and monitors on site. Counts and codes only.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use truenas_common::bundle::SiteName;
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use crate::output::{self, metrics};

/// Name of the file.
const NAME: &str = "status.json";

/// Where the kernel says whether the host is in FIPS mode.
const FIPS: &str = "/proc/sys/crypto/fips_enabled";

/// Said once, where a site looks: the cryptography of bundles has no certificate.
const FIPS_NOTE: &str =
    "host is in FIPS mode; the cryptography of bundles is not FIPS 140 validated";

/// The last run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Status {
    /// Schema name.
    schema: &'static str,
    /// Site.
    pub(crate) site: String,
    /// When the run began.
    pub(crate) started_at: String,
    /// When the run ended.
    ended_at: String,
    /// Between the two.
    pub(crate) duration_secs: u64,
    /// Exit code.
    pub(crate) exit: u8,
    /// What it means.
    meaning: &'static str,
    /// Bundle, when one was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bundle: Option<String>,
    /// Chain id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stream: Option<String>,
    /// Number in the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seq: Option<u64>,
    /// Why the chain begins or goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prev_reason: Option<&'static str>,
    /// Length of the encrypted file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Time of the newest bundle, of this run or of an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_bundle_at: Option<String>,
    /// Seconds between planned runs.
    pub(crate) expected_every_secs: u64,
    /// Rows in all tables.
    pub(crate) n_rows: u64,
    /// Planned lists that are not whole.
    pub(crate) n_incomplete: u64,
    /// Lists by outcome.
    pub(crate) lists: BTreeMap<String, u64>,
    /// Bytes that the exit scan looked at.
    pub(crate) n_scanned_bytes: u64,
    /// Names that were new for the map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) n_new_names: Option<u64>,
    /// Old bundles that were removed.
    pub(crate) n_removed: u64,
    /// Unsafe options in force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) marks: Vec<String>,
    /// What a person should know about this host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<&'static str>,
}

/// The part of an earlier file that is carried on.
#[derive(Deserialize)]
struct Earlier {
    last_bundle_at: Option<String>,
}

impl Status {
    /// A run that has not ended.
    pub(crate) fn new(site: &SiteName, expected_every_secs: u64) -> Self {
        Self {
            site: site.to_string(),
            expected_every_secs,
            ..Self::default()
        }
    }

    /// Writes both files.
    pub(crate) fn write(
        mut self,
        folder: &Path,
        started_at: Time,
        ended_at: Time,
        exit: Exit,
    ) -> io::Result<()> {
        self.schema = "tsm.status/1";
        self.started_at = started_at.to_string();
        self.ended_at = ended_at.to_string();
        let duration = ended_at.unix_secs() - started_at.unix_secs();
        self.duration_secs = u64::try_from(duration).unwrap_or(0);
        self.exit = exit.code();
        let known = Exit::ALL.iter().find(|(known, _)| *known == exit);
        self.meaning = known.map_or("", |(_, meaning)| meaning);
        self.last_bundle_at = match self.bundle {
            Some(_) => Some(self.ended_at.clone()),
            None => earlier(folder),
        };
        if std::fs::read_to_string(FIPS).is_ok_and(|text| text.trim() == "1") {
            self.notes.push(FIPS_NOTE);
        }
        let mut json = serde_json::to_vec_pretty(&self)?;
        json.push(b'\n');
        output::replace(&folder.join(NAME), &json)?;
        output::replace(&folder.join(metrics::NAME), metrics::text(&self).as_bytes())
    }

    /// End of the run, Unix seconds.
    pub(super) fn ended_at_secs(&self) -> i64 {
        Time::parse(&self.ended_at).map_or(0, Time::unix_secs)
    }

    /// Time of the newest bundle, Unix seconds.
    pub(super) fn last_bundle_secs(&self) -> Option<i64> {
        let at = self.last_bundle_at.as_deref()?;
        Time::parse(at).map(Time::unix_secs)
    }
}

/// A file that cannot be read says nothing about an earlier bundle.
fn earlier(folder: &Path) -> Option<String> {
    let bytes = std::fs::read(folder.join(NAME)).ok()?;
    let earlier: Earlier = serde_json::from_slice(&bytes).ok()?;
    earlier
        .last_bundle_at
        .filter(|at| Time::parse(at).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, status: Status, ended_at: i64, exit: Exit) -> (String, String) {
        let time = Time::from_unix_secs;
        let started_at = time(1_795_459_200);
        status
            .write(folder, started_at, time(ended_at), exit)
            .unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        (read(NAME), read(metrics::NAME))
    }

    #[test]
    fn both_files_say_how_the_run_ended() {
        let folder = tempfile::tempdir().unwrap();
        let status = Status {
            site: "k3f9".to_owned(),
            bundle: Some("k3f9-000042-20261123T184000Z".to_owned()),
            seq: Some(42),
            bytes: Some(91_337),
            n_rows: 7,
            lists: BTreeMap::from([("ok".to_owned(), 3), ("denied".to_owned(), 1)]),
            ..Status::default()
        };
        let (json, metrics) = write(folder.path(), status, 1_795_459_260, Exit::Incomplete);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["exit"], 3);
        assert_eq!(json["meaning"], "bundle written but incomplete");
        assert_eq!(json["duration_secs"], 60);
        assert_eq!(json["last_bundle_at"], json["ended_at"]);
        for line in [
            "truenas_collector_last_run_exit_code 3\n",
            "truenas_collector_last_run_duration_seconds 60\n",
            "truenas_collector_last_bundle_sequence 42\n",
            "truenas_collector_last_run_lists{outcome=\"denied\"} 1\n",
        ] {
            assert!(metrics.contains(line), "{metrics}");
        }
        assert!(metrics.ends_with("# EOF\n"));
    }

    #[test]
    fn every_metric_has_help_and_type_and_only_outcomes_are_labels() {
        let folder = tempfile::tempdir().unwrap();
        let status = Status {
            lists: BTreeMap::from([("ok".to_owned(), 3)]),
            ..Status::default()
        };
        let (_, metrics) = write(folder.path(), status, 1_795_459_200, Exit::Ok);
        for line in metrics.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(metrics.contains(&format!("# HELP {name} ")), "{name}");
            assert!(
                metrics.contains(&format!("# TYPE {name} gauge\n")),
                "{name}"
            );
            assert!(!line.contains('{') || line.contains("{outcome="), "{line}");
        }
    }

    #[test]
    fn run_without_a_bundle_keeps_the_time_of_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let status = Status {
            bundle: Some("k3f9-000001-20261123T184000Z".to_owned()),
            ..Status::default()
        };
        write(folder.path(), status, 1_795_459_200, Exit::Ok);
        let (json, metrics) = write(
            folder.path(),
            Status::default(),
            1_795_545_600,
            Exit::Network,
        );
        assert!(
            json.contains("\"last_bundle_at\": \"2026-11-23T18:40:00Z\""),
            "{json}"
        );
        assert!(!json.contains("\"bundle\""));
        assert!(metrics.contains("truenas_collector_last_bundle_timestamp_seconds 1795459200\n"));
    }
}
