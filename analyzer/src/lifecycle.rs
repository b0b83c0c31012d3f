//! Findings over time: what is new, what came back, how long each has been there, and why the others are gone.
//!
//! A moment in which a check could not judge a scope is no gap: that something was away is only known when somebody
//! looked. The look-back is bounded; what is older than it reads "at least".

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::analysis::{Analysis, AnalysisError};
use crate::assemble::holds;
use crate::checks::{Check, CheckResult, Finding, State, Threshold, ruleset_sha256};
use crate::history::{Estate, History, Moment, Trace};
use crate::report::model::Resolution;
use crate::settings::Settings;

/// Moments looked back at, the present one included, unless more are asked for: each costs a run of the checks once.
pub const LOOK_BACK: usize = 2;
/// Moments remembered: those of a look at an earlier time stay beside those of the newest.
const MAX_KEPT: usize = 400;

/// Where a finding stands at the newest moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody saw it before.
    New,
    /// It was seen, then looked for and not found, and is back.
    Regressed,
    /// It was there when the check last judged its scope.
    Persisting,
}

impl Standing {
    /// The word that readers see.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Regressed => "back again",
            Self::Persisting => "persisting",
        }
    }
}

/// The life of one finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Where it stands now.
    pub standing: Standing,
    /// The oldest moment of the look-back that showed it.
    pub first_seen: i64,
    /// Since when it has been there without a gap.
    pub since: i64,
    /// Whether somebody looked before `since` and did not find it; otherwise it may be older.
    pub is_exact: bool,
}

/// A finding that was there when its check last judged its scope, and is not now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its fingerprint.
    pub fingerprint: String,
    /// What is remembered of it.
    pub trace: Trace,
    /// The oldest moment of the look-back that showed it.
    pub first_seen: i64,
    /// The newest that did.
    pub last_seen: i64,
}

/// The findings of the newest moment against those before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// By fingerprint.
    pub lives: BTreeMap<String, Life>,
    /// Sorted by fingerprint.
    pub gone: Vec<Gone>,
    /// Moments looked at, the newest included.
    pub n_moments: usize,
}

impl Lifecycle {
    /// Compares the last of the moments, which are sorted by time, with those before it.
    pub fn of(moments: &[Moment]) -> Self {
        let Some((now, before)) = moments.split_last() else {
            return Self::default();
        };
        let lives = now.traces.iter().map(|(fingerprint, trace)| {
            (
                fingerprint.clone(),
                life(now.at, before, fingerprint, trace),
            )
        });
        Self {
            lives: lives.collect(),
            gone: gone(now, before),
            n_moments: moments.len(),
        }
    }

    /// The moment of an analysis and those before it, computed where the history does not remember them; what was computed
    /// is remembered. At most `n_moments` are looked at, the present one included; `previous` is an analysis that was made
    /// already.
    ///
    /// # Errors
    /// A moment cannot be computed; a defect.
    pub fn look_back(
        history: &History,
        analysis: &Analysis,
        previous: Option<&Analysis>,
        settings: &Settings,
        n_moments: usize,
    ) -> Result<Self, AnalysisError> {
        let known = previous.as_slice();
        let moments = moments(history, analysis, known, settings, n_moments)?;
        Ok(Self::of(&moments))
    }
}

impl Moment {
    /// What an analysis says, in short.
    pub fn of(analysis: &Analysis, key: String) -> Self {
        let judged = |result: &CheckResult| {
            let key = (result.check_id.clone(), result.scope.clone());
            (key, matches!(result.state, State::Pass | State::Fail))
        };
        Self {
            key,
            at: analysis.estate.now,
            is_judged: analysis.results.iter().map(judged).collect(),
            traces: analysis
                .findings()
                .map(|finding| (finding.fingerprint.clone(), Trace::of(finding)))
                .collect(),
        }
    }

    /// Whether the check of a finding judged its scope.
    fn has_judged(&self, trace: &Trace) -> bool {
        let key = (trace.check.clone(), trace.scope.clone());
        self.is_judged.get(&key).copied().unwrap_or(false)
    }
}

