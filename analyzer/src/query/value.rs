//! One value of one row, as findings and comparisons see it.

use polars::prelude::{AnyValue, DataFrame};
use serde::{Deserialize, Serialize};

/// A value that left the query engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "value")]
pub enum Value {
    /// Absent.
    Null,
    /// Integer, exact.
    Integer(i64),
    /// Float.
    Float(f64),
    /// Text.
    Text(String),
    /// Truth value.
    Bool(bool),
}

impl Value {
    /// The text, when it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, when it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The value as plain JSON; floats that JSON cannot write become text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Integer(integer) => (*integer).into(),
            Self::Float(float) if float.is_finite() => (*float).into(),
            Self::Float(float) => float.to_string().into(),
            Self::Text(text) => text.as_str().into(),
            Self::Bool(bool) => (*bool).into(),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Integer(integer) => integer.fmt(f),
            Self::Float(float) => float.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Bool(bool) => bool.fmt(f),
        }
    }
}

/// The rows of a frame, values in column order.
pub fn rows(frame: &DataFrame) -> Vec<Vec<Value>> {
    let mut rows = vec![Vec::with_capacity(frame.width()); frame.height()];
    for column in frame.columns() {
        let series = column.as_materialized_series();
        for (row, value) in rows.iter_mut().zip(series.iter()) {
            row.push(value_of(&value));
        }
    }
    rows
}

fn value_of(value: &AnyValue<'_>) -> Value {
    match value {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(bool) => Value::Bool(*bool),
        AnyValue::String(text) => Value::Text((*text).to_owned()),
        AnyValue::StringOwned(text) => Value::Text(text.to_string()),
        AnyValue::Float32(float) => Value::Float(f64::from(*float)),
        AnyValue::Float64(float) => Value::Float(*float),
        other => other
            .extract::<i64>()
            .map_or_else(|| Value::Text(other.to_string()), Value::Integer),
    }
}
