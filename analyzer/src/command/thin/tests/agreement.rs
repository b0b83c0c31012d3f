//! The command against the views and checks that have the same formulas as SQL, over random estates.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::analysis::{self, Analysis};
use crate::checks::{Finding, Overrides};
use crate::query::value::rows;
use crate::query::{Limits, ParamValue, Params, Value};

/// Checks with thresholds that let everything through.
fn thresholds() -> Overrides {
    let threshold = |id: &str, values: &[(&str, ParamValue)]| {
        let values = values.iter().cloned();
        let values = values.map(|(name, value)| (name.to_owned(), value));
        (id.to_owned(), values.collect())
    };
    let zero = ParamValue::Integer(0);
    Overrides::from([
        threshold("CAP-003", &[("warn_percent", zero.clone())]),
        threshold("CAP-004", &[("max_unbacked_percent", zero.clone())]),
        threshold("CAP-013", &[("warn_factor", ParamValue::Float(1.0))]),
        threshold(
            "CAP-014",
            &[
                ("min_unused_percent", zero.clone()),
                ("min_live_percent", zero),
            ],
        ),
    ])
}

fn counter() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![1 => Just(None), 2 => Just(Some(0)), 6 => (0_i64..1 << 42).prop_map(Some)]
}

fn pool(name: &'static str) -> impl Strategy<Value = (Json, Vec<Json>, Json)> {
    let status = select(vec!["ONLINE", "ONLINE", "DEGRADED", "OFFLINE"]);
    let kinds = vec![
        "MIRROR", "DISK", "RAIDZ1", "RAIDZ2", "RAIDZ3", "DRAID", "DRAID2", "RAIDZ1",
    ];
    let sector = select(vec![Some(512), Some(4_096), Some(4_096), None]);
    let stripe = prop::option::of((0_i64..10, 0_i64..4));
    let vdev = (select(kinds), 1_i64..12, sector, stripe);
    let vdevs = prop::collection::vec(vdev, 0..3);
    (status, vdevs, counter(), counter()).prop_map(move |(status, vdevs, used, available)| {
        let vdevs = vdevs.into_iter().enumerate();
        let vdevs = vdevs.map(|(at, (kind, n_children, sector, stripe))| {
            let stripe = stripe.filter(|_| kind.starts_with("DRAID"));
            json!({
                "n_draid_data": stripe.map(|(n_data, _)| n_data),
                "n_draid_parity": stripe.map(|(_, n_parity)| n_parity),
                "pool": name, "role": "data", "guid": format!("{name}-{at}"), "kind": kind,
                "n_children": n_children, "sector_bytes": sector,
            })
        });
        (
            json!({"name": name, "status": status}),
            vdevs.collect(),
            json!({"path": name, "used_bytes": used, "available_bytes": available}),
        )
    })
}

fn dataset() -> impl Strategy<Value = Json> {
    let place = (select(vec!["p-1", "p-2"]), select(vec!["", "/k"]));
    let block = select(vec![
        None,
        Some(4_096),
        Some(8_192),
        Some(16_384),
        Some(65_536),
    ]);
    let sizes = (counter(), block, counter(), counter(), counter());
    let marks = (any::<bool>(), prop::bool::weighted(0.1), any::<bool>());
    let counters = (counter(), counter(), counter(), counter());
    (place, sizes, marks, counters).prop_map(|((pool, below), sizes, marks, counters)| {
        let (size, block, quota, refquota, reservation) = sizes;
        let (is_zvol, is_detached, is_managed) = marks;
        let quota = quota.filter(|bytes| *bytes > 0 && !is_zvol);
        let refquota = refquota.filter(|bytes| *bytes > 0 && !is_zvol);
        json!({
            "pool": pool, "parent": format!("{pool}{below}"),
            "kind": if is_zvol { "VOLUME" } else { "FILESYSTEM" },
            "volsize_bytes": size.filter(|_| is_zvol),
            "volblocksize_bytes": block.filter(|_| is_zvol),
            "quota_bytes": quota, "refquota_bytes": refquota,
            "refreservation_bytes": reservation.filter(|bytes| *bytes > 0),
            "csi_snapshot_name": is_detached.then_some("s"),
            "is_managed": is_managed, "managed_source": is_managed.then_some("local"),
            "used_by_dataset_bytes": counters.0, "used_by_snapshots_bytes": counters.1,
            "used_by_refreservation_bytes": counters.2, "referenced_bytes": counters.3,
        })
    })
}

