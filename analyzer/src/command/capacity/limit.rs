//! What one volume is, and how far it is from its own limits.

use std::collections::BTreeMap;

use super::group::Key;
use super::near::{Kind, Limit};
use crate::assemble::Rows;
use crate::command::volumes::Object;
use crate::growth::{Band, Counters, Growth, live, referenced, window};
use crate::history::{Estate, Readings};

/// Protocols whose file systems count inodes of their own.
const WITH_INODES: [&str; 2] = ["iscsi", "nvmeof"];

/// What a volume is.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(super) object: Object,
    /// `refquota` of a file system, `volsize` of a zvol.
    pub(super) limit: Option<Limit>,
    /// Inodes of its file system, as its node counts them.
    pub(super) inodes: Option<Limit>,
}

/// What limits volumes.
pub(crate) struct Limits<'a> {
    objects: BTreeMap<Key, &'a Object>,
    /// Kind and limit by appliance and path.
    datasets: BTreeMap<(&'a str, &'a str), (Kind, i64)>,
    space: &'a Readings<5>,
    nodes: Readings<3>,
    since: i64,
    pace: f64,
}

impl<'a> Limits<'a> {
    /// Dates rest on the readings since a time, and are those of growth that is so many times what it was.
    pub(super) fn of(
        estate: &'a Estate,
        objects: &'a [Object],
        space: &'a Readings<5>,
        nodes: Readings<3>,
        (since, pace): (i64, f64),
    ) -> Self {
        let rows = Rows::of(estate, "zfs_dataset");
        let dataset = |row: usize| {
            let key = (rows.text("appliance", row)?, rows.text("path", row)?);
            let limit = |column| rows.integer(column, row).filter(|bytes| *bytes > 0);
            let volsize = limit("volsize_bytes").map(|bytes| (Kind::Volsize, bytes));
            let refquota = || limit("refquota_bytes").map(|bytes| (Kind::Refquota, bytes));
            Some((key, volsize.or_else(refquota)?))
        };
        let key = |object: &Object| (Some(object.cluster.clone()), Some(object.name.clone()));
        Self {
            objects: objects.iter().map(|object| (key(object), object)).collect(),
            datasets: rows.indexes().filter_map(dataset).collect(),
            space,
            nodes,
            since,
            pace,
        }
    }

    /// A volume with its limits.
    pub(super) fn facts(&self, key: &Key) -> Option<Facts> {
        let object = *self.objects.get(key)?;
        Some(Facts {
            object: object.clone(),
            limit: self.space_limit(object),
            inodes: self.inodes(object),
        })
    }

    fn space_limit(&self, object: &Object) -> Option<Limit> {
        let (appliance, path) = object.dataset.as_ref()?;
        let (kind, limit) = *self.datasets.get(&(&**appliance, &**path))?;
        let space = self.space.get(appliance)?;
        let value: fn(&Counters) -> Option<i64> = match kind {
            Kind::Volsize => referenced,
            _ => live,
        };
        self.limit(kind, &space.points(path, value), limit)
    }

    fn inodes(&self, object: &Object) -> Option<Limit> {
        if !WITH_INODES.contains(&object.protocol.as_str()) {
            return None;
        }
        let claim = format!("{}/{}", object.namespace.as_ref()?, object.claim.as_ref()?);
        let node = self.nodes.get(&object.cluster)?;
        let newest = node.times.len().checked_sub(1)?;
        let [_, _, n_inodes] = node.at(&claim, newest)?;
        let limit = n_inodes.filter(|n| *n > 0)?;
        self.limit(Kind::Inodes, &node.points(&claim, |[_, n, _]| *n), limit)
    }

    fn limit(&self, kind: Kind, points: &[(i64, i64)], limit: i64) -> Option<Limit> {
        let (_, used) = *points.last()?;
        let points = window(points, self.since);
        let growth = Growth::at_pace(&points, Some(limit), Band::ForDate, self.pace);
        Some(Limit {
            kind,
            used,
            limit,
            growth,
        })
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, DataFrame};

    use super::*;
    use crate::growth::Space;
    use crate::history::{History, Run, ScopeReadings};
    use crate::trend::Forecast;

    const DAY: i64 = 86_400;
    const GIB: i64 = 1 << 30;

