//! Declared periodic tasks beside what is there: how much is past its lifetime, what is never pruned, and what no task made.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{self, Facts};
use super::section::{Cell, Column, Section, Total};
use crate::analysis::AnalysisError;
use crate::checks::Finding;
use crate::cli::Show;
use crate::query::Value;

/// The check that knows which snapshots are past their lifetime, with the slack that `dataset_slack` has of it.
const CHECK: &str = "SNP-007";
/// Checks of the tasks themselves.
const OF_TASKS: [&str; 2] = ["SCH-002", "SCH-001"];
/// What tells a snapshot of no task from one that was received or that a driver made.
const BESIDE: [&str; 3] = [
    "k8s_pv",
    "k8s_volume_snapshot_content",
    "nas_replication_task",
];

const TASKS: &str = "\
WITH made AS (
  SELECT m.appliance AS appliance, m.dataset AS path, m.schema AS schema, COUNT(*) AS n_snapshots,
         MAX(m.created_at) AS newest_at
  FROM snapshot_maker AS m
  WHERE m.maker = 'periodic-task'
  GROUP BY m.appliance, m.dataset, m.schema
),
late AS (
  SELECT s.appliance AS appliance, s.path AS path, s.schema AS schema, COUNT(*) AS n_over,
         MAX(:now + COALESCE(o.offset_secs, 0) - s.created_at) AS age_secs
  FROM retained_snapshot AS s
  JOIN dataset_slack AS k ON k.appliance = s.appliance AND k.path = s.path
  LEFT JOIN clock_offset AS o ON o.appliance = s.appliance
  WHERE :now + COALESCE(o.offset_secs, 0) - s.created_at > s.lifetime_secs + s.period_secs * k.value
  GROUP BY s.appliance, s.path, s.schema
),
aged AS (
  SELECT c.appliance AS appliance, c.task_id AS task_id, c.path AS path, c.schema AS schema,
         l.lifetime_secs AS lifetime_secs, l.period_secs AS period_secs,
         :now + COALESCE(o.offset_secs, 0) - COALESCE(d.created_at, 0) AS age_secs
  FROM task_coverage AS c
  JOIN task_lifetime AS l ON l.appliance = c.appliance AND l.task_id = c.task_id
  JOIN zfs_dataset AS d ON d.appliance = c.appliance AND d.path = c.path
  LEFT JOIN clock_offset AS o ON o.appliance = c.appliance
),
kept AS (
  SELECT a.appliance AS appliance, a.task_id AS task_id, a.path AS path, a.schema AS schema, a.period_secs AS period_secs,
         CASE WHEN a.age_secs < a.lifetime_secs THEN a.age_secs ELSE a.lifetime_secs END AS kept_secs
  FROM aged AS a
),
covered AS (
  SELECT k.appliance AS appliance, k.task_id AS task_id, COUNT(*) AS n_datasets,
         SUM(CAST(FLOOR(k.kept_secs * 1.0 / NULLIF(k.period_secs, 0)) AS BIGINT)) AS n_expected,
         SUM(COALESCE(m.n_snapshots, 0)) AS n_snapshots, MAX(m.newest_at) AS newest_at,
         SUM(COALESCE(v.n_over, 0)) AS n_over, MAX(v.age_secs) AS over_age_secs
  FROM kept AS k
  LEFT JOIN made AS m ON m.appliance = k.appliance AND m.path = k.path AND m.schema = k.schema
  LEFT JOIN late AS v ON v.appliance = k.appliance AND v.path = k.path AND v.schema = k.schema
  GROUP BY k.appliance, k.task_id
)
SELECT t.appliance AS appliance, t.id AS task_id, t.dataset AS dataset, t.schema AS schema, t.is_enabled AS is_enabled,
       t.is_empty_allowed AS is_empty_allowed, t.state AS state, l.lifetime_secs AS lifetime_secs,
       l.period_secs AS period_secs, COALESCE(c.n_datasets, 0) AS n_datasets, c.n_expected AS n_expected,
       COALESCE(c.n_snapshots, 0) AS n_snapshots, c.newest_at AS newest_at, COALESCE(c.n_over, 0) AS n_over,
       c.over_age_secs AS over_age_secs
