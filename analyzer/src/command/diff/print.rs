//! Differences as text, JSON and CSV.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use truenas_common::time::Time;

use crate::analysis::Analysis;
use crate::command::csv_line;
use crate::diff::{Bridge, Diff, FindingChange, FindingDiff, ObjectChange, ObjectDiff, Step};
use crate::query::Value;
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

/// Objects named for each table.
const MAX_OBJECTS: usize = 10;

pub(super) fn text(before: &Analysis, after: &Analysis, diff: &Diff) -> String {
    let side = |analysis: &Analysis| {
        let n = analysis.estate.bundles.len();
        format!(
            "{} ({n} bundles)",
            Time::from_unix_secs(analysis.estate.now)
        )
    };
    let mut text = format!("{} -> {}\n", side(before), side(after));
    text += "\nObjects\n";
    let mut tables: BTreeMap<&str, Vec<&ObjectDiff>> = BTreeMap::new();
    for object in &diff.objects {
        tables.entry(object.table).or_default().push(object);
    }
    if tables.is_empty() {
        text += "  no difference\n";
    }
    for (table, objects) in tables {
        text += &table_text(table, &objects);
    }
    text += "\nFindings\n";
    if diff.findings.is_empty() {
        text += "  no difference\n";
    }
    for finding in &diff.findings {
        let trace = &finding.trace;
        let word = finding.change.word();
        let was = match &finding.change {
            FindingChange::Judged(was) => format!(" (was {} {})", was.severity, was.grade),
            _ => String::new(),
        };
        let (severity, grade) = (&trace.severity, &trace.grade);
        let subject = visible(&trace.subject);
        text += &format!(
            "  {word:<16} {:<8} {severity:<9} {grade:<10} {subject}{was}\n",
            trace.check
        );
    }
    text += "\nUsed space\n";
    if diff.bridges.is_empty() {
        text += "  no pool was read on both sides\n";
    }
    text.extend(diff.bridges.iter().map(bridge_text));
    text
}

fn table_text(table: &str, objects: &[&ObjectDiff]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for object in objects {
        *counts.entry(object.change.word()).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(word, n)| format!("{n} {word}"))
        .collect();
    let mut text = format!("  {table}: {}\n", counts.join(", "));
    for object in objects.iter().take(MAX_OBJECTS) {
        let detail = match &object.change {
            ObjectChange::Changed(cells) | ObjectChange::Recreated(cells) => cells
                .iter()
                .map(|(column, was, is)| format!("{column} {was} -> {is}"))
                .collect::<Vec<_>>()
                .join(", "),
            ObjectChange::Renamed(key) => format!("from {}", key_text(key)),
            _ => String::new(),
        };
        let line = format!(
            "    {:<11} {}  {detail}",
            object.change.word(),
            object.subject()
        );
        text += &format!("{}\n", visible(line.trim_end()));
    }
    if objects.len() > MAX_OBJECTS {
        text += &format!(
            "    and {} more; --format json has all\n",
            objects.len() - MAX_OBJECTS
        );
    }
    text
}

fn bridge_text(bridge: &Bridge) -> String {
    let bytes = |bytes: i64| Number::bytes(bytes, Round::Up).text;
    let (appliance, pool) = (visible(&bridge.appliance), visible(&bridge.pool));
    let mut text = format!("  {pool} on {appliance}\n");
    text += &format!(
        "    {:<16} {:>16} {:>12}\n",
        "before",
        bridge.before_bytes,
        bytes(bridge.before_bytes)
    );
    for (step, change) in Step::ALL.iter().zip(bridge.steps) {
        text += &format!("    {:<16} {change:>+16}\n", step.word());
    }
    text += &format!(
        "    {:<16} {:>16} {:>12}\n",
        "after",
        bridge.after_bytes,
        bytes(bridge.after_bytes)
    );
    for (path, change) in &bridge.top {
        text += &format!("      {change:>+16}  {}\n", visible(path));
    }
    text
}

