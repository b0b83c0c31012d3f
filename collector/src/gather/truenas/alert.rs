//! Alerts. Texts hold names and addresses and are not decoded; arguments are typed by class.

use serde::Deserialize;
use serde_json::Value;
use truenas_common::redact::{ApplianceId, DatasetPath, Redactor};
use truenas_common::tables::NasAlert;
use truenas_common::tables::code::{AlertClass, AlertLevel, PoolStatus};
use truenas_common::time::Time;

use crate::gather::{Gatherer, Read};
use crate::source::truenas::ALERT_LIST;
use crate::source::truenas::ejson::Date;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/alert",
    why: "What the appliance itself complains about: health, fill level, failed tasks.",
    reads: &[Read::Truenas(&ALERT_LIST)],
    tables: &["nas_alert"],
};

/// An alert.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Alert {
    uuid: String,
    klass: String,
    level: String,
    datetime: Option<Date>,
    last_occurrence: Option<Date>,
    dismissed: bool,
    one_shot: bool,
    args: Option<Value>,
}

/// What the arguments of known classes say.
#[derive(Debug, Default)]
struct Arguments<'a> {
    pool: Option<&'a str>,
    pool_status: Option<&'a str>,
    dataset: Option<&'a str>,
    used_percent: Option<i64>,
    n_snapshots: Option<i64>,
    n_snapshots_allowed: Option<i64>,
    task_id: Option<i64>,
    disk: Option<&'a str>,
    disk_serial: Option<&'a str>,
}

