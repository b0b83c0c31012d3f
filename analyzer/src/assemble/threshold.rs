//! Thresholds as numbers with their authority.

use super::Context;
use crate::checks::{Finding, Page, Place};
use crate::query::ParamValue;
use crate::report::model::{Authority, Name, Parameter, Threshold};
use crate::report::number::{Number, Round, Unit};

/// The threshold that a finding crossed: the one that its evidence names, or the first of the page.
pub(super) fn of_finding(
    context: &Context<'_>,
    page: &Page,
    finding: &Finding,
) -> Option<Threshold> {
    let is_named = |name: &str| finding.evidence.iter().any(|(column, _)| column == name);
    let named = page.thresholds.iter().find(|(name, _)| is_named(name));
    let (name, threshold) = named.or_else(|| page.thresholds.first_key_value())?;
    let analysis = context.analysis;
    let values = analysis
        .places
        .values(finding, &analysis.thresholds, &analysis.placed);
    let value = values.get(name).unwrap_or(&threshold.default);
    Some(Threshold {
        parameter: format!("{}.{name}", page.id),
        value: number(value, &threshold.unit),
        is_default: *value == threshold.default,
        authority: authority(&threshold.authority),
    })
}

/// All effective parameters: those of every object, and those of one pool or class.
pub(super) fn parameters(context: &Context<'_>) -> Vec<Parameter> {
    let analysis = context.analysis;
    let everywhere = (None, &analysis.thresholds);
    let placed = analysis.placed.iter().map(|(place, overrides)| {
        let name = match place {
            Place::Pool(pool) => Name::new("pool", pool),
            Place::Class(class) => Name::new("storage-class", class),
        };
        (Some(name), overrides)
    });
    let mut parameters = Vec::new();
    for (scope, overrides) in std::iter::once(everywhere).chain(placed) {
        for page in analysis.checks.iter().map(|check| &check.page) {
            for (name, threshold) in &page.thresholds {
                let set = overrides.get(&page.id).and_then(|values| values.get(name));
                if scope.is_some() && set.is_none() {
                    continue;
                }
                parameters.push(Parameter {
                    name: format!("{}.{name}", page.id),
                    scope: scope.clone(),
                    value: exact(set.unwrap_or(&threshold.default), &threshold.unit),
                    default: exact(&threshold.default, &threshold.unit),
                    authority: authority(&threshold.authority),
                });
            }
        }
    }
    parameters
}

/// A value with its unit, exact: two values that differ never read the same.
fn exact(value: &ParamValue, unit: &str) -> String {
    match value {
        ParamValue::Integer(integer) => format!("{integer} {unit}"),
        ParamValue::Float(float) => format!("{float} {unit}"),
        ParamValue::Text(text) => format!("{text} ({unit})"),
        ParamValue::Bool(truth) => format!("{truth} ({unit})"),
    }
}

fn number(value: &ParamValue, unit: &str) -> Number {
    let ParamValue::Integer(integer) = value else {
        return Number::not_known(Unit::Count, &exact(value, unit));
    };
    match unit {
        "bytes" | "byte" | "B" => Number::bytes(*integer, Round::Up),
        "s" | "second" | "seconds" => Number::duration(*integer, Round::Up),
        "d" | "day" | "days" => Number::days(integer.saturating_mul(86_400), Round::Up),
        "h" | "hour" | "hours" => Number::duration(integer.saturating_mul(3_600), Round::Up),
        "%" | "percent" => Number::per_mille(integer.saturating_mul(10)),
        _ => Number::count(*integer).worded(|text| format!("{text} {unit}")),
    }
}

fn authority(text: &str) -> Authority {
    let is_url = |word: &&str| word.starts_with("https://");
    let url = text
        .split_whitespace()
        .find(is_url)
        .map(|word| word.trim_matches(['.', ',', ')', '>']).to_owned());
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !is_url(word))
        .collect();
    let words = if words.is_empty() {
        text.to_owned()
    } else {
        words.join(" ")
    };
    Authority { text: words, url }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_an_authority_becomes_a_link() {
        let authority = authority("OpenZFS manual https://openzfs.github.io/x.");
        assert_eq!(authority.text, "OpenZFS manual");
        assert_eq!(
            authority.url.as_deref(),
            Some("https://openzfs.github.io/x")
        );
    }

    #[test]
    fn thresholds_are_worded_by_their_unit() {
        assert_eq!(
            number(&ParamValue::Integer(80), "percent").text,
            "80.0\u{202F}%"
        );
        assert_eq!(number(&ParamValue::Integer(3), "bundles").text, "3 bundles");
        assert_eq!(
            number(&ParamValue::Text("daily".into()), "schedule").raw,
            None
        );
    }
}
