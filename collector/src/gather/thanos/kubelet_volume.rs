//! Usage of mounted claims, one metric a query, joined by claim.

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sKubeletVolume;

use crate::gather::metadata::filled;
use crate::gather::{Gatherer, Read};
use crate::source::PromQuery;
use crate::source::thanos::{
    AVAILABLE_BYTES, CAPACITY_BYTES, INODES, INODES_USED, IS_ABNORMAL, Sample, USED_BYTES,
};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "thanos/kubelet_volume",
    why: "Space and inodes of mounted claims as their file systems see them, for claims that fill up or free nothing.",
    reads: &[
        Read::Thanos(&CAPACITY_BYTES),
        Read::Thanos(&USED_BYTES),
        Read::Thanos(&AVAILABLE_BYTES),
        Read::Thanos(&INODES),
        Read::Thanos(&INODES_USED),
        Read::Thanos(&IS_ABNORMAL),
    ],
    tables: &["k8s_kubelet_volume"],
};

/// Whose value it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct ClaimLabels {
    namespace: Option<String>,
    persistentvolumeclaim: Option<String>,
}

/// What the metrics tell of each claim.
#[derive(Debug, Default)]
pub(in crate::gather) struct Volumes(BTreeMap<(String, String), Values>);

#[derive(Debug, Default)]
struct Values {
    capacity_bytes: Option<i64>,
    used_bytes: Option<i64>,
    available_bytes: Option<i64>,
    n_inodes: Option<i64>,
    n_used_inodes: Option<i64>,
    is_abnormal: Option<bool>,
}

impl Volumes {
    /// Takes the values of one metric.
    pub(in crate::gather) fn add(&mut self, query: &PromQuery, samples: Vec<Sample<ClaimLabels>>) {
        for Sample { labels, value } in samples {
            let named = (
                filled(labels.namespace.as_ref()),
                filled(labels.persistentvolumeclaim.as_ref()),
            );
            let (Some(namespace), Some(claim)) = named else {
                continue;
            };
            let claim = (namespace.to_owned(), claim.to_owned());
            self.0.entry(claim).or_default().set(query, value);
        }
    }
}

/// Where the value of a metric goes.
type Place = fn(&mut Values) -> &mut Option<i64>;

static COUNTED: [(&PromQuery, Place); 5] = [
    (&CAPACITY_BYTES, |values| &mut values.capacity_bytes),
    (&USED_BYTES, |values| &mut values.used_bytes),
    (&AVAILABLE_BYTES, |values| &mut values.available_bytes),
    (&INODES, |values| &mut values.n_inodes),
    (&INODES_USED, |values| &mut values.n_used_inodes),
];

impl Values {
    fn set(&mut self, query: &PromQuery, value: f64) {
        match COUNTED.iter().find(|(counted, _)| *counted == query) {
            Some((_, place)) => *place(self) = whole(value),
            None => self.is_abnormal = Some(value > 0.0),
        }
    }

    fn is_empty(&self) -> bool {
        let numbers = [
            self.capacity_bytes,
            self.used_bytes,
            self.available_bytes,
            self.n_inodes,
            self.n_used_inodes,
        ];
        numbers.iter().all(Option::is_none) && self.is_abnormal.is_none()
    }
}

/// A counted thing. File systems without a number of inodes report all 64 bits set, which is none.
fn whole(value: f64) -> Option<i64> {
    /// 2 to the power of 63, the first number that does not fit.
    const END: f64 = 9_223_372_036_854_775_808.0;
    (0.0..END).contains(&value).then_some(value as i64)
}

/// One row a claim.
pub(in crate::gather) fn rows(volumes: &Volumes, redactor: &Redactor) -> Vec<K8sKubeletVolume> {
    let told = volumes.0.iter().filter(|(_, values)| !values.is_empty());
    told.map(|((namespace, claim), values)| K8sKubeletVolume {
        namespace: redactor.name(namespace),
        claim: redactor.name(claim),
        capacity_bytes: values.capacity_bytes,
        used_bytes: values.used_bytes,
        available_bytes: values.available_bytes,
        n_inodes: values.n_inodes,
        n_used_inodes: values.n_used_inodes,
        is_abnormal: values.is_abnormal,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn samples(values: &[(&str, f64)]) -> Vec<Sample<ClaimLabels>> {
        let sample = |(claim, value): &(&str, f64)| Sample {
            labels: ClaimLabels {
                namespace: Some("shop".to_owned()),
                persistentvolumeclaim: Some((*claim).to_owned()),
            },
            value: *value,
        };
        values.iter().map(sample).collect()
    }

    #[test]
    fn metrics_of_one_claim_become_one_row_with_tokens_that_join_the_claim() {
        let mut volumes = Volumes::default();
        let size = 53_687_091_200.0;
        volumes.add(&CAPACITY_BYTES, samples(&[("media", size), ("db", 1.0)]));
        volumes.add(&USED_BYTES, samples(&[("media", 3_221_225_472.0)]));
        volumes.add(&INODES, samples(&[("media", 98_566_144.0)]));
        volumes.add(&INODES_USED, samples(&[("media", 144.0)]));
        volumes.add(&IS_ABNORMAL, samples(&[("media", 0.0), ("db", 1.0)]));
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&volumes, &redactor);
        assert_eq!(rows.len(), 2);
        let (db, media) = (&rows[0], &rows[1]);
        assert_eq!(media.claim, redactor.name("media"));
        assert_eq!(media.namespace, redactor.name("shop"));
        assert_eq!(media.capacity_bytes, Some(53_687_091_200));
        assert_eq!(media.used_bytes, Some(3_221_225_472));
        assert_eq!(
            (media.n_inodes, media.n_used_inodes),
            (Some(98_566_144), Some(144))
        );
        assert_eq!(
            (media.available_bytes, media.is_abnormal),
            (None, Some(false))
        );
        assert_eq!((db.used_bytes, db.is_abnormal), (None, Some(true)));
    }

    #[test]
    fn number_that_means_none_is_none_and_a_claim_without_any_is_no_row() {
        assert_eq!(whole(u64::MAX as f64), None);
        assert_eq!(whole(-1.0), None);
        assert_eq!(whole(0.0), Some(0));
        assert_eq!(whole(4_096.9), Some(4_096));
        let mut volumes = Volumes::default();
        volumes.add(&INODES, samples(&[("a", u64::MAX as f64)]));
        let unnamed = Sample {
            labels: ClaimLabels::default(),
            value: 1.0,
        };
        volumes.add(&USED_BYTES, vec![unnamed]);
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        assert!(rows(&volumes, &redactor).is_empty());
    }
}