FROM nas_snapshot_task AS t
JOIN task_lifetime AS l ON l.appliance = t.appliance AND l.task_id = t.id
LEFT JOIN covered AS c ON c.appliance = t.appliance AND c.task_id = t.id";

const OF_NO_TASK: &str = "\
SELECT m.appliance AS appliance, m.pool AS pool, m.maker AS maker, COUNT(*) AS n_snapshots,
       COUNT(m.schema) AS n_named, MAX(:now + COALESCE(o.offset_secs, 0) - m.created_at) AS age_secs
FROM snapshot_maker AS m
LEFT JOIN clock_offset AS o ON o.appliance = m.appliance
WHERE m.maker = 'manual-or-foreign' OR m.maker = 'unknown' AND m.schema IS NOT NULL
GROUP BY m.appliance, m.pool, m.maker";

const NOTE: &str = "\
Expected is what fits into the lifetime at the longest gap between two runs, for
the age of each dataset: at least so many, less where unchanged datasets are
left out. Over are those past their lifetime and the slack of SNP-007, as it is
in force for pool and class of the dataset, that retention could remove; where
two tasks share a schema, both count them and the longer one decides. Snapshots
of no task are pruned by nobody: left ones have a task's name.";

const COLUMNS: [Column; 17] = [
    Column::title("kind"),
    Column::title("appliance"),
    Column::title("task_id"),
    Column::title("place"),
    Column::figure("lifetime_secs", "lifetime", 9),
    Column::figure("period_secs", "every", 9),
    Column::figure("n_datasets", "datasets", 9),
    Column::figure("n_expected", "expected", 9),
    Column::figure("n_snapshots", "there", 8),
    Column::figure("n_over", "over", 7),
    Column::figure("oldest_over_age_secs", "oldest", 9),
    Column::below("finding", "found"),
    Column::below("is_disabled", "disabled"),
    Column::machine("schema"),
    Column::machine("is_empty_allowed"),
    Column::machine("state"),
    Column::machine("newest_at"),
];

pub(super) fn section(facts: &Facts) -> Result<Section, AnalysisError> {
    let gaps = facts.gaps_beside(CHECK, &BESIDE);
    let blind: BTreeSet<&str> = gaps.iter().map(|gap| gap.scope.as_str()).collect();
    let mut tasks: Vec<[Value; 15]> = facts.ask(TASKS)?;
    tasks.retain(|row| !blind.contains(row[0].as_text().unwrap_or_default()));
    let mut left: Vec<[Value; 6]> = facts.ask(OF_NO_TASK)?;
    left.retain(|row| !blind.contains(row[0].as_text().unwrap_or_default()));
    let found = OF_TASKS.iter().flat_map(|check| facts.findings(check));
    let found = by_task(found);
    let totals = totals(&tasks, &left, &found);
    let mut rows: Vec<Vec<Cell>> = tasks.into_iter().map(|task| row(task, &found)).collect();
    rows.extend(left.into_iter().map(left_row));
    rows.sort_by_key(|row| {
        // Tasks before what no task made, and what is most overdue first.
        let n_over = match row[9] {
            Cell::Count(n) => n,
            _ => 0,
        };
        let is_left = row[2] == Cell::None;
        (is_left, std::cmp::Reverse(n_over), sort_key(row))
    });
    Ok(Section {
        show: Show::Retention,
        gaps,
        totals,
        columns: &COLUMNS,
        rows,
        note: NOTE,
    })
}

/// Appliance, number and place of a row.
fn sort_key(row: &[Cell]) -> (String, i64, String) {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        _ => String::new(),
    };
    let task = match row[2] {
        Cell::Count(id) => id,
        _ => 0,
    };
    (text(&row[1]), task, text(&row[3]))
}

