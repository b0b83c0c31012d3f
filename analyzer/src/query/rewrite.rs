//! From a linted statement to the text that runs: parameters become literals, and what the engine gets wrong is reshaped.

mod joins;
mod types;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Query, Value, ValueWithSpan, VisitMut as _, visit_expressions, visit_expressions_mut,
};

use crate::query::lint::Linted;
use crate::query::params::{Params, double};
use crate::query::rewrite::joins::Selects;
use crate::query::statement::relations_of;

/// Why parameters cannot be put into a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// The statement names a parameter that has no value.
    #[error("parameter `:{name}` has no value; declare it as a threshold or pass it")]
    Unknown {
        /// Name without the colon.
        name: String,
    },
    /// A value was given that the statement does not use.
    #[error("parameter `:{name}` is not used by the statement; remove it or use it")]
    Unused {
        /// Name without the colon.
        name: String,
    },
    /// The value has no portable literal.
    #[error("parameter `:{name}` cannot be written as a literal: {reason}")]
    Value {
        /// Name without the colon.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// One statement, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    reads: BTreeSet<String>,
    ctes: Vec<(String, String)>,
    engine: String,
    portable: String,
}

impl Prepared {
    /// The CTEs of the statement by name, each to be run before those behind it and before the statement itself. The engine
    /// plans a statement as often as it looks up a column, so that one plan over all of them takes far longer than each on its own.
    pub fn ctes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ctes.iter().map(|(name, sql)| (&**name, &**sql))
    }

    /// Tables, views and CTEs that the statement names.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.reads.iter().map(String::as_str)
    }

    /// What Polars runs, over the rows of the CTEs: counters are wrapped, joins are reshaped.
    pub fn engine_sql(&self) -> &str {
        &self.engine
    }

    /// What DuckDB and Spark run: parameters are substituted, nothing else is changed.
    pub fn portable_sql(&self) -> &str {
        &self.portable
    }
}

/// Substitutes the parameters of a linted statement and reshapes it for the engine.
pub fn prepare(linted: &Linted, params: &Params) -> Result<Prepared, RewriteError> {
    let mut query = linted.query.clone();
    let used = placeholders_of(&query);
    if let Some(name) = params.keys().find(|name| !used.contains(*name)) {
        return Err(RewriteError::Unused { name: name.clone() });
    }
    substitute(&mut query, params)?;
    let portable = query.to_string();
    let reads = relations_of(&query);
    let _ = query.visit(&mut Selects);
    types::reshape(&mut query);
    let ctes = query.with.take().map_or_else(Vec::new, |with| {
        let ctes = with.cte_tables.into_iter();
        ctes.map(|cte| (cte.alias.name.value, cte.query.to_string()))
            .collect()
    });
    Ok(Prepared {
        reads,
        ctes,
        engine: query.to_string(),
        portable,
    })
}

/// The parameters that a statement names, without the colon.
pub(super) fn placeholders_of(query: &Query) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let _ = visit_expressions(query, |expr| {
        names.extend(placeholder(expr).map(str::to_owned));
        ControlFlow::<()>::Continue(())
    });
    names
}

fn placeholder(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(ValueWithSpan {
            value: Value::Placeholder(name),
            ..
        }) => name.strip_prefix(':'),
        _ => None,
    }
}

