//! Results by area and by scope.

use std::collections::BTreeMap;

use super::{Context, is_evaluated, lists};
use crate::checks::{CheckResult, Scope, State};
use crate::report::model::{AreaScore, CheckOutcome, CheckRow, CheckState, Coverage};

/// `ORP` of `ORP-001`.
pub(super) fn area_of(check: &str) -> &str {
    check.split('-').next().unwrap_or(check)
}

pub(super) fn areas(results: &[CheckResult]) -> Vec<AreaScore> {
    let mut areas: BTreeMap<&str, AreaScore> = BTreeMap::new();
    for result in results {
        let area = area_of(&result.check_id);
        let score = areas.entry(area).or_insert_with(|| AreaScore {
            area: area.to_owned(),
            title: title(area).to_owned(),
            ..AreaScore::default()
        });
        score.n_evaluated += i64::from(is_evaluated(result));
        match &result.state {
            State::Fail => score.n_fail += 1,
            State::Pass => score.n_pass += 1,
            State::NotApplicable(_) => score.n_not_applicable += 1,
            State::NotEvaluated(_) => score.n_not_evaluated += 1,
        }
    }
    areas.into_values().collect()
}

pub(super) fn title(area: &str) -> &str {
    match area {
        "ORP" => "Orphans",
        "SNP" => "Snapshots",
        "CFG" => "Configuration",
        "CAP" => "Capacity",
        "PRF" => "Performance",
        "BPR" => "Best practice",
        "HAV" => "High availability",
        "RES" => "Resources of the driver",
        "RST" => "Restorability",
        "SCH" => "Snapshot schedules",
        other => other,
    }
}

/// The matrix check by scope; a check of the whole estate has one result, shown in every column.
pub(super) fn coverage(context: &Context<'_>) -> Coverage {
    let estate = &context.analysis.estate;
    let scopes: Vec<&String> = estate.clusters.iter().chain(&estate.appliances).collect();
    let results: BTreeMap<(&str, &str), &CheckResult> = context
        .analysis
        .results
        .iter()
        .map(|result| ((result.check_id.as_str(), result.scope.as_str()), result))
        .collect();
    let row = |check: &crate::checks::Check| CheckRow {
        check: check.page.id.clone(),
        title: check.page.title.clone(),
        outcomes: scopes
            .iter()
            .map(|scope| {
                let is_whole = check.page.scope == Scope::Estate;
                let key = if is_whole { "" } else { scope.as_str() };
                outcome(
                    results.get(&(check.page.id.as_str(), key)).copied(),
                    is_whole,
                )
            })
            .collect(),
    };
    Coverage {
        scopes: scopes
            .iter()
            .map(|scope| context.names.scope(scope))
            .collect(),
        rows: context.analysis.checks.iter().map(row).collect(),
    }
}

fn outcome(result: Option<&CheckResult>, is_whole: bool) -> CheckOutcome {
    let Some(result) = result else {
        return CheckOutcome {
            state: CheckState::NotApplicable,
            reason: Some("judges the other side".to_owned()),
        };
    };
    let state = match result.state {
        State::Fail => CheckState::Fail,
        State::Pass => CheckState::Pass,
        State::NotApplicable(_) => CheckState::NotApplicable,
        State::NotEvaluated(_) => CheckState::NotEvaluated,
    };
    let reason =
        lists::reason(result).or_else(|| is_whole.then(|| "over the whole estate".to_owned()));
    CheckOutcome { state, reason }
}
