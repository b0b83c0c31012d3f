//! Page one: title, trust, verdict, numbers and risks.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::Rows;
use super::{AssembleError, Context, finding, grade, is_evaluated, n, page_text, plan, severity};
use crate::checks::{self, Severity, State};
use crate::query::Value;
use crate::report::model::{
    Key, KeyNumber, Mark, Moment, Name, Orphans, PoolCapacity, Prose, Risk, Scope, Title, Trust,
    TrustState,
};
use crate::report::number::{Number, Unit};

/// Page one shows this many.
const MAX_RISKS: usize = 5;

pub(super) fn title(context: &Context<'_>) -> Title {
    let estate = &context.analysis.estate;
    let pools = Rows::of(estate, "nas_pool");
    let entries = || estate.bundles.iter().map(|row| &row.entry);
    let profiles: BTreeSet<&str> = entries()
        .map(|entry| entry.profile.as_str())
        .filter(|word| !word.is_empty())
        .collect();
    Title {
        site: context.options.site_label.clone(),
        scope: Scope {
            clusters: context
                .names
                .clusters()
                .map(|(_, name)| name.clone())
                .collect(),
            appliances: estate
                .appliances
                .iter()
                .map(|appliance| context.names.scope(appliance))
                .collect(),
            pools: pools
                .indexes()
                .filter_map(|row| pools.text("name", row))
                .map(|pool| Name::new("pool", pool))
                .collect(),
        },
        from: Moment::at(
            entries()
                .map(|entry| entry.started_at)
                .min()
                .unwrap_or(estate.now),
        ),
        to: Moment::at(estate.now),
        bundles: conclusive(context),
        ruleset: env!("CARGO_PKG_VERSION").to_owned(),
        profile: profiles.into_iter().collect::<Vec<_>>().join(", "),
    }
}

/// The newest bundle of each stream, and older ones that stand for a list which failed since.
fn conclusive(context: &Context<'_>) -> Vec<String> {
    let estate = &context.analysis.estate;
    let failed = estate
        .outcomes
        .iter()
        .filter(|(_, outcome)| !matches!(outcome.as_str(), "ok" | "empty" | "unsupported"));
    let older: BTreeSet<&str> = failed
        .filter_map(|((table, scope), _)| {
            context
                .history
                .source_of(&estate.domain, table, scope, estate.now)
        })
        .map(|entry| entry.bundle.as_str())
        .collect();
    let used = estate
        .bundles
        .iter()
        .filter(|row| row.is_newest || older.contains(row.entry.bundle.as_str()));
    used.map(|row| row.entry.bundle.clone()).collect()
}

/// Every bundle in a history was verified when it was taken in.
pub(super) fn trust(context: &Context<'_>) -> Trust {
    let bundles = &context.analysis.estate.bundles;
    let keys: BTreeSet<&str> = bundles
        .iter()
        .map(|row| row.entry.site_key.as_str())
        .collect();
    let key = |fingerprint: &str| {
        let mut holders = context.options.key_holders.iter();
        let holder = holders.find(|(known, _)| known.eq_ignore_ascii_case(fingerprint));
        Key {
            fingerprint: fingerprint.to_owned(),
            holder: holder
                .map_or("not named in the trust store", |(_, holder)| {
                    holder.as_str()
                })
                .to_owned(),
            trusted_since: None,
        }
    };
    let mut marks: BTreeMap<&str, i64> = BTreeMap::new();
    for option in bundles
        .iter()
        .flat_map(|row| row.entry.marks.split(','))
        .map(str::trim)
    {
        if !option.is_empty() {
            *marks.entry(option).or_default() += 1;
        }
    }
    let mark = |(option, n_bundles): (&str, i64)| Mark {
        option: option.to_owned(),
        harm: Prose::words("An unsafe option of the collector, in force in ")
            .number(Number::count_of(n_bundles, "bundle", "bundles"))
            .text(": what its name says may have happened to what they hold."),
    };
    Trust {
        state: TrustState::Verified,
        verified: Number::part(n(bundles.len()), n(bundles.len())),
        keys: keys.into_iter().map(key).collect(),
        marks: marks.into_iter().map(mark).collect(),
    }
}

pub(super) fn risks(context: &Context<'_>) -> Result<Vec<Risk>, AssembleError> {
    let findings = context.ranked().into_iter();
    let worth = findings.filter(|finding| finding.effective_severity != Severity::Info);
    worth
        .take(MAX_RISKS)
        .map(|finding| risk(context, finding))
        .collect()
}

fn risk(context: &Context<'_>, finding: &checks::Finding) -> Result<Risk, AssembleError> {
    let page = context.page(&finding.check_id)?;
    let is_for = |item| page.is_for(item, &finding.evidence);
    let n_steps = plan::n_steps(&page.fix, &is_for);
    Ok(Risk {
        severity: severity(finding.effective_severity),
        grade: grade(finding.grade),
        what: page.title.clone(),
        subject: context
            .names
            .subject(&finding.subject_table, &finding.subject),
        evidence: evidence(context, finding),
        action: page_text::first_action(&page.fix, &is_for),
        effort: if n_steps == 1 {
            "1 step".to_owned()
        } else {
            format!("{n_steps} steps")
        },
        finding: finding.fingerprint.clone(),
    })
}

