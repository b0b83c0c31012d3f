//! From a linted statement to the text that runs: parameters become literals, and what the engine gets wrong is reshaped.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    JoinConstraint, JoinOperator, Query, Select, SelectItem, SetExpr, TableFactor, TableWithJoins,
    UnaryOperator, Value, ValueWithSpan, VisitMut, VisitorMut, visit_expressions,
    visit_expressions_mut,
};

use crate::query::lint::{LintError, Linted};
use crate::query::params::{Params, cast, double};
use crate::query::syntax::{CLUSTER, parse};

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
    engine: String,
    portable: String,
}

impl Prepared {
    /// What Polars runs: counters are wrapped, joins are reshaped.
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
    let _ = query.visit(&mut Selects);
    let _ = visit_expressions_mut(&mut query, |expr| {
        widen_literals(expr);
        wrap_counter(expr);
        quote_name(expr);
        ControlFlow::<()>::Continue(())
    });
    Ok(Prepared {
        engine: query.to_string(),
        portable,
    })
}

/// The parameters that a statement names, without the colon.
pub fn placeholders(sql: &str) -> Result<BTreeSet<String>, LintError> {
    Ok(placeholders_of(&parse(sql)?))
}

fn placeholders_of(query: &Query) -> BTreeSet<String> {
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

/// Casts what the engine counts in 32 unsigned bits, once.
fn wrap_counter(expr: &mut Expr) {
    if is_counter(expr) {
        *expr = bigint(expr);
    } else if let Expr::Cast {
        expr: inner,
        data_type: DataType::BigInt(None),
        ..
    } = expr
        && matches!(inner.as_ref(), Expr::Cast { expr: counter, data_type: DataType::BigInt(None), .. } if is_counter(counter))
    {
        *expr = inner.as_ref().clone();
    }
}

/// Casts integer literals where their type decides that of a result: the engine makes 32 bits of them.
fn widen_literals(expr: &mut Expr) {
    match expr {
        Expr::Case {
            conditions,
            else_result,
            ..
        } => {
            conditions
                .iter_mut()
                .map(|when| &mut when.result)
                .for_each(widen);
            else_result.as_deref_mut().into_iter().for_each(widen);
        }
        Expr::BinaryOp {
            left,
            op:
                BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::Divide,
            right,
        } => {
            widen(left);
            widen(right);
        }
        Expr::Function(Function {
            name,
            args: FunctionArguments::List(list),
            ..
        }) => {
            let name = name.to_string().to_ascii_lowercase();
            if !matches!(name.as_str(), "coalesce" | "nullif" | "sum" | "min" | "max") {
                return;
            }
            for arg in &mut list.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) = arg {
                    widen(arg);
                }
            }
        }
        _ => {}
    }
}

fn widen(expr: &mut Expr) {
    if is_integer(expr) {
        *expr = bigint(expr);
    }
}

fn is_integer(expr: &Expr) -> bool {
    match expr {
        Expr::Value(ValueWithSpan {
            value: Value::Number(digits, _),
            ..
        }) => !digits.contains('.'),
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: inner,
        }
        | Expr::Nested(inner) => is_integer(inner),
        _ => false,
    }
}

fn bigint(expr: &Expr) -> Expr {
    cast(expr.clone(), DataType::BigInt(None))
}

/// Quotes the one column name that the engine's parser would take for a clause.
fn quote_name(expr: &mut Expr) {
    if let Expr::Identifier(name) = expr
        && name.value == CLUSTER
    {
        name.quote_style = Some('"');
    }
}

fn is_counter(expr: &Expr) -> bool {
    let Expr::Function(function) = expr else {
        return false;
    };
    matches!(
        function.name.to_string().to_ascii_lowercase().as_str(),
        "count" | "row_number" | "length"
    )
}

/// Puts the joined table on the right of every equality, moves inequalities of inner joins into WHERE, and widens selected
/// literals.
///
/// The engine guesses sides from column names when neither operand names the first table, and has no inequality join
/// without a feature that the other engines do not need.
struct Selects;

impl VisitorMut for Selects {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        set_expr(&mut query.body);
        ControlFlow::Continue(())
    }
}

