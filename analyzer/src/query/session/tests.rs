//! What the engine answers after lint and rewriter, where SQL and a data frame disagree.

use super::*;
use crate::query::params::ParamValue;
use crate::query::value::{Value, rows};
use polars::prelude::df;

fn session() -> Session {
    let mut session = Session::new(Catalog::default());
    let left = df!("k" => [Some("a"), Some("b"), None], "x" => [1i64, 2, 3])
        .expect("columns of one length");
    let right =
        df!("k" => [Some("a"), None, None], "y" => [10i64, 20, 30]).expect("columns of one length");
    let columns = |value: &str| {
        vec![
            CatalogColumn::token("k"),
            CatalogColumn::plain(value, ColumnKind::Integer),
        ]
    };
    session
        .register("l", left, columns("x"))
        .expect("a valid table");
    session
        .register("r", right, columns("y"))
        .expect("a valid table");
    session
        .register(
            "e",
            crate::query::catalog::empty_frame(&columns("z")),
            columns("z"),
        )
        .expect("a valid table");
    session
}

/// The rows in the order of all columns, values separated by spaces.
#[track_caller]
fn check(sql: &str, expect: &[&str]) {
    let frame = session()
        .run(sql, &Params::new(), &Limits::default())
        .unwrap_or_else(|error| {
            panic!(
                "`{sql}` gives: {error}: {:?}",
                std::error::Error::source(&error).map(ToString::to_string)
            )
        });
    let sorted = sorted_rows(&frame).expect("sortable");
    let lines = rows(&sorted).into_iter().map(|row| {
        row.iter()
            .map(Value::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    });
    assert_eq!(lines.collect::<Vec<_>>(), expect, "{sql}");
}

#[test]
fn counters_go_below_zero() {
    check("SELECT COUNT(*) - 10 AS n FROM l", &["-7"]);
    check("SELECT COUNT(k) - 10 AS n FROM l", &["-8"]);
    check(
        "SELECT ROW_NUMBER() OVER (ORDER BY x NULLS LAST) - 4 AS n FROM l",
        &["-3", "-2", "-1"],
    );
    check(
        "SELECT LENGTH('abc') - 5 AS n FROM e UNION ALL SELECT LENGTH('abc') - 5 AS n FROM l",
        &["-2", "-2", "-2"],
    );
    check(
        "SELECT x, COUNT(*) - 2 AS n FROM l GROUP BY x HAVING COUNT(*) - 2 < 0",
        &["1 -1", "2 -1", "3 -1"],
    );
}

#[test]
fn null_keys_match_nothing_in_joins_and_each_other_in_groups() {
    check(
        "SELECT l.x AS x, r.y AS y FROM l JOIN r ON l.k = r.k",
        &["1 10"],
    );
    check(
        "SELECT l.x AS x, r.y AS y FROM l LEFT JOIN r ON l.k = r.k",
        &["1 10", "2 NULL", "3 NULL"],
    );
    check(
        "SELECT l.x AS x, r.y AS y FROM l FULL JOIN r ON l.k = r.k",
        &["1 10", "2 NULL", "3 NULL", "NULL 20", "NULL 30"],
    );
    check("SELECT l.x AS x FROM l SEMI JOIN r ON l.k = r.k", &["1"]);
    check(
        "SELECT l.x AS x FROM l ANTI JOIN r ON l.k = r.k",
        &["2", "3"],
    );
    check("SELECT x FROM l WHERE k IN (SELECT k FROM r)", &["1"]);
    check("SELECT x FROM l WHERE k NOT IN (SELECT k FROM r)", &[]);
    check(
        "SELECT l.x AS x FROM l WHERE NOT EXISTS (SELECT 1 AS one FROM r WHERE r.k = l.k)",
        &["2", "3"],
    );
    check(
        "SELECT k, COUNT(*) AS n FROM r GROUP BY k",
        &["a 1", "NULL 2"],
    );
    check("SELECT k FROM l EXCEPT SELECT k FROM r", &["b"]);
    check("SELECT k FROM l INTERSECT SELECT k FROM r", &["a", "NULL"]);
}

#[test]
fn empty_tables_aggregate_as_sql_says() {
    check(
        "SELECT COUNT(*) AS n, SUM(z) AS s, MAX(z) AS m, AVG(z) AS a FROM e",
        &["0 NULL NULL NULL"],
    );
    check("SELECT k, COUNT(*) AS n FROM e GROUP BY k", &[]);
    check("SELECT 'x' AS w FROM e", &[]);
    check("SELECT 'x' AS w, z FROM e", &[]);
    check("SELECT 'x' AS w, COUNT(*) AS n FROM e", &["x 0"]);
    check(
        "SELECT l.x AS x FROM l ANTI JOIN e ON l.k = e.k",
        &["1", "2", "3"],
    );
    check(
        "SELECT l.x AS x, e.z AS z FROM l LEFT JOIN e ON l.k = e.k",
        &["1 NULL", "2 NULL", "3 NULL"],
    );
}

#[test]
fn inequalities_in_on_are_inner_joins_with_a_condition() {
    check(
        "SELECT l.x AS x, r.y AS y FROM l JOIN r ON l.k = r.k AND l.x < r.y",
        &["1 10"],
    );
    check(
        "SELECT l.x AS x, r.y AS y FROM l JOIN r ON l.x * 10 < r.y",
        &["1 20", "1 30", "2 30"],
    );
}

#[test]
fn chained_joins_take_the_columns_that_their_aliases_name() {
    // Both tables have `k`; written the other way round, the engine guesses sides from names.
    check(
        "SELECT a.x AS x, c.x AS z FROM l a JOIN l b ON b.k = a.k JOIN l c ON c.x = b.x",
        &["1 1", "2 2"],
    );
}

#[test]
fn decimals_are_doubles_and_division_is_exact() {
    check("SELECT x / 2 AS half FROM l", &["0.5", "1", "1.5"]);
    check(
        "SELECT x / NULLIF(x - 1, 0) AS q FROM l",
        &["1.5", "2", "NULL"],
    );
    check(
        "SELECT SUM(CASE WHEN x > 0 THEN 2000000000 ELSE 0 END) AS s FROM l",
        &["6000000000"],
    );
}

#[test]
fn an_alias_may_repeat_the_name_of_its_source() {
    check(
        "SELECT k, SUM(y) AS y FROM r GROUP BY k HAVING SUM(y) > 10",
        &["NULL 50"],
    );
    check("SELECT x + 1 AS x FROM l WHERE x > 1", &["3", "4"]);
}

#[test]
fn the_column_cluster_can_stand_anywhere() {
    let mut session = Session::new(Catalog::default());
    let frame = df!("cluster" => ["c1", "c1"], "x" => [1i64, 2]).expect("columns of one length");
    let columns = vec![
        CatalogColumn::plain("cluster", ColumnKind::Text),
        CatalogColumn::plain("x", ColumnKind::Integer),
    ];
    session
        .register("k8s_pv", frame, columns)
        .expect("a valid table");
    for sql in [
        "SELECT x, cluster FROM k8s_pv",
        "SELECT COUNT(*) AS n, cluster AS cluster FROM k8s_pv GROUP BY cluster",
        "SELECT x, cluster, COUNT(*) AS n FROM k8s_pv GROUP BY x, cluster",
        "SELECT p.x AS x, p.cluster FROM k8s_pv p WHERE p.cluster = 'c1'",
        "SELECT x, ROW_NUMBER() OVER (PARTITION BY x, cluster ORDER BY x NULLS LAST) AS r FROM k8s_pv",
    ] {
        session
            .run(sql, &Params::new(), &Limits::default())
            .unwrap_or_else(|error| panic!("`{sql}`: {error:?}"));
    }
}

#[test]
fn parameters_reach_the_engine_with_their_type() {
    let params = Params::from([("limit".to_owned(), ParamValue::Integer(2))]);
    let frame = session()
        .run(
            "SELECT x FROM l WHERE x >= :limit",
            &params,
            &Limits::default(),
        )
        .expect("valid");
    assert_eq!(frame.height(), 2);
    let error = session()
        .run("SELECT x FROM l", &params, &Limits::default())
        .expect_err("unused");
    assert!(matches!(error, QueryError::Params { .. }), "{error}");
}

#[test]
fn a_view_carries_types_and_classes_into_the_next_statement() {
    let mut session = session();
    session
        .create_view(
            "v",
            "SELECT COALESCE(k, '') AS key, COUNT(*) AS n FROM (SELECT k FROM l) AS d GROUP BY key",
        )
        .expect_err("a key of the select list is no column");
    session
        .create_view("v", "SELECT k AS key, COUNT(*) AS n FROM l GROUP BY k")
        .expect("a valid view");
    let columns = session.catalog().columns("v").expect("the view is known");
    assert_eq!(
        columns[0],
        CatalogColumn {
            name: "key".to_owned(),
            kind: ColumnKind::Text,
            is_token: true,
            nullable: true
        }
    );
    assert_eq!(
        (columns[1].kind, columns[1].is_token),
        (ColumnKind::Integer, false)
    );
    session
        .run(
            "SELECT UPPER(key) AS x FROM v",
            &Params::new(),
            &Limits::default(),
        )
        .expect_err("a pseudonym through a view");
    session
        .create_view("w", "SELECT n FROM v WHERE n > 0")
        .expect("a view over a view");
    assert_eq!(
        session
            .views()
            .iter()
            .map(|view| view.name.as_str())
            .collect::<Vec<_>>(),
        ["v", "w"]
    );
    assert_eq!(
        session.tables().map(|(name, _)| name).collect::<Vec<_>>(),
        ["e", "l", "r"]
    );
    assert!(matches!(
        session.create_view("l", "SELECT n FROM v"),
        Err(QueryError::Table { .. })
    ));
}

#[test]
fn a_frame_must_have_the_columns_it_claims() {
    let mut session = session();
    let frame = || df!("a" => [1i64]).expect("one column");
    let mut refused = |columns| {
        matches!(
            session.register("t", frame(), columns),
            Err(QueryError::Table { .. })
        )
    };
    assert!(refused(vec![CatalogColumn::token("a")]));
    assert!(refused(vec![CatalogColumn::plain(
        "b",
        ColumnKind::Integer
    )]));
    assert!(refused(vec![]));
    assert!(!refused(vec![CatalogColumn::plain(
        "a",
        ColumnKind::Integer
    )]));
}

#[test]
fn results_are_bounded_and_typed_queries_are_sorted() {
    let session = session();
    let run = |limits| session.run("SELECT x FROM l", &Params::new(), &limits);
    assert!(
        run(Limits {
            rows: 3,
            ..Limits::default()
        })
        .is_ok()
    );
    assert!(matches!(
        run(Limits {
            rows: 2,
            ..Limits::default()
        }),
        Err(QueryError::TooManyRows { rows: 2 })
    ));
    assert!(matches!(
        run(Limits {
            bytes: 1,
            ..Limits::default()
        }),
        Err(QueryError::TooLarge { .. })
    ));
    let time = Some(Duration::from_secs(60));
    assert_eq!(
        run(Limits {
            time,
            ..Limits::default()
        })
        .expect("fast enough")
        .height(),
        3
    );
    let answer = session
        .ask(
            "SELECT x % 2 AS odd, x FROM l",
            &Params::new(),
            &Limits::default(),
        )
        .expect("typed");
    assert_eq!(
        rows(&answer.frame)[0],
        [Value::Integer(0), Value::Integer(2)]
    );
    assert_eq!(answer.warnings.len(), 1);
}

#[test]
fn a_query_that_runs_too_long_is_stopped() {
    let mut session = Session::new(Catalog::default());
    let frame = df!("x" => (0..6000i64).collect::<Vec<_>>()).expect("one column");
    session
        .register(
            "t",
            frame,
            vec![CatalogColumn::plain("x", ColumnKind::Integer)],
        )
        .expect("a valid table");
    let limits = Limits {
        time: Some(Duration::from_millis(1)),
        ..Limits::default()
    };
    let sql = "SELECT COUNT(*) AS n FROM t a CROSS JOIN t b WHERE a.x * b.x > 7";
    assert!(matches!(
        session.ask(sql, &Params::new(), &limits),
        Err(QueryError::TooSlow { .. })
    ));
}
