//! One card for each finding, and the cells that its evidence becomes.

use truenas_common::tables;

use super::{AssembleError, Context, grade, page_text, severity, threshold};
use crate::checks::{self, Page};
use crate::lifecycle::Standing;
use crate::query::Value;
use crate::report::model::{
    Cell, Evidence, EvidenceSource, Finding, FindingState, Moment, Name, Plan, Prose,
};
use crate::report::number::{Number, Round};
use crate::suppress::MAX_DAYS;

const DAY: i64 = 86_400;

pub(super) fn cards(context: &Context<'_>) -> Result<Vec<Finding>, AssembleError> {
    context
        .analysis
        .findings()
        .map(|finding| card(context, finding))
        .collect()
}

fn card(context: &Context<'_>, finding: &checks::Finding) -> Result<Finding, AssembleError> {
    let page = context.page(&finding.check_id)?;
    let subject = context
        .names
        .subject(&finding.subject_table, &finding.subject);
    Ok(Finding {
        fingerprint: finding.fingerprint.clone(),
        check: finding.check_id.clone(),
        title: page.title.clone(),
        grade: grade(finding.grade),
        severity: severity(finding.severity),
        effective: severity(finding.effective_severity),
        state: state(context, finding),
        first_seen: Moment::at(context.first_seen(finding)),
        last_seen: Moment::at(context.now()),
        why: page_text::prose(&page.why),
        evidence: evidence(context, page, finding),
        threshold: threshold::of_finding(context, page, finding),
        traps: page
            .traps
            .as_deref()
            .map(page_text::paragraphs)
            .unwrap_or_default(),
        plan: plan(page, finding, &subject),
        // Checks decide by states, not by a sum; what points at the cause is evidence.
        points: Vec::new(),
        suppression: vec![
            format!("- finding: \"{}\"", finding.fingerprint),
            format!("  evidence: \"{}\"", context.evidence.sha256(finding)),
            "  reason: \"\"            # required".to_owned(),
            "  owner: \"\"             # required".to_owned(),
            format!(
                "  until: \"{}\"     # at most {MAX_DAYS} days",
                Moment::day(context.now() + MAX_DAYS * DAY).text
            ),
        ],
        subject,
    })
}

/// How a finding stands against the moments before, and whether somebody accepted it.
pub(super) fn state(context: &Context<'_>, finding: &checks::Finding) -> FindingState {
    if !context.analysis.is_open(finding) {
        return FindingState::Suppressed;
    }
    match context.life(finding).standing {
        Standing::New => FindingState::New,
        Standing::Regressed => FindingState::Regressed,
        Standing::Persisting => FindingState::Persisting,
    }
}

fn plan(page: &Page, finding: &checks::Finding, subject: &Name) -> Plan {
    let frees = finding.subject_table.starts_with("zfs_")
        && ["ORP", "SNP"].iter().any(|area| page.id.starts_with(area));
    let bytes = finding.bytes.filter(|bytes| frees && *bytes > 0);
    Plan {
        expected: bytes.map(|bytes| Number::bytes(bytes, Round::Down)),
        ..page_text::plan(&page.fix, subject)
    }
}

fn evidence(context: &Context<'_>, page: &Page, finding: &checks::Finding) -> Vec<Evidence> {
    let row = |label: &str, value: Cell, table: &str| Evidence {
        label: label.to_owned(),
        value,
        source: source(context, finding, table),
    };
    let own = finding.subject_table.as_str();
    let name = context.names.subject(own, &finding.subject);
    let mut rows = vec![row("object", Cell::Name(name), own)];
    let scope =
        (!finding.scope.is_empty()).then(|| Cell::Name(context.names.scope(&finding.scope)));
    rows.extend(scope.map(|scope| row("seen on", scope, own)));
    rows.extend(finding.bytes.map(|bytes| {
        row(
            "bytes at stake",
            Cell::Number(Number::bytes(bytes, Round::Down)),
            own,
        )
    }));
    rows.extend(
        finding
            .points
            .as_ref()
            .map(|points| row("points at", Cell::Code(points.clone()), own)),
    );
    rows.extend(finding.evidence.iter().map(|(column, value)| {
        let table = table_of(page, own, column);
        row(&label(column), cell(context, column, value), table)
    }));
    rows
}

/// The table that a column of a check is read from: the subject's, or the only needed one that has it.
fn table_of<'a>(page: &'a Page, own: &'a str, column: &str) -> &'a str {
    let has =
        |table: &str| tables::table(table).is_some_and(|table| table.column(column).is_some());
    if has(own) {
        return own;
    }
    let mut holders = page.needs.iter().filter(|table| has(table));
    match (holders.next(), holders.next()) {
        (Some(table), None) => table,
        _ => own,
    }
}

