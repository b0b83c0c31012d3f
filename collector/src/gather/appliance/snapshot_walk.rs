//! Snapshots: by windows of transaction groups up to 25.10, by batches of datasets from 26 on; never all at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dataset_walk::batches;
use super::{Stop, ask};
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::pool::is_boot;
use crate::gather::truenas::snapshot::{
    PROPERTIES, PoolSnapshot, RESOURCE_PROPERTIES, ResourceSnapshot, Snapshot,
};
use crate::source::truenas::{
    POOL_SNAPSHOT_QUERY, Version, ZFS_RESOURCE_SNAPSHOT_COUNT, ZFS_RESOURCE_SNAPSHOT_QUERY,
    ZFS_SNAPSHOT_QUERY,
};
use crate::source::{Method, Session, SourceError};

/// Rows that are asked for at once: with the properties that they inherit from a CSI volume these are up to 8 MiB.
const ROWS: usize = 2_000;

/// First width of a window: a week of transaction groups.
const WIDTH: i64 = 1 << 17;

/// The interface takes 32-bit numbers.
const MAX_TXG: i64 = i32::MAX as i64;

/// The method of a release.
pub(super) fn method(version: Version) -> &'static Method {
    let methods = [&ZFS_RESOURCE_SNAPSHOT_QUERY, &POOL_SNAPSHOT_QUERY];
    let found = methods.into_iter().find(|method| method.is_served(version));
    found.unwrap_or(&ZFS_SNAPSHOT_QUERY)
}

/// Reads all snapshots, some at a time.
pub(super) async fn walk(
    session: &mut Session,
    tally: &mut Tally<'_>,
    mut write: impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let method = method(session.version());
    if *method == ZFS_RESOURCE_SNAPSHOT_QUERY {
        return by_dataset(session, tally, &mut write).await;
    }
    by_txg(session, method, tally, &mut write).await
}

/// The next window, by what the last one gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    lower: i64,
    width: i64,
    /// Snapshots that are known to remain; unknown when the server does not count.
    remaining: Option<i64>,
}

impl Window {
    fn new(total: Option<i64>) -> Self {
        Self {
            lower: 1,
            width: WIDTH,
            remaining: total,
        }
    }

    /// Nothing but a little is left, so the end may stay open.
    fn is_last(self) -> bool {
        let is_little = self.remaining.is_some_and(|left| left <= ROWS as i64 / 2);
        is_little || self.lower.saturating_add(self.width) > MAX_TXG
    }

    /// Upper end, 0 for an open one.
    fn upper(self) -> i64 {
        if self.is_last() {
            0
        } else {
            self.lower + self.width - 1
        }
    }

    /// After an answer that was cut off.
    fn too_wide(self) -> Self {
        let width = self.width.min(MAX_TXG - self.lower);
        Self {
            width: (width / 4).max(1),
            remaining: self.remaining.filter(|_| !self.is_last()),
            ..self
        }
    }

    /// After a whole answer.
    fn after(self, n_rows: usize) -> Self {
        let factor = match n_rows {
            0 => 8,
            n if n < ROWS / 4 => 2,
            _ => 1,
        };
        Self {
            lower: self.lower + self.width,
            width: self.width.saturating_mul(factor).min(MAX_TXG),
            remaining: self.remaining.map(|left| (left - n_rows as i64).max(0)),
        }
    }
}