fn set_expr(body: &mut SetExpr) {
    match body {
        SetExpr::Select(select) => reshape(select),
        SetExpr::SetOperation { left, right, .. } => {
            set_expr(left);
            set_expr(right);
        }
        _ => {}
    }
}

fn reshape(select: &mut Select) {
    let mut moved = Vec::new();
    for TableWithJoins { joins, .. } in &mut select.from {
        for join in joins {
            let Some(alias) = alias_of(&join.relation) else {
                continue;
            };
            let is_inner = matches!(
                join.join_operator,
                JoinOperator::Join(_) | JoinOperator::Inner(_)
            );
            let Some(constraint) = constraint_of(&mut join.join_operator) else {
                continue;
            };
            let JoinConstraint::On(condition) = constraint else {
                continue;
            };
            let mut kept = Vec::new();
            for mut term in into_conjuncts(condition.clone()) {
                orient(&mut term, &alias);
                let is_equality = matches!(
                    term,
                    Expr::BinaryOp {
                        op: BinaryOperator::Eq,
                        ..
                    }
                );
                if is_equality || !is_inner {
                    kept.push(term)
                } else {
                    moved.push(term)
                }
            }
            match all_of(kept) {
                Some(condition) => *constraint = JoinConstraint::On(condition),
                None => join.join_operator = JoinOperator::CrossJoin(JoinConstraint::None),
            }
        }
    }
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            widen(expr);
        }
    }
    let terms = select
        .selection
        .take()
        .into_iter()
        .flat_map(into_conjuncts)
        .chain(moved)
        .collect();
    select.selection = all_of(terms);
}

fn alias_of(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table {
            name, alias: None, ..
        } => Some(name.to_string()),
        TableFactor::Table { alias, .. } | TableFactor::Derived { alias, .. } => {
            alias.as_ref().map(|alias| alias.name.value.clone())
        }
        _ => None,
    }
}

fn constraint_of(operator: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::Semi(constraint)
        | JoinOperator::Anti(constraint)
        | JoinOperator::LeftSemi(constraint)
        | JoinOperator::LeftAnti(constraint) => Some(constraint),
        _ => None,
    }
}

fn orient(term: &mut Expr, joined: &str) {
    let Expr::BinaryOp {
        left,
        op: BinaryOperator::Eq,
        right,
    } = term
    else {
        return;
    };
    if names(left, joined) && !names(right, joined) {
        std::mem::swap(left, right);
    }
}

fn names(expr: &Expr, alias: &str) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::CompoundIdentifier(parts)
            if parts.first().is_some_and(|first| first.value == alias) =>
        {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

fn into_conjuncts(condition: Expr) -> Vec<Expr> {
    match condition {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            let mut terms = into_conjuncts(*left);
            terms.extend(into_conjuncts(*right));
            terms
        }
        Expr::Nested(inner)
            if matches!(
                *inner,
                Expr::BinaryOp {
                    op: BinaryOperator::And,
                    ..
                }
            ) =>
        {
            into_conjuncts(*inner)
        }
        term => vec![term],
    }
}

fn all_of(terms: Vec<Expr>) -> Option<Expr> {
    let is_alone = terms.len() == 1;
    let terms = terms.into_iter().map(|term| match term {
        Expr::BinaryOp {
            op: BinaryOperator::Or,
            ..
        } if !is_alone => Expr::Nested(Box::new(term)),
        term => term,
    });
    terms.reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    })
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
        let linted = lint(sql, &catalog(), Mode::Strict).expect("the statement passes the lint");
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
            "SELECT LAG(x, 2) OVER (ORDER BY k NULLS LAST) AS x FROM a WHERE y > 3",
            "SELECT LAG(x, 2) OVER (ORDER BY k NULLS LAST) AS x FROM a WHERE y > 3",
        );
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

    #[test]
    fn placeholders_are_listed_without_the_colon() {
        let names = placeholders("SELECT x FROM a WHERE :now - x > :age_secs AND x < :now");
        assert_eq!(names, Ok(["age_secs", "now"].map(str::to_owned).into()));
    }
}
