//! The little of PromQL that a query of one metric needs: `max by (a, b) (m{a!="",b=~"x.*"})`, `sum by (a) (increase(m[1d]))`.

use regex::Regex;

/// How the values of one group become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregation {
    Max,
    Sum,
}

/// One query.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) aggregation: Aggregation,
    pub(super) by: Vec<String>,
    pub(super) metric: String,
    pub(super) matchers: Vec<Matcher>,
}

/// A condition on one label.
#[derive(Debug)]
pub(super) struct Matcher {
    pub(super) label: String,
    pattern: Pattern,
    is_negated: bool,
}

#[derive(Debug)]
enum Pattern {
    Text(String),
    Regex(Regex),
}

impl Matcher {
    /// Whether the value fits; a label that is absent has the empty value.
    pub(super) fn holds(&self, value: &str) -> bool {
        let is_equal = match &self.pattern {
            Pattern::Text(text) => text == value,
            Pattern::Regex(regex) => regex.is_match(value),
        };
        is_equal != self.is_negated
    }
}

/// Reads a query; nothing when it is of another form.
pub(super) fn parse(text: &str) -> Option<Query> {
    let (aggregation, rest) = match text.strip_prefix("max by (") {
        Some(rest) => (Aggregation::Max, rest),
        None => (Aggregation::Sum, text.strip_prefix("sum by (")?),
    };
    let (by, rest) = rest.split_once(") (")?;
    let mut inner = rest.strip_suffix(')')?;
    if let Some(window) = inner.strip_prefix("increase(") {
        inner = window.strip_suffix("[1d])")?;
    }
    let (metric, selector) = inner.split_once('{').unwrap_or((inner, "}"));
    let matchers = matchers(selector)?;
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    is_name(metric).then(|| Query {
        aggregation,
        by: by.split(", ").map(str::to_owned).collect(),
        metric: metric.to_owned(),
        matchers,
    })
}

/// Reads matchers up to the closing brace, which ends the text.
fn matchers(mut text: &str) -> Option<Vec<Matcher>> {
    let mut matchers = Vec::new();
    while text != "}" {
        let end = text.find(['=', '!'])?;
        let (label, rest) = text.split_at(end);
        let (operator, rest) = rest.split_at_checked(rest.find('"')?)?;
        let (value, rest) = quoted(rest)?;
        matchers.push(matcher(label, operator, value)?);
        text = rest.strip_prefix(',').unwrap_or(rest);
    }
    Some(matchers)
}

fn matcher(label: &str, operator: &str, value: String) -> Option<Matcher> {
    let regex = |value: &str| {
        Regex::new(&format!("^(?s:{value})$"))
            .ok()
            .map(Pattern::Regex)
    };
    let (pattern, is_negated) = match operator {
        "=" => (Pattern::Text(value), false),
        "!=" => (Pattern::Text(value), true),
        "=~" => (regex(&value)?, false),
        "!~" => (regex(&value)?, true),
        _ => return None,
    };
    Some(Matcher {
        label: label.to_owned(),
        pattern,
        is_negated,
    })
}

/// A text in quotes and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Some((value, &inner[index + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selector_of_a_growth_is_read_with_every_operator() {
        let text = r#"sum by (le, a) (increase(m_bucket{a=~"kubernetes.io/csi.*",b="x",c!="",d!~".*[0-9].{1}"}[1d]))"#;
        let query = parse(text).unwrap();
        assert_eq!(
            (query.aggregation, query.metric.as_str()),
            (Aggregation::Sum, "m_bucket")
        );
        assert_eq!(query.by, ["le", "a"]);
        let [a, b, c, d] = query.matchers.as_slice() else {
            panic!("{:?}", query.matchers);
        };
        assert!(a.holds("kubernetes.io/csi:x") && !a.holds("a kubernetes.io/csi"));
        assert!(b.holds("x") && !b.holds("xx"));
        assert!(c.holds("y") && !c.holds(""));
        assert!(d.holds("a-b") && d.holds("1") && !d.holds("a1b"));
    }

    #[test]
    fn what_is_no_such_query_is_refused() {
        for text in [
            "up",
            "max by (a) (m{a=\"b\")",
            "max by (a) (m{a=\"b})",
            "min by (a) (m)",
            "max by (a) (m{a~\"b\"})",
            "max by (a) (m{a=~\"(\"})",
            "max by (a) (m or n)",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse("max by (a) (m)").is_some());
    }
}