impl<'a> Arguments<'a> {
    fn of(class: AlertClass, arguments: Option<&'a Value>) -> Self {
        let field = |name| arguments.and_then(|arguments| arguments.get(name));
        let text = |name| field(name).and_then(Value::as_str);
        let number = |name| field(name).and_then(Value::as_i64);
        // Some classes have one argument without a name.
        let only = arguments.and_then(Value::as_str);
        match class {
            AlertClass::ZpoolCapacityNotice
            | AlertClass::ZpoolCapacityWarning
            | AlertClass::ZpoolCapacityCritical => Self {
                pool: text("volume"),
                used_percent: number("capacity"),
                ..Self::default()
            },
            AlertClass::VolumeStatus => Self {
                pool: text("volume"),
                pool_status: text("state"),
                ..Self::default()
            },
            AlertClass::BootPoolStatus => Self {
                pool_status: text("status"),
                ..Self::default()
            },
            AlertClass::ScrubPaused | AlertClass::ScrubStarted | AlertClass::PoolUpgraded => Self {
                pool: only,
                ..Self::default()
            },
            AlertClass::QuotaWarning | AlertClass::QuotaCritical => Self {
                dataset: text("dataset"),
                used_percent: field("used_fraction").and_then(Value::as_f64).map(whole),
                ..Self::default()
            },
            AlertClass::SnapshotCount | AlertClass::SnapshotTotalCount => Self {
                dataset: text("dataset"),
                n_snapshots: number("count"),
                n_snapshots_allowed: number("max"),
                ..Self::default()
            },
            AlertClass::SnapshotFailed => Self {
                dataset: text("name"),
                task_id: number("id"),
                ..Self::default()
            },
            // The name of a replication is free text.
            AlertClass::ReplicationFailed | AlertClass::ReplicationSuccess => Self {
                task_id: number("id"),
                ..Self::default()
            },
            AlertClass::SmartUncorrectedErrors
            | AlertClass::SmartFailedSelftest
            | AlertClass::SmartSpareBlockCount => Self {
                disk: text("name"),
                disk_serial: text("serial"),
                ..Self::default()
            },
            AlertClass::DiskTemperatureTooHot => Self {
                disk: text("device"),
                disk_serial: text("serial"),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

/// One row an alert.
pub(in crate::gather) fn rows(
    alerts: &[Alert],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasAlert> {
    alerts
        .iter()
        .map(|alert| {
            let class = AlertClass::parse(&alert.klass);
            let arguments = Arguments::of(class, alert.args.as_ref());
            let path = |path: &str| -> DatasetPath { redactor.path(path) };
            NasAlert {
                appliance: appliance.clone(),
                uuid: redactor.uid(&alert.uuid),
                class,
                level: AlertLevel::parse(&alert.level),
                created_at: alert.datetime.map(time),
                seen_at: alert.last_occurrence.map(time),
                is_dismissed: alert.dismissed,
                is_one_shot: alert.one_shot,
                pool: arguments.pool.map(path),
                pool_status: arguments.pool_status.map(PoolStatus::parse),
                dataset: arguments.dataset.map(path),
                used_percent: arguments.used_percent,
                n_snapshots: arguments.n_snapshots,
                n_snapshots_allowed: arguments.n_snapshots_allowed,
                task_id: arguments.task_id,
                disk: arguments.disk.map(|disk| redactor.name(disk)),
                disk_serial: arguments.disk_serial.map(|serial| redactor.name(serial)),
            }
        })
        .collect()
}

fn time(date: Date) -> Time {
    Time::from_unix_secs(date.unix_secs())
}

/// Whole percent, rounded down.
fn whole(percent: f64) -> i64 {
    percent.clamp(0.0, 1_000_000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn found(class: &str, arguments: Value) -> (NasAlert, Redactor) {
        let alert = json!({
            "uuid": "b5c2c1d4-1111-4a4a-9b9b-000000000001", "source": "x", "klass": class, "args": arguments,
            "node": "Controller A", "key": "[\"tank\"]", "datetime": {"$date": 1_766_880_000_000_u64},
            "last_occurrence": {"$date": 1_767_040_000_000_u64}, "dismissed": false, "mail": {"to": ["bob@example.com"]},
            "text": "hidden", "id": "x", "level": "CRITICAL", "formatted": "hidden", "one_shot": true,
        });
        let alerts: Vec<Alert> = serde_json::from_value(json!([alert])).unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        let row = rows(&alerts, &redactor.name("a"), &redactor).remove(0);
        (row, redactor)
    }

    #[test]
    fn arguments_are_typed_by_class() {
        let (row, redactor) = found(
            "ZpoolCapacityCritical",
            json!({"volume": "tank", "capacity": 96}),
        );
        assert_eq!(row.pool, Some(redactor.path("tank")));
        assert_eq!(
            (row.used_percent, row.level),
            (Some(96), AlertLevel::Critical)
        );
        assert_eq!(row.created_at, Some(Time::from_unix_secs(1_766_880_000)));
        let (row, _) = found(
            "VolumeStatus",
            json!({"volume": "tank", "state": "DEGRADED", "devices": "x"}),
        );
        assert_eq!(row.pool_status, Some(PoolStatus::Degraded));
        let (row, _) = found(
            "BootPoolStatus",
            json!({"status": "DEGRADED", "status_detail": "hidden"}),
        );
        assert_eq!(
            (row.pool_status, &row.pool),
            (Some(PoolStatus::Degraded), &None)
        );
        let (row, redactor) = found("ScrubPaused", json!("tank"));
        assert_eq!(row.pool, Some(redactor.path("tank")));
        let (row, redactor) = found(
            "QuotaCritical",
            json!({"name": "Refquota", "dataset": "tank/a", "used_fraction": 95.7}),
        );
        assert_eq!(
            (row.dataset, row.used_percent),
            (Some(redactor.path("tank/a")), Some(95))
        );
        let (row, _) = found(
            "SnapshotTotalCount",
            json!({"count": 10_001, "max": 10_000}),
        );
        assert_eq!(
            (row.n_snapshots, row.n_snapshots_allowed),
            (Some(10_001), Some(10_000))
        );
    }

    #[test]
    fn nothing_else_of_an_alert_is_kept() {
        for class in ["ReplicationFailed", "APIFailedLogin", "acme"] {
            let (row, _) = found(
                class,
                json!({"name": "CANARY", "volume": "CANARY", "id": 7, "message": "CANARY"}),
            );
            let text = format!("{row:?}");
            for hidden in ["CANARY", "hidden", "bob", "Controller"] {
                assert!(!text.contains(hidden), "{class}: {text}");
            }
        }
        assert_eq!(
            found("ReplicationFailed", json!({"id": 7})).0.task_id,
            Some(7)
        );
        assert_eq!(found("acme", json!(["tank"])).0.class, AlertClass::Other);
    }
}
