//! Two clusters in place of one: half of the namespaces move, with all that belongs to them, and the appliance stays.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::scene::{Day, Scene};
use super::vendor;
use super::volume::Share;

/// Files whose objects both clusters have, each its own.
const SHARED: [&str; 10] = [
    "clusteroperators",
    "clusterversions",
    "csidrivers",
    "csinodes",
    "infrastructures",
    "leases",
    "nodes",
    "storageclasses",
    "volumegroupsnapshotclasses",
    "volumesnapshotclasses",
];

const UUID_CHARS: usize = 36;

impl Scene {
    /// Moves every second namespace with volumes to another cluster, which shares the parents of all datasets.
    pub fn split(&mut self, other: &str) {
        let moving = moving(self.last());
        for day in self.days() {
            let there = take(day, &moving);
            let moved = there
                .get("persistentvolumes")
                .map_or(&[][..], Vec::as_slice);
            for (class, parent) in homes() {
                if has_class(moved, class) && has_class(day.seen("persistentvolumes"), class) {
                    // It is never right, however well both clusters are known.
                    day.add_fact("CFG-001", "zfs_dataset", parent, "confirmed", 0);
                }
            }
            day.add_cluster(other, there);
            day.share_parents(other);
        }
    }
}

/// Storage classes with the parent of their volumes.
fn homes() -> [(&'static str, &'static str); 3] {
    let [nfs, iscsi] = [Share::Nfs, Share::Iscsi].map(|share| (share.class(), share.parent()));
    [nfs, iscsi, (vendor::CLASS, vendor::PARENT)]
}

/// Whether a volume is of a class, or of its twin with another reclaim policy, which has the same parent.
fn has_class(pvs: &[Value], class: &str) -> bool {
    let is_of = |pv: &Value| {
        let name = pv["spec"]["storageClassName"].as_str().unwrap_or_default();
        let rest = name.strip_prefix(class);
        matches!(rest, Some("" | "-retain"))
    };
    pvs.iter().any(is_of)
}

/// Every second namespace that holds claims.
fn moving(day: &Day) -> BTreeSet<String> {
    let claims = day.seen("persistentvolumeclaims").iter();
    let namespaces: BTreeSet<&str> = claims
        .filter_map(|claim| claim["metadata"]["namespace"].as_str())
        .collect();
    let named = namespaces.into_iter().map(str::to_owned);
    named.skip(1).step_by(2).collect()
}

/// Takes what belongs to some namespaces out of the first cluster; what both have is copied with uids of its own.
fn take(day: &mut Day, moving: &BTreeSet<String>) -> BTreeMap<String, Vec<Value>> {
    let pvs = names(day.seen("persistentvolumes"), |pv| {
        is_in(&pv["spec"]["claimRef"]["namespace"], moving)
    });
    let claiming: BTreeSet<String> = day
        .seen("persistentvolumeclaims")
        .iter()
        .filter_map(|claim| Some(claim["metadata"]["namespace"].as_str()?.to_owned()))
        .collect();
    let mut there = BTreeMap::new();
    for file in day.files() {
        let namespace = |object: &Value| match file.as_str() {
            "namespaces" => object["metadata"]["name"].clone(),
            "persistentvolumes" => object["spec"]["claimRef"]["namespace"].clone(),
            "volumesnapshotcontents" => object["spec"]["volumeSnapshotRef"]["namespace"].clone(),
            _ => object["metadata"]["namespace"].clone(),
        };
        let moves = |object: &Value| match file.as_str() {
            "volumeattachments" => is_in(&object["spec"]["source"]["persistentVolumeName"], &pvs),
            _ => is_in(&namespace(object), moving),
        };
        // The platform and the drivers run in both.
        let is_shared = |object: &Value| {
            SHARED.contains(&file.as_str())
                || namespace(object).is_string() && !is_in(&namespace(object), &claiming)
        };
        let objects = std::mem::take(day.objects(&file));
        let (mut gone, left): (Vec<Value>, Vec<Value>) = objects.into_iter().partition(moves);
        gone.extend(left.iter().filter(|object| is_shared(object)).map(renewed));
        *day.objects(&file) = left;
        there.insert(file, gone);
    }
    there
}

fn names(objects: &[Value], is_wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let wanted = objects.iter().filter(|object| is_wanted(object));
    wanted
        .filter_map(|object| Some(object["metadata"]["name"].as_str()?.to_owned()))
        .collect()
}

fn is_in(value: &Value, names: &BTreeSet<String>) -> bool {
    value.as_str().is_some_and(|name| names.contains(name))
}

/// A copy of an object as another cluster has it: what refers to a uid refers to the copy's.
fn renewed(object: &Value) -> Value {
    let mut copy = object.clone();
    let owners = copy["metadata"]["ownerReferences"]
        .as_array()
        .map_or(0, Vec::len);
    let of_owners = (0..owners).map(|owner| format!("/metadata/ownerReferences/{owner}/uid"));
    let own = ["/metadata/uid", "/spec/clusterID"].map(str::to_owned);
    for pointer in own.into_iter().chain(of_owners) {
        if let Some(uid) = copy.pointer_mut(&pointer)
            && let Some(text) = uid.as_str().filter(|text| text.len() == UUID_CHARS)
        {
            *uid = json!(format!("0c0c0c0c{}", &text[8..]));
        }
    }
    copy
}
