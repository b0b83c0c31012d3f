//! Findings that came and went, and those that are surer or worse than they were.

use crate::analysis::Analysis;
use crate::history::{Moment, Trace};
use crate::lifecycle::{Lifecycle, Standing, resolution};
use crate::report::model::Resolution;

/// One finding of either estate that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingDiff {
    /// Its fingerprint.
    pub fingerprint: String,
    /// What it is about, as it is now or was last.
    pub trace: Trace,
    /// What happened.
    pub change: FindingChange,
}

/// What happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingChange {
    /// It was not there.
    New,
    /// Grade or severity was another one: as it was.
    Judged(Trace),
    /// It is gone, and why.
    Gone(Resolution),
}

impl FindingChange {
    /// The words that readers see.
    pub fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Judged(_) => "judged otherwise",
            Self::Gone(reason) => reason.word(),
        }
    }
}

/// Differences between two analyses: new ones, those judged otherwise, those that are gone.
pub fn findings(before: &Analysis, after: &Analysis) -> Vec<FindingDiff> {
    let moments = [
        Moment::of(before, String::new()),
        Moment::of(after, String::new()),
    ];
    let lifecycle = Lifecycle::of(&moments);
    let [old, new] = &moments;
    let mut differences = Vec::new();
    for (fingerprint, trace) in &new.traces {
        let is_new = lifecycle
            .lives
            .get(fingerprint)
            .is_some_and(|life| life.standing == Standing::New);
        let change = match old.traces.get(fingerprint) {
            _ if is_new => FindingChange::New,
            Some(was) if was != trace => FindingChange::Judged(was.clone()),
            _ => continue,
        };
        differences.push(FindingDiff {
            fingerprint: fingerprint.clone(),
            trace: trace.clone(),
            change,
        });
    }
    let order = |finding: &FindingDiff| {
        (
            crate::checks::Severity::parse(&finding.trace.severity),
            finding.trace.check.clone(),
            finding.fingerprint.clone(),
        )
    };
    differences.sort_by_key(order);
    let gone = lifecycle.gone.into_iter().map(|gone| FindingDiff {
        change: FindingChange::Gone(resolution(after, Some(before), &gone.trace)),
        fingerprint: gone.fingerprint,
        trace: gone.trace,
    });
    differences.extend(gone);
    differences
}
