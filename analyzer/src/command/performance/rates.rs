//! How often steps fail, as the metrics of the cluster count them.

use std::collections::BTreeMap;

use super::read::outcome;
use super::{Hole, Rate, word};
use crate::cli::Operation;
use crate::duration::wilson;
use crate::history::Estate;
use crate::query::Value;

const METRICS: &str = "k8s_operation_duration";

/// Clusters whose metrics are not collected, and those whose metrics could not be read.
pub(super) fn metrics(estate: &Estate) -> (Vec<String>, Vec<Hole>) {
    let (mut unmeasured, mut holes) = (Vec::new(), Vec::new());
    for cluster in &estate.clusters {
        match outcome(estate, METRICS, cluster) {
            Some("ok" | "empty") => {}
            None | Some("unsupported") => unmeasured.push(cluster.clone()),
            Some(outcome) => holes.push(Hole {
                operation: None,
                cluster: cluster.clone(),
                table: METRICS.to_owned(),
                outcome: outcome.to_owned(),
            }),
        }
    }
    (unmeasured, holes)
}

/// Several measurers may have counted one step: of each the count that most surely shows the largest share.
pub(super) fn worst(rows: Vec<Vec<Value>>, only: Option<Operation>) -> Vec<Rate> {
    let is_wanted = |rate: &Rate| {
        only.is_none_or(|only| match only {
            Operation::Resize => rate.step == "expand",
            only => rate.step == word(only),
        })
    };
    let least = |rate: &Rate| wilson(rate.n_failed, rate.n_tried).map_or(0.0, |(low, _)| low);
    let mut worst: BTreeMap<(String, String, String), Rate> = BTreeMap::new();
    for rate in rows.into_iter().filter_map(rate).filter(is_wanted) {
        let key = (rate.cluster.clone(), rate.driver.clone(), rate.step.clone());
        let held = worst.entry(key).or_insert_with(|| rate.clone());
        let by_share = least(&rate).total_cmp(&least(held));
        if by_share.then(rate.n_tried.cmp(&held.n_tried)).is_gt() {
            *held = rate;
        }
    }
    worst.into_values().collect()
}

fn rate(row: Vec<Value>) -> Option<Rate> {
    let [
        Value::Text(cluster),
        Value::Text(driver),
        Value::Text(step),
        Value::Integer(n_failed),
        Value::Integer(n_tried),
    ] = <[Value; 5]>::try_from(row).ok()?
    else {
        return None;
    };
    Some(Rate {
        cluster,
        driver,
        step,
        n_failed: u64::try_from(n_failed).ok()?,
        n_tried: u64::try_from(n_tried).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(step: &str, n_failed: i64, n_tried: i64) -> Vec<Value> {
        let text = |text: &str| Value::Text(text.to_owned());
        let [failed, tried] = [n_failed, n_tried].map(Value::Integer);
        vec![text("c"), text("d"), text(step), failed, tried]
    }

    #[test]
    fn count_that_most_surely_shows_failures_speaks_for_a_step() {
        let rows = vec![
            row("mount", 1, 1),
            row("mount", 30, 100),
            row("mount", 0, 5_000),
            row("expand", 0, 40),
            row("expand", 0, 90),
        ];
        let found = |only| {
            let rates = worst(rows.clone(), only);
            let counts = rates
                .into_iter()
                .map(|rate| (rate.step, rate.n_failed, rate.n_tried));
            counts.collect::<Vec<_>>()
        };
        let expand = ("expand".to_owned(), 0, 90);
        assert_eq!(found(None), [expand.clone(), ("mount".to_owned(), 30, 100)]);
        assert_eq!(found(Some(Operation::Resize)), [expand]);
        assert!(found(Some(Operation::Attach)).is_empty());
    }
}
