//! From 26 on: datasets whose snapshots are counted together, and one with very many by its transaction groups.
//!
//! The method has no limit of rows, so what an answer will hold must be known before it is asked for.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::count::compare;
use super::super::dataset_walk::batches;
use super::super::{Stop, ask};
use super::window::Windows;
use super::{ROWS, fewer};
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::pool::is_boot;
use crate::gather::truenas::snapshot::{RESOURCE_PROPERTIES, ResourceSnapshot, Snapshot};
use crate::source::truenas::{Ahead, ZFS_RESOURCE_SNAPSHOT_COUNT, ZFS_RESOURCE_SNAPSHOT_QUERY};
use crate::source::{Session, SourceError};

/// Rows without properties that are asked for at once: 300 bytes each.
const BARE_ROWS: usize = 40_000;

/// A dataset and the snapshots it has.
type Counted = (String, usize);

pub(super) async fn walk(
    session: &mut Session,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let counts = counts(session).await?;
    let before = total(&counts);
    let mut rows = ROWS;
    let mut groups = groups(&counts);
    groups.reverse();
    let mut large = Vec::new();
    let mut ahead = Ahead::new(session, &ZFS_RESOURCE_SNAPSHOT_QUERY);
    let mut page = Vec::new();
    loop {
        while ahead.has_room()
            && let Some(group) = groups.pop()
        {
            if group.iter().map(|(_, count)| count).sum::<usize>() > rows {
                divide(group, &mut groups, &mut large);
            } else {
                let paths: Vec<&str> = group.iter().map(|(name, _)| name.as_str()).collect();
                let params = params(&paths, (0, 0));
                ahead.ask(group, params).await;
            }
        }
        // While rows are made, the appliance works on what follows.
        hand_over(std::mem::take(&mut page), tally, write)?;
        let Some((group, turn)) = ahead.next().await else {
            break;
        };
        match ahead.answer(turn).await {
            Ok(found) => page = found,
            // The only one was deleted meanwhile.
            Err(SourceError::NotFound) if group.len() == 1 => {}
            // One of them was, or they hold more than was counted.
            Err(error) if error == SourceError::NotFound || error.is_too_much() => {
                groups.extend(ahead.take_back());
                if error.is_cut() {
                    rows = fewer(rows);
                }
                divide(group, &mut groups, &mut large);
            }
            Err(error) => return Err(error.into()),
        }
    }
    drop(ahead);
    for dataset in large {
        one_dataset(session, &dataset, &mut rows, tally, write).await?;
    }
    let n_found = tally.n_items;
    let again = async { Ok(total(&self::counts(session).await?)) };
    Ok(compare(tally, n_found, Some(before), again).await?)
}

