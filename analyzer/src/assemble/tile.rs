//! The five categories at a glance.

use super::scorecard::area_of;
use super::{Context, is_evaluated, n, severity};
use crate::analysis::Analysis;
use crate::checks::{self, CheckResult, State};
use crate::report::model::{Category, Prose, Tile, TileState};
use crate::report::number::Number;

/// The category that an area counts in.
fn category(area: &str) -> Option<Category> {
    Some(match area {
        "ORP" => Category::Hygiene,
        "SNP" | "RST" | "SCH" => Category::Protection,
        "CAP" => Category::Capacity,
        "CFG" | "BPR" | "HAV" | "RES" => Category::Configuration,
        "PRF" => Category::Performance,
        _ => return None,
    })
}

pub(super) fn tiles(context: &Context<'_>) -> Vec<Tile> {
    Category::ALL
        .map(|category| tile(context, category))
        .to_vec()
}

/// The category with the lowest score, and the score; nothing when no check could be judged. Of equal ones the first.
pub(crate) fn lowest(analysis: &Analysis) -> Option<(Category, i64)> {
    let scores = Category::ALL.into_iter().filter_map(|of| {
        let results = results(analysis, of);
        let is_judged = results.iter().any(|result| is_evaluated(result));
        is_judged.then(|| (of, score(analysis, &results)))
    });
    scores.min_by_key(|(_, score)| *score)
}

fn tile(context: &Context<'_>, of: Category) -> Tile {
    let results = results(context.analysis, of);
    let count = |wanted: fn(&CheckResult) -> bool| {
        n(results.iter().filter(|result| wanted(result)).count())
    };
    let n_evaluated = count(is_evaluated);
    let n_blind = count(|result| matches!(result.state, State::NotEvaluated(_)));
    if results.is_empty() {
        return Tile::without_checks(of);
    }
    if n_evaluated == 0 {
        return Tile {
            worst: Prose::words("No check of this category could be judged; this is not a pass."),
            coverage: Number::part(0, n_blind).worded(|text| format!("{text} evaluated")),
            ..Tile::without_checks(of)
        };
    }
    let is_ours = |finding: &&checks::Finding| category(area_of(&finding.check_id)) == Some(of);
    let worst = context.ranked().into_iter().find(is_ours);
    let score = score(context.analysis, &results);
    Tile {
        category: of,
        state: TileState::of(worst.map(|finding| severity(finding.effective_severity))),
        score: Some(Number::points(score)),
        change: change(context, of, score),
        worst: match worst {
            None => Prose::new().number(Number::found(0, n_evaluated)),
            Some(finding) => {
                let title = context
                    .analysis
                    .page(&finding.check_id)
                    .map_or("", |page| page.title.as_str());
                let name = context
                    .names
                    .subject(&finding.subject_table, &finding.subject);
                Prose::words(title).text(": ").name(&name)
            }
        },
        coverage: Number::part(n_evaluated, n_evaluated + n_blind),
    }
}

fn results(analysis: &Analysis, of: Category) -> Vec<&CheckResult> {
    analysis
        .results
        .iter()
        .filter(|result| category(area_of(&result.check_id)) == Some(of))
        .collect()
}

/// 100 less the weight of the worst open finding of each failed check and scope, never below zero.
fn score(analysis: &Analysis, results: &[&CheckResult]) -> i64 {
    let worst = results.iter().filter_map(|result| {
        result
            .findings
            .iter()
            .filter(|finding| analysis.is_open(finding))
            .map(|finding| finding.effective_severity)
            .min()
    });
    (100 - worst.map(weight).sum::<i64>()).max(0)
}

fn weight(severity: checks::Severity) -> i64 {
    match severity {
        checks::Severity::Critical => 40,
        checks::Severity::High => 20,
        checks::Severity::Medium => 8,
        checks::Severity::Low => 2,
        checks::Severity::Info => 0,
    }
}

fn change(context: &Context<'_>, of: Category, score_now: i64) -> Option<Number> {
    let before = context.options.previous?;
    let previous = results(before, of);
    if !previous.iter().any(|result| is_evaluated(result)) {
        return None;
    }
    let difference = score_now - score(before, &previous);
    Some(Number::points(difference).worded(|text| match difference {
        0 => "unchanged".to_owned(),
        1.. => format!("+{text} since last report"),
        _ => format!("{text} since last report"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::scorecard::title;

    #[test]
    fn every_area_of_the_built_in_checks_has_a_category_and_a_title() {
        for check in checks::built_in().unwrap() {
            let area = area_of(&check.page.id);
            assert!(category(area).is_some(), "{area}");
            assert_ne!(title(area), area);
        }
        assert_eq!(category("XYZ"), None);
    }
}
