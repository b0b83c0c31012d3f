//! Which bundles a stream holds, and which of their lists were complete.

use truenas_common::bundle::{Link, PrevReason};

/// One bundle of a stream. Holds no time of ingest: the same bundles give the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Name.
    pub bundle: String,
    /// Site.
    pub site: String,
    /// Place in the chain.
    pub link: Link,
    /// Why the chain begins or goes on.
    pub prev_reason: PrevReason,
    /// Cluster it describes: uid of the namespace kube-system.
    pub cluster: Option<String>,
    /// Start of reading, Unix seconds.
    pub started_at: i64,
    /// End of reading, Unix seconds.
    pub ended_at: i64,
    /// Seconds between planned runs.
    pub expected_every_secs: Option<i64>,
    /// 128 bits of the pseudonym key.
    pub key_check: String,
    /// Number of the pseudonym key, from 1; 0 when the bundle names none.
    pub epoch: i64,
    /// `standard` or `open`.
    pub profile: String,
    /// Version of the collector.
    pub collector: String,
    /// SHA-256 of the site key.
    pub site_key: String,
    /// Unsafe options in force, comma separated.
    pub marks: String,
}

#[cfg(test)]
impl LedgerEntry {
    /// Bundle `seq` of a stream of site `s`, at the beginning of time; tests say what else matters to them.
    pub(crate) fn sample(stream: &str, seq: i64) -> Self {
        Self {
            bundle: format!("{stream}-{seq}"),
            site: "s".to_owned(),
            link: Link {
                stream: stream.to_owned(),
                seq: seq.cast_unsigned(),
                prev: format!("{stream}-{}", seq - 1),
                sha256: format!("{stream}-{seq}"),
            },
            prev_reason: PrevReason::First,
            cluster: None,
            started_at: 0,
            ended_at: 0,
            expected_every_secs: None,
            key_check: String::new(),
            epoch: 1,
            profile: String::new(),
            collector: String::new(),
            site_key: String::new(),
            marks: String::new(),
        }
    }
}

/// What became of one table of one scope in one bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObservedEntry {
    /// Bundle.
    pub seq: i64,
    /// Table.
    pub table: String,
    /// Cluster uid, appliance or empty.
    pub scope: String,
    /// Outcome word of the worst list that fills it.
    pub outcome: String,
    /// Rows.
    pub n_rows: i64,
    /// Files inside the bundle that hold the table, with their digests, one a line as in a manifest; empty in what was
    /// taken in by a version that did not keep them.
    pub files: String,
}

impl ObservedEntry {
    /// Path and digest of each file that holds the table.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.files.lines();
        lines.filter_map(|line| line.split_once("  ").map(|(sha256, path)| (path, sha256)))
    }

    /// Whether the rows are the whole list.
    pub fn is_complete(&self) -> bool {
        matches!(self.outcome.as_str(), "ok" | "empty")
    }
}

/// Ledger and observations as frames, and back.
pub(super) mod frames {
    use polars::prelude::*;

    use super::*;

    fn reason(word: &str) -> PrevReason {
        let all = [
            PrevReason::First,
            PrevReason::StateLost,
            PrevReason::StateRestored,
            PrevReason::OnDemand,
            PrevReason::OperatorReset,
        ];
        all.into_iter()
            .find(|reason| reason.word() == word)
            .unwrap_or_default()
    }

