//! `status.prom`: the last run for a textfile collector. Counts and times; no object has its name in a label.

use std::fmt::Write as _;

use crate::output::status::Status;

/// Name of the file.
pub(super) const NAME: &str = "status.prom";

const PREFIX: &str = "truenas_collector";

/// The file, in the OpenMetrics text form.
pub(super) fn text(status: &Status) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: f64| {
        let _ = write!(
            text,
            "# HELP {PREFIX}_{name} {help}\n# TYPE {PREFIX}_{name} gauge\n{PREFIX}_{name} {value}\n"
        );
    };
    let count = |number: u64| number as f64;
    gauge(
        "last_run_timestamp_seconds",
        "End of the last run, Unix seconds.",
        status.ended_at_secs() as f64,
    );
    gauge(
        "last_run_duration_seconds",
        "Duration of the last run.",
        count(status.duration_secs),
    );
    gauge(
        "last_run_exit_code",
        "Exit code of the last run.",
        f64::from(status.exit),
    );
    gauge(
        "last_run_rows",
        "Rows in all tables of the last run.",
        count(status.n_rows),
    );
    gauge(
        "last_run_incomplete_lists",
        "Planned lists that the last run could not read whole.",
        count(status.n_incomplete),
    );
    gauge(
        "last_run_scanned_bytes",
        "Bytes that the exit scan of the last run looked at.",
        count(status.n_scanned_bytes),
    );
    gauge(
        "last_run_removed_bundles",
        "Old bundles that the last run removed from the output folder.",
        count(status.n_removed),
    );
    if let Some(bytes) = status.bytes {
        gauge(
            "last_bundle_size_bytes",
            "Size of the bundle of the last run.",
            count(bytes),
        );
    }
    if let Some(seq) = status.seq {
        gauge(
            "last_bundle_sequence",
            "Number in its chain of the bundle of the last run.",
            count(seq),
        );
    }
    if let Some(at) = status.last_bundle_secs() {
        gauge(
            "last_bundle_timestamp_seconds",
            "Time of the newest bundle, Unix seconds.",
            at as f64,
        );
    }
    gauge(
        "expected_interval_seconds",
        "Planned time between two runs.",
        count(status.expected_every_secs),
    );
    let _ = write!(
        text,
        "# HELP {PREFIX}_last_run_lists Lists of the last run by outcome.\n# TYPE {PREFIX}_last_run_lists gauge\n"
    );
    for (outcome, n) in &status.lists {
        let _ = writeln!(text, "{PREFIX}_last_run_lists{{outcome=\"{outcome}\"}} {n}");
    }
    text + "# EOF\n"
}
