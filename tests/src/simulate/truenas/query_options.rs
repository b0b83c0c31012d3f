//! Query-options and the two arguments of a filterable method, with the complaints of the server's models.

use serde_json::{Map, Value};

use super::failure::{Complaint, EINVAL, Failure};
use super::filter::{self, Condition};
use super::release::Release;

/// What a filterable method was asked.
#[derive(Debug)]
pub(super) struct Query {
    /// The filters as sent.
    pub(super) filters: Vec<Value>,
    /// The filters, parsed.
    pub(super) conditions: Vec<Condition>,
    /// The options.
    pub(super) options: QueryOptions,
}

/// Query-options.
#[derive(Debug, Default)]
pub(super) struct QueryOptions {
    /// Options of the method itself.
    pub(super) extra: Map<String, Value>,
    /// Fields to sort by, the last one decides first.
    pub(super) order_by: Vec<String>,
    /// Fields to keep.
    pub(super) select: Vec<Select>,
    /// Answer the number of rows.
    pub(super) count: bool,
    /// Answer the first row.
    pub(super) get: bool,
    /// Rows to leave out.
    pub(super) offset: i64,
    /// Rows to keep; 0 is all.
    pub(super) limit: i64,
}

/// One selected field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Select {
    /// Dotted path.
    pub(super) path: String,
    /// New name, when the selector has the form `[path, name]`.
    pub(super) alias: Option<String>,
}

impl Query {
    /// Reads the two arguments.
    pub(super) fn parse(params: &[Value], release: &Release) -> Result<Self, Failure> {
        expect_at_most(params, 2)?;
        let mut complaints = Vec::new();
        let filters = match params.first() {
            None => Vec::new(),
            Some(Value::Array(filters)) => filters.clone(),
            Some(_) => {
                complain(&mut complaints, "filters", "Input should be a valid list");
                Vec::new()
            }
        };
        let conditions = filter::parse(&filters, 0).unwrap_or_else(|text| {
            complain(&mut complaints, "filters", &format!("Value error, {text}"));
            Vec::new()
        });
        let options = match params.get(1) {
            None => QueryOptions::default(),
            Some(Value::Object(fields)) => QueryOptions::parse(fields, release, &mut complaints),
            Some(_) => {
                complain(
                    &mut complaints,
                    "options",
                    "Input should be a valid dictionary or instance of QueryOptions",
                );
                QueryOptions::default()
            }
        };
        if complaints.is_empty() {
            Ok(Self {
                filters,
                conditions,
                options,
            })
        } else {
            Err(Failure::invalid(complaints))
        }
    }

    /// The names of a lone filter `[FIELD, =|in, …]` on one of the given fields.
    pub(super) fn lone_names(&self, fields: &[&str]) -> Option<Vec<String>> {
        use super::filter::Operator;

        let [Condition::Match(condition)] = self.conditions.as_slice() else {
            return None;
        };
        if !fields.contains(&condition.path.as_str()) {
            return None;
        }
        match (condition.operator, &condition.value) {
            (Operator::Equal, Value::String(name)) => Some(vec![name.clone()]),
            (Operator::In, Value::Array(names)) => Some(
                names
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            ),
            _ => None,
        }
    }

    /// True when every filter reads one of the given fields only.
    pub(super) fn reads_only(&self, fields: &[&str]) -> bool {
        filter::paths(&self.conditions)
            .iter()
            .all(|path| fields.contains(path))
    }

    /// True when nothing but these fields is filtered by, sorted by or shown.
    pub(super) fn shows_only(&self, fields: &[&str]) -> bool {
        let QueryOptions {
            select, order_by, ..
        } = &self.options;
        let is_known = |field: &str| fields.contains(&field);
        !select.is_empty()
            && select.iter().all(|select| is_known(&select.path))
            && order_by.iter().all(|field| is_known(field))
            && self.reads_only(fields)
    }

