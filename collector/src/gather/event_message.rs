//! Reads one word out of an event's message and one out of its reporter. The texts themselves go no further.

use truenas_common::tables::code::{ErrorClass, EventSource, GrpcCode};

/// What a message says: the first pattern that stands in it, in lower case.
const PATTERNS: &[(&str, ErrorClass)] = &[
    ("dependent clones", ErrorClass::DependentClones),
    ("dependent snapshots", ErrorClass::DependentSnapshots),
    ("multi-attach", ErrorClass::MultiAttach),
    ("quota exceeded", ErrorClass::QuotaExceeded),
    ("exceeded quota", ErrorClass::QuotaExceeded),
    ("no space left", ErrorClass::NoSpace),
    ("out of space", ErrorClass::NoSpace),
    ("insufficient space", ErrorClass::NoSpace),
    ("exceeds available", ErrorClass::NoSpace),
    ("already exports this dataset", ErrorClass::AlreadyExported),
    ("is a subtree of", ErrorClass::AlreadyExported),
    ("extra inputs are not permitted", ErrorClass::InvalidRequest),
    ("code: 422", ErrorClass::InvalidRequest),
    ("field required", ErrorClass::InvalidRequest),
    ("code: 401", ErrorClass::Unauthorized),
    ("invalid api key", ErrorClass::Unauthorized),
    ("not authenticated", ErrorClass::Unauthorized),
    ("authentication failed", ErrorClass::Unauthorized),
    ("access denied", ErrorClass::AccessDenied),
    ("permission denied", ErrorClass::AccessDenied),
    ("could not log into", ErrorClass::IscsiLogin),
    ("logging in to", ErrorClass::IscsiLogin),
    ("iscsiadm", ErrorClass::IscsiLogin),
    ("x509", ErrorClass::Tls),
    ("certificate", ErrorClass::Tls),
    ("connection refused", ErrorClass::Unreachable),
    ("econnrefused", ErrorClass::Unreachable),
    ("no route to host", ErrorClass::Unreachable),
    ("ehostunreach", ErrorClass::Unreachable),
    ("no such host", ErrorClass::Unreachable),
    ("enotfound", ErrorClass::Unreachable),
    ("i/o timeout", ErrorClass::Unreachable),
    ("already in progress", ErrorClass::InProgress),
    ("operation locked", ErrorClass::InProgress),
    ("an operation with the given volume", ErrorClass::InProgress),
    ("deadline exceeded", ErrorClass::Timeout),
    ("deadlineexceeded", ErrorClass::Timeout),
    ("timed out", ErrorClass::Timeout),
    ("list of registered csi drivers", ErrorClass::DriverMissing),
    ("is busy", ErrorClass::Busy),
    ("ebusy", ErrorClass::Busy),
    ("code = outofrange", ErrorClass::OutOfRange),
    ("code = notfound", ErrorClass::NotFound),
];

/// What the message of a warning says; nothing when there is no message.
pub(super) fn error_class(message: &str) -> Option<ErrorClass> {
    if message.is_empty() {
        return None;
    }
    let message = message.to_lowercase();
    let found = PATTERNS.iter().find(|(text, _)| message.contains(text));
    Some(match found {
        Some((_, class)) => *class,
        None if message.contains("not found") && message.contains("secret") => {
            ErrorClass::SecretMissing
        }
        None if message.contains("not found") || message.contains("does not exist") => {
            ErrorClass::NotFound
        }
        None => ErrorClass::Other,
    })
}

/// The gRPC code that a driver answered with.
pub(super) fn grpc_code(message: &str) -> Option<GrpcCode> {
    let (_, rest) = message.split_once("rpc error: code = ")?;
    let word = rest.split_whitespace().next()?;
    Some(GrpcCode::parse(word))
}

/// Software and driver behind the name of a reporter.
pub(super) fn reporter(component: &str) -> (EventSource, Option<&str>) {
    let known = EventSource::parse(component);
    if known != EventSource::Other {
        return (known, None);
    }
    if let Some((software, driver)) = component.split_once(' ') {
        let source = match software {
            "external-resizer" => EventSource::Resizer,
            "external-attacher" | "csi-attacher" => EventSource::Attacher,
            "csi-snapshotter" | "external-snapshotter" => EventSource::Snapshotter,
            _ => return (EventSource::Other, None),
        };
        return (source, is_driver(driver).then_some(driver));
    }
    // external-provisioner reports as its driver, followed by its pod and a random id.
    let driver = component.split('_').next().unwrap_or(component);
    if is_driver(driver) {
        return (EventSource::Provisioner, Some(driver));
    }
    (EventSource::Other, None)
}

/// Names of drivers are domain names.
fn is_driver(name: &str) -> bool {
    name.contains('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, class: ErrorClass, code: Option<GrpcCode>) {
        assert_eq!(error_class(message), Some(class), "{message}");
        assert_eq!(grpc_code(message), code, "{message}");
    }

    #[test]
    fn message_becomes_a_word_and_a_code() {
        check(
            "rpc error: code = FailedPrecondition desc = filesystem has dependent snapshots",
            ErrorClass::DependentSnapshots,
            Some(GrpcCode::FailedPrecondition),
        );
        check(
            "failed to provision volume with StorageClass \"x\": rpc error: code = Unknown desc = received error creating \
             nfs share - code: 422 body: {}",
            ErrorClass::InvalidRequest,
            Some(GrpcCode::Unknown),
        );
        check(
            "resize volume failed: rpc error: code = OutOfRange desc = required volume capacity is greater than limit",
            ErrorClass::OutOfRange,
            Some(GrpcCode::OutOfRange),
        );
        check(
            "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) web-0",
            ErrorClass::MultiAttach,
            None,
        );
        check(
            "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
            ErrorClass::Timeout,
            Some(GrpcCode::DeadlineExceeded),
        );
        check("secret \"x\" not found", ErrorClass::SecretMissing, None);
        check("something else", ErrorClass::Other, None);
        assert_eq!(error_class(""), None);
    }

    #[track_caller]
    fn check_reporter(component: &str, source: EventSource, driver: Option<&str>) {
        assert_eq!(reporter(component), (source, driver), "{component}");
    }

    #[test]
    fn reporter_is_known_software_or_other() {
        let provisioner =
            "org.example.nfs_zfs-controller-7b9d5f6c4d-abcde_1f2e3d4c-0000-4000-8000-aaaaaaaaaaaa";
        check_reporter(
            provisioner,
            EventSource::Provisioner,
            Some("org.example.nfs"),
        );
        let resizer = "external-resizer org.example.iscsi";
        check_reporter(resizer, EventSource::Resizer, Some("org.example.iscsi"));
        check_reporter("kubelet", EventSource::Kubelet, None);
        check_reporter("attachdetach-controller", EventSource::AttachDetach, None);
        check_reporter("someone's own controller", EventSource::Other, None);
        check_reporter("", EventSource::Other, None);
    }
}
