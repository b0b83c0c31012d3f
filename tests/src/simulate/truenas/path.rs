//! Dotted paths of query-filters and query-options.

use serde_json::Value;

/// What a path leads to.
pub(super) enum Found<'a> {
    /// Nothing: a key is missing on the way.
    Missing,
    /// One value; `Null` for an index beyond the end.
    One(&'a Value),
    /// All members of a list, with the rest of the path.
    Each(&'a [Value], String),
}

/// Splits off the first step of a path; `\.` is a literal dot.
pub(super) fn split(path: &str) -> (String, &str) {
    let mut step = String::new();
    let mut rest = path;
    loop {
        let Some((left, right)) = rest.split_once('.') else {
            step.push_str(rest);
            return (step, "");
        };
        match left.strip_suffix('\\') {
            Some(left) => {
                step.push_str(left);
                step.push('.');
                rest = right;
            }
            None => {
                step.push_str(left);
                return (step, right);
            }
        }
    }
}

/// Follows a path.
pub(super) fn follow<'a>(value: &'a Value, path: &str) -> Result<Found<'a>, String> {
    static NULL: Value = Value::Null;
    let mut current = value;
    let mut rest = path;
    while !rest.is_empty() {
        let (step, right) = split(rest);
        match current {
            Value::Object(fields) => match fields.get(&step) {
                Some(next) => current = next,
                None => return Ok(Found::Missing),
            },
            Value::Array(members) if step == "*" => {
                return Ok(Found::Each(members, right.to_owned()));
            }
            Value::Array(members) => match step.parse::<usize>() {
                Ok(index) => current = members.get(index).unwrap_or(&NULL),
                Err(_) => return Err(format!("{step}: must be array index or wildcard character")),
            },
            _ => {}
        }
        rest = right;
    }
    Ok(Found::One(current))
}

/// The value at the end of a path, `Null` when there is none.
pub(super) fn value_or_null<'a>(value: &'a Value, path: &str) -> &'a Value {
    static NULL: Value = Value::Null;
    match follow(value, path) {
        Ok(Found::One(found)) => found,
        _ => &NULL,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_escaped_dot_belongs_to_the_key() {
        let value = json!({"foo": {"bar": 1}, "foo.bar": 2});
        assert_eq!(value_or_null(&value, "foo.bar"), &json!(1));
        assert_eq!(value_or_null(&value, "foo\\.bar"), &json!(2));
    }
}
