//! What the checks found against the `truth.json` of the worlds that were collected.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use testkit::estate::Fact;
use testkit::subject::pseudonym;
use testkit::world::World;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::{Finding, Grade, Overrides, Severity, State};
use truenas_analyzer::history::History;
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
    pub(crate) n_weak: usize,
    /// Checks that were not evaluated on the last day, with the reason.
    pub(crate) not_evaluated: Vec<String>,
}

/// A fact on the last day that shows it.
struct Shown {
    fact: Fact,
    day: usize,
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
        let newest = Analysis::run(history, domain, None, &Overrides::new())?;
        let mut explained = BTreeSet::new();
        for Shown { fact, day } in facts(&folders)? {
            let subject = token(&fact, redactor);
            let checks = checks_of(&newest, &fact.mode);
            if day == last_day {
                verdict.facts.push(judge(&newest, &checks, &subject, fact));
                explained.extend(checks.into_iter().map(|check| (check, subject.clone())));
            } else {
                let earlier = at_day(history, domain, day, &newest, &checks)?;
                verdict.facts.push(judge(&earlier, &checks, &subject, fact));
            }
        }
        for finding in newest.findings() {
            let key = (finding.check_id.clone(), finding.subject.clone());
            if !explained.contains(&key) {
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
            self.n_weak += 1;
        }
    }
}

/// Facts of all truth files: those of the last day, and those that an earlier day showed last.
fn facts(folders: &[std::path::PathBuf]) -> anyhow::Result<Vec<Shown>> {
    let mut shown: BTreeMap<(String, String, String), Shown> = BTreeMap::new();
    for (day, folder) in folders.iter().enumerate() {
        let path = folder.join("truth.json");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let facts: Vec<Fact> = serde_json::from_str(&text)
            .with_context(|| format!("`{}` is not a truth file", path.display()))?;
        for fact in facts {
            let key = (fact.mode.clone(), fact.table.clone(), fact.subject.clone());
            shown.insert(key, Shown { fact, day });
        }
    }
    Ok(shown.into_values().collect())
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

fn judge(analysis: &Analysis, checks: &[String], subject: &str, fact: Fact) -> Judged {
    let line = format!("{:<28} {}", fact.table, fact.subject);
    let named: Vec<&Finding> = analysis
        .findings()
        .filter(|finding| checks.contains(&finding.check_id) && finding.subject == subject)
        .collect();
    let (fate, line) = match named
        .iter()
        .find(|finding| finding.grade.word() == fact.grade)
    {
        Some(finding) => (Fate::Found, format!("{line}  ({})", finding.check_id)),
        None => (Fate::Missed, missed(&line, &named, &fact.grade)),
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

/// The pseudonym under which a planted subject must be found.
fn token(fact: &Fact, redactor: &Redactor) -> String {
    if fact.table == "collect_status" {
        return list_path(&fact.subject);
    }
    pseudonym(redactor, &fact.table, &fact.subject).unwrap_or_else(|| fact.subject.clone())
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
    checks: &[String],
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
