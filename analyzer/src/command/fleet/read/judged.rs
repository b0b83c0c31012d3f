//! What the checks say of a domain, and of whom they say it.

use crate::analysis::Analysis;
use crate::assemble::{Rows, lowest};
use crate::checks::{Finding, State};
use crate::fleet::{Found, Judged, Place};
use crate::history::Estate;

/// Findings that nobody accepted, and results that could not be evaluated.
pub(super) fn judged(analysis: &Analysis) -> Judged {
    let estate = &analysis.estate;
    let found = analysis.open_findings().map(|finding| Found {
        place: place(estate, finding),
        severity: finding.effective_severity,
        grade: finding.grade,
    });
    let is_blind = |state: &State| matches!(state, State::NotEvaluated(_));
    let blind = analysis.results.iter();
    let blind = blind.filter(|result| is_blind(&result.state));
    Judged {
        findings: found.collect(),
        blind: blind.map(|result| scope(estate, &result.scope)).collect(),
        lowest: lowest(analysis).map(|(category, score)| (category.word(), score)),
    }
}

/// Whose a finding is: a check of the whole estate names its object in the evidence or as the subject.
fn place(estate: &Estate, finding: &Finding) -> Place {
    let evidence = |wanted: &str| {
        let cell = finding.evidence.iter().find(|(name, _)| name == wanted)?;
        cell.1.as_text()
    };
    let clusters = || {
        let rows = Rows::of(estate, "k8s_cluster");
        let row = rows.find(&[("name", finding.subject.as_str())])?;
        rows.text("cluster", row)
    };
    let own = [
        Some(finding.scope.as_str()).filter(|scope| !scope.is_empty()),
        evidence("cluster"),
        evidence("appliance"),
        Some(finding.subject.as_str()),
        clusters().filter(|_| finding.subject_table == "k8s_cluster"),
    ];
    let mut places = own.into_iter().flatten().map(|name| scope(estate, name));
    places
        .find(|place| *place != Place::Domain)
        .unwrap_or(Place::Domain)
}

fn scope(estate: &Estate, scope: &str) -> Place {
    let is_in = |names: &[String]| names.iter().any(|name| name == scope);
    match (is_in(&estate.clusters), is_in(&estate.appliances)) {
        (true, _) => Place::Cluster(scope.to_owned()),
        (_, true) => Place::Appliance(scope.to_owned()),
        _ => Place::Domain,
    }
}