/// Where, how much and the first facts, in one line.
fn evidence(context: &Context<'_>, finding: &checks::Finding) -> Prose {
    let mut prose = Prose::new();
    if !finding.scope.is_empty() {
        prose = prose.text("On ").name(&context.names.scope(&finding.scope));
    }
    let between = |prose: &Prose| if prose.is_empty() { "" } else { "; " };
    if let Some(bytes) = finding.bytes {
        let number = Number::bytes(bytes, crate::report::number::Round::Down);
        let separator = between(&prose);
        prose = prose.text(separator).number(number).text(" at stake");
    }
    let known = finding
        .evidence
        .iter()
        .filter(|(_, value)| *value != Value::Null);
    for (column, value) in known.take(2) {
        let label = format!("{}{} ", between(&prose), finding::label(column));
        prose = finding::spoken(
            prose.text(&label),
            finding::shown(context, finding, column, value),
        );
    }
    prose
}

pub(super) fn key_numbers(
    context: &Context<'_>,
    orphans: &Orphans,
    pools: &[PoolCapacity],
) -> Vec<KeyNumber> {
    let n_confirmed = orphans
        .on_storage
        .iter()
        .filter(|orphan| orphan.grade == crate::report::model::Grade::Confirmed)
        .count();
    let fullest = pools.iter().max_by_key(|pool| {
        (
            pool.used_share.raw,
            std::cmp::Reverse((&pool.appliance, &pool.pool)),
        )
    });
    let n_high = n_high(context);
    let n_evaluated = n_evaluated(context);
    vec![
        KeyNumber {
            label: "Confirmed reclaimable".to_owned(),
            number: orphans
                .confirmed
                .clone()
                .unwrap_or_else(|| Number::not_known(Unit::Bytes, "not judged")),
            note: match orphans.confirmed {
                None => Prose::words("No check for orphans could be judged."),
                Some(_) => Prose::new()
                    .number(Number::count_of(n(n_confirmed), "object", "objects"))
                    .text(" on storage. Probable and candidate space is not in it."),
            },
        },
        match fullest {
            None => KeyNumber {
                label: "Fullest pool".to_owned(),
                number: Number::not_collected(
                    Unit::PerMille,
                    "no space of a root dataset was read",
                ),
                note: Prose::words("No pool can be compared."),
            },
            Some(pool) => KeyNumber {
                label: "Fullest pool".to_owned(),
                number: pool.used_share.clone(),
                note: Prose::words("Used of used and available, in ")
                    .name(&pool.pool)
                    .text(" on ")
                    .name(&pool.appliance)
                    .text("."),
            },
        },
        KeyNumber {
            label: "Findings at high or above".to_owned(),
            number: match (n_high, n_evaluated) {
                (_, 0) => Number::not_known(Unit::Count, "not judged"),
                (0, _) => Number::count(0).worded(|_| "none found".to_owned()),
                _ => Number::count(n_high),
            },
            note: Prose::words("By effective severity, over ")
                .number(Number::count_of(
                    n_evaluated,
                    "judged result",
                    "judged results",
                ))
                .text(" of a check in a scope."),
        },
    ]
}

fn n_high(context: &Context<'_>) -> i64 {
    n(context
        .analysis
        .open_findings()
        .filter(|finding| finding.effective_severity <= Severity::High)
        .count())
}

fn n_evaluated(context: &Context<'_>) -> i64 {
    n(context
        .analysis
        .results
        .iter()
        .filter(|result| is_evaluated(result))
        .count())
}

/// One sentence from the top risk; without one, how much was looked at.
pub(super) fn verdict(context: &Context<'_>, risks: &[Risk], orphans: &Orphans) -> Prose {
    let n_blind = context
        .analysis
        .results
        .iter()
        .filter(|result| matches!(result.state, State::NotEvaluated(_)))
        .count();
    let blind = |prose: Prose| match n_blind {
        0 => prose.text("."),
        n_blind => prose
            .text("; ")
            .number(Number::count_of(n(n_blind), "result", "results"))
            .text(" could not be judged."),
    };
    let n_evaluated = n_evaluated(context);
    if n_evaluated == 0 {
        return blind(Prose::words(
            "No check could be judged, so this report lists what was collected and says nothing about its health",
        ));
    }
    let Some(top) = risks.first() else {
        let words = Prose::words("Nothing above the severity info was found in ");
        return blind(words.number(Number::count_of(
            n_evaluated,
            "judged result",
            "judged results",
        )));
    };
    let mut prose = Prose::new()
        .strong(&top.what)
        .text(": ")
        .name(&top.subject)
        .text(&format!(" ({}, {})", top.severity.word(), top.grade.word()));
    let n_high = n_high(context);
    if n_high > 1 {
        prose = prose
            .text("; ")
            .number(Number::count_of(n_high, "finding", "findings"))
            .text(" at high or above");
    }
    if let Some(confirmed) = orphans
        .confirmed
        .as_ref()
        .filter(|number| number.raw.is_some_and(|raw| raw > 0))
    {
        prose = prose
            .text("; ")
            .number(confirmed.clone())
            .text(" confirmed reclaimable");
    }
    blind(prose)
}
