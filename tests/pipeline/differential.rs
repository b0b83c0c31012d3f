//! The built-in views and checks on three engines over one history: the same rows, or a defect of the dialect.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use testkit::estate::Fault;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::Overrides;
use truenas_analyzer::history::History;
use truenas_analyzer::query::export::{ForeignRows, Statement, write_export};
use truenas_analyzer::query::rows::compare_rows;
use truenas_analyzer::query::value::rows;
use truenas_analyzer::query::{Limits, Params};
use truenas_common::exit::Exit;

use crate::stage::{SITE, Stage};

const DAYS: usize = 4;

/// The other engines: a name, and the script that runs an exported folder on it.
const ENGINES: [(&str, &str); 2] = [("DuckDB", "duckdb_rows.py"), ("Spark", "spark_rows.py")];

#[test]
fn views_and_checks_give_the_same_rows_on_duckdb_and_spark() {
    let stage = Stage::with_faults(DAYS, Fault::demo());
    for _ in 0..DAYS {
        let exit = stage.collect("out", &stage.simulation.now());
        assert!(matches!(exit, Exit::Ok | Exit::Incomplete), "{exit:?}");
        let _ = stage.simulation.next();
    }
    assert_eq!(stage.ingest(&stage.bundles("out"), "history"), Exit::Ok);
    let history = History::open(&stage.path("history")).unwrap();
    let checks = truenas_analyzer::checks::built_in().unwrap();
    let analysis = Analysis::with(checks, &history, SITE, None, &Overrides::new()).unwrap();
    assert!(analysis.findings().count() > 5, "too little to compare");

    let checks: Vec<(Statement, Params)> = analysis
        .checks
        .iter()
        .map(|check| {
            let params = truenas_analyzer::checks::params(check, &analysis.input()).unwrap();
            let prepared = analysis.session.prepare(&check.sql, &params).unwrap();
            let statement = Statement {
                name: check.page.id.clone(),
                sql: prepared.portable_sql().to_owned(),
            };
            (statement, params)
        })
        .collect();
    let folder = stage.path("export");
    std::fs::create_dir(&folder).unwrap();
    let statements: Vec<Statement> = checks
        .iter()
        .map(|(statement, _)| statement.clone())
        .collect();
    write_export(&analysis.session, &statements, &folder).unwrap();
    let mut foreign = ENGINES.map(|(engine, script)| (engine, answers(script, &folder)));

    let mut ours = Vec::new();
    for view in analysis.session.views() {
        let columns = analysis.session.catalog().columns(&view.name).unwrap();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let sql = format!("SELECT {} FROM {}", names.join(", "), view.name);
        ours.push((view.name.clone(), sql, Params::new()));
    }
    for ((statement, params), check) in checks.iter().zip(&analysis.checks) {
        ours.push((
            statement.name.clone(),
            check.sql.to_string(),
            params.clone(),
        ));
    }
    let (mut n_rows, mut wrong) = (0, Vec::new());
    for (name, sql, params) in ours {
        let frame = analysis
            .session
            .run(&sql, &params, &Limits::default())
            .unwrap();
        n_rows += frame.height();
        let frame = rows(&frame);
        for (engine, answers) in &mut foreign {
            let Some(theirs) = answers.remove(&name) else {
                wrong.push(format!("{name} on {engine}: no answer"));
                continue;
            };
            if let Some(error) = &theirs.error {
                wrong.push(format!("{name} on {engine}: {error}"));
                continue;
            }
            let differences = compare_rows(&frame, &theirs.values());
            if !differences.is_empty() {
                wrong.push(format!(
                    "{name} on {engine}: {} rows differ: {:?}",
                    differences.len(),
                    &differences[..1]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_rows > 200, "only {n_rows} rows were compared");
}

/// What another engine answers, by statement.
fn answers(script: &str, folder: &Path) -> BTreeMap<String, ForeignRows> {
    let python = std::env::var_os("TSM_PYTHON")
        .expect("TSM_PYTHON names a Python with DuckDB and Spark; `tests/run` sets them up");
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("differential")
        .join(script);
    let output = Command::new(python)
        .arg(script)
        .arg(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<ForeignRows>(line).unwrap())
        .map(|answer| (answer.name.clone(), answer))
        .collect()
}
