//! Events about volumes. A message leaves as one word of a closed list, an unknown reason as `other`.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sEvent;
use truenas_common::tables::code::{EventKind, EventObject, EventReason};

use crate::gather::event_message::{error_class, grpc_code, reporter};
use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::EVENTS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/event",
    why: "How long storage operations take and why they fail, as far back as the cluster keeps events.",
    // One list and not one for each kind of object: events are not cached, so a server scans all of them each time.
    reads: &[Read::K8s(&EVENTS)],
    tables: &["k8s_event"],
};

/// An event.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::gather) struct Event {
    metadata: Metadata,
    involved_object: InvolvedObject,
    reason: Option<String>,
    message: Option<String>,
    r#type: Option<String>,
    source: Source,
    reporting_component: Option<String>,
    count: Option<i64>,
    series: Option<Series>,
    first_timestamp: Option<String>,
    last_timestamp: Option<String>,
    event_time: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InvolvedObject {
    kind: String,
    namespace: Option<String>,
    name: Option<String>,
    uid: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Source {
    component: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Series {
    count: Option<i64>,
    last_observed_time: Option<String>,
}

/// One row for each event about storage.
pub(in crate::gather) fn rows(events: &[Event], redactor: &Redactor) -> Vec<K8sEvent> {
    events
        .iter()
        .filter(|event| is_about_storage(event))
        .map(|event| row(event, redactor))
        .collect()
}

/// Of pods only the events that volumes cause.
fn is_about_storage(event: &Event) -> bool {
    match EventObject::parse(&event.involved_object.kind) {
        EventObject::Other => false,
        EventObject::Pod => reason(event) != EventReason::Other,
        _ => true,
    }
}

fn reason(event: &Event) -> EventReason {
    EventReason::parse(event.reason.as_deref().unwrap_or_default())
}

fn row(event: &Event, redactor: &Redactor) -> K8sEvent {
    let object = &event.involved_object;
    let object_kind = EventObject::parse(&object.kind);
    // The name of an attachment is an unkeyed hash and never leaves.
    let name = |kind| filled(object.name.as_ref()).filter(|_| object_kind == kind);
    let kind = EventKind::parse(event.r#type.as_deref().unwrap_or_default());
    let message = filled(event.message.as_ref()).filter(|_| kind == EventKind::Warning);
    let component = filled(event.source.component.as_ref())
        .or_else(|| filled(event.reporting_component.as_ref()));
    let (source, driver) = reporter(component.unwrap_or_default());
    let series = event.series.as_ref();
    let event_time = time(event.event_time.as_deref());
    let first_at = time(event.first_timestamp.as_deref()).or(event_time);
    let observed = series.and_then(|series| time(series.last_observed_time.as_deref()));
    K8sEvent {
        uid: event.metadata.uid(redactor),
        object_kind,
        object_uid: filled(object.uid.as_ref()).map(|uid| redactor.uid(uid)),
        object_namespace: filled(object.namespace.as_ref()).map(|name| redactor.name(name)),
        pv: name(EventObject::Volume).map(|name| redactor.leaf(name)),
        claim: name(EventObject::Claim).map(|name| redactor.name(name)),
        snapshot_name: name(EventObject::Snapshot).map(|name| redactor.name(name)),
        content: name(EventObject::SnapshotContent).map(|name| redactor.name(name)),
        pod: name(EventObject::Pod).map(|name| redactor.name(name)),
        reason: reason(event),
        kind,
        n_times: event.count.or_else(|| series?.count).unwrap_or(1).max(1),
        first_at: first_at.or_else(|| Some(event.metadata.created_at())),
        last_at: time(event.last_timestamp.as_deref())
            .or(observed)
            .or(first_at)
            .or_else(|| Some(event.metadata.created_at())),
        source,
        driver: driver.map(|name| redactor.name(name)),
        error_class: message.and_then(error_class),
        grpc_code: message.and_then(grpc_code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::write_line;
    use truenas_common::tables::code::{ErrorClass, EventSource};
    use truenas_common::time::Time;

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open)
    }

    fn event(kind: &str, rest: &str) -> Event {
        let json = format!(
            r#"{{"metadata": {{"name": "x.1", "namespace": "default", "uid": "808d8430-0000-4000-8000-0000000000ee",
                 "creationTimestamp": "2026-03-02T08:00:00Z"}},
                "involvedObject": {{"kind": "{kind}", "name": "pvc-51515151-6262-4737-8484-959595959595",
                 "uid": "d1d2d3d4-aaaa-4bbb-8ccc-ddddeeee0002"}}, {rest}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn failing_delete_keeps_its_count_and_not_its_message() {
        let event = event(
            "PersistentVolume",
            r#""reason": "VolumeFailedDelete", "type": "Warning", "count": 412,
               "message": "filesystem has dependent clones of tank/private", "source": {"component":
               "csi.truenas.io_controller-abcde_1f2e3d4c-0000-4000-8000-aaaaaaaaaaaa"},
               "firstTimestamp": "2026-03-02T09:00:00Z", "lastTimestamp": "2026-03-09T10:00:00Z""#,
        );
        let row = &rows(&[event], &redactor())[0];
        assert_eq!(row.reason, EventReason::VolumeFailedDelete);
        assert_eq!(row.error_class, Some(ErrorClass::DependentClones));
        assert_eq!((row.n_times, row.source), (412, EventSource::Provisioner));
        assert!(row.pv.is_some() && row.claim.is_none() && row.object_namespace.is_none());
        let mut line = Vec::new();
        write_line(row, &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(!line.contains("private") && !line.contains("abcde"));
    }

    #[test]
    fn event_of_the_newer_api_has_times_and_a_count() {
        let event = event(
            "PersistentVolumeClaim",
            r#""reason": "SomethingNew", "type": "Normal", "message": "names", "source": {}, "count": null,
               "reportingComponent": "persistentvolume-controller", "eventTime": "2026-03-02T09:00:00.123456Z",
               "series": {"count": 7, "lastObservedTime": "2026-03-02T09:30:00.000001Z"},
               "firstTimestamp": null, "lastTimestamp": null"#,
        );
        let row = &rows(&[event], &redactor())[0];
        assert_eq!((row.n_times, row.reason), (7, EventReason::Other));
        assert_eq!(row.first_at, Time::parse("2026-03-02T09:00:00Z"));
        assert_eq!(row.last_at, Time::parse("2026-03-02T09:30:00Z"));
        assert_eq!(row.source, EventSource::VolumeBinder);
        assert_eq!(row.error_class, None);
    }

    #[test]
    fn only_events_about_storage_have_rows() {
        let of = |kind: &str, reason: &str| {
            event(kind, &format!(r#""reason": "{reason}", "type": "Warning""#))
        };
        let all = [
            of("Pod", "FailedMount"),
            of("Pod", "Unhealthy"),
            of("Deployment", "FailedMount"),
            of("VolumeAttachment", "Whatever"),
        ];
        let rows = rows(&all, &redactor());
        let kinds: Vec<EventObject> = rows.iter().map(|row| row.object_kind).collect();
        assert_eq!(kinds, [EventObject::Pod, EventObject::Attachment]);
        let attachment = &rows[1];
        assert!(attachment.pv.is_none() && attachment.pod.is_none() && attachment.n_times == 1);
    }
}