fn substitute(query: &mut Query, params: &Params) -> Result<(), RewriteError> {
    // Decimals first: the cast around a substituted float must not be wrapped once more.
    let _ = visit_expressions_mut(query, |expr| {
        if is_decimal(expr) {
            *expr = double(expr.clone());
        }
        ControlFlow::<()>::Continue(())
    });
    let outcome = visit_expressions_mut(query, |expr| {
        let Some(name) = placeholder(expr) else {
            return ControlFlow::Continue(());
        };
        let Some(value) = params.get(name) else {
            return ControlFlow::Break(RewriteError::Unknown {
                name: name.to_owned(),
            });
        };
        match value.literal() {
            Ok(literal) => *expr = literal,
            Err(reason) => {
                return ControlFlow::Break(RewriteError::Value {
                    name: name.to_owned(),
                    reason,
                });
            }
        }
        ControlFlow::Continue(())
    });
    match outcome {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

fn is_decimal(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) if digits.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::params::ParamValue;
    use crate::query::{Catalog, CatalogColumn, ColumnKind, Mode, lint};

    fn catalog() -> Catalog {
        let columns = || {
            ["k", "x", "y"]
                .map(|name| CatalogColumn::plain(name, ColumnKind::Integer))
                .to_vec()
        };
        Catalog {
            tables: ["a", "b", "c"]
                .map(|name| (name.to_owned(), columns()))
                .into(),
        }
    }

    #[track_caller]
    fn prepared(sql: &str, params: &[(&str, ParamValue)]) -> Result<Prepared, RewriteError> {
        let linted = lint(sql, &catalog(), Mode::Lenient).expect("the statement passes the lint");
        let params = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        prepare(&linted, &params)
    }

    #[track_caller]
    fn engine(sql: &str, expect: &str) {
        assert_eq!(
            prepared(sql, &[]).expect("no parameters").engine_sql(),
            expect
        );
    }

    #[test]
    fn counters_are_wrapped_once_and_only_for_the_engine() {
        engine(
            "SELECT COUNT(*) - 10 AS n FROM a",
            "SELECT CAST(COUNT(*) AS BIGINT) - CAST(10 AS BIGINT) AS n FROM a",
        );
        engine(
            "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM a",
            "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM a",
        );
        let portable = prepared("SELECT COUNT(*) - 1 AS n FROM a", &[]).expect("no parameters");
        assert_eq!(portable.portable_sql(), "SELECT COUNT(*) - 1 AS n FROM a");
    }

    #[test]
    fn integer_literals_are_64_bits_where_they_give_a_result_its_type() {
        engine(
            "SELECT CASE WHEN x = 1 THEN -2 ELSE 0 END AS n, 1 AS one, COALESCE(x, 0) AS z FROM a",
            "SELECT CASE WHEN x = 1 THEN CAST(-2 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS n, \
             CAST(1 AS BIGINT) AS one, COALESCE(x, CAST(0 AS BIGINT)) AS z FROM a",
        );
        engine(
            "SELECT SUBSTRING('abc', 2) AS x FROM a WHERE y > 3 LIMIT 4",
            "SELECT SUBSTRING('abc', 2) AS x FROM a WHERE y > 3 LIMIT 4",
        );
    }

    #[test]
    fn windows_with_nulls_last_are_turned_round() {
        engine(
            "SELECT LAG(x, 2) OVER (ORDER BY k NULLS LAST) AS x FROM a",
            "SELECT LEAD(x, 2) OVER (ORDER BY k DESC NULLS FIRST) AS x FROM a",
        );
        engine(
            "SELECT ROW_NUMBER() OVER (PARTITION BY y ORDER BY k DESC NULLS LAST) AS r FROM a",
            "SELECT (CAST(COUNT(*) OVER (PARTITION BY y) AS BIGINT) + CAST(1 AS BIGINT) - \
             CAST(ROW_NUMBER() OVER (PARTITION BY y ORDER BY k ASC NULLS FIRST) AS BIGINT)) AS r FROM a",
        );
        engine(
            "SELECT LAG(x) OVER (ORDER BY y NULLS LAST, x NULLS LAST) AS x FROM a",
            "SELECT LAG(x) OVER (ORDER BY y * (-1) DESC NULLS LAST, x * (-1) DESC NULLS LAST) AS x FROM a",
        );
    }

    #[test]
    fn ctes_are_steps_of_their_own_and_one_statement_elsewhere() {
        let sql = "WITH p AS (SELECT COUNT(*) AS n FROM a), q AS (SELECT p.n AS n FROM p) SELECT q.n AS n FROM q";
        let prepared = prepared(sql, &[]).expect("no parameters");
        let steps: Vec<_> = prepared.ctes().collect();
        assert_eq!(
            steps,
            [
                ("p", "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM a"),
                ("q", "SELECT p.n AS n FROM p"),
            ]
        );
        assert_eq!(prepared.engine_sql(), "SELECT q.n AS n FROM q");
        assert_eq!(prepared.portable_sql(), sql);
    }

    #[test]
    fn the_joined_table_stands_on_the_right_of_every_equality() {
        engine(
            "SELECT a.x AS x FROM a JOIN b ON b.k = a.k JOIN c ON c.x = b.y",
            "SELECT a.x AS x FROM a JOIN b ON a.k = b.k JOIN c ON b.y = c.x",
        );
    }

    #[test]
    fn inequalities_of_inner_joins_move_to_where() {
        engine(
            "SELECT a.x AS x FROM a JOIN b ON a.k = b.k AND a.x < b.x WHERE a.y = 1 OR a.y = 2",
            "SELECT a.x AS x FROM a JOIN b ON a.k = b.k WHERE (a.y = 1 OR a.y = 2) AND a.x < b.x",
        );
    }

    #[test]
    fn every_parameter_is_typed_and_used() {
        let sql = "SELECT x FROM a WHERE x > :limit AND y > :share * 0.5";
        let limit = ("limit", ParamValue::Integer(-3));
        let share = ("share", ParamValue::Float(2.0));
        assert_eq!(
            prepared(sql, &[limit.clone(), share.clone()])
                .map(|prepared| prepared.portable_sql().to_owned()),
            Ok(
                "SELECT x FROM a WHERE x > (-3) AND y > CAST(2.0 AS DOUBLE) * CAST(0.5 AS DOUBLE)"
                    .to_owned()
            )
        );
        assert_eq!(
            prepared(sql, std::slice::from_ref(&limit)),
            Err(RewriteError::Unknown {
                name: "share".to_owned()
            })
        );
        assert_eq!(
            prepared(sql, &[limit, share, ("extra", ParamValue::Bool(true))]),
            Err(RewriteError::Unused {
                name: "extra".to_owned()
            })
        );
    }
}