/// What the checks of the tasks say, by appliance and task.
type Found = BTreeMap<(String, i64), Vec<String>>;

fn by_task<'f>(findings: impl Iterator<Item = &'f Finding>) -> Found {
    let mut found = Found::new();
    for finding in findings {
        for column in ["task_id", "other_task_id"] {
            let task = facts::evidence(finding, column).and_then(Value::as_integer);
            if let Some(task) = task {
                let of = found.entry((finding.scope.clone(), task)).or_default();
                of.push(facts::found(finding));
            }
        }
    }
    for of in found.values_mut() {
        of.sort();
        of.dedup();
    }
    found
}

fn row(task: [Value; 15], found: &Found) -> Vec<Cell> {
    let [
        appliance,
        id,
        dataset,
        schema,
        is_enabled,
        is_empty_allowed,
        state,
        lifetime,
        period,
        n_datasets,
        n_expected,
        n_snapshots,
        newest_at,
        n_over,
        over_age,
    ] = &task;
    let key = (
        appliance.as_text().unwrap_or_default().to_owned(),
        id.as_integer().unwrap_or_default(),
    );
    let count = |value: &Value| Cell::of(value.as_integer(), Cell::Count);
    let secs = |value: &Value| Cell::of(value.as_integer(), Cell::Secs);
    let words = |value: &Value| Cell::of(value.as_text(), Cell::text);
    let is_disabled = matches!(is_enabled, Value::Bool(false));
    vec![
        Cell::text("task"),
        words(appliance),
        count(id),
        words(dataset),
        secs(lifetime),
        secs(period),
        count(n_datasets),
        count(n_expected),
        count(n_snapshots),
        // Without a lifetime nothing is past it, and without a period nobody can tell.
        match (lifetime, period) {
            (Value::Integer(_), Value::Integer(_)) => count(n_over),
            _ => Cell::None,
        },
        secs(over_age),
        Cell::of(found.get(&key), |found| Cell::Words(found.clone())),
        Cell::of(Some(true).filter(|_| is_disabled), Cell::Truth),
        words(schema),
        match is_empty_allowed {
            Value::Bool(is) => Cell::Truth(*is),
            _ => Cell::None,
        },
        words(state),
        Cell::of(newest_at.as_integer(), Cell::At),
    ]
}

fn left_row(left: [Value; 6]) -> Vec<Cell> {
    let [appliance, pool, maker, n_snapshots, _, age] = &left;
    let kind = match maker.as_text() {
        Some("unknown") => "left-of-no-task",
        _ => "manual-or-foreign",
    };
    let words = |value: &Value| Cell::of(value.as_text(), Cell::text);
    let mut row = vec![Cell::None; COLUMNS.len()];
    row[0] = Cell::text(kind);
    row[1] = words(appliance);
    row[3] = words(pool);
    row[8] = Cell::of(n_snapshots.as_integer(), Cell::Count);
    row[10] = Cell::of(age.as_integer(), Cell::Secs);
    row
}

fn totals(tasks: &[[Value; 15]], left: &[[Value; 6]], found: &Found) -> Vec<Total> {
    let sum = |values: &mut dyn Iterator<Item = &Value>| values.filter_map(Value::as_integer).sum();
    let never = found.values().filter(|found| {
        let is_never = |words: &String| words.starts_with("SCH-002");
        found.iter().any(is_never)
    });
    let n = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    vec![
        Total::count("n_tasks", "periodic tasks", n(tasks.len())),
        Total::count("n_never_pruning", "never prune", n(never.count())),
        Total::count(
            "n_over",
            "snapshots past their lifetime",
            sum(&mut tasks.iter().map(|task| &task[13])),
        ),
        Total::count(
            "n_of_no_task",
            "snapshots of no task",
            sum(&mut left.iter().map(|left| &left[3])),
        ),
    ]
}