async fn by_txg(
    session: &mut Session,
    method: &'static Method,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let version = session.version();
    let total = ask::<i64>(session, method, &json!([[], {"count": true}])).await;
    let mut window = Window::new(total.ok());
    loop {
        let params = txg_params(window.lower, window.upper(), None);
        let page = match ask::<Vec<PoolSnapshot>>(session, method, &params).await {
            Ok(page) if page.len() < ROWS => page,
            Ok(_) | Err(SourceError::TooLarge { .. }) if window.width > 1 => {
                window = window.too_wide();
                continue;
            }
            Ok(_) => {
                let n_rows = one_txg(session, method, window.lower, tally, write).await?;
                window = Window {
                    width: WIDTH.min(1_024),
                    ..window.after(n_rows)
                };
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let n_rows = page.len();
        hand_over(page, version, tally, write)?;
        if window.is_last() {
            return Ok(());
        }
        window = window.after(n_rows);
    }
}

/// A recursive snapshot of many datasets is one transaction group: it is read on from the last name.
async fn one_txg(
    session: &mut Session,
    method: &'static Method,
    txg: i64,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<usize, Stop> {
    let version = session.version();
    let mut last = String::new();
    let mut n_rows = 0;
    loop {
        let params = txg_params(txg, txg, Some(&last));
        let page = ask::<Vec<PoolSnapshot>>(session, method, &params).await?;
        n_rows += page.len();
        let is_last = page.len() < ROWS;
        let newest = page
            .iter()
            .map(PoolSnapshot::name)
            .max()
            .unwrap_or_default();
        if !is_last && newest <= last.as_str() {
            let what = method.name();
            return Err(SourceError::Malformed { what }.into());
        }
        newest.clone_into(&mut last);
        hand_over(page, version, tally, write)?;
        if is_last {
            return Ok(n_rows);
        }
    }
}

fn hand_over(
    page: Vec<PoolSnapshot>,
    version: Version,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), SinkError> {
    tally.arrived(page.len());
    let page: Vec<Snapshot> = page
        .into_iter()
        .map(|found| Snapshot::from_pool(found, version))
        .collect();
    write(&page, tally)
}

fn txg_params(lower: i64, upper: i64, after: Option<&str>) -> Value {
    let extra = json!({"properties": PROPERTIES, "min_txg": lower, "max_txg": upper});
    let select = ["name", "createtxg", "properties"];
    match after {
        None => json!([[], {"select": select, "limit": ROWS, "extra": extra}]),
        Some(last) => json!([
            [["name", ">", last]],
            {"select": select, "order_by": ["name"], "limit": ROWS, "extra": extra},
        ]),
    }
}

async fn by_dataset(
    session: &mut Session,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let params = json!([{"paths": [], "recursive": true}]);
    let counts: BTreeMap<String, usize> =
        ask(session, &ZFS_RESOURCE_SNAPSHOT_COUNT, &params).await?;
    let mut groups = groups(counts);
    groups.reverse();
    while let Some(group) = groups.pop() {
        let params = json!([{
            "paths": group, "recursive": false, "properties": RESOURCE_PROPERTIES,
            "get_user_properties": true, "get_holds": true,
        }]);
        let found = ask::<Vec<ResourceSnapshot>>(session, &ZFS_RESOURCE_SNAPSHOT_QUERY, &params);
        match found.await {
            Ok(page) => {
                tally.arrived(page.len());
                let page: Vec<Snapshot> = page.into_iter().map(Snapshot::from_resource).collect();
                write(&page, tally)?;
            }
            // One of them was deleted meanwhile, or they hold more than was counted.
            Err(SourceError::NotFound | SourceError::TooLarge { .. }) if group.len() > 1 => {
                let (first, second) = group.split_at(group.len() / 2);
                groups.push(second.to_vec());
                groups.push(first.to_vec());
            }
            Err(SourceError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Datasets whose snapshots are asked for together.
fn groups(counts: BTreeMap<String, usize>) -> Vec<Vec<String>> {
    let mut groups = Vec::new();
    let mut group: Vec<String> = Vec::new();
    let mut n_rows = 0;
    for (dataset, count) in counts {
        if count == 0 || is_boot(dataset.split('/').next().unwrap_or_default()) {
            continue;
        }
        if !group.is_empty() && n_rows + count > ROWS {
            groups.push(std::mem::take(&mut group));
            n_rows = 0;
        }
        n_rows += count;
        group.push(dataset);
    }
    groups.push(group);
    groups
        .iter()
        .flat_map(|group| batches(group))
        .map(<[String]>::to_vec)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks over snapshots at these transaction groups; gives rows seen and calls made.
    fn run(txgs: &[i64], total: Option<i64>) -> (usize, usize) {
        let (mut window, mut n_rows, mut n_calls) = (Window::new(total), 0, 0);
        loop {
            n_calls += 1;
            let (lower, upper) = (window.lower, window.upper());
            let inside = |txg: &&i64| **txg >= lower && (upper == 0 || **txg <= upper);
            let found = txgs.iter().filter(inside).count();
            if found >= ROWS && window.width > 1 {
                window = window.too_wide();
                continue;
            }
            n_rows += found;
            if found < ROWS && window.is_last() {
                return (n_rows, n_calls);
            }
            window = window.after(found);
        }
    }

    #[test]
    fn few_snapshots_are_one_window() {
        assert_eq!(run(&[5, 100, 9_000_000], Some(3)), (3, 1));
    }

    #[test]
    fn every_snapshot_is_seen_once_whether_or_not_they_are_counted() {
        let daily: Vec<i64> = (0..365)
            .flat_map(|day| vec![day * 17_280 + 4; 300])
            .collect();
        for total in [None, Some(daily.len() as i64), Some(1)] {
            let (n_rows, n_calls) = run(&daily, total);
            assert_eq!(n_rows, daily.len());
            assert!(n_calls < 4 * daily.len() / ROWS + 40, "{n_calls}");
        }
    }

    #[test]
    fn many_snapshots_of_one_moment_do_not_stop_the_walk() {
        let burst = vec![1_000_000; 5 * ROWS];
        assert_eq!(run(&burst, None).0, burst.len());
    }

    #[test]
    fn groups_stay_below_the_rows_of_one_answer() {
        let counts = (0..100).map(|number| (format!("tank/{number:03}"), 90));
        let groups = groups(counts.chain([("boot-pool/ROOT".to_owned(), 5)]).collect());
        assert!(groups.iter().all(|group| group.len() * 90 <= ROWS));
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 100);
    }
}
