//! Events, as `kubectl get events -o json` prints them.

use serde_json::{Value, json};

use super::Day;

/// Seconds since the newest event was told: events are kept for an hour.
const AGE_SECS: i64 = 240;

/// A warning about an object that has been told again and again for the last forty minutes.
pub(super) fn warning(
    day: &Day,
    uid: &str,
    about: &Value,
    (reason, component): (&str, &str),
    message: &str,
) -> Value {
    let metadata = &about["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    // Events of objects without a namespace land in `default`.
    let namespace = metadata["namespace"].as_str().unwrap_or("default");
    let (first_at, last_at) = (day.ago(AGE_SECS + 2_400), day.ago(AGE_SECS));
    json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {
            "name": format!("{name}.{}", &uid[24..]), "namespace": namespace, "uid": uid, "resourceVersion": "9001",
            "creationTimestamp": first_at,
        },
        "involvedObject": {
            "kind": about["kind"], "namespace": metadata["namespace"], "name": name, "uid": metadata["uid"],
            "apiVersion": about["apiVersion"],
        },
        "reason": reason, "message": message, "type": "Warning", "source": {"component": component},
        "reportingComponent": component, "reportingInstance": "", "firstTimestamp": first_at, "lastTimestamp": last_at,
        "count": 9, "eventTime": null,
    })
}
