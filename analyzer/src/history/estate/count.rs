//! How many rows a list had in each bundle, without building the estate of each of them.

use std::collections::BTreeMap;

use truenas_common::schema::Cell;
use truenas_common::tables;

use super::History;
use crate::history::encode;
use crate::history::unit::Unit;

impl History {
    /// Snapshots of each pool of an appliance in every bundle up to a time that lists them, Unix seconds first, oldest first.
    pub fn snapshots_over_time(
        &self,
        domain: &str,
        appliance: &str,
        until: i64,
    ) -> BTreeMap<String, Vec<(i64, i64)>> {
        let mut pools: BTreeMap<String, BTreeMap<i64, i64>> = BTreeMap::new();
        let Some(table) = tables::table("zfs_snapshot") else {
            return BTreeMap::new();
        };
        let Some((dataset, _)) = table.column("dataset") else {
            return BTreeMap::new();
        };
        for view in self.views(domain, until) {
            let Some((unit, _)) = view.unit(table.name, appliance) else {
                continue;
            };
            let times = view.times(unit);
            let root = |row: &[u8]| match encode::cells(table, row).nth(dataset) {
                Some(Some(Cell::Text(path))) => path.split('/').next().map(str::to_owned),
                _ => None,
            };
            for (pool, counts) in counts(unit, &times, root) {
                let at = times.iter().map(|(_, ended_at)| *ended_at);
                pools.entry(pool).or_default().extend(at.zip(counts));
            }
        }
        let points = |points: BTreeMap<i64, i64>| points.into_iter().collect();
        pools
            .into_iter()
            .map(|(pool, counts)| (pool, points(counts)))
            .collect()
    }
}

/// Rows of each group in each of the bundles, given by their number and end.
fn counts(
    unit: &Unit,
    times: &[(i64, i64)],
    group: impl Fn(&[u8]) -> Option<String>,
) -> BTreeMap<String, Vec<i64>> {
    let mut steps: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (row, runs) in &unit.rows {
        let Some(group) = group(row) else {
            continue;
        };
        let steps = steps
            .entry(group)
            .or_insert_with(|| vec![0; times.len() + 1]);
        for run in runs {
            // A row is there from the first bundle of its run to the last; the step back comes behind it.
            let from = times.partition_point(|(seq, _)| *seq < run.first);
            let to = times.partition_point(|(seq, _)| *seq <= run.last);
            steps[from] += 1;
            steps[to.max(from)] -= 1;
        }
    }
    for steps in steps.values_mut() {
        let mut n = 0;
        for step in steps.iter_mut() {
            n += *step;
            *step = n;
        }
        steps.pop();
    }
    steps
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn rows(names: &[&str]) -> BTreeSet<Box<[u8]>> {
        names.iter().map(|name| name.as_bytes().into()).collect()
    }

    #[test]
    fn rows_count_in_the_bundles_in_which_they_were() {
        let mut unit = Unit::default();
        unit.place(1, &rows(&["a1", "a2"]));
        unit.place(4, &rows(&["a1"]));
        unit.place(6, &rows(&["a1", "a2", "b1"]));
        let first = |row: &[u8]| row.first().map(|byte| char::from(*byte).to_string());
        let at = |times: &[(i64, i64)]| counts(&unit, times, first);
        let all = at(&[(1, 10), (4, 40), (6, 60)]);
        assert_eq!(all["a"], [2, 1, 2]);
        assert_eq!(all["b"], [0, 0, 1]);
        // Bundles that are too young for the asked time are not in the list.
        assert_eq!(at(&[(1, 10), (4, 40)])["a"], [2, 1]);
        assert_eq!(at(&[])["a"], [0_i64; 0]);
    }
}
