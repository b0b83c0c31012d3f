//! Datasets: names first, on from the last name and compared with the server's count, then properties in batches of
//! names.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::count::compare;
use super::{Stop, ask};
use crate::gather::property::has_sources;
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::dataset::{Dataset, properties};
use crate::source::truenas::{Ahead, POOL_DATASET_QUERY, Version};
use crate::source::{Session, SourceError};

/// Names of one answer; newer releases allow no more.
const NAMES: usize = 10_000;

/// Datasets of one call, and bytes of its names: below what the server reads.
const BATCH: usize = 400;
const BATCH_BYTES: usize = 40 * 1024;

#[derive(Debug, Deserialize)]
struct Name {
    id: String,
}

/// Datasets of one call after somebody on the way did not wait for more, at the least.
const MIN_BATCH: usize = 25;

/// Reads all datasets, a batch at a time.
pub(super) async fn walk(
    session: &mut Session,
    tally: &mut Tally<'_>,
    mut write: impl FnMut(&[Dataset], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let version = session.version();
    let before = count(session).await;
    let names = names(session).await?;
    let n_names = i64::try_from(names.len()).unwrap_or(i64::MAX);
    // What is there is read even when it is not all.
    let mut short = compare(tally, n_names, before.ok(), count(session)).await;
    let mut most = BATCH;
    let mut batches: Vec<&[String]> = batches(&names, String::as_str);
    batches.reverse();
    let mut missing: Vec<&str> = Vec::new();
    let mut ahead = Ahead::<_, Vec<Dataset>>::new(session, &POOL_DATASET_QUERY);
    loop {
        while ahead.has_room()
            && let Some(batch) = batches.pop()
        {
            match batch.len() > most {
                true => push_halves(&mut batches, batch),
                false => ahead.ask(batch, batch_params(version, batch)).await,
            }
        }
        let Some((batch, answer)) = ahead.next().await else {
            break;
        };
        match answer {
            Ok(page) => {
                tally.arrived(page.len());
                write(&page, tally)?;
                missing.extend(not_in(&page, batch));
            }
            Err(error) if error.is_too_much() && batch.len() > 1 => {
                batches.extend(ahead.take_back());
                if error.is_cut() {
                    most = (batch.len() / 2).max(MIN_BATCH);
                }
                push_halves(&mut batches, batch);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if is_listed(session, &missing).await? {
        short = Err(SourceError::Short);
    }
    Ok(short?)
}

/// All names, on from the last one.
async fn names(session: &mut Session) -> Result<Vec<String>, SourceError> {
    let version = session.version();
    let mut names: Vec<String> = Vec::new();
    let mut limit = NAMES;
    loop {
        let last = names.last().map_or("", String::as_str);
        let params = name_params(version, &json!(["id", ">", last]), limit);
        let page = match ask::<Vec<Name>>(session, &POOL_DATASET_QUERY, &params).await {
            Err(SourceError::TooLarge { .. }) if limit > 1 => {
                limit /= 2;
                continue;
            }
            page => page?,
        };
        let is_last = page.len() < limit;
        let mut page: Vec<String> = page.into_iter().map(|name| name.id).collect();
        page.sort_unstable();
        if page.first().is_some_and(|first| first.as_str() <= last) {
            let what = POOL_DATASET_QUERY.name();
            return Err(SourceError::Malformed { what });
        }
        names.append(&mut page);
        if is_last {
            return Ok(names);
        }
    }
}

/// What the server counts: with no filter, so that also releases that look only at roots go through all.
async fn count(session: &mut Session) -> Result<i64, SourceError> {
    let mut extra = json!({"flat": true, "properties": []});
    if !has_sources(session.version()) {
        extra["retrieve_user_props"] = json!(false);
    }
    let params = json!([[], {"count": true, "extra": extra}]);
    ask(session, &POOL_DATASET_QUERY, &params).await
}

/// What was asked for and is not in the answer.
fn not_in<'a>(page: &[Dataset], batch: &'a [String]) -> Vec<&'a str> {
    if page.len() >= batch.len() {
        return Vec::new();
    }
    let came: BTreeSet<&str> = page.iter().map(Dataset::name).collect();
    let asked = batch.iter().map(String::as_str);
    asked.filter(|name| !came.contains(name)).collect()
}

/// True when the server still lists one of these: what was deleted meanwhile is not missing.
async fn is_listed(session: &mut Session, missing: &[&str]) -> Result<bool, SourceError> {
    for batch in batches(missing, |name| *name) {
        let params = name_params(session.version(), &json!(["id", "in", batch]), NAMES);
        let listed = ask::<Vec<Name>>(session, &POOL_DATASET_QUERY, &params).await?;
        if !listed.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn push_halves<'a, T>(batches: &mut Vec<&'a [T]>, batch: &'a [T]) {
    let (first, second) = batch.split_at(batch.len() / 2);
    batches.push(second);
    batches.push(first);
}

fn name_params(version: Version, filter: &Value, limit: usize) -> Value {
    // Older releases find nothing but roots without their children; the select keeps children out of the answer.
    let extra = if has_sources(version) {
        json!({"flat": true, "properties": []})
    } else {
        json!({"flat": true, "retrieve_children": false, "retrieve_user_props": false, "properties": []})
    };
    json!([
        [filter],
        {"select": ["id"], "order_by": ["id"], "limit": limit, "extra": extra},
    ])
}

fn batch_params(version: Version, names: &[String]) -> Value {
    let mut extra =
        json!({"flat": true, "retrieve_children": false, "properties": properties(version)});
    if !has_sources(version) {
        extra["retrieve_user_props"] = json!(true);
    }
    json!([[["id", "in", names]], {"extra": extra}])
}

/// Cuts a list into batches by count and by the bytes of the names.
pub(super) fn batches<T>(items: &[T], name: impl for<'n> Fn(&'n T) -> &'n str) -> Vec<&[T]> {
    let mut batches = Vec::new();
    let mut start = 0;
    let mut n_bytes = 0;
    for (index, item) in items.iter().enumerate() {
        let own = json_bytes(name(item));
        if index > start && (index - start == BATCH || n_bytes + own > BATCH_BYTES) {
            batches.push(&items[start..index]);
            start = index;
            n_bytes = 0;
        }
        n_bytes += own;
    }
    if start < items.len() {
        batches.push(&items[start..]);
    }
    batches
}

/// Upper bound of a name in a request: quotes, comma, and six bytes for what is no plain ASCII.
fn json_bytes(name: &str) -> usize {
    let bytes = name.chars().map(|c| {
        if c.is_ascii_graphic() || c == ' ' {
            2
        } else {
            12
        }
    });
    bytes.sum::<usize>().min(name.len() * 6) + 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_name_once_within_both_limits() {
        let short: Vec<String> = (0..1_000).map(|number| format!("tank/{number}")).collect();
        let sizes: Vec<usize> = batches(&short, String::as_str)
            .iter()
            .map(|batch| batch.len())
            .collect();
        assert_eq!(sizes, [400, 400, 200]);
        let long: Vec<String> = (0..500).map(|number| format!("{number:0>250}")).collect();
        let cut = batches(&long, String::as_str);
        assert_eq!(cut.iter().map(|batch| batch.len()).sum::<usize>(), 500);
        for batch in cut {
            let request = batch_params(Version::new(25, 10), batch).to_string();
            assert!(request.len() < 48 * 1024);
        }
    }

    #[test]
    fn children_are_never_asked_for_together_with_properties() {
        for version in [Version::new(24, 4), Version::new(25, 10)] {
            let params = batch_params(version, &["tank".to_owned()]);
            assert_eq!(params[1]["extra"]["retrieve_children"], false);
        }
    }
}
