//! A healthy volume of a written series, on both sides.

use std::collections::BTreeSet;

use serde_json::Value;

use super::scene::Day;

/// How a volume is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// A filesystem over NFS.
    Nfs,
    /// A zvol over iSCSI.
    Iscsi,
}

impl Share {
    /// Storage class of such volumes.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Nfs => "truenas-nfs",
            Self::Iscsi => "truenas-iscsi",
        }
    }

    /// CSI driver of such volumes.
    #[must_use]
    pub fn driver(self) -> &'static str {
        match self {
            Self::Nfs => "org.democratic-csi.nfs",
            Self::Iscsi => "org.democratic-csi.iscsi",
        }
    }

    /// Parent of their datasets.
    #[must_use]
    pub fn parent(self) -> &'static str {
        match self {
            Self::Nfs => "tank/k8s/nfs/v",
            Self::Iscsi => "tank/k8s/iscsi/v",
        }
    }

    /// Parent of their detached snapshots.
    #[must_use]
    pub fn detached_parent(self) -> &'static str {
        match self {
            Self::Nfs => "tank/k8s/nfs/s",
            Self::Iscsi => "tank/k8s/iscsi/s",
        }
    }
}

/// Names of one volume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// How it is shared.
    pub share: Share,
    /// Name of the PV, which is the volume handle too.
    pub pv: String,
    /// Namespace of its claim.
    pub namespace: String,
    /// Name of its claim.
    pub claim: String,
    /// Path of its dataset or zvol.
    pub dataset: String,
    /// Name of its iSCSI target and extent; empty for NFS.
    pub asset: String,
    /// Name of its VolumeAttachment.
    pub attachment: String,
    /// Node that it is attached to.
    pub node: String,
    /// Pod that mounts it.
    pub pod: String,
}

impl Volume {
    /// `namespace/claim`.
    #[must_use]
    pub fn claim_key(&self) -> String {
        format!("{}/{}", self.namespace, self.claim)
    }

    /// `namespace/pod`.
    #[must_use]
    pub fn pod_key(&self) -> String {
        format!("{}/{}", self.namespace, self.pod)
    }

    /// The first volume of a kind that is the same healthy one on every day, and is not taken.
    pub(super) fn find(
        days: &[Day],
        share: Share,
        taken: &BTreeSet<String>,
        is_wanted: impl Fn(&Self) -> bool,
    ) -> Option<Self> {
        let first = days.first()?;
        let found = first.seen("persistentvolumes").iter().filter_map(|pv| {
            let name = pv["metadata"]["name"].as_str()?;
            let is_free = !taken.contains(name) && pv["spec"]["storageClassName"] == share.class();
            is_free.then(|| Self::on(first, pv, share))?
        });
        let mut whole = found.filter(|volume| is_wanted(volume)).filter(|volume| {
            days.iter().all(|day| {
                let pvs = day.seen("persistentvolumes").iter();
                let mut same = pvs.filter(|pv| pv["metadata"]["name"] == volume.pv.as_str());
                let later = same.next().and_then(|pv| Self::on(day, pv, share));
                later.is_some_and(|later| later.pod == volume.pod) && !volume.is_involved(day)
            })
        });
        whole.next()
    }

    /// The volume of a PV, when it is bound, attached and mounted.
    fn on(day: &Day, pv: &Value, share: Share) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let name = text(&pv["metadata"]["name"])?;
        let claim = &pv["spec"]["claimRef"];
        let (namespace, claim) = (text(&claim["namespace"])?, text(&claim["name"])?);
        let is_bound = pv["status"]["phase"] == "Bound"
            && pv["spec"]["csi"]["volumeHandle"] == name.as_str()
            && pv["metadata"]["deletionTimestamp"].is_null();
        let attachments = day.seen("volumeattachments").iter();
        let mut attached = attachments
            .filter(|one| one["spec"]["source"]["persistentVolumeName"] == name.as_str());
        let attachment = attached.next()?;
        let pods = day.seen("pods").iter();
        let mut users = pods.filter(|pod| {
            let volumes = pod["spec"]["volumes"].as_array();
            pod["metadata"]["namespace"] == namespace.as_str()
                && volumes.is_some_and(|volumes| {
                    volumes
                        .iter()
                        .any(|one| one["persistentVolumeClaim"]["claimName"] == claim.as_str())
                })
        });
        let pod = text(&users.next()?["metadata"]["name"])?;
        let iqn = pv["spec"]["csi"]["volumeAttributes"]["iqn"].as_str();
        (is_bound && attachment["status"]["attached"] == true).then(|| Self {
            share,
            dataset: format!("{}/{name}", share.parent()),
            asset: iqn
                .and_then(|iqn| iqn.rsplit_once(':'))
                .map_or_else(String::new, |(_, asset)| asset.to_owned()),
            attachment: text(&attachment["metadata"]["name"]).unwrap_or_default(),
            node: text(&attachment["spec"]["nodeName"]).unwrap_or_default(),
            pv: name,
            namespace,
            claim,
            pod,
        })
    }

    /// Whether a fact, a snapshot of the driver, a child or a clone has to do with it.
    fn is_involved(&self, day: &Day) -> bool {
        let names = [
            self.pv.clone(),
            self.dataset.clone(),
            self.claim_key(),
            self.asset.clone(),
        ];
        let of_fact = day
            .facts()
            .iter()
            .any(|fact| names.contains(&fact.subject) && !fact.subject.is_empty());
        let contents = day.seen("volumesnapshotcontents").iter();
        let mut of_content = contents.filter(|content| {
            let handle = content["spec"]["source"]["volumeHandle"].as_str();
            handle == Some(self.pv.as_str())
        });
        let below = format!("{}/", self.dataset);
        let snapshots = format!("{}@", self.dataset);
        let mut datasets = day.answered("pool.dataset.query").iter();
        let is_alone = datasets.all(|dataset| {
            let name = dataset["name"].as_str().unwrap_or_default();
            let origin = dataset["origin"]["value"].as_str().unwrap_or_default();
            let has_origin = name == self.dataset && !origin.is_empty();
            let is_replica = name != self.dataset && name.ends_with(&self.pv);
            !has_origin
                && !is_replica
                && !name.starts_with(&below)
                && !origin.starts_with(&snapshots)
        });
        let mut datasets = day.answered("pool.dataset.query").iter();
        let is_there = datasets.any(|dataset| dataset["name"] == self.dataset.as_str());
        of_fact || of_content.next().is_some() || !is_alone || !is_there
    }
}
