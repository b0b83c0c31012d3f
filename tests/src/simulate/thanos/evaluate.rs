//! From series to the vector that a query asks for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::promql::{Aggregation, Query};
use super::store::Series;

/// The answer at a time in Unix seconds.
pub(super) fn vector(query: &Query, series: &[Series], now: f64) -> Value {
    let mut groups: BTreeMap<BTreeMap<&str, &str>, f64> = BTreeMap::new();
    for one in series.iter().filter(|one| is_selected(query, one)) {
        let label = |label: &String| one.metric.get_key_value(label);
        let labels = query.by.iter().filter_map(label);
        let labels = labels
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| (label.as_str(), value.as_str()))
            .collect();
        let value = one.value.1.parse().unwrap_or(f64::NAN);
        let group = groups.entry(labels);
        group
            .and_modify(|known| *known = joined(query.aggregation, *known, value))
            .or_insert(value);
    }
    let result: Vec<Value> = groups
        .into_iter()
        .map(|(labels, value)| json!({"metric": labels, "value": [now, text(value)]}))
        .collect();
    json!({"status": "success", "data": {"resultType": "vector", "result": result}})
}

fn is_selected(query: &Query, series: &Series) -> bool {
    query.matchers.iter().all(|matcher| {
        let value = series.metric.get(&matcher.label);
        matcher.holds(value.map_or("", String::as_str))
    })
}

fn joined(aggregation: Aggregation, one: f64, other: f64) -> f64 {
    match aggregation {
        // NaN is below every number.
        Aggregation::Max => one.max(other),
        Aggregation::Sum => one + other,
    }
}

/// A value as the server prints it.
fn text(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::promql::parse;
    use super::*;

    fn result(query: &str, series: Value) -> Value {
        let series: Vec<Series> = serde_json::from_value(series).unwrap();
        let mut answer = vector(&parse(query).unwrap(), &series, 1_772_700_000.1);
        answer["data"]["result"].take()
    }

    #[test]
    fn claim_on_two_nodes_is_one_value_and_labels_that_are_not_asked_for_go() {
        let series = json!([
            {"metric": {"__name__": "m", "claim": "a", "node": "n1"}, "value": [1.0, "3221225472"]},
            {"metric": {"__name__": "m", "claim": "a", "node": "n2"}, "value": [1.0, "NaN"]},
            {"metric": {"__name__": "m", "claim": "", "node": "n2"}, "value": [1.0, "7"]}]);
        let found = result("max by (claim) (m{claim!=\"\"})", series);
        let expected =
            json!([{"metric": {"claim": "a"}, "value": [1_772_700_000.1, "3221225472"]}]);
        assert_eq!(found, expected);
    }

    #[test]
    fn sums_add_up_by_group() {
        let series = json!([
            {"metric": {"le": "1", "node": "n1"}, "value": [1.0, "1"]},
            {"metric": {"le": "1", "node": "n2"}, "value": [1.0, "2"]},
            {"metric": {"le": "+Inf", "node": "n2"}, "value": [1.0, "5"]}]);
        let found = result("sum by (le) (increase(m{node!=\"\"}[1d]))", series);
        let values: Vec<&Value> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["value"][1])
            .collect();
        assert_eq!(values, ["5", "3"]);
    }
}
