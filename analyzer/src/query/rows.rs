//! Rows as sets: a fixed order for one engine's answer, and the comparison of two engines' answers.

use std::cmp::Ordering;

use polars::prelude::{DataFrame, PolarsError, SortMultipleOptions};

use crate::query::value::Value;

/// Largest relative difference of two floats that count as equal: engines add in different orders.
const TOLERANCE: f64 = 1e-9;

/// The rows sorted by all columns from left to right, NULL last.
pub fn sorted_rows(frame: &DataFrame) -> Result<DataFrame, PolarsError> {
    if frame.width() == 0 {
        return Ok(frame.clone());
    }
    let names = frame.get_column_names_owned();
    frame.sort(
        names,
        SortMultipleOptions::default()
            .with_nulls_last(true)
            .with_maintain_order(true),
    )
}

/// One difference between two sets of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum RowDifference {
    /// A row that only the first set has.
    OnlyFirst(Vec<Value>),
    /// A row that only the second set has.
    OnlySecond(Vec<Value>),
}

/// Compares two row sets with duplicates, whatever their order; floats may differ by rounding.
pub fn compare_rows(first: &[Vec<Value>], second: &[Vec<Value>]) -> Vec<RowDifference> {
    let (first, second) = (ordered(first), ordered(second));
    let mut differences = Vec::new();
    let (mut left, mut right) = (first.into_iter().peekable(), second.into_iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return differences,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => compare_row(left, right),
        };
        if order != Ordering::Greater
            && let Some(row) = left.next()
            && order == Ordering::Less
        {
            differences.push(RowDifference::OnlyFirst(row.clone()));
        }
        if order != Ordering::Less
            && let Some(row) = right.next()
            && order == Ordering::Greater
        {
            differences.push(RowDifference::OnlySecond(row.clone()));
        }
    }
}

fn ordered(rows: &[Vec<Value>]) -> Vec<&Vec<Value>> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by(|left, right| compare_row(left, right));
    rows
}

/// Exact values decide first, so that rows which differ only by rounding stand at the same place.
fn compare_row(left: &[Value], right: &[Value]) -> Ordering {
    let pairs = || left.iter().zip(right);
    let exact = |value: &Value| !matches!(value, Value::Float(_));
    left.len()
        .cmp(&right.len())
        .then_with(|| first_difference(pairs().filter(|(left, right)| exact(left) && exact(right))))
        .then_with(|| {
            first_difference(pairs().filter(|(left, right)| !exact(left) || !exact(right)))
        })
}

fn first_difference<'v>(pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Ordering {
    let mut orders = pairs.map(|(left, right)| compare_value(left, right));
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare_value(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Integer(left), Value::Integer(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) if close(left, right) => Ordering::Equal,
            (Some(left), Some(right)) => left.total_cmp(&right),
            _ => rank(left).cmp(&rank(right)),
        },
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(integer) => Some(*integer as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn close(left: f64, right: f64) -> bool {
    left == right || (left - right).abs() <= TOLERANCE * left.abs().max(right.abs())
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Integer(_) | Value::Float(_) => 1,
        Value::Text(_) => 2,
        Value::Null => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::df;

    fn row(values: &[i64]) -> Vec<Value> {
        values.iter().map(|value| Value::Integer(*value)).collect()
    }

    #[test]
    fn order_does_not_matter_but_duplicates_do() {
        let first = [row(&[1, 2]), row(&[3, 4]), row(&[1, 2])];
        let second = [row(&[1, 2]), row(&[1, 2]), row(&[3, 4])];
        assert_eq!(compare_rows(&first, &second), []);
        assert_eq!(
            compare_rows(&first, &second[1..]),
            [RowDifference::OnlyFirst(row(&[1, 2]))]
        );
        assert_eq!(compare_rows(&first[..1], &[row(&[1, 3])]).len(), 2);
    }

    #[test]
    fn floats_match_by_rounding_and_integers_exactly() {
        let float = |float| vec![vec![Value::Float(float)]];
        assert_eq!(compare_rows(&float(0.1 + 0.2), &float(0.3)), []);
        assert_eq!(compare_rows(&float(0.3), &float(0.300_001)).len(), 2);
        assert_eq!(
            compare_rows(&[row(&[i64::MAX])], &[row(&[i64::MAX - 1])]).len(),
            2
        );
        assert_eq!(compare_rows(&[vec![Value::Null]], &[row(&[0])]).len(), 2);
    }

    #[test]
    fn sorting_uses_every_column_and_puts_null_last() {
        let frame = df!("a" => [Some(1), None, Some(1)], "b" => ["z", "a", "b"])
            .expect("columns of one length");
        let sorted = sorted_rows(&frame).expect("sortable");
        let expect = df!("a" => [Some(1), Some(1), None], "b" => ["b", "z", "a"])
            .expect("columns of one length");
        assert!(sorted.equals_missing(&expect));
    }
}
