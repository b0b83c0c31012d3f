//! From 26 on: datasets whose snapshots are counted together, and one with very many by its transaction groups.
//!
//! The method has no limit of rows, so what an answer will hold must be known before it is asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::count::compare;
use super::super::dataset_walk::batches;
use super::super::{Stop, ask};
use super::listing::Listing;
use super::parts::{Part, Parts};
use super::window::Window;
use super::{ROWS, fewer};
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::pool::is_boot;
use crate::gather::truenas::snapshot::{RESOURCE_PROPERTIES, ResourceSnapshot, Snapshot};
use crate::source::truenas::{
    MAX_AHEAD, ZFS_RESOURCE_SNAPSHOT_COUNT, ZFS_RESOURCE_SNAPSHOT_QUERY, ask_before,
};
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
    while let Some(group) = groups.pop() {
        let is_much = !is_few(&group, rows);
        match group.as_slice() {
            [] => continue,
            [(dataset, _)] if is_much => {
                one_dataset(session, dataset, &mut rows, tally, write).await?;
                continue;
            }
            [_, ..] if is_much => {
                push_halves(&mut groups, group);
                continue;
            }
            _ => {}
        }
        let after = groups.iter().rev().take_while(|next| is_few(next, rows));
        let after: Vec<Value> = after
            .take(MAX_AHEAD)
            .map(|next| group_params(next))
            .collect();
        match ask_group(session, &group_params(&group), &after).await {
            Ok(page) => hand_over(page, tally, write)?,
            // One of them was deleted meanwhile, or they hold more than was counted.
            Err(error) if error == SourceError::NotFound || error.is_too_much() => {
                if error.is_cut() {
                    rows = fewer(rows);
                }
                match group.as_slice() {
                    [_] if error == SourceError::NotFound => {}
                    [(dataset, _)] => {
                        one_dataset(session, dataset, &mut rows, tally, write).await?
                    }
                    _ => push_halves(&mut groups, group),
                }
            }
            Err(error) => return Err(error.into()),
        }
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
    let mut parts = Parts::new(&txgs, *rows);
    while let Some((part, after)) = parts.next() {
        let params = |part: Part<'_>| params(&[dataset], part.lower(), part.upper());
        let after: Vec<Value> = after.into_iter().map(params).collect();
        match ask_group(session, &params(part), &after).await {
            Ok(page) => hand_over(page, tally, write)?,
            Err(SourceError::NotFound) => return Ok(()),
            Err(error) if error.is_too_much() => {
                if !parts.halve(part) {
                    return Err(error.into());
                }
                if error.is_cut() {
                    *rows = fewer(*rows);
                    parts.limit(*rows);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Transaction groups of the snapshots of one dataset, in order.
async fn txgs(session: &mut Session, dataset: &str) -> Result<Vec<i32>, SourceError> {
    let counts = json!([{"paths": [dataset], "recursive": false}]);
    let counts: BTreeMap<String, usize> =
        ask(session, &ZFS_RESOURCE_SNAPSHOT_COUNT, &counts).await?;
    let listing = Listing {
        method: &ZFS_RESOURCE_SNAPSHOT_QUERY,
        params: |window: Window| {
            json!([{
                "paths": [dataset], "recursive": false, "properties": null, "get_user_properties": false,
                "get_holds": false, "min_txg": window.lower, "max_txg": window.upper(),
            }])
        },
        is_limited: false,
    };
    listing
        .read(session, Window::new(Some(total(&counts)), BARE_ROWS))
        .await
}

async fn ask_group(
    session: &mut Session,
    params: &Value,
    after: &[Value],
) -> Result<Vec<ResourceSnapshot>, SourceError> {
    ask_before(session, &ZFS_RESOURCE_SNAPSHOT_QUERY, params, after).await
}

fn group_params(group: &[Counted]) -> Value {
    let paths: Vec<&str> = group.iter().map(|(name, _)| name.as_str()).collect();
    params(&paths, 0, 0)
}

fn params(paths: &[&str], lower: i32, upper: i32) -> Value {
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

/// True when the snapshots of a group fit into one answer.
fn is_few(group: &[Counted], rows: usize) -> bool {
    group.iter().map(|(_, count)| count).sum::<usize>() <= rows
}

fn push_halves(groups: &mut Vec<Vec<Counted>>, mut group: Vec<Counted>) {
    let second = group.split_off(group.len() / 2);
    groups.push(second);
    groups.push(group);
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
}
