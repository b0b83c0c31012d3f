//! Query-filters: parsed once with the server's complaints, then evaluated per row.

use std::cmp::Ordering;

use jiff::Timestamp;
use regex::Regex;
use serde_json::{Value, json};

use super::compare::{equal, order, type_name};
use super::failure::Failure;
use super::path::{Found, follow};

const MAX_DEPTH: usize = 3;

/// One condition; a list of them is a conjunction.
#[derive(Debug)]
pub(super) enum Condition {
    /// `[path, operator, value]`.
    Match(Match),
    /// `["OR", [...]]`: any branch.
    Any(Vec<Vec<Condition>>),
}

/// `[path, operator, value]`.
#[derive(Debug)]
pub(super) struct Match {
    /// Dotted path of the field.
    pub(super) path: String,
    /// What must hold.
    pub(super) operator: Operator,
    is_folded: bool,
    /// Operand.
    pub(super) value: Value,
    pattern: Option<Regex>,
}

/// What a condition tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pattern,
    In,
    NotIn,
    Contains,
    ContainsNot,
    Starts,
    StartsNot,
    Ends,
    EndsNot,
}

impl Operator {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            "~" => Self::Pattern,
            "in" => Self::In,
            "nin" => Self::NotIn,
            "rin" => Self::Contains,
            "rnin" => Self::ContainsNot,
            "^" => Self::Starts,
            "!^" => Self::StartsNot,
            "$" => Self::Ends,
            "!$" => Self::EndsNot,
            _ => return None,
        })
    }

    fn is_order(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Greater
                | Self::GreaterOrEqual
                | Self::Less
                | Self::LessOrEqual
        )
    }
}

/// Parses a conjunction; the error is the server's wording.
pub(super) fn parse(filters: &[Value], depth: usize) -> Result<Vec<Condition>, String> {
    if depth > MAX_DEPTH {
        return Err("query-filters max recursion depth exceeded".to_owned());
    }
    filters
        .iter()
        .map(|filter| parse_one(filter, depth))
        .collect()
}

