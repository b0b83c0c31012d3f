//! Limits on storage of resource quotas. Limits on anything else are not kept.

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sResourceQuota;
use truenas_common::tables::code::QuotaResource;

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read, quantity};
use crate::source::k8s::RESOURCE_QUOTAS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/resource_quota",
    why: "Namespaces that are about to reach their limit on storage.",
    reads: &[Read::K8s(&RESOURCE_QUOTAS)],
    tables: &["k8s_resource_quota"],
};

/// A resource quota.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct ResourceQuota {
    metadata: Metadata,
    spec: Amounts,
    status: Amounts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Amounts {
    hard: Option<BTreeMap<String, String>>,
    used: Option<BTreeMap<String, String>>,
}

/// One row for each limit on storage.
pub(in crate::gather) fn rows(
    quotas: &[ResourceQuota],
    redactor: &Redactor,
) -> Vec<K8sResourceQuota> {
    let of_quota = |quota: &ResourceQuota| {
        // The controller has not looked at a quota without a status yet.
        let hard = quota.status.hard.as_ref().or(quota.spec.hard.as_ref());
        let rows = hard.into_iter().flatten().filter_map(|(key, hard)| {
            let (resource, class) = resource(key)?;
            let used = quota.status.used.as_ref().and_then(|used| used.get(key));
            let amount = |text: &String| quantity::bytes(text);
            let (hard, used) = (amount(hard), used.and_then(amount));
            let is_size = resource == QuotaResource::Storage;
            Some(K8sResourceQuota {
                uid: quota.metadata.uid(redactor),
                resource,
                storage_class: class.map(|name| redactor.name(name)),
                namespace: redactor.name(quota.metadata.namespace()),
                hard_bytes: hard.filter(|_| is_size),
                used_bytes: used.filter(|_| is_size),
                n_hard: hard.filter(|_| !is_size),
                n_used: used.filter(|_| !is_size),
            })
        });
        rows.collect::<Vec<_>>()
    };
    quotas.iter().flat_map(of_quota).collect()
}

/// What a key limits, and for which storage class.
fn resource(key: &str) -> Option<(QuotaResource, Option<&str>)> {
    let (resource, class) = match key.split_once(".storageclass.storage.k8s.io/") {
        Some((class, resource)) => (resource, Some(class)),
        None => (key, None),
    };
    let resource = match resource {
        "count/persistentvolumeclaims" => QuotaResource::Claims,
        resource => QuotaResource::parse(resource),
    };
    (resource != QuotaResource::Other).then_some((resource, class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn limits_on_storage_are_rows_and_others_are_not() {
        let quotas: Vec<ResourceQuota> = serde_json::from_str(
            r#"[{"metadata": {"name": "q", "namespace": "shop", "uid": "u"},
                 "spec": {"hard": {"requests.storage": "1Ti"}},
                 "status": {"hard": {"requests.storage": "500Gi", "persistentvolumeclaims": "10", "pods": "20",
                    "gold.storageclass.storage.k8s.io/requests.storage": "100Gi"},
                   "used": {"requests.storage": "450Gi", "persistentvolumeclaims": "3"}}},
                {"metadata": {"name": "new", "namespace": "shop", "uid": "v"}, "spec": {"hard": {"requests.storage": "1Ti"}}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&quotas, &redactor);
        assert_eq!(rows.len(), 4);
        let all = |resource| {
            rows.iter()
                .find(|row| row.resource == resource && row.storage_class.is_none())
                .unwrap()
        };
        let storage = all(QuotaResource::Storage);
        assert_eq!(
            (storage.hard_bytes, storage.used_bytes),
            (Some(500 << 30), Some(450 << 30))
        );
        assert_eq!((storage.n_hard, storage.n_used), (None, None));
        let claims = all(QuotaResource::Claims);
        assert_eq!(
            (claims.n_hard, claims.n_used, claims.hard_bytes),
            (Some(10), Some(3), None)
        );
        let gold = rows.iter().find(|row| row.storage_class.is_some()).unwrap();
        assert_eq!(gold.storage_class, Some(redactor.name("gold")));
        assert_eq!((gold.hard_bytes, gold.used_bytes), (Some(100 << 30), None));
        assert_eq!(
            (rows[3].hard_bytes, rows[3].used_bytes),
            (Some(1 << 40), None)
        );
    }
}
