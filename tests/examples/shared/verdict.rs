//! What the checks found against the `truth.json` of the worlds that were collected.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use testkit::estate::Fact;
use testkit::subject::{pseudonyms, uids};
use testkit::world::World;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::{Finding, Grade, Overrides, Severity, State};
use truenas_analyzer::history::History;
use truenas_analyzer::query::Value;
use truenas_common::redact::Redactor;

/// What became of one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Found at the grade that the scope and the bundles allow.
    Found,
    /// Found at another grade, or not at all.
    Missed,
}

/// One fact and what became of it.
pub(crate) struct Judged {
    /// Mode, or the check that finds it.
    pub(crate) mode: String,
    pub(crate) fate: Fate,
    /// Table, subject, and what is wrong or which check found it.
    pub(crate) line: String,
}

/// The comparison of one series.
#[derive(Default)]
pub(crate) struct Verdict {
    /// Every fact of the truth files.
    pub(crate) facts: Vec<Judged>,
    /// Findings at grade `confirmed` that no fact explains.
    pub(crate) false_confirmed: Vec<String>,
    /// Other findings of effective severity `high` or above that no fact explains.
    pub(crate) false_high: Vec<String>,
    /// Findings that are hints only.
    pub(crate) hints: Vec<String>,
    /// Checks that were not evaluated on the last day, with the reason.
    pub(crate) not_evaluated: Vec<String>,
}

impl Verdict {
    /// Compares the findings over a history, one bundle of each day, with the truth files of the worlds.
    pub(crate) fn new(
        history: &History,
        domain: &str,
        worlds: &Path,
        redactor: &Redactor,
    ) -> anyhow::Result<Self> {
        let folders = World::folders(worlds)?;
        let last_day = folders.len() - 1;
        let mut verdict = Self::default();
        let mut names = Names::new(redactor);
        let newest = Analysis::run(history, domain, None, &Overrides::new())?;
        let mut explained = BTreeSet::new();
        for (day, facts) in facts(&folders)? {
            let facts = facts.into_iter().map(|fact| {
                let mut tokens = names.tokens(&fact, &folders[day])?;
                // An appliance leaves under its identity, whatever it is called.
                if fact.table == "nas_system" || fact.table == "nas_failover" {
                    tokens.extend(newest.estate.appliances.iter().cloned());
                }
                let checks = checks_of(&newest, &fact.mode);
                Ok((fact, tokens, checks))
            });
            let facts: Vec<_> = facts.collect::<anyhow::Result<_>>()?;
            let wanted = facts.iter().flat_map(|(_, _, checks)| checks).cloned();
            let wanted = wanted.collect();
            let earlier = (day < last_day)
                .then(|| at_day(history, domain, day, &newest, &wanted))
                .transpose()?;
            for (fact, tokens, checks) in facts {
                let named = named(earlier.as_ref().unwrap_or(&newest), &checks, &tokens, &fact);
                if earlier.is_none() {
                    explained.extend(named.iter().map(|finding| finding.fingerprint.clone()));
                }
                verdict.facts.push(judge(&named, fact));
            }
        }
        verdict
            .facts
            .sort_by(|left, right| (&left.mode, &left.line).cmp(&(&right.mode, &right.line)));
        for finding in newest.findings() {
            if !explained.contains(&finding.fingerprint) {
                verdict.unexplained(finding);
            }
        }
        for result in &newest.results {
            if let State::NotEvaluated(reason) = &result.state {
                let line = format!("{} was not evaluated: {reason}", result.check_id);
                verdict.not_evaluated.push(line);
            }
        }
        Ok(verdict)
    }

    /// Whether every fact was found, and nothing else was called certain or bad.
    pub(crate) fn is_perfect(&self) -> bool {
        let is_found = |judged: &Judged| judged.fate == Fate::Found;
        self.facts.iter().all(is_found) && self.unexpected().next().is_none()
    }

    /// What no fact explains and what could not be looked at, one kind after the other.
    pub(crate) fn unexpected(&self) -> impl Iterator<Item = &String> {
        let kinds = [&self.false_confirmed, &self.false_high, &self.not_evaluated];
        kinds.into_iter().flatten()
    }

    fn unexplained(&mut self, finding: &Finding) {
        let line = format!(
            "{} {} {} {:?}",
            finding.check_id,
            finding.grade.word(),
            finding.subject,
            finding.evidence
        );
        if finding.grade == Grade::Confirmed {
            self.false_confirmed.push(line);
        } else if finding.effective_severity <= Severity::High {
            self.false_high.push(line);
        } else {
            self.hints.push(line);
        }
    }
}

/// Facts of all truth files by the last day that shows them.
fn facts(folders: &[PathBuf]) -> anyhow::Result<BTreeMap<usize, Vec<Fact>>> {
    let mut shown: BTreeMap<(String, String, String), (usize, Fact)> = BTreeMap::new();
    for (day, folder) in folders.iter().enumerate() {
        let path = folder.join("truth.json");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let facts: Vec<Fact> = serde_json::from_str(&text)
            .with_context(|| format!("`{}` is not a truth file", path.display()))?;
        for fact in facts {
            let key = (fact.mode.clone(), fact.table.clone(), fact.subject.clone());
            shown.insert(key, (day, fact));
        }
    }
    let mut by_day: BTreeMap<usize, Vec<Fact>> = BTreeMap::new();
    for (day, fact) in shown.into_values() {
        by_day.entry(day).or_default().push(fact);
    }
    Ok(by_day)
}

