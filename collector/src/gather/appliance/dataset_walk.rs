//! Datasets: names first, on from the last name and compared with the server's count, then properties in batches of
//! names.

use std::collections::{BTreeSet, VecDeque};

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

/// Datasets of one call after somebody on the way did not wait for more, at the least.
const MIN_BATCH: usize = 25;

#[derive(Debug, Deserialize)]
struct Name {
    id: String,
}

/// What is asked for in one call.
enum Part {
    /// Names, on from the last one.
    Names { last: String, limit: usize },
    /// How many there are, when fewer names came than were counted before.
    Count,
    /// Properties of these.
    Batch(Vec<String>),
}

/// What is left to ask for.
struct Plan {
    parts: VecDeque<Part>,
    /// Datasets of a batch, at the most.
    most: usize,
    n_names: i64,
    /// Datasets that were counted before their names were listed.
    before: Option<i64>,
}

/// Reads all datasets, a batch at a time; further names are asked for together with the first batches.
pub(super) async fn walk(
    session: &mut Session,
    tally: &mut Tally<'_>,
    mut write: impl FnMut(&[Dataset], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let version = session.version();
    let before = count(session).await.ok();
    tally.n_expected = before;
    let mut plan = Plan::new(before);
    let mut after = Err(SourceError::Short);
    let mut missing: Vec<String> = Vec::new();
    let mut page: Vec<Dataset> = Vec::new();
    let mut ahead = Ahead::new(session, &POOL_DATASET_QUERY);
    loop {
        while ahead.has_room()
            && let Some(part) = plan.next()
        {
            let params = part.params(version);
            ahead.ask(part, params).await;
        }
        // While rows are made, the appliance works on what follows.
        write(&std::mem::take(&mut page), tally)?;
        let Some((part, turn)) = ahead.next().await else {
            break;
        };
        match part {
            Part::Names { last, limit } => match ahead.answer::<Vec<Name>>(turn).await {
                Err(SourceError::TooLarge { .. }) if limit > 1 => {
                    plan.put_back(ahead.take_back());
                    let limit = limit / 2;
                    plan.parts.push_front(Part::Names { last, limit });
                }
                names => plan.read_names(names?, &last, limit)?,
            },
            Part::Count => after = ahead.answer::<i64>(turn).await,
            Part::Batch(batch) => match ahead.answer::<Vec<Dataset>>(turn).await {
                Err(error) if error.is_too_much() && batch.len() > 1 => {
                    plan.put_back(ahead.take_back());
                    if error.is_cut() {
                        plan.most = (batch.len() / 2).max(MIN_BATCH);
                    }
                    plan.push_halves(batch);
                }
                found => {
                    page = found?;
                    tally.arrived(page.len());
                    missing.extend(not_in(&page, batch));
                }
            },
        }
    }
    drop(ahead);
    // What is there was read even when it is not all.
    let mut short = compare(tally, plan.n_names, before, std::future::ready(after)).await;
    if is_listed(session, &missing).await? {
        short = Err(SourceError::Short);
    }
    Ok(short?)
}

impl Plan {
    fn new(before: Option<i64>) -> Self {
        let (last, limit) = (String::new(), NAMES);
        Self {
            parts: VecDeque::from([Part::Names { last, limit }]),
            most: BATCH,
            n_names: 0,
            before,
        }
    }

    fn next(&mut self) -> Option<Part> {
        loop {
            match self.parts.pop_front()? {
                Part::Batch(batch) if batch.len() > self.most => self.push_halves(batch),
                part => return Some(part),
            }
        }
    }

    /// Cuts names into batches, and goes on after the last one while pages are full.
    fn read_names(
        &mut self,
        names: Vec<Name>,
        last: &str,
        limit: usize,
    ) -> Result<(), SourceError> {
        let mut names: Vec<String> = names.into_iter().map(|name| name.id).collect();
        names.sort_unstable();
        if names.first().is_some_and(|first| first.as_str() <= last) {
            let what = POOL_DATASET_QUERY.name();
            return Err(SourceError::Malformed { what });
        }
        self.n_names = self.n_names.saturating_add_unsigned(names.len() as u64);
        let batches = batches(&names, String::as_str);
        let batches = batches.into_iter().map(<[String]>::to_vec);
        self.parts.extend(batches.map(Part::Batch));
        let is_last = names.len() < limit;
        match names.pop().filter(|_| !is_last) {
            Some(last) => self.parts.push_front(Part::Names { last, limit }),
            // At once: what is created or deleted from here on changes the count and no list.
            None if self.before.is_some_and(|before| self.n_names < before) => {
                self.parts.push_front(Part::Count);
            }
            None => {}
        }
        Ok(())
    }

    /// Takes back what was not asked for, the last one first.
    fn put_back(&mut self, parts: impl Iterator<Item = Part>) {
        parts.for_each(|part| self.parts.push_front(part));
    }

    fn push_halves(&mut self, mut batch: Vec<String>) {
        let second = batch.split_off(batch.len() / 2);
        self.parts.push_front(Part::Batch(second));
        self.parts.push_front(Part::Batch(batch));
    }
}

impl Part {
    fn params(&self, version: Version) -> Value {
        match self {
            Self::Count => count_params(version),
            Self::Names { last, limit } => name_params(version, &json!(["id", ">", last]), *limit),
            Self::Batch(batch) => batch_params(version, batch),
        }
    }
}

/// What the server counts.
async fn count(session: &mut Session) -> Result<i64, SourceError> {
    let params = count_params(session.version());
    ask(session, &POOL_DATASET_QUERY, &params).await
}

/// With no filter, so that also releases that look only at roots go through all. Without the select their children would be
/// put together for every one.
fn count_params(version: Version) -> Value {
    let mut extra = json!({"flat": true, "properties": []});
    if !has_sources(version) {
        extra["retrieve_user_props"] = json!(false);
    }
    json!([[], {"select": ["id"], "count": true, "extra": extra}])
}

/// What was asked for and is not in the answer.
fn not_in(page: &[Dataset], mut batch: Vec<String>) -> Vec<String> {
    if page.len() >= batch.len() {
        return Vec::new();
    }
    let came: BTreeSet<&str> = page.iter().map(Dataset::name).collect();
    batch.retain(|name| !came.contains(name.as_str()));
    batch
}

/// True when the server still lists one of these: what was deleted meanwhile is not missing.
async fn is_listed(session: &mut Session, missing: &[String]) -> Result<bool, SourceError> {
    for batch in batches(missing, String::as_str) {
        let params = name_params(session.version(), &json!(["id", "in", batch]), NAMES);
        let listed = ask::<Vec<Name>>(session, &POOL_DATASET_QUERY, &params).await?;
        if !listed.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
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
pub(super) fn batches<T>(items: &[T], name: impl Fn(&T) -> &str) -> Vec<&[T]> {
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