    pub(in crate::history) fn ledger(entries: &[LedgerEntry]) -> PolarsResult<DataFrame> {
        let text = |name: &str, value: &dyn Fn(&LedgerEntry) -> String| {
            Column::new(name.into(), entries.iter().map(value).collect::<Vec<_>>())
        };
        let number = |name: &str, value: &dyn Fn(&LedgerEntry) -> i64| {
            Column::new(name.into(), entries.iter().map(value).collect::<Vec<_>>())
        };
        let clusters: Vec<Option<String>> =
            entries.iter().map(|entry| entry.cluster.clone()).collect();
        let expected: Vec<Option<i64>> = entries
            .iter()
            .map(|entry| entry.expected_every_secs)
            .collect();
        DataFrame::new(
            entries.len(),
            vec![
                number("seq", &|entry| seq(&entry.link)),
                text("bundle", &|entry| entry.bundle.clone()),
                text("site", &|entry| entry.site.clone()),
                text("stream", &|entry| entry.link.stream.clone()),
                text("prev", &|entry| entry.link.prev.clone()),
                text("sha256", &|entry| entry.link.sha256.clone()),
                text("prev_reason", &|entry| entry.prev_reason.word().to_owned()),
                Column::new("cluster".into(), clusters),
                number("started_at", &|entry| entry.started_at),
                number("ended_at", &|entry| entry.ended_at),
                Column::new("expected_every_secs".into(), expected),
                text("key_check", &|entry| entry.key_check.clone()),
                number("epoch", &|entry| entry.epoch),
                text("profile", &|entry| entry.profile.clone()),
                text("collector", &|entry| entry.collector.clone()),
                text("site_key", &|entry| entry.site_key.clone()),
                text("marks", &|entry| entry.marks.clone()),
            ],
        )
    }

    pub(in crate::history) fn read_ledger(frame: &DataFrame) -> PolarsResult<Vec<LedgerEntry>> {
        let text = |name: &str, row: usize| -> PolarsResult<String> {
            Ok(frame
                .column(name)?
                .str()?
                .get(row)
                .unwrap_or_default()
                .to_owned())
        };
        let number = |name: &str, row: usize| -> PolarsResult<i64> {
            Ok(frame.column(name)?.i64()?.get(row).unwrap_or_default())
        };
        (0..frame.height())
            .map(|row| {
                Ok(LedgerEntry {
                    bundle: text("bundle", row)?,
                    site: text("site", row)?,
                    link: Link {
                        stream: text("stream", row)?,
                        seq: u64::try_from(number("seq", row)?).unwrap_or_default(),
                        prev: text("prev", row)?,
                        sha256: text("sha256", row)?,
                    },
                    prev_reason: reason(&text("prev_reason", row)?),
                    cluster: frame.column("cluster")?.str()?.get(row).map(str::to_owned),
                    started_at: number("started_at", row)?,
                    ended_at: number("ended_at", row)?,
                    expected_every_secs: frame.column("expected_every_secs")?.i64()?.get(row),
                    key_check: text("key_check", row)?,
                    epoch: number("epoch", row)?,
                    profile: text("profile", row)?,
                    collector: text("collector", row)?,
                    site_key: text("site_key", row)?,
                    marks: text("marks", row)?,
                })
            })
            .collect()
    }

    pub(in crate::history) fn observed(entries: &[ObservedEntry]) -> PolarsResult<DataFrame> {
        let text = |name: &str, value: &dyn Fn(&ObservedEntry) -> String| {
            Column::new(name.into(), entries.iter().map(value).collect::<Vec<_>>())
        };
        let number = |name: &str, value: &dyn Fn(&ObservedEntry) -> i64| {
            Column::new(name.into(), entries.iter().map(value).collect::<Vec<_>>())
        };
        DataFrame::new(
            entries.len(),
            vec![
                number("seq", &|entry| entry.seq),
                text("table", &|entry| entry.table.clone()),
                text("scope", &|entry| entry.scope.clone()),
                text("outcome", &|entry| entry.outcome.clone()),
                number("n_rows", &|entry| entry.n_rows),
                text("files", &|entry| entry.files.clone()),
            ],
        )
    }

    pub(in crate::history) fn read_observed(frame: &DataFrame) -> PolarsResult<Vec<ObservedEntry>> {
        let text = |name: &str, row: usize| -> PolarsResult<String> {
            Ok(frame
                .column(name)?
                .str()?
                .get(row)
                .unwrap_or_default()
                .to_owned())
        };
        (0..frame.height())
            .map(|row| {
                Ok(ObservedEntry {
                    seq: frame.column("seq")?.i64()?.get(row).unwrap_or_default(),
                    table: text("table", row)?,
                    scope: text("scope", row)?,
                    outcome: text("outcome", row)?,
                    n_rows: frame.column("n_rows")?.i64()?.get(row).unwrap_or_default(),
                    files: text("files", row).unwrap_or_default(),
                })
            })
            .collect()
    }

    pub(in crate::history) fn seq(link: &Link) -> i64 {
        i64::try_from(link.seq).unwrap_or(i64::MAX)
    }
}
