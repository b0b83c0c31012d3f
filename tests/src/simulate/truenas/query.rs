//! Filters, orders, selects, counts and pages rows as the server's filter engine does.

use serde_json::{Map, Value, json};

use super::compare::order;
use super::failure::Failure;
use super::filter;
use super::path::{split, value_or_null};
use super::query_options::{Query, QueryOptions, Select};

/// When fields are selected: most methods select first and can then only sort by what was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SelectTime {
    /// Before sorting.
    BeforeOrder,
    /// After sorting.
    AfterOrder,
    /// After paging, whole top-level fields only: the snapshot methods.
    TopLevelLast,
}

/// Applies filters and options to rows.
pub(super) fn filter_list(
    rows: Vec<Value>,
    query: &Query,
    time: SelectTime,
) -> Result<Value, Failure> {
    let mut hits = Vec::new();
    for row in rows {
        if filter::holds(&query.conditions, &row)? {
            hits.push(row);
        }
    }
    finish(hits, &query.options, time)
}

/// Applies everything but the filters.
pub(super) fn finish(
    mut rows: Vec<Value>,
    options: &QueryOptions,
    time: SelectTime,
) -> Result<Value, Failure> {
    if options.count {
        return Ok(json!(rows.len()));
    }
    if time == SelectTime::BeforeOrder && !options.select.is_empty() {
        rows = select_all(&rows, &options.select)?;
    }
    for field in &options.order_by {
        rows = sort(rows, field)?;
    }
    if time == SelectTime::AfterOrder && !options.select.is_empty() {
        rows = select_all(&rows, &options.select)?;
    }
    if !options.get {
        rows = slice(rows, options.offset, options.limit);
    }
    if time == SelectTime::TopLevelLast && !options.select.is_empty() {
        rows.iter_mut()
            .for_each(|row| keep_top_level(row, &options.select));
    }
    if options.get {
        return rows.into_iter().next().ok_or_else(Failure::no_match);
    }
    Ok(Value::Array(rows))
}

/// `rows[offset:][:limit]`, where negative numbers count from the end and 0 means nothing was asked.
fn slice(mut rows: Vec<Value>, offset: i64, limit: i64) -> Vec<Value> {
    if offset != 0 {
        rows.drain(..bound(offset, rows.len()));
    }
    if limit != 0 {
        rows.truncate(bound(limit, rows.len()));
    }
    rows
}

fn bound(position: i64, length: usize) -> usize {
    let distance = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
    if position < 0 {
        length.saturating_sub(distance)
    } else {
        length.min(distance)
    }
}

fn sort(rows: Vec<Value>, field: &str) -> Result<Vec<Value>, Failure> {
    if let Some(field) = field.strip_prefix("nulls_first:") {
        let (mut nulls, rest) = split_nulls(rows, field);
        nulls.extend(sort_plain(rest, field)?);
        return Ok(nulls);
    }
    if let Some(field) = field.strip_prefix("nulls_last:") {
        let (nulls, rest) = split_nulls(rows, field);
        let mut sorted = sort_plain(rest, field)?;
        sorted.extend(nulls);
        return Ok(sorted);
    }
    sort_plain(rows, field)
}

fn split_nulls(rows: Vec<Value>, field: &str) -> (Vec<Value>, Vec<Value>) {
    let field = field.strip_prefix('-').unwrap_or(field);
    rows.into_iter()
        .partition(|row| row.get(field).is_none_or(Value::is_null))
}

fn sort_plain(mut rows: Vec<Value>, field: &str) -> Result<Vec<Value>, Failure> {
    let (field, is_reversed) = field
        .strip_prefix('-')
        .map_or((field, false), |field| (field, true));
    let mut refused = None;
    rows.sort_by(|left, right| {
        let ordering = order(value_or_null(left, field), value_or_null(right, field), "<")
            .unwrap_or_else(|text| {
                refused.get_or_insert(text);
                std::cmp::Ordering::Equal
            });
        if is_reversed {
            ordering.reverse()
        } else {
            ordering
        }
    });
    refused.map_or(Ok(rows), |text| Err(Failure::exception("TypeError", text)))
}

fn select_all(rows: &[Value], selects: &[Select]) -> Result<Vec<Value>, Failure> {
    rows.iter().map(|row| select_one(row, selects)).collect()
}

fn select_one(row: &Value, selects: &[Select]) -> Result<Value, Failure> {
    let mut entry = Map::new();
    for select in selects {
        let mut steps = Vec::new();
        let mut current = row;
        let mut rest = select.path.as_str();
        let mut is_missing = false;
        while !rest.is_empty() && !is_missing {
            let (step, right) = split(rest);
            match current {
                Value::Object(fields) => match fields.get(&step) {
                    Some(next) => {
                        current = next;
                        steps.push(step);
                    }
                    None => is_missing = true,
                },
                Value::Array(_) => {
                    return Err(Failure::exception(
                        "ValueError",
                        "Selecting by list index is not supported",
                    ));
                }
                _ => {}
            }
            rest = right;
        }
        if is_missing {
            continue;
        }
        if let Some(alias) = &select.alias {
            entry.insert(alias.clone(), current.clone());
            continue;
        }
        insert_at(&mut entry, &steps, current.clone());
    }
    Ok(Value::Object(entry))
}

fn insert_at(entry: &mut Map<String, Value>, steps: &[String], value: Value) {
    match steps {
        [] => {}
        [last] => drop(entry.insert(last.clone(), value)),
        [first, rest @ ..] => {
            let inner = entry.entry(first.clone()).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                insert_at(inner, rest, value);
            }
        }
    }
}

fn keep_top_level(row: &mut Value, selects: &[Select]) {
    if let Value::Object(fields) = row {
        fields.retain(|name, _| {
            selects
                .iter()
                .any(|select| select.alias.is_none() && &select.path == name)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;

    #[track_caller]
    fn check(params: Value, expected: Value) {
        let rows = vec![
            json!({"n": 2, "x": {"y": 1}}),
            json!({"n": 1, "x": {"y": null}}),
            json!({"n": 3}),
        ];
        let release = Version::parse("25.10").unwrap().release();
        let query = Query::parse(params.as_array().unwrap(), release).unwrap();
        assert_eq!(
            filter_list(rows, &query, SelectTime::BeforeOrder),
            Ok(expected)
        );
    }

    #[test]
    fn the_last_order_field_decides_first() {
        check(
            json!([[["x.y", "=", 1]], {"order_by": ["-n"], "select": ["n"]}]),
            json!([{"n": 2}]),
        );
        check(
            json!([[], {"order_by": ["-n", "n"], "select": ["n"]}]),
            json!([{"n": 1}, {"n": 2}, {"n": 3}]),
        );
    }

    #[test]
    fn a_negative_limit_counts_from_the_end() {
        check(
            json!([[], {"limit": -1, "select": ["n"]}]),
            json!([{"n": 2}, {"n": 1}]),
        );
    }

    #[test]
    fn a_select_may_rename_and_leaves_out_what_is_missing() {
        check(
            json!([[], {"select": [["x.y", "z"]]}]),
            json!([{"z": 1}, {"z": null}, {}]),
        );
        check(
            json!([[["n", "=", 2]], {"select": ["x.y"], "get": true}]),
            json!({"x": {"y": 1}}),
        );
    }
}