/// Names the bundle by its sealed digest: the history keeps no digests of files inside it.
fn source(context: &Context<'_>, finding: &checks::Finding, table: &str) -> EvidenceSource {
    let key = (table.to_owned(), finding.scope.clone());
    let held = context.sources.borrow().get(&key).cloned();
    held.unwrap_or_else(|| {
        let found = find_source(context, &finding.scope, table);
        context.sources.borrow_mut().insert(key, found.clone());
        found
    })
}

fn find_source(context: &Context<'_>, scope: &String, table: &str) -> EvidenceSource {
    let estate = &context.analysis.estate;
    let is_cluster_table = table.starts_with("k8s_");
    let is_own = estate.clusters.contains(scope) == is_cluster_table && !scope.is_empty();
    let others = if is_cluster_table {
        &estate.clusters
    } else {
        &estate.appliances
    };
    let scopes = if is_own {
        std::slice::from_ref(scope)
    } else {
        others.as_slice()
    };
    let entries = scopes.iter().filter_map(|scope| {
        context
            .history
            .source_of(&estate.domain, table, scope, estate.now)
    });
    let newest = || estate.bundles.last().map(|row| &row.entry);
    let entry = entries.max_by_key(|entry| entry.ended_at).or_else(newest);
    EvidenceSource {
        bundle: entry.map(|entry| entry.bundle.clone()).unwrap_or_default(),
        table: table.to_owned(),
        file: format!("data/{table}/"),
        sha256: entry
            .map(|entry| entry.link.sha256.clone())
            .unwrap_or_default(),
    }
}

/// The column's words without its unit, which the value carries.
pub(super) fn label(column: &str) -> String {
    let bare = ["_bytes", "_at", "_secs", "_percent", "_days"]
        .iter()
        .find_map(|unit| column.strip_suffix(unit));
    let bare = bare.unwrap_or(column);
    bare.strip_prefix("n_").unwrap_or(bare).replace('_', " ")
}

/// A value of a check's row as readers see it.
pub(super) fn cell(context: &Context<'_>, column: &str, value: &Value) -> Cell {
    match value {
        Value::Null => Cell::words("not known"),
        Value::Bool(truth) => Cell::Code(truth.to_string()),
        Value::Text(text) => match context.names.cell(column, text) {
            Some(name) => Cell::Name(name),
            None => Cell::Code(text.clone()),
        },
        Value::Integer(integer) => integer_cell(column, *integer),
        Value::Float(float) if column.ends_with("_percent") && float.abs() < 1e12 => {
            Cell::Number(Number::per_mille((float * 10.0).ceil() as i64))
        }
        Value::Float(float) => Cell::Code(float.to_string()),
    }
}

fn integer_cell(column: &str, integer: i64) -> Cell {
    let ends = |unit: &str| column.ends_with(unit);
    let is_free = ["free", "available", "reclaim"]
        .iter()
        .any(|word| column.contains(word));
    if ends("_bytes") {
        return Cell::Number(Number::bytes(
            integer,
            if is_free { Round::Down } else { Round::Up },
        ));
    }
    if ends("_at") {
        return Cell::Moment(Moment::at(integer));
    }
    if ends("_secs") || ends("_seconds") {
        return Cell::Number(Number::duration(integer, Round::Up));
    }
    if ends("_days") {
        return Cell::Number(Number::days(integer.saturating_mul(DAY), Round::Up));
    }
    if ends("_percent") {
        return Cell::Number(Number::per_mille(integer.saturating_mul(10)));
    }
    if ends("_per_mille") {
        return Cell::Number(Number::per_mille(integer));
    }
    if column == "id" || column == "lun" || ends("_id") || ends("_txg") {
        return Cell::Code(integer.to_string());
    }
    Cell::count(integer)
}

/// A cell as part of a sentence.
pub(super) fn spoken(prose: Prose, cell: Cell) -> Prose {
    match cell {
        Cell::Name(name) => prose.name(&name),
        Cell::Number(number) => prose.number(number),
        Cell::Moment(moment) => prose.moment(moment),
        Cell::Prose(other) => prose.then(other),
        Cell::Code(code) => prose.code(&code),
        other => prose.text(&other.plain()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_column_gives_the_unit() {
        assert_eq!(
            integer_cell("used_bytes", 1 << 30).plain(),
            "1.00\u{202F}GiB"
        );
        assert_eq!(integer_cell("seen_at", 0).plain(), "1970-01-01 00:00 UTC");
        assert_eq!(integer_cell("iscsi_target_id", 12_345).plain(), "12345");
        assert_eq!(integer_cell("n_clones", 3).plain(), "3");
        assert_eq!(label("n_clones"), "clones");
        assert_eq!(label("used_bytes"), "used");
    }
}
