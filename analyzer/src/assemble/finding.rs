//! One card for each finding, and the cells that its evidence becomes.

use truenas_common::tables;

use super::frame::Rows;
use super::plan::{self, Facts};
use super::{AssembleError, Context, grade, page_text, points, severity, threshold};
use crate::checks::{self, Page};
use crate::history::ObservedEntry;
use crate::lifecycle::Standing;
use crate::query::Value;
use crate::report::model::{
    Cell, Evidence, EvidenceSource, Finding, FindingState, Moment, Plan, Prose,
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
        plan: plan(context, page, finding),
        points: points::points(finding.points.as_deref()),
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

fn plan(context: &Context<'_>, page: &Page, finding: &checks::Finding) -> Plan {
    let frees = finding.subject_table.starts_with("zfs_")
        && ["ORP", "SNP"].iter().any(|area| page.id.starts_with(area));
    let bytes = finding.bytes.filter(|bytes| frees && *bytes > 0);
    let is_certain = bytes.is_some() && comes_back_whole(context, finding);
    Plan {
        expected: bytes.map(|bytes| Number::bytes(if is_certain { bytes } else { 0 }, Round::Down)),
        at_most: bytes.map(|bytes| Number::bytes(bytes, Round::Up)),
        ..plan::plan(
            &page.fix,
            &|item| page.is_for(item, &finding.evidence),
            &Facts::of(&context.names, finding),
        )
    }
}

/// Whether nothing else can keep the blocks of a dataset: no clone and no hold that is known of, and no deduplication.
fn comes_back_whole(context: &Context<'_>, finding: &checks::Finding) -> bool {
    let is_kept = finding.evidence.iter().any(|(column, value)| {
        let holds = ["n_clones", "n_holds", "n_kept"].contains(&column.as_str());
        holds && !matches!(value, Value::Integer(0))
    });
    let path = finding.subject.split('@').next().unwrap_or_default();
    let datasets = Rows::of(&context.analysis.estate, "zfs_dataset");
    let row = datasets.find(&[("path", path), ("appliance", &finding.scope)]);
    let is_shared = row.and_then(|row| datasets.truth("is_dedup", row)) != Some(false);
    finding.grade == checks::Grade::Confirmed && !is_kept && !is_shared
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
    let said = points::rest(finding.points.as_deref());
    rows.extend(said.map(|said| row("points at", Cell::Code(said.to_owned()), own)));
    rows.extend(finding.evidence.iter().map(|(column, value)| {
        let table = table_of(page, own, column);
        row(
            &label(column),
            shown(context, finding, column, value),
            table,
        )
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

/// Bundle, file and digest; for the table of the finding's own object also the key of the row.
fn source(context: &Context<'_>, finding: &checks::Finding, table: &str) -> EvidenceSource {
    let key = (table.to_owned(), finding.scope.clone());
    let held = context.sources.borrow().get(&key).cloned();
    let source = held.unwrap_or_else(|| {
        let found = find_source(context, &finding.scope, table);
        context.sources.borrow_mut().insert(key, found.clone());
        found
    });
    if table != finding.subject_table {
        return source;
    }
    let name = context.names.subject(table, &finding.subject);
    EvidenceSource {
        row: Prose::new().name(&name),
        ..source
    }
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
    let of_bundle = [String::new()];
    let is_of_bundle = tables::table(table)
        .is_some_and(|table| table.scope == truenas_common::schema::Scope::Bundle);
    let scopes = if is_of_bundle {
        of_bundle.as_slice()
    } else if is_own {
        std::slice::from_ref(scope)
    } else {
        others.as_slice()
    };
    let (history, domain) = (context.history, &estate.domain);
    let entries = scopes.iter().filter_map(|scope| {
        let entry = history.source_of(domain, table, scope, estate.now)?;
        Some((entry, history.observed(domain, entry, table, scope)))
    });
    let newest = || estate.bundles.last().map(|row| (&row.entry, None));
    let found = entries
        .max_by_key(|(entry, _)| entry.ended_at)
        .or_else(newest);
    let Some((entry, observed)) = found else {
        return EvidenceSource {
            bundle: String::new(),
            table: table.to_owned(),
            file: format!("data/{table}/"),
            sha256: String::new(),
            row: Prose::new(),
        };
    };
    let parts: Vec<(&str, &str)> = observed
        .into_iter()
        .flat_map(ObservedEntry::parts)
        .collect();
    // Rows of a large table lie in several files in no order, so that only the sealed bundle covers them for certain.
    let (file, sha256) = match parts.as_slice() {
        [(file, sha256)] => ((*file).to_owned(), (*sha256).to_owned()),
        [(first, _), .., (last, _)] => {
            let last = last.rsplit('/').next().unwrap_or(last);
            (format!("{first} to {last}"), entry.link.sha256.clone())
        }
        [] => (format!("data/{table}/"), entry.link.sha256.clone()),
    };
    EvidenceSource {
        bundle: entry.bundle.clone(),
        table: table.to_owned(),
        file,
        sha256,
        row: Prose::new(),
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

/// A value of a finding as readers see it. A fill that the check rounded is told from its bytes where the row has them: as
/// the number of the pool on page one is.
pub(super) fn shown(
    context: &Context<'_>,
    finding: &checks::Finding,
    column: &str,
    value: &Value,
) -> Cell {
    let fill = || exact_fill(&finding.evidence);
    match (column == "used_percent").then(fill).flatten() {
        Some(fill) => Cell::Number(fill),
        None => cell(context, column, value),
    }
}

fn exact_fill(evidence: &[(String, Value)]) -> Option<Number> {
    let bytes = |name: &str| {
        let (_, value) = evidence.iter().find(|(column, _)| column == name)?;
        value.as_integer()
    };
    let (used, usable) = (bytes("used_bytes")?, bytes("usable_bytes")?);
    Some(Number::share(used, usable, Round::Up))
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
        return Cell::Number(Number::percent(integer));
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
        assert_eq!(integer_cell("used_percent", 94).plain(), "94\u{202F}%");
        assert_eq!(label("n_clones"), "clones");
    }

    #[test]
    fn a_fill_is_the_one_of_the_pool_on_page_one() {
        let evidence = |bytes: &[(&str, i64)]| -> Vec<(String, Value)> {
            let values = bytes.iter();
            values
                .map(|(column, bytes)| ((*column).to_owned(), Value::Integer(*bytes)))
                .collect()
        };
        let row = evidence(&[("used_bytes", 9_496), ("usable_bytes", 10_000)]);
        assert_eq!(
            exact_fill(&row),
            Some(Number::share(9_496, 10_000, Round::Up))
        );
        assert_eq!(exact_fill(&evidence(&[("used_bytes", 9_496)])), None);
    }

    #[test]
    fn labels_leave_the_unit_to_the_value() {
        assert_eq!(label("used_bytes"), "used");
    }
}