impl Trace {
    /// What is remembered of a finding.
    pub fn of(finding: &Finding) -> Self {
        Self {
            check: finding.check_id.clone(),
            scope: finding.scope.clone(),
            subject_table: finding.subject_table.clone(),
            subject: finding.subject.clone(),
            grade: finding.grade.word().to_owned(),
            severity: finding.effective_severity.word().to_owned(),
        }
    }
}

fn moments(
    history: &History,
    analysis: &Analysis,
    known: &[&Analysis],
    settings: &Settings,
    n_moments: usize,
) -> Result<Vec<Moment>, AnalysisError> {
    let domain = &analysis.estate.domain;
    let keys = keys(&history.bundles_of(domain), &analysis.checks, settings);
    let until = keys.partition_point(|(at, _)| *at <= analysis.estate.now);
    let wanted = &keys[until.saturating_sub(n_moments.max(1))..until];
    let mut held: BTreeMap<String, Moment> = history
        .moments(domain)
        .into_iter()
        .map(|moment| (moment.key.clone(), moment))
        .collect();
    let missing: Vec<&(i64, String)> = wanted
        .iter()
        .filter(|(at, key)| *at != analysis.estate.now && !held.contains_key(key))
        .collect();
    let is_known = |at: i64| known.iter().find(|known| known.estate.now == at);
    let (made, missing): (Vec<_>, Vec<_>) = missing
        .into_iter()
        .partition(|(at, _)| is_known(*at).is_some());
    let mut computed = computed(history, analysis, settings, &missing)?;
    let made = made
        .into_iter()
        .filter_map(|(at, key)| Some(Moment::of(is_known(*at)?, key.clone())));
    computed.extend(made);
    if let Some((_, key)) = wanted.last() {
        computed.push(Moment::of(analysis, key.clone()));
    }
    let is_new = computed
        .iter()
        .any(|moment| !held.contains_key(&moment.key));
    held.extend(
        computed
            .into_iter()
            .map(|moment| (moment.key.clone(), moment)),
    );
    let moments: Vec<Moment> = wanted
        .iter()
        .filter_map(|(_, key)| held.get(key).cloned())
        .collect();
    if is_new {
        let valid: BTreeSet<&String> = keys.iter().map(|(_, key)| key).collect();
        held.retain(|key, _| valid.contains(key));
        let mut kept: Vec<Moment> = held.into_values().collect();
        kept.sort_by_key(|moment| moment.at);
        let oldest = kept.len().saturating_sub(MAX_KEPT);
        // A history that cannot be written still gives the report.
        if let Err(error) = history.keep_moments(domain, &kept[oldest..]) {
            tracing::debug!(error = %error, "findings are not remembered");
        }
    }
    Ok(moments)
}

/// The checks at earlier moments, on as many threads as there are cores.
fn computed(
    history: &History,
    analysis: &Analysis,
    settings: &Settings,
    missing: &[&(i64, String)],
) -> Result<Vec<Moment>, AnalysisError> {
    let (domain, checks) = (&analysis.estate.domain, &analysis.checks);
    let one = |(at, key): &(i64, String)| -> Result<Moment, AnalysisError> {
        let estate = Estate::at(history, domain, Some(*at)).map_err(AnalysisError::Estate)?;
        let earlier = Analysis::set(estate, checks.clone(), settings)?;
        Ok(Moment::of(&earlier, key.clone()))
    };
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    let n_each = missing.len().div_ceil(n_threads).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = missing
            .chunks(n_each)
            .map(|chunk| {
                let one = &one;
                scope.spawn(move || chunk.iter().copied().map(one).collect::<Vec<_>>())
            })
            .collect();
        let results = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(results) => results,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.collect()
    })
}

/// End and key of every moment of a domain: the key covers the checks, the settings and every bundle up to the moment,
/// so that a late bundle changes the keys of what comes after it.
fn keys(bundles: &[(i64, String)], checks: &[Check], settings: &Settings) -> Vec<(i64, String)> {
    let start = format!(
        "{}|{}|{}",
        env!("CARGO_PKG_VERSION"),
        ruleset_sha256(checks),
        settings.sha256()
    );
    let mut digest = Sha256::digest(start);
    let mut keys: Vec<(i64, String)> = Vec::new();
    for (at, sha256) in bundles {
        let mut next = Sha256::new();
        next.update(digest);
        next.update(sha256);
        digest = next.finalize();
        let key = data_encoding::HEXLOWER.encode(&digest);
        match keys.last_mut() {
            Some((last, held)) if last == at => *held = key,
            _ => keys.push((*at, key)),
        }
    }
    keys
}

