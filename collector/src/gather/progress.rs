//! How the last run of a task stands.

use serde_json::Value;
use truenas_common::tables::code::TaskState;
use truenas_common::time::Time;

/// Word, time and newest snapshot of a state. What it says about errors is not looked at: it can hold names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Progress<'a> {
    pub(super) state: Option<TaskState>,
    pub(super) at: Option<Time>,
    pub(super) last_snapshot: Option<&'a str>,
}

impl<'a> Progress<'a> {
    /// Reads a state; the interface promises nothing about its form.
    pub(super) fn of(state: Option<&'a Value>) -> Self {
        let field = |name| state.and_then(|state| state.get(name));
        let millis = field("datetime").and_then(|date| date.get("$date")?.as_i64());
        Self {
            state: field("state").and_then(Value::as_str).map(TaskState::parse),
            at: millis.map(Time::from_unix_millis),
            last_snapshot: field("last_snapshot").and_then(Value::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn state_is_read_where_it_has_the_usual_form() {
        let state = json!({
            "state": "ERROR", "datetime": {"$date": 1_766_880_005_000_u64}, "last_snapshot": "tank/a@b",
            "error": "cannot connect to backup.example.com",
        });
        let progress = Progress::of(Some(&state));
        assert_eq!(progress.state, Some(TaskState::Error));
        assert_eq!(progress.at, Some(Time::from_unix_secs(1_766_880_005)));
        assert_eq!(progress.last_snapshot, Some("tank/a@b"));
        assert_eq!(Progress::of(Some(&json!("{}"))), Progress::default());
        assert_eq!(Progress::of(None), Progress::default());
    }
}