/// Reads the snapshots of one dataset by transaction groups, no more than `rows` at a time.
async fn one_dataset(
    session: &mut Session,
    dataset: &str,
    rows: &mut usize,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let txgs = match txgs(session, dataset).await {
        Err(SourceError::NotFound) => return Ok(()),
        txgs => txgs?,
    };
    let mut parts = vec![txgs.as_slice()];
    while let Some(part) = parts.pop() {
        let (Some(first), Some(last)) = (part.first(), part.last()) else {
            continue;
        };
        if let Some((part, rest)) = cut(part, *rows) {
            parts.push(rest);
            parts.push(part);
            continue;
        }
        // What is newer than the list of transaction groups comes with the last of them.
        let upper = if parts.is_empty() { 0 } else { *last };
        let params = params(&[dataset], (*first, upper));
        match ask(session, &ZFS_RESOURCE_SNAPSHOT_QUERY, &params).await {
            Ok(page) => hand_over(page, tally, write)?,
            Err(SourceError::NotFound) => return Ok(()),
            Err(error) if error.is_too_much() => {
                let Some((part, rest)) = cut(part, part.len() / 2) else {
                    return Err(error.into());
                };
                if error.is_cut() {
                    *rows = fewer(*rows);
                }
                parts.push(rest);
                parts.push(part);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Transaction groups of the snapshots of one dataset, in order.
async fn txgs(session: &mut Session, dataset: &str) -> Result<Vec<i64>, SourceError> {
    #[derive(Deserialize)]
    struct Bare {
        createtxg: i64,
    }
    let counts = json!([{"paths": [dataset], "recursive": false}]);
    let counts: BTreeMap<String, usize> =
        ask(session, &ZFS_RESOURCE_SNAPSHOT_COUNT, &counts).await?;
    let mut windows = Windows::new(Some(total(&counts)), BARE_ROWS);
    let mut txgs = Vec::new();
    while let Some(window) = windows.next() {
        let params = json!([{
            "paths": [dataset], "recursive": false, "properties": null, "get_user_properties": false,
            "get_holds": false, "min_txg": window.lower(), "max_txg": window.upper(),
        }]);
        match ask::<Vec<Bare>>(session, &ZFS_RESOURCE_SNAPSHOT_QUERY, &params).await {
            Ok(page) => {
                txgs.extend(page.iter().map(|bare| bare.createtxg));
                windows.answered(&window, page.len());
            }
            Err(error) if error.is_too_much() && !window.is_one() => match error.is_cut() {
                true => windows.cut_off(window),
                false => windows.too_wide(window),
            },
            Err(error) => return Err(error),
        }
    }
    txgs.sort_unstable();
    Ok(txgs)
}

/// Cuts after at most `rows`, between two transaction groups; nothing to cut when all is one group, or few enough.
fn cut(txgs: &[i64], rows: usize) -> Option<(&[i64], &[i64])> {
    let next = txgs.get(rows.max(1))?;
    let before = txgs.partition_point(|txg| txg < next);
    let at = match before {
        0 => txgs.partition_point(|txg| txg <= next),
        before => before,
    };
    (at < txgs.len()).then(|| txgs.split_at(at))
}

fn params(paths: &[&str], (lower, upper): (i64, i64)) -> Value {
    json!([{
        "paths": paths, "recursive": false, "properties": RESOURCE_PROPERTIES,
        "get_user_properties": true, "get_holds": true, "min_txg": lower, "max_txg": upper,
    }])
}

fn hand_over(
    page: Vec<ResourceSnapshot>,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), SinkError> {
    tally.arrived(page.len());
    let page: Vec<Snapshot> = page.into_iter().map(Snapshot::from_resource).collect();
    write(&page, tally)
}

/// Snapshots by dataset, without those of the system itself.
async fn counts(session: &mut Session) -> Result<BTreeMap<String, usize>, SourceError> {
    let params: Value = json!([{"paths": [], "recursive": true}]);
    let mut counts: BTreeMap<String, usize> =
        ask(session, &ZFS_RESOURCE_SNAPSHOT_COUNT, &params).await?;
    counts.retain(|dataset, count| {
        *count > 0 && !is_boot(dataset.split('/').next().unwrap_or_default())
    });
    Ok(counts)
}

fn total(counts: &BTreeMap<String, usize>) -> i64 {
    let total: usize = counts.values().sum();
    i64::try_from(total).unwrap_or(i64::MAX)
}

/// Datasets whose snapshots are asked for together.
fn groups(counts: &BTreeMap<String, usize>) -> Vec<Vec<Counted>> {
    let mut groups = Vec::new();
    let mut group: Vec<Counted> = Vec::new();
    let mut n_rows = 0;
    for (dataset, count) in counts {
        if !group.is_empty() && n_rows + count > ROWS {
            groups.push(std::mem::take(&mut group));
            n_rows = 0;
        }
        n_rows += count;
        group.push((dataset.clone(), *count));
    }
    groups.push(group);
    groups
        .iter()
        .flat_map(|group| batches(group, |(name, _)| name.as_str()))
        .map(<[Counted]>::to_vec)
        .collect()
}

/// Two halves to ask for, or one dataset to read on its own.
fn divide(mut group: Vec<Counted>, groups: &mut Vec<Vec<Counted>>, large: &mut Vec<String>) {
    let second = group.split_off(group.len() / 2);
    match group.is_empty() {
        true => large.extend(second.into_iter().map(|(dataset, _)| dataset)),
        false => groups.extend([second, group]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_below_the_rows_of_one_answer() {
        let counts = (0..100).map(|number| (format!("tank/{number:03}"), 90));
        let counts = counts.chain([("tank/many".to_owned(), 20_000)]).collect();
        let groups = groups(&counts);
        for group in &groups {
            let n_rows: usize = group.iter().map(|(_, count)| count).sum();
            assert!(n_rows <= ROWS || group.len() == 1, "{group:?}");
        }
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 101);
    }

    #[test]
    fn parts_end_between_two_transaction_groups() {
        let txgs = [1, 2, 2, 2, 3, 4];
        assert_eq!(cut(&txgs, 2), Some((&[1][..], &[2, 2, 2, 3, 4][..])));
        assert_eq!(cut(&txgs, 4), Some((&[1, 2, 2, 2][..], &[3, 4][..])));
        assert_eq!(cut(&txgs[1..], 2), Some((&[2, 2, 2][..], &[3, 4][..])));
        assert_eq!(cut(&txgs, 6), None, "few enough");
        assert_eq!(cut(&txgs[1..4], 1), None, "one group");
        assert_eq!(cut(&txgs[1..4], 0), None);
        assert_eq!(cut(&[], 0), None);
    }
}