    fn estate() -> Estate {
        let mut estate = Estate::at(&History::in_memory(), "d", None).unwrap();
        let text = |name: &str, values: [&str; 3]| Column::new(name.into(), values.to_vec());
        let bytes =
            |name: &str, values: [Option<i64>; 3]| Column::new(name.into(), values.to_vec());
        let columns = vec![
            text("appliance", ["nas", "nas", "nas"]),
            text("path", ["tank/fs", "tank/vol", "tank/free"]),
            bytes("volsize_bytes", [None, Some(40 * GIB), None]),
            bytes("refquota_bytes", [Some(100 * GIB), None, Some(0)]),
        ];
        let frame = DataFrame::new(3, columns).unwrap();
        estate.frames.insert("zfs_dataset".to_owned(), frame);
        estate
    }

    /// Thirty days in which a file system gets a GiB a day and a zvol stands still.
    fn space() -> Readings<5> {
        let mut space = Space {
            times: (0..30).map(|day| day * DAY).collect(),
            ..Space::default()
        };
        for path in ["tank/fs", "tank/vol", "tank/free"] {
            let run = |day: usize| {
                let grown = (60 + day as i64) * GIB + day as i64 % 3 * GIB / 8;
                let data = if path == "tank/vol" { 41 * GIB } else { grown };
                // A clone refers to more than it holds.
                let values = [None, Some(data - GIB), Some(0), Some(0), Some(data)];
                Run {
                    from: day,
                    to: day + 1,
                    values,
                }
            };
            let runs = (0..30).map(run).collect();
            space.objects.insert(path.to_owned(), runs);
        }
        Readings::from([("nas".to_owned(), space)])
    }

    fn object(path: &str, protocol: &str) -> Object {
        Object {
            cluster: "c".to_owned(),
            name: path.to_owned(),
            namespace: Some("shop".to_owned()),
            claim: Some("data".to_owned()),
            protocol: protocol.to_owned(),
            dataset: Some(("nas".to_owned(), path.to_owned())),
            ..Object::default()
        }
    }

    fn facts(path: &str, protocol: &str) -> Facts {
        facts_at(path, protocol, 1.0)
    }

    fn facts_at(path: &str, protocol: &str, pace: f64) -> Facts {
        let (estate, space) = (estate(), space());
        let objects = [object(path, protocol)];
        let run = Run {
            from: 0,
            to: 1,
            values: [Some(5), Some(90), Some(100)],
        };
        let node = ScopeReadings {
            times: vec![0],
            objects: BTreeMap::from([("shop/data".to_owned(), vec![run])]),
        };
        let nodes = Readings::from([("c".to_owned(), node)]);
        let limits = Limits::of(&estate, &objects, &space, nodes, (0, pace));
        let key = (Some("c".to_owned()), Some(path.to_owned()));
        limits.facts(&key).unwrap()
    }

    #[test]
    fn a_file_system_is_held_against_its_refquota_by_its_live_data() {
        let limit = facts("tank/fs", "nfs").limit.unwrap();
        assert_eq!((limit.kind, limit.limit), (Kind::Refquota, 100 * GIB));
        assert_eq!(limit.used, 89 * GIB + 2 * GIB / 8);
        let Some(Forecast::Within(band, _)) = limit.growth.unwrap().forecast else {
            panic!("eleven days ahead is within thirty")
        };
        assert!((9.0..13.0).contains(&band.median), "{band:?}");
    }

    #[test]
    fn a_date_at_another_growth_is_sooner_and_what_is_used_stays() {
        let date = |pace| {
            let limit = facts_at("tank/fs", "nfs", pace).limit.unwrap();
            assert_eq!(limit.used, 89 * GIB + 2 * GIB / 8);
            match limit.growth.unwrap().forecast {
                Some(Forecast::Within(band, _)) => band.median,
                other => panic!("{pace}: {other:?}"),
            }
        };
        let (plain, twice) = (date(1.0), date(2.0));
        assert!((twice - plain / 2.0).abs() < 1.0, "{plain} {twice}");
    }

    #[test]
    fn a_zvol_is_held_against_its_size_and_a_dataset_without_a_limit_against_none() {
        let limit = facts("tank/vol", "iscsi").limit.unwrap();
        assert_eq!((limit.kind, limit.limit), (Kind::Volsize, 40 * GIB));
        assert_eq!(limit.growth.unwrap().forecast, Some(Forecast::Reached));
        assert!(facts("tank/free", "nfs").limit.is_none());
    }

    #[test]
    fn inodes_are_those_of_file_systems_on_block_volumes() {
        let inodes = facts("tank/vol", "iscsi").inodes.unwrap();
        assert_eq!((inodes.used, inodes.limit), (90, 100));
        assert_eq!(inodes.fill(), "90.0 % of 100");
        assert!(facts("tank/fs", "nfs").inodes.is_none());
    }
}