fn life(now: i64, before: &[Moment], fingerprint: &str, trace: &Trace) -> Life {
    let mut life = Life {
        standing: Standing::New,
        first_seen: now,
        since: now,
        is_exact: false,
    };
    let mut is_first = true;
    let judged = before
        .iter()
        .rev()
        .filter(|moment| moment.has_judged(trace));
    for moment in judged {
        let is_there = moment.traces.contains_key(fingerprint);
        match (is_there, life.is_exact) {
            (true, false) => life.since = moment.at,
            (true, true) if life.standing == Standing::New => life.standing = Standing::Regressed,
            (false, _) => life.is_exact = true,
            (true, true) => {}
        }
        if is_there {
            life.first_seen = moment.at;
        }
        if is_there && is_first {
            life.standing = Standing::Persisting;
        }
        is_first = false;
    }
    life
}

fn gone(now: &Moment, before: &[Moment]) -> Vec<Gone> {
    let mut gone = BTreeMap::new();
    let mut looked: BTreeSet<&(String, String)> = BTreeSet::new();
    for moment in before.iter().rev() {
        let newly: BTreeSet<&(String, String)> = moment
            .is_judged
            .iter()
            .filter(|(key, is_judged)| **is_judged && !looked.contains(key))
            .map(|(key, _)| key)
            .collect();
        for (fingerprint, trace) in &moment.traces {
            let key = (trace.check.clone(), trace.scope.clone());
            if !newly.contains(&key) || now.traces.contains_key(fingerprint) {
                continue;
            }
            let seen = before
                .iter()
                .filter(|moment| moment.traces.contains_key(fingerprint));
            let first_seen = seen.map(|moment| moment.at).min().unwrap_or(moment.at);
            gone.entry(fingerprint.clone()).or_insert_with(|| Gone {
                fingerprint: fingerprint.clone(),
                trace: trace.clone(),
                first_seen,
                last_seen: moment.at,
            });
        }
        looked.extend(newly);
    }
    gone.into_values().collect()
}

/// Why a finding of an earlier analysis is not there any more.
pub fn resolution(now: &Analysis, earlier: Option<&Analysis>, trace: &Trace) -> Resolution {
    fn text_of<'a>(
        analysis: &'a Analysis,
        id: &str,
    ) -> Option<(&'a str, &'a BTreeMap<String, Threshold>)> {
        let mut checks = analysis.checks.iter();
        let check = checks.find(|check| check.page.id == id)?;
        Some((&check.sql, &check.page.thresholds))
    }
    let text_now = text_of(now, &trace.check);
    if text_now.is_none() {
        return Resolution::CheckChanged;
    }
    let same =
        |result: &&CheckResult| result.check_id == trace.check && result.scope == trace.scope;
    match now.results.iter().find(same).map(|result| &result.state) {
        None | Some(State::NotEvaluated(_)) => return Resolution::NotCollected,
        Some(State::NotApplicable(reason)) if reason.starts_with("not ") => {
            return Resolution::NotCollected;
        }
        _ => {}
    }
    let has_changed = |earlier: &Analysis| {
        text_now != text_of(earlier, &trace.check)
            || now.thresholds.get(&trace.check) != earlier.thresholds.get(&trace.check)
    };
    if earlier.is_some_and(has_changed) {
        return Resolution::CheckChanged;
    }
    if !is_read(now, trace) {
        return Resolution::NotCollected;
    }
    match holds(
        &now.estate,
        &trace.subject_table,
        &trace.scope,
        &trace.subject,
    ) {
        Some(false) => Resolution::ObjectRemoved,
        _ => Resolution::Fixed,
    }
}

