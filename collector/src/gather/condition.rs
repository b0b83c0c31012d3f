//! Conditions of Kubernetes objects: type, status and time. Reasons and messages are not decoded.

use serde::Deserialize;
use truenas_common::time::Time;

use super::metadata::time;

/// One entry of `status.conditions`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Condition {
    pub(super) r#type: String,
    status: String,
    last_transition_time: Option<String>,
}

impl Condition {
    /// Status True.
    pub(super) fn is_true(&self) -> bool {
        self.status == "True"
    }

    /// True or False; nothing when the controller does not know.
    pub(super) fn truth(&self) -> Option<bool> {
        match self.status.as_str() {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        }
    }

    /// When the status changed last.
    pub(super) fn changed_at(&self) -> Option<Time> {
        time(self.last_transition_time.as_deref())
    }

    /// Since when the status is True.
    pub(super) fn true_since(&self) -> Option<Time> {
        self.changed_at().filter(|_| self.is_true())
    }
}

/// The condition of a type.
pub(super) fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.r#type == kind)
}

/// Whether the condition of a type holds; nothing when it is unknown or absent.
pub(super) fn truth(conditions: &[Condition], kind: &str) -> Option<bool> {
    find(conditions, kind)?.truth()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_condition_is_neither_true_nor_false() {
        let conditions: Vec<Condition> = serde_json::from_str(
            r#"[{"type": "Ready", "status": "Unknown", "lastTransitionTime": "2026-03-02T09:00:00Z"},
                {"type": "Available", "status": "False"}]"#,
        )
        .unwrap();
        assert_eq!(truth(&conditions, "Ready"), None);
        assert_eq!(truth(&conditions, "Available"), Some(false));
        assert_eq!(truth(&conditions, "Degraded"), None);
        assert!(conditions[0].true_since().is_none() && conditions[0].changed_at().is_some());
    }
}