prop_compose! {
    fn random()(
        one in pool("p-1"), two in pool("p-2"), datasets in prop::collection::vec(dataset(), 0..14),
    ) -> Estate {
        let mut tables = [
            ("nas_pool", Vec::new()), ("nas_vdev", Vec::new()),
            ("zfs_dataset", Vec::new()), ("zfs_dataset_space", Vec::new()),
        ];
        for (pool, vdevs, root) in [one, two] {
            let name = pool["name"].clone();
            for path in ["", "/k"] {
                let path = format!("{}{path}", name.as_str().unwrap());
                let parent = path.ends_with("/k").then(|| name.clone());
                let kind = "FILESYSTEM";
                let quota = path.ends_with("/k").then_some(1_000);
                tables[2].1.push(json!({
                    "path": path, "parent": parent, "pool": name, "kind": kind, "quota_bytes": quota,
                }));
            }
            tables[0].1.push(pool);
            tables[1].1.extend(vdevs);
            tables[3].1.push(root);
        }
        for (at, mut row) in datasets.into_iter().enumerate() {
            let path = format!("{}/v-{at}", row["parent"].as_str().unwrap());
            row["path"] = path.into();
            row["csi_volume_name"] = format!("pv-{at}").into();
            row["csi_volume_name_source"] = "local".into();
            tables[3].1.push(row.clone());
            tables[2].1.push(row);
        }
        estate(&tables)
    }
}

fn integers(estate: &Estate, sql: &str) -> Vec<Vec<Value>> {
    let read = crate::query::Statement::from(sql).relations().unwrap();
    let session = analysis::session(estate, read).unwrap();
    rows(
        &session
            .run(sql, &Params::new(), &Limits::default())
            .unwrap(),
    )
}

/// Whether two figures differ by no more than one byte for each volume.
fn is_near(ours: Option<i64>, theirs: Option<i64>, n_volumes: usize) -> bool {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= i64::try_from(n_volumes).unwrap(),
        (ours, theirs) => ours == theirs,
    }
}

fn evidence(finding: &Finding, name: &str) -> Option<i64> {
    let mut cells = finding.evidence.iter().filter(|(of, _)| of == name);
    cells.find_map(|(_, value)| value.as_integer())
}