/// Whether the list that holds the subject was read to its end, wherever the subject may be.
fn is_read(now: &Analysis, trace: &Trace) -> bool {
    let outcomes = &now.estate.outcomes;
    let of_table = |key: &&(String, String)| key.0 == trace.subject_table;
    let has_scope = outcomes
        .keys()
        .filter(of_table)
        .any(|key| key.1 == trace.scope);
    let mut lists = outcomes
        .iter()
        .filter(|(key, _)| of_table(key) && (!has_scope || key.1 == trace.scope));
    lists.all(|(_, outcome)| matches!(outcome.as_str(), "ok" | "empty" | "unsupported"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One moment a letter: `x` found, `-` looked for and not found, `?` not judged.
    fn moments(story: &str) -> Vec<Moment> {
        let trace = Trace {
            check: "ORP-001".to_owned(),
            scope: "nas".to_owned(),
            subject_table: "zfs_dataset".to_owned(),
            subject: "p/a".to_owned(),
            grade: "confirmed".to_owned(),
            severity: "high".to_owned(),
        };
        let at = |(index, letter): (usize, char)| Moment {
            key: String::new(),
            at: i64::try_from(index).unwrap(),
            is_judged: BTreeMap::from([(("ORP-001".to_owned(), "nas".to_owned()), letter != '?')]),
            traces: (letter == 'x')
                .then(|| ("f".to_owned(), trace.clone()))
                .into_iter()
                .collect(),
        };
        story.chars().enumerate().map(at).collect()
    }

    #[track_caller]
    fn lives(story: &str, standing: Standing, first_seen: i64, since: i64, is_exact: bool) {
        let lifecycle = Lifecycle::of(&moments(story));
        let expect = Life {
            standing,
            first_seen,
            since,
            is_exact,
        };
        assert_eq!(lifecycle.lives["f"], expect, "{story}");
        assert_eq!(lifecycle.gone, [], "{story}");
    }

    #[test]
    fn a_finding_is_new_persisting_or_back_again() {
        lives("x", Standing::New, 0, 0, false);
        lives("-x", Standing::New, 1, 1, true);
        lives("xx", Standing::Persisting, 0, 0, false);
        lives("-xx", Standing::Persisting, 1, 1, true);
        lives("x-x", Standing::Regressed, 0, 2, true);
        lives("x-xx", Standing::Persisting, 0, 2, true);
        lives("-x-x", Standing::Regressed, 1, 3, true);
    }

    #[test]
    fn a_moment_that_nobody_judged_is_no_gap() {
        lives("x?x", Standing::Persisting, 0, 0, false);
        lives("x-?x", Standing::Regressed, 0, 3, true);
        lives("??x", Standing::New, 2, 2, false);
        lives("-?x", Standing::New, 2, 2, true);
    }

    #[test]
    fn a_finding_is_gone_until_somebody_looks_again() {
        let gone = |story: &str| -> Vec<(i64, i64)> {
            let gone = Lifecycle::of(&moments(story)).gone;
            gone.iter()
                .map(|gone| (gone.first_seen, gone.last_seen))
                .collect()
        };
        assert_eq!(gone("xx-"), [(0, 1)]);
        assert_eq!(gone("xx?"), [(0, 1)]);
        assert_eq!(gone("xx??"), [(0, 1)]);
        assert_eq!(gone("x?-"), [(0, 0)]);
        assert_eq!(gone("xx--"), []);
        assert_eq!(gone("x-?"), []);
    }

    #[test]
    fn a_late_bundle_changes_the_key_of_every_moment_behind_it() {
        let bundle = |at: i64| (at, format!("digest {at}"));
        let settings = Settings::default();
        let direct = keys(&[bundle(1), bundle(2), bundle(3)], &[], &settings);
        let late = keys(&[bundle(1), bundle(3)], &[], &settings);
        assert_eq!(direct[0], late[0]);
        assert_ne!(direct[2].1, late[1].1);
        let other = Settings {
            known_consumers: vec!["x".to_owned()],
            ..Settings::default()
        };
        assert_ne!(keys(&[bundle(1)], &[], &other), direct[..1]);
        let twins = [bundle(1), (1, "other".to_owned())];
        assert_eq!(keys(&twins, &[], &settings).len(), 1);
    }
}
