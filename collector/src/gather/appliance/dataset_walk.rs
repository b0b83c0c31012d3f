//! Datasets: names first, on from the last name, then properties in batches of names.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Stop, ask};
use crate::gather::property::has_sources;
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::dataset::{Dataset, properties};
use crate::source::truenas::{POOL_DATASET_QUERY, Version};
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

/// Reads all datasets, a batch at a time.
pub(super) async fn walk(
    session: &mut Session,
    tally: &mut Tally<'_>,
    mut write: impl FnMut(&[Dataset], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let version = session.version();
    let mut last = String::new();
    let mut limit = NAMES;
    loop {
        let params = name_params(version, &last, limit);
        let names = match ask::<Vec<Name>>(session, &POOL_DATASET_QUERY, &params).await {
            Err(SourceError::TooLarge { .. }) if limit > 1 => {
                limit /= 2;
                continue;
            }
            names => names?,
        };
        let names: Vec<String> = names.into_iter().map(|name| name.id).collect();
        let is_last = names.len() < limit;
        let Some(newest) = names.iter().max() else {
            return Ok(());
        };
        if *newest <= last {
            let what = POOL_DATASET_QUERY.name();
            return Err(SourceError::Malformed { what }.into());
        }
        last.clone_from(newest);
        let mut batches: Vec<&[String]> = batches(&names);
        batches.reverse();
        while let Some(batch) = batches.pop() {
            let params = batch_params(version, batch);
            match ask::<Vec<Dataset>>(session, &POOL_DATASET_QUERY, &params).await {
                Ok(page) => {
                    tally.arrived(page.len());
                    write(&page, tally)?;
                }
                Err(SourceError::TooLarge { .. }) if batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.push(second);
                    batches.push(first);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

fn name_params(version: Version, last: &str, limit: usize) -> Value {
    // Older releases find nothing but roots without their children; the select keeps children out of the answer.
    let extra = if has_sources(version) {
        json!({"flat": true, "properties": []})
    } else {
        json!({"flat": true, "retrieve_children": false, "retrieve_user_props": false, "properties": []})
    };
    json!([
        [["id", ">", last]],
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

/// Cuts names into batches by count and by bytes.
pub(super) fn batches(names: &[String]) -> Vec<&[String]> {
    let mut batches = Vec::new();
    let mut start = 0;
    let mut n_bytes = 0;
    for (index, name) in names.iter().enumerate() {
        let own = json_bytes(name);
        if index > start && (index - start == BATCH || n_bytes + own > BATCH_BYTES) {
            batches.push(&names[start..index]);
            start = index;
            n_bytes = 0;
        }
        n_bytes += own;
    }
    if start < names.len() {
        batches.push(&names[start..]);
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
        let sizes: Vec<usize> = batches(&short).iter().map(|batch| batch.len()).collect();
        assert_eq!(sizes, [400, 400, 200]);
        let long: Vec<String> = (0..500).map(|number| format!("{number:0>250}")).collect();
        let cut = batches(&long);
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
