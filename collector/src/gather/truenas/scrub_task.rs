//! When pools are scrubbed.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasScrubTask;

use crate::gather::schedule::Schedule;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::POOL_SCRUB_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/scrub_task",
    why: "Whether every pool is scrubbed, and how often it should be.",
    reads: &[Read::Truenas(&POOL_SCRUB_QUERY)],
    tables: &["nas_scrub_task"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] =
    &["id", "pool_name", "threshold", "schedule", "enabled"];

/// A task.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct ScrubTask {
    pub(in crate::gather) id: i64,
    pool_name: String,
    threshold: Option<i64>,
    schedule: Option<Schedule>,
    enabled: Option<bool>,
}

/// One row a task.
pub(in crate::gather) fn rows(
    tasks: &[ScrubTask],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasScrubTask> {
    tasks
        .iter()
        .map(|task| NasScrubTask {
            appliance: appliance.clone(),
            id: task.id,
            pool: redactor.path(&task.pool_name),
            threshold_days: task.threshold,
            longest_gap_secs: task.schedule.as_ref().and_then(Schedule::longest_gap_secs),
            is_enabled: task.enabled.unwrap_or(true),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn weekly_task_is_a_gap_of_a_week() {
        let tasks: Vec<ScrubTask> = serde_json::from_str(
            r#"[{"pool": 1, "threshold": 35, "description": "for bob", "id": 1, "pool_name": "tank", "enabled": true,
                 "schedule": {"minute": "00", "hour": "00", "dom": "*", "month": "*", "dow": "7"}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = &rows(&tasks, &redactor.name("a"), &redactor)[0];
        assert_eq!(row.pool, redactor.path("tank"));
        assert_eq!(
            (row.threshold_days, row.longest_gap_secs),
            (Some(35), Some(7 * 86_400))
        );
    }
}