/// The checks that find a mode.
fn checks_of(analysis: &Analysis, mode: &str) -> Vec<String> {
    let pages = analysis.checks.iter().map(|check| &check.page);
    let finds =
        |modes: &[String], id: &str| id == mode || modes.iter().any(|covered| covered == mode);
    pages
        .filter(|page| finds(&page.modes, &page.id))
        .map(|page| page.id.clone())
        .collect()
}

/// Findings of some checks about a subject. Where the fact names another kind of object than the check does, a finding
/// whose evidence names it counts.
fn named<'a>(
    analysis: &'a Analysis,
    checks: &[String],
    tokens: &[String],
    fact: &Fact,
) -> Vec<&'a Finding> {
    let is_named = |finding: &&Finding| {
        let of_evidence =
            |value: &Value| matches!(value, Value::Text(text) if tokens.contains(text));
        // A claim may be written down without its namespace.
        let of_name = !fact.subject.contains('/') && finding.subject_table == "k8s_pvc";
        let (_, name) = finding.subject.rsplit_once('/').unwrap_or_default();
        tokens.contains(&finding.subject)
            || of_name && tokens.iter().any(|token| token == name)
            || finding.subject_table != fact.table
                && finding.evidence.iter().any(|(_, value)| of_evidence(value))
    };
    analysis
        .findings()
        .filter(|finding| checks.contains(&finding.check_id))
        .filter(is_named)
        .collect()
}

fn judge(named: &[&Finding], fact: Fact) -> Judged {
    let line = format!("{:<28} {}", fact.table, fact.subject);
    let is_graded = |finding: &Finding| fact.grade.is_empty() || finding.grade.word() == fact.grade;
    let (fate, line) = match named.iter().find(|finding| is_graded(finding)) {
        Some(finding) => (Fate::Found, format!("{line}  ({})", finding.check_id)),
        None => (Fate::Missed, missed(&line, named, &fact.grade)),
    };
    Judged {
        mode: fact.mode,
        fate,
        line,
    }
}

fn missed(line: &str, named: &[&Finding], grade: &str) -> String {
    let Some(finding) = named.first() else {
        return format!("{line}: not found");
    };
    let points = finding.points.clone().unwrap_or_default();
    let found = finding.grade.word();
    format!(
        "{line}: {} graded {found} instead of {grade} ({points})",
        finding.check_id
    )
}

/// Looks up what planted subjects are called in a bundle.
struct Names<'a> {
    redactor: &'a Redactor,
    /// Uids of the world that was asked for last.
    uids: Option<(PathBuf, BTreeMap<String, Vec<String>>)>,
}

impl<'a> Names<'a> {
    fn new(redactor: &'a Redactor) -> Self {
        Self {
            redactor,
            uids: None,
        }
    }

    /// Every text under which the subject may be found.
    fn tokens(&mut self, fact: &Fact, folder: &Path) -> anyhow::Result<Vec<String>> {
        if fact.table == "collect_status" {
            return Ok(vec![list_path(&fact.subject)]);
        }
        let mut tokens = pseudonyms(self.redactor, &fact.table, &fact.subject);
        if fact.table.starts_with("k8s_") {
            let known = self.uids.take().filter(|(path, _)| path == folder);
            let (_, uids) = match known {
                Some(known) => self.uids.insert(known),
                None => {
                    let found = uids(&World::read(folder)?)?;
                    self.uids.insert((folder.to_owned(), found))
                }
            };
            let found = uids.get(&fact.subject).into_iter().flatten();
            tokens.extend(found.map(|uid| self.redactor.uid(uid).as_str().to_owned()));
        }
        Ok(tokens)
    }
}

/// `group/resource` as the path the collector reads.
fn list_path(list: &str) -> String {
    let (group, resource) = list.split_once('/').unwrap_or(("", list));
    let mut paths = truenas_collector::source::k8s::K8sList::ALL
        .iter()
        .map(|list| list.path());
    let is_it = |path: &&str| {
        path.ends_with(&format!("/{resource}")) && path.contains(&format!("/{group}/"))
    };
    paths.find(is_it).unwrap_or(list).to_owned()
}

/// What some checks said when the bundles of a day were the newest.
fn at_day(
    history: &History,
    domain: &str,
    day: usize,
    newest: &Analysis,
    checks: &BTreeSet<String>,
) -> anyhow::Result<Analysis> {
    let streams = history.streams().filter(|((of, _), _)| of == domain);
    // One run a day, whoever made it: the days of all streams are the same.
    let ends = streams
        .filter_map(|(_, stream)| stream.bundles().nth(day))
        .map(|entry| entry.ended_at);
    let end = ends
        .max()
        .with_context(|| format!("no bundle of day {day}"))?;
    let wanted = newest
        .checks
        .iter()
        .filter(|check| checks.contains(&check.page.id))
        .cloned()
        .collect();
    let thresholds = Overrides::new();
    Ok(Analysis::with(
        wanted,
        history,
        domain,
        Some(end),
        &thresholds,
    )?)
}