fn key_text(key: &[(&'static str, Value)]) -> String {
    let own = key
        .iter()
        .filter(|(column, _)| !matches!(*column, "cluster" | "appliance"));
    own.map(|(_, value)| value.to_string())
        .collect::<Vec<_>>()
        .join("/")
}

pub(super) fn json(before: &Analysis, after: &Analysis, diff: &Diff) -> Json {
    let side = |analysis: &Analysis| {
        let bundles = analysis.estate.bundles.iter();
        json!({
            "at": Time::from_unix_secs(analysis.estate.now).to_string(),
            "bundles": bundles.map(|row| row.entry.bundle.clone()).collect::<Vec<_>>(),
        })
    };
    json!({
        "domain": after.estate.domain,
        "before": side(before),
        "after": side(after),
        "objects": diff.objects.iter().map(object_json).collect::<Vec<_>>(),
        "findings": diff.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "space": diff.bridges.iter().map(bridge_json).collect::<Vec<_>>(),
    })
}

fn object_json(object: &ObjectDiff) -> Json {
    let key = |key: &[(&'static str, Value)]| {
        let cells = key
            .iter()
            .map(|(column, value)| ((*column).to_owned(), value.to_json()));
        Json::Object(cells.collect::<Map<_, _>>())
    };
    let mut json = json!({
        "table": object.table,
        "change": object.change.word(),
        "key": key(&object.key),
    });
    match &object.change {
        ObjectChange::Changed(cells) | ObjectChange::Recreated(cells) => {
            let columns = cells.iter().map(|(column, was, is)| {
                (
                    (*column).to_owned(),
                    json!({"before": was.to_json(), "after": is.to_json()}),
                )
            });
            json["columns"] = Json::Object(columns.collect::<Map<_, _>>());
        }
        ObjectChange::Renamed(former) => json["former_key"] = key(former),
        ObjectChange::Added | ObjectChange::Removed => {}
    }
    json
}

fn finding_json(finding: &FindingDiff) -> Json {
    let trace = &finding.trace;
    let mut json = json!({
        "check": trace.check,
        "scope": trace.scope,
        "subject_table": trace.subject_table,
        "subject": trace.subject,
        "grade": trace.grade,
        "effective_severity": trace.severity,
        "fingerprint": finding.fingerprint,
        "change": finding.change.word(),
    });
    if let FindingChange::Judged(was) = &finding.change {
        json["before"] = json!({"grade": was.grade, "effective_severity": was.severity});
    }
    json
}

fn bridge_json(bridge: &Bridge) -> Json {
    let steps = Step::ALL.iter().zip(bridge.steps);
    let steps = steps.map(|(step, bytes)| {
        (
            format!("{}_bytes", step.word().replace('-', "_")),
            bytes.into(),
        )
    });
    let top = bridge
        .top
        .iter()
        .map(|(path, bytes)| json!({"path": path, "bytes": bytes}));
    json!({
        "appliance": bridge.appliance,
        "pool": bridge.pool,
        "before_bytes": bridge.before_bytes,
        "after_bytes": bridge.after_bytes,
        "steps": Json::Object(steps.collect::<Map<_, _>>()),
        "top": top.collect::<Vec<_>>(),
    })
}

/// One row for each changed column, finding and step.
pub(super) fn csv(diff: &Diff) -> String {
    let header = [
        "part", "of", "scope", "subject", "change", "column", "before", "after",
    ];
    let mut text = csv_line(&header.map(str::to_owned));
    let mut row = |cells: [&str; 8]| text += &csv_line(&cells.map(str::to_owned));
    for object in &diff.objects {
        let (scope, subject, word) = (object.scope(), object.subject(), object.change.word());
        let start = ["object", object.table, &scope, &subject, word];
        let mut put = |column: &str, before: &str, after: &str| {
            let [a, b, c, d, e] = start;
            row([a, b, c, d, e, column, before, after]);
        };
        match &object.change {
            ObjectChange::Changed(cells) | ObjectChange::Recreated(cells) => {
                for (column, was, is) in cells {
                    put(column, &was.to_string(), &is.to_string());
                }
            }
            ObjectChange::Renamed(former) => put("key", &key_text(former), &subject),
            ObjectChange::Added | ObjectChange::Removed => put("", "", ""),
        }
    }
    for finding in &diff.findings {
        let trace = &finding.trace;
        let before = match &finding.change {
            FindingChange::Judged(was) => format!("{} {}", was.severity, was.grade),
            _ => String::new(),
        };
        let now = format!("{} {}", trace.severity, trace.grade);
        let after = if matches!(finding.change, FindingChange::Gone(_)) {
            ""
        } else {
            &now
        };
        let word = finding.change.word();
        row([
            "finding",
            &trace.check,
            &trace.scope,
            &trace.subject,
            word,
            "",
            &before,
            after,
        ]);
    }
    for bridge in &diff.bridges {
        let start = ["space", "used", &bridge.appliance, &bridge.pool];
        let [a, b, c, d] = start;
        row([
            a,
            b,
            c,
            d,
            "total",
            "used_bytes",
            &bridge.before_bytes.to_string(),
            &bridge.after_bytes.to_string(),
        ]);
        for (step, bytes) in Step::ALL.iter().zip(bridge.steps) {
            row([
                a,
                b,
                c,
                d,
                step.word(),
                "used_bytes",
                "",
                &bytes.to_string(),
            ]);
        }
    }
    text
}