fn pool_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_volume_has_the_promise_of_the_view(estate in random()) {
        let sql = "SELECT p.path AS path, p.promised_bytes AS promised_bytes, p.worst_bytes AS worst_bytes, \
                   p.unbacked_bytes AS unbacked_bytes, p.is_layout_known AS is_layout_known FROM promise AS p";
        let theirs = integers(&estate, sql);
        let ours = answer(estate);
        let seen: BTreeSet<&str> = ours.pools.iter().filter(|pool| pool.figures.is_ok())
            .map(|pool| pool.name.as_str()).collect();
        let theirs: Vec<_> = theirs.into_iter()
            .filter(|row| seen.contains(pool_of(row[0].as_text().unwrap()))).collect();
        prop_assert_eq!(theirs.len(), ours.volumes.len());
        for row in theirs {
            let path = row[0].as_text().unwrap();
            let volume = ours.volumes.iter().find(|volume| volume.path == path).unwrap();
            let figures = &volume.figures;
            prop_assert_eq!(Some(figures.promised_bytes), row[1].as_integer());
            prop_assert!(is_near(Some(figures.worst_bytes), row[2].as_integer(), 1), "{row:?}");
            prop_assert!(is_near(figures.unbacked_bytes(), row[3].as_integer(), 1), "{row:?}");
            prop_assert_eq!(Value::Bool(figures.is_layout_known), row[4].clone());
        }
    }

    #[test]
    fn pools_blocks_and_reservations_are_those_of_the_checks(estate in random()) {
        let ids = ["CAP-003", "CAP-004", "CAP-013", "CAP-014"];
        let mut checks = checks::built_in().unwrap();
        checks.retain(|check| ids.contains(&check.page.id.as_str()));
        prop_assert_eq!(checks.len(), ids.len());
        let analysis = Analysis::over(estate.clone(), checks, &thresholds()).unwrap();
        let ours = answer(estate);
        let figures = |name: &str| {
            let pool = ours.pools.iter().find(|pool| pool.name == name)?;
            Some((pool, pool.figures.as_ref().ok()?))
        };
        let of = |id: &str| -> Vec<&Finding> {
            let findings = analysis.findings().filter(|finding| finding.check_id == id);
            findings.filter(|finding| figures(pool_of(&finding.subject)).is_some()).collect()
        };
        for finding in of("CAP-003") {
            let (pool, figures) = figures(&finding.subject).unwrap();
            let sums = &figures.sums;
            let n = |n: usize| i64::try_from(n).ok();
            prop_assert_eq!(evidence(finding, "promised_bytes"), Some(sums.promised_bytes));
            prop_assert!(is_near(evidence(finding, "worst_bytes"), Some(sums.worst_bytes), sums.n_volumes));
            prop_assert_eq!(evidence(finding, "usable_bytes"), Some(figures.space.size_bytes()));
            prop_assert_eq!(evidence(finding, "n_promises"), n(sums.n_volumes));
            prop_assert_eq!(evidence(finding, "n_unlimited"), n(pool.n_unlimited));
            prop_assert_eq!(evidence(finding, "n_unknown_layouts"), n(sums.n_unknown_layouts));
        }
        let promising = ours.pools.iter().filter(|pool| {
            pool.figures.as_ref().is_ok_and(|figures| figures.sums.promised_bytes > 0)
        });
        prop_assert_eq!(promising.count(), of("CAP-003").len());
        for finding in of("CAP-004") {
            let (_, figures) = figures(&finding.subject).unwrap();
            let sums = &figures.sums;
            prop_assert!(is_near(evidence(finding, "unbacked_bytes"), Some(sums.unbacked_bytes), sums.n_volumes));
            prop_assert_eq!(evidence(finding, "available_bytes"), Some(figures.space.available_bytes));
            prop_assert_eq!(evidence(finding, "n_unread"), i64::try_from(sums.n_unread).ok());
            let shortfall = figures.shortfall_bytes();
            let is_short = finding.bytes.is_some_and(|bytes| bytes > 0);
            prop_assert!(!is_short || is_near(finding.bytes, Some(shortfall), sums.n_volumes));
        }
        let inflated: Vec<&Blocks> = ours.blocks.iter()
            .filter(|blocks| blocks.charge.inflation().part > blocks.charge.inflation().whole).collect();
        prop_assert_eq!(inflated.len(), of("CAP-013").len());
        for finding in of("CAP-013") {
            let block = evidence(finding, "volblocksize_bytes");
            let blocks = inflated.iter()
                .find(|blocks| blocks.parent == finding.subject && Some(blocks.block_bytes) == block).unwrap();
            prop_assert!(is_near(finding.bytes, Some(blocks.overhead_bytes()), 1), "{finding:?}");
            prop_assert_eq!(evidence(finding, "n_zvols"), i64::try_from(blocks.n_zvols).ok());
            prop_assert_eq!(evidence(finding, "referenced_bytes"), Some(blocks.referenced_bytes));
        }
        let twice = |finding: &&Finding| {
            let reserved = evidence(finding, "used_by_refreservation_bytes");
            finding.bytes.is_some_and(|bytes| bytes > 0) && reserved.is_some_and(|bytes| bytes > 0)
        };
        let doubled: Vec<&Finding> = of("CAP-014").into_iter().filter(twice).collect();
        prop_assert_eq!(doubled.len(), ours.reserved.len());
        for finding in doubled {
            let row = ours.reserved.iter().find(|row| row.path == finding.subject).unwrap();
            prop_assert_eq!(finding.bytes, Some(row.held_twice_bytes));
        }
    }
}