    /// True when the answer needs a top-level field.
    pub(super) fn needs(&self, field: &str) -> bool {
        let is_below = |path: &str| {
            path == field
                || path
                    .strip_prefix(field)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        let select = &self.options.select;
        select.is_empty()
            || select.iter().any(|select| is_below(&select.path))
            || filter::paths(&self.conditions).into_iter().any(is_below)
    }
}

impl QueryOptions {
    fn parse(
        fields: &Map<String, Value>,
        release: &Release,
        complaints: &mut Vec<Complaint>,
    ) -> Self {
        let mut options = Self::default();
        for (name, value) in fields {
            let mut wrong = |kind: &str| {
                complain(
                    complaints,
                    &format!("options.{name}"),
                    &format!("Input should be a valid {kind}"),
                )
            };
            match (name.as_str(), value) {
                ("extra", Value::Object(extra)) => options.extra = extra.clone(),
                ("extra", _) => wrong("dictionary"),
                ("order_by", Value::Array(fields)) if fields.iter().all(Value::is_string) => {
                    options.order_by = fields
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect();
                }
                ("order_by" | "select", value) if !value.is_array() => wrong("list"),
                ("order_by", _) => wrong("string"),
                ("select", value) => {
                    options.select = value
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Select::parse)
                        .collect()
                }
                ("count", Value::Bool(flag)) => options.count = *flag,
                ("get", Value::Bool(flag)) => options.get = *flag,
                ("count" | "get", _) => wrong("boolean"),
                ("offset" | "limit", value) => match (value.as_i64(), name.as_str()) {
                    (None, _) => wrong("integer"),
                    (Some(number), "offset") => options.offset = number,
                    (Some(number), _) => options.limit = number,
                },
                ("force_sql_filters", _) => {}
                ("relationships" | "extend" | "extend_context" | "prefix", _)
                    if release.max_limit.is_none() => {}
                _ => complain(
                    complaints,
                    &format!("options.{name}"),
                    "Extra inputs are not permitted",
                ),
            }
        }
        for select in fields
            .get("select")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if Select::parse(select).is_none() {
                let text = format!(
                    "Value error, {select}: A select as list may only contain two parameters: the name of the \
                                    parameter being selected, and the name to which to assign it in resulting data."
                );
                complain(complaints, "options", &text);
            }
        }
        if options.get && (options.limit > 1 || options.offset != 0) {
            complain(
                complaints,
                "options",
                "Value error, Invalid options combination. `get` implies a single result.",
            );
        }
        if let Some(max) = release.max_limit.filter(|max| options.limit > *max) {
            complain(
                complaints,
                "options",
                &format!("Value error, Options limit must be between 1 and {max}"),
            );
        }
        options
    }

    /// An integer of `extra`, 0 when absent.
    pub(super) fn extra_u64(&self, name: &str) -> u64 {
        self.extra
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    /// A flag of `extra`.
    pub(super) fn extra_flag(&self, name: &str, default: bool) -> bool {
        self.extra
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(default)
    }

    /// A list of names in `extra`; `None` when absent or null.
    pub(super) fn extra_names(&self, name: &str) -> Option<Vec<String>> {
        let names = self.extra.get(name)?.as_array()?;
        Some(
            names
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        )
    }
}

impl Select {
    fn parse(value: &Value) -> Option<Self> {
        match value {
            Value::String(path) => Some(Self {
                path: path.clone(),
                alias: None,
            }),
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(path), Value::String(alias)] => Some(Self {
                    path: path.clone(),
                    alias: Some(alias.clone()),
                }),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Refuses more arguments than a method takes.
pub(super) fn expect_at_most(params: &[Value], expected: usize) -> Result<(), Failure> {
    if params.len() <= expected {
        return Ok(());
    }
    let text = format!(
        "Too many arguments (expected {expected}, found {})",
        params.len()
    );
    Err(Failure::invalid_argument("", text))
}

fn complain(complaints: &mut Vec<Complaint>, attribute: &str, text: &str) {
    complaints.push((attribute.to_owned(), text.to_owned(), EINVAL));
}