/// True when every condition holds for a row.
pub(super) fn holds(conditions: &[Condition], row: &Value) -> Result<bool, Failure> {
    for condition in conditions {
        let holds_here = match condition {
            Condition::Match(condition) => condition.holds(row, &condition.path)?,
            Condition::Any(branches) => {
                let mut is_hit = false;
                for branch in branches {
                    is_hit = is_hit || holds(branch, row)?;
                }
                is_hit
            }
        };
        if !holds_here {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Every path that the conditions read.
pub(super) fn paths(conditions: &[Condition]) -> Vec<&str> {
    let mut found = Vec::new();
    for condition in conditions {
        match condition {
            Condition::Match(condition) => found.push(condition.path.as_str()),
            Condition::Any(branches) => branches
                .iter()
                .for_each(|branch| found.extend(paths(branch))),
        }
    }
    found
}

fn parse_one(filter: &Value, depth: usize) -> Result<Condition, String> {
    let parts = filter.as_array().map(Vec::as_slice).unwrap_or_default();
    match parts {
        [operator, branches] => {
            if operator != "OR" {
                return Err(format!("Invalid operation: {}", bare(operator)));
            }
            let branches = branches.as_array().filter(|branches| !branches.is_empty());
            let branches =
                branches.ok_or_else(|| "OR filter requires at least one branch.".to_owned())?;
            let parse_branch = |branch: &Value| match branch.as_array() {
                Some(inner) if inner.first().is_some_and(Value::is_array) => {
                    parse(inner, depth + 1)
                }
                _ => parse(std::slice::from_ref(branch), depth + 1),
            };
            Ok(Condition::Any(
                branches
                    .iter()
                    .map(parse_branch)
                    .collect::<Result<_, _>>()?,
            ))
        }
        [path, operator, value] => Match::parse(path, operator, value).map(Condition::Match),
        _ => Err(format!("Invalid filter {filter}")),
    }
}

fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Match {
    fn parse(path: &Value, operator: &Value, value: &Value) -> Result<Self, String> {
        let text = bare(operator);
        let (is_folded, name) = match text.strip_prefix('C') {
            Some("~") => return Err(format!("Invalid case-insensitive operation: {text}")),
            Some(name) => (true, name),
            None => (false, text.as_str()),
        };
        let operator = Operator::parse(name).ok_or_else(|| format!("Invalid operation: {text}"))?;
        let path = bare(path);
        let mut value = value.clone();
        if path.ends_with(".$date") {
            if !operator.is_order() {
                return Err(format!("{name}: invalid timestamp operation."));
            }
            let refuse = || {
                format!(
                    "{}: must be an ISO-8601 formatted timestamp string",
                    bare(&value)
                )
            };
            let time: Timestamp = value.as_str().and_then(instant).ok_or_else(refuse)?;
            value = json!(time.as_millisecond());
        }
        if is_folded {
            value = folded(&value);
        }
        let pattern = match (operator, value.as_str()) {
            (Operator::Pattern, Some(text)) => {
                Some(Regex::new(&format!("^(?:{text})")).map_err(|error| error.to_string())?)
            }
            _ => None,
        };
        Ok(Self {
            path,
            operator,
            is_folded,
            value,
            pattern,
        })
    }

    fn holds(&self, row: &Value, path: &str) -> Result<bool, Failure> {
        let value_error = |text: String| Failure::exception("ValueError", text);
        match follow(row, path).map_err(value_error)? {
            Found::Missing => Ok(false),
            Found::Each(members, rest) => {
                for member in members {
                    if self.holds(member, &rest)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Found::One(found) if self.is_folded => self.test(&folded(found)),
            Found::One(found) => self.test(found),
        }
    }

    fn test(&self, found: &Value) -> Result<bool, Failure> {
        let type_error = |text: String| Failure::exception("TypeError", text);
        let value = &self.value;
        let ordered = |sign: &str| order(found, value, sign).map_err(type_error);
        Ok(match self.operator {
            Operator::Equal => equal(found, value),
            Operator::NotEqual => !equal(found, value),
            Operator::Greater => ordered(">")? == Ordering::Greater,
            Operator::GreaterOrEqual => ordered(">=")? != Ordering::Less,
            Operator::Less => ordered("<")? == Ordering::Less,
            Operator::LessOrEqual => ordered("<=")? != Ordering::Greater,
            Operator::Pattern => match (&self.pattern, found) {
                (Some(pattern), Value::String(text)) => pattern.is_match(text),
                (Some(pattern), Value::Null) => pattern.is_match(""),
                _ => {
                    return Err(type_error(
                        "expected string or bytes-like object".to_owned(),
                    ));
                }
            },
            Operator::In => contains(value, found)?,
            Operator::NotIn => !found.is_null() && !contains(value, found)?,
            Operator::Contains => !found.is_null() && contains(found, value)?,
            Operator::ContainsNot => !found.is_null() && !contains(found, value)?,
            Operator::Starts => affix(found, value, "startswith")?
                .is_some_and(|(text, part)| text.starts_with(part)),
            Operator::StartsNot => affix(found, value, "startswith")?
                .is_some_and(|(text, part)| !text.starts_with(part)),
            Operator::Ends => {
                affix(found, value, "endswith")?.is_some_and(|(text, part)| text.ends_with(part))
            }
            Operator::EndsNot => {
                affix(found, value, "endswith")?.is_some_and(|(text, part)| !text.ends_with(part))
            }
        })
    }
}

fn contains(holder: &Value, member: &Value) -> Result<bool, Failure> {
    match (holder, member) {
        (Value::Array(members), _) => Ok(members.iter().any(|other| equal(other, member))),
        (Value::String(text), Value::String(part)) => Ok(text.contains(part.as_str())),
        (Value::Object(fields), Value::String(key)) => Ok(fields.contains_key(key)),
        _ => {
            let text = format!("argument of type '{}' is not iterable", type_name(holder));
            Err(Failure::exception("TypeError", text))
        }
    }
}

/// Both texts, or `None` when the field is null.
fn affix<'a>(
    found: &'a Value,
    value: &'a Value,
    method: &str,
) -> Result<Option<(&'a str, &'a str)>, Failure> {
    match (found, value) {
        (Value::Null, _) => Ok(None),
        (Value::String(text), Value::String(part)) => Ok(Some((text, part))),
        (Value::String(_), _) => {
            let text = format!(
                "{method} first arg must be str or a tuple of str, not {}",
                type_name(value)
            );
            Err(Failure::exception("TypeError", text))
        }
        _ => {
            let text = format!("'{}' object has no attribute '{method}'", type_name(found));
            Err(Failure::exception("AttributeError", text))
        }
    }
}

fn folded(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.to_lowercase()),
        Value::Array(members) => Value::Array(members.iter().map(folded).collect()),
        other => other.clone(),
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(filter: Value, expected: bool) {
        let row = json!({
            "name": "Alpha", "size": 5, "none": null, "tags": ["a", "b"], "vdevs": [{"t": "x"}, {"t": "y"}],
            "at": {"$date": 1_795_465_140_000_i64},
        });
        let conditions = parse(&[filter], 0).unwrap();
        assert_eq!(holds(&conditions, &row), Ok(expected));
    }

    #[test]
    fn every_operator_does_what_its_name_says() {
        check(json!(["name", "=", "Alpha"]), true);
        check(json!(["name", "C=", "ALPHA"]), true);
        check(json!(["size", ">=", 5]), true);
        check(json!(["size", "<", 5]), false);
        check(json!(["name", "~", "A.*a"]), true);
        check(json!(["name", "~", "lpha"]), false);
        check(json!(["name", "in", ["x", "Alpha"]]), true);
        check(json!(["name", "nin", ["x"]]), true);
        check(json!(["tags", "rin", "b"]), true);
        check(json!(["tags", "rnin", "b"]), false);
        check(json!(["name", "^", "Al"]), true);
        check(json!(["name", "!$", "ha"]), false);
    }

    #[test]
    fn a_missing_field_matches_nothing_and_null_is_no_member() {
        check(json!(["absent", "!=", 1]), false);
        check(json!(["none", "=", null]), true);
        check(json!(["none", "nin", ["x"]]), false);
    }

    #[test]
    fn a_star_tries_every_member() {
        check(json!(["vdevs.*.t", "=", "y"]), true);
        check(json!(["vdevs.0.t", "=", "y"]), false);
    }

    #[test]
    fn a_date_is_compared_with_an_iso_text() {
        check(json!(["at.$date", ">", "2026-11-01T00:00:00"]), true);
    }

    #[test]
    fn a_branch_of_or_may_be_a_conjunction() {
        check(
            json!([
                "OR",
                [["size", "=", 1], [["size", "=", 5], ["name", "^", "Al"]]]
            ]),
            true,
        );
    }
}
