//! Comparison of JSON values with the rules of the server's language.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Equality: numbers by value, booleans as 0 and 1.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => order_numbers(&left, &right) == Ordering::Equal,
        (None, None) => left == right,
        _ => false,
    }
}

/// Order of two values; the error is the server's wording.
pub(super) fn order(left: &Value, right: &Value, operator: &str) -> Result<Ordering, String> {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return Ok(order_numbers(&left, &right));
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(left.cmp(right)),
        (Value::Array(left), Value::Array(right)) => {
            for (left, right) in left.iter().zip(right) {
                if !equal(left, right) {
                    return order(left, right, operator);
                }
            }
            Ok(left.len().cmp(&right.len()))
        }
        _ => Err(format!(
            "'{operator}' not supported between instances of '{}' and '{}'",
            type_name(left),
            type_name(right)
        )),
    }
}

/// Name of a type in the server's language.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(flag) => Some(Number::from(u8::from(*flag))),
        Value::Number(number) => Some(number.clone()),
        _ => None,
    }
}

fn order_numbers(left: &Number, right: &Number) -> Ordering {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left
            .as_f64()
            .partial_cmp(&right.as_f64())
            .unwrap_or(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn large_numbers_are_compared_exactly() {
        let left = json!(18_446_744_073_709_551_614_u64);
        let right = json!(18_446_744_073_709_551_615_u64);
        assert_eq!(order(&left, &right, "<"), Ok(Ordering::Less));
        assert!(!equal(&left, &right));
    }

    #[test]
    fn nothing_is_not_ordered() {
        let message = order(&Value::Null, &json!(1), "<").unwrap_err();
        assert_eq!(
            message,
            "'<' not supported between instances of 'NoneType' and 'int'"
        );
    }
}
