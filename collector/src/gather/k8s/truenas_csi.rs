//! The object from which an operator deploys the vendor's driver. It names no secret value.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sTruenasCsi;
use truenas_common::tables::code::{DriverPhase, ManagementState};

use crate::gather::condition::{Condition, truth};
use crate::gather::metadata::{Metadata, filled};
use crate::gather::{Gatherer, Read, address};
use crate::source::k8s::TRUENAS_CSIS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/truenas_csi",
    why: "Which appliance, pool and portal the vendor's driver uses, and whether it verifies certificates.",
    reads: &[Read::K8s(&TRUENAS_CSIS)],
    tables: &["k8s_truenas_csi"],
};

const ISCSI_PORT: i64 = 3260;

/// The object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct TruenasCsi {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    #[serde(rename = "truenasURL")]
    truenas_url: Option<String>,
    default_pool: Option<String>,
    nfs_server: Option<String>,
    iscsi_portal: Option<String>,
    #[serde(rename = "iscsiIQNBase")]
    iscsi_iqn_base: Option<String>,
    #[serde(rename = "insecureSkipTLS")]
    insecure_skip_tls: Option<bool>,
    management_state: Option<String>,
    namespace: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    phase: Option<String>,
    conditions: Option<Vec<Condition>>,
}

/// One row an object.
pub(in crate::gather) fn rows(objects: &[TruenasCsi], redactor: &Redactor) -> Vec<K8sTruenasCsi> {
    objects.iter().map(|object| row(object, redactor)).collect()
}

fn row(object: &TruenasCsi, redactor: &Redactor) -> K8sTruenasCsi {
    let (metadata, spec, status) = (&object.metadata, &object.spec, &object.status);
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let url = filled(spec.truenas_url.as_ref());
    let portal =
        filled(spec.iscsi_portal.as_ref()).and_then(|portal| address::split(portal, ISCSI_PORT));
    K8sTruenasCsi {
        uid: metadata.uid(redactor),
        created_at: metadata.created_at(),
        deleting_at: metadata.deleting_at(),
        phase: filled(status.phase.as_ref()).map(DriverPhase::parse),
        management_state: filled(spec.management_state.as_ref()).map(ManagementState::parse),
        namespace: filled(spec.namespace.as_ref()).map(|name| redactor.name(name)),
        server_host: url.and_then(host).map(|host| redactor.host(host)),
        is_encrypted: url.and_then(is_encrypted),
        is_unverified: spec.insecure_skip_tls.unwrap_or(false),
        default_pool: filled(spec.default_pool.as_ref()).map(|pool| redactor.path(pool)),
        nfs_host: filled(spec.nfs_server.as_ref()).map(|host| redactor.host(host)),
        iscsi_host: portal.map(|(host, _)| redactor.host(host)),
        iscsi_port: portal.map(|(_, port)| port),
        iqn_base: filled(spec.iscsi_iqn_base.as_ref()).map(|base| redactor.iqn(base).0),
        is_available: truth(conditions, "Available").or_else(|| truth(conditions, "Ready")),
        is_degraded: truth(conditions, "Degraded"),
    }
}

/// The host of an address, without the user that may stand before it.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    address::split(authority, 0).map(|(host, _)| host)
}

fn is_encrypted(url: &str) -> Option<bool> {
    let (scheme, _) = url.split_once("://")?;
    match scheme.to_lowercase().as_str() {
        "wss" | "https" => Some(true),
        "ws" | "http" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::write_line;

    fn row_of(spec: &str) -> K8sTruenasCsi {
        let json = format!(
            r#"{{"metadata": {{"name": "truenas", "uid": "u"}}, "spec": {spec},
                "status": {{"phase": "Running", "conditions": [{{"type": "Ready", "status": "True"}}]}}}}"#
        );
        let object: TruenasCsi = serde_json::from_str(&json).unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        rows(&[object], &redactor).remove(0)
    }

    #[test]
    fn address_leaves_without_its_user() {
        let row = row_of(
            r#"{"truenasURL": "ws://admin:hush@nas01.example.net:80/api/current", "credentialsSecret": "creds",
                "defaultPool": "tank", "iscsiPortal": "192.0.2.50", "iscsiIQNBase": "iqn.2005-10.org.freenas.ctl",
                "insecureSkipTLS": true, "managementState": "Managed", "namespace": "truenas-csi"}"#,
        );
        assert_eq!(
            row.server_host.as_ref().unwrap().as_str(),
            "nas01.example.net"
        );
        assert_eq!((row.is_encrypted, row.is_unverified), (Some(false), true));
        assert_eq!(row.iscsi_port, Some(3260));
        assert_eq!(row.management_state, Some(ManagementState::Managed));
        assert_eq!(
            (row.phase, row.is_available),
            (Some(DriverPhase::Running), Some(true))
        );
        let mut line = Vec::new();
        write_line(&row, &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(!line.contains("hush") && !line.contains("creds") && !line.contains("admin"));
    }

    #[test]
    fn encryption_is_unknown_without_a_scheme() {
        assert_eq!(row_of(r#"{"truenasURL": "nas01"}"#).is_encrypted, None);
        assert_eq!(
            row_of(r#"{"truenasURL": "wss://nas01/"}"#).is_encrypted,
            Some(true)
        );
        assert!(row_of("{}").server_host.is_none());
    }
}
