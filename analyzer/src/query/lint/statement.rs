//! The statement around the SELECTs: WITH, set operations, ORDER BY and LIMIT.

use sqlparser::ast::Expr;
use sqlparser::ast::{
    LimitClause, OrderBy, OrderByExpr, OrderByKind, Query, SetExpr, SetOperator, SetQuantifier,
    Spanned as _, With,
};
use sqlparser::tokenizer::Location;

use crate::query::lint::scope::Scope;
use crate::query::lint::token::Shape;
use crate::query::lint::{LintError, Linter, OutputColumn};

/// Whether WITH may stand in front of a query.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ctes {
    /// At the top of the statement.
    Allowed,
    /// Everywhere else: the engine forgets them there.
    Refused,
}

impl Linter<'_> {
    /// Checks the whole statement.
    pub(super) fn statement(&mut self, query: &Query) -> Result<Vec<OutputColumn>, LintError> {
        let columns = self.query(query, None, Ctes::Allowed)?;
        for column in columns.iter().filter(|column| column.kind.is_none()) {
            let construct = format!("the column `{}` of unknown type", column.name);
            self.differs(
                query.span().start,
                construct,
                "a CAST around the bare NULL or parameter",
            )?;
        }
        Ok(columns)
    }

    /// Checks one query and returns its columns.
    pub(super) fn query(
        &mut self,
        query: &Query,
        outer: Option<&Scope<'_>>,
        ctes: Ctes,
    ) -> Result<Vec<OutputColumn>, LintError> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let at = query.span().start;
        if fetch.is_some()
            || !locks.is_empty()
            || for_clause.is_some()
            || settings.is_some()
            || format_clause.is_some()
            || !pipe_operators.is_empty()
        {
            return Err(LintError::new(
                at,
                "a clause after the SELECT",
                "ORDER BY at most",
            ));
        }
        if let Some(with) = with {
            self.with(with, ctes)?;
        }
        let columns = self.set_expr(body, outer)?;
        if let Some(order_by) = order_by {
            self.order_by(order_by, body, &columns)?;
        }
        if let Some(limit) = limit_clause {
            self.limit(limit, order_by.is_some(), at)?;
        }
        Ok(columns)
    }

    fn with(&mut self, with: &With, ctes: Ctes) -> Result<(), LintError> {
        let at = with.with_token.0.span.start;
        if with.recursive {
            return Err(LintError::new(
                at,
                "WITH RECURSIVE",
                "an ancestor table made when rows are made",
            ));
        }
        if ctes == Ctes::Refused {
            return Err(LintError::new(
                at,
                "WITH inside a query",
                "all CTEs at the top of the statement",
            ));
        }
        for cte in &with.cte_tables {
            let name = &cte.alias.name;
            self.table_name(name)?;
            if !cte.alias.columns.is_empty() || cte.from.is_some() || cte.materialized.is_some() {
                return Err(LintError::new(
                    name.span.start,
                    "a CTE with column names or hints",
                    "AS in its SELECT",
                ));
            }
            if self.catalog.columns(&name.value).is_some() || self.ctes.contains_key(&name.value) {
                let construct = format!("the CTE `{}`, whose name is taken", name.value);
                return Err(LintError::new(name.span.start, construct, "another name"));
            }
            let columns = self.query(&cte.query, None, Ctes::Refused)?;
            self.ctes.insert(name.value.clone(), columns);
        }
        Ok(())
    }

    fn set_expr(
        &mut self,
        body: &SetExpr,
        outer: Option<&Scope<'_>>,
    ) -> Result<Vec<OutputColumn>, LintError> {
        let at = body.span().start;
        match body {
            SetExpr::Select(select) => self.select(select, outer),
            SetExpr::SetOperation {
                left,
                op,
                set_quantifier,
                right,
            } => self.set_operation(*op, *set_quantifier, [left.as_ref(), right.as_ref()], at),
            _ => Err(LintError::new(
                at,
                "a query that is no SELECT",
                "SELECT, or a CTE in place of parentheses",
            )),
        }
    }

    fn set_operation(
        &mut self,
        op: SetOperator,
        quantifier: SetQuantifier,
        sides: [&SetExpr; 2],
        at: Location,
    ) -> Result<Vec<OutputColumn>, LintError> {
        match (op, quantifier) {
            (SetOperator::Union, SetQuantifier::All)
            | (SetOperator::Except | SetOperator::Intersect, SetQuantifier::None) => {}
            (SetOperator::Union, SetQuantifier::None | SetQuantifier::Distinct) => {
                self.differs(at, "UNION", "UNION ALL, then GROUP BY")?;
            }
            _ => {
                return Err(LintError::new(
                    at,
                    format!("{op} {quantifier}"),
                    "UNION ALL, EXCEPT or INTERSECT",
                ));
            }
        }
        let mut columns = Vec::new();
        for side in sides {
            // The engine takes the operator of the outermost operation for every EXCEPT and INTERSECT below it.
            let fits = match side {
                SetExpr::Select(_) => true,
                SetExpr::SetOperation { op: inner, .. } => {
                    op == SetOperator::Union && *inner == SetOperator::Union
                }
                _ => false,
            };
            if !fits {
                let construct = format!("{op} of another set operation");
                return Err(LintError::new(
                    side.span().start,
                    construct,
                    "a CTE for each operation",
                ));
            }
            columns.push(self.set_expr(side, None)?);
        }
        let (Some(right), Some(left)) = (columns.pop(), columns.pop()) else {
            return Ok(Vec::new());
        };
        if left.len() != right.len() {
            return Err(LintError::new(
                at,
                format!("{op} of different column counts"),
                "the same columns on each side",
            ));
        }
        let pairs = left.into_iter().zip(right);
        pairs
            .map(|(left, right)| {
                let shapes = [Shape::from(&left), Shape::from(&right)];
                if op != SetOperator::Union {
                    self.comparable(shapes[0], shapes[1], at)?;
                }
                Ok(self.one_of(&shapes, at)?.named(left.name))
            })
            .collect()
    }

    fn order_by(
        &mut self,
        order_by: &OrderBy,
        body: &SetExpr,
        columns: &[OutputColumn],
    ) -> Result<(), LintError> {
        let at = order_by.span().start;
        let OrderByKind::Expressions(keys) = &order_by.kind else {
            return Err(LintError::new(
                at,
                "ORDER BY ALL",
                "the names of the columns",
            ));
        };
        if order_by.interpolate.is_some() {
            return Err(LintError::new(at, "INTERPOLATE", "nothing"));
        }
        if !matches!(body, SetExpr::Select(_)) {
            self.differs(
                at,
                "ORDER BY after a set operation",
                "the set operation in a CTE",
            )?;
        }
        for OrderByExpr {
            expr,
            options,
            with_fill,
        } in keys
        {
            let at = expr.span().start;
            let named = match expr {
                Expr::Identifier(name) => columns.iter().find(|column| column.name == name.value),
                _ => None,
            };
            let Some(column) = named else {
                return Err(LintError::new(
                    at,
                    format!("ORDER BY {expr}"),
                    "the name of a selected column",
                ));
            };
            self.no_token(
                Shape::from(column),
                at,
                "ORDER BY",
                "an order by time, integer id or uid",
            )?;
            if with_fill.is_some() {
                return Err(LintError::new(at, "WITH FILL", "nothing"));
            }
            if options.nulls_first.is_none() {
                self.differs(at, "ORDER BY without NULLS", "NULLS LAST after the key")?;
            }
        }
        Ok(())
    }

    fn limit(
        &mut self,
        limit: &LimitClause,
        is_ordered: bool,
        at: Location,
    ) -> Result<(), LintError> {
        let LimitClause::LimitOffset {
            limit: _,
            offset,
            limit_by,
        } = limit
        else {
            return Err(LintError::new(at, "LIMIT a, b", "LIMIT n"));
        };
        if offset.is_some() || !limit_by.is_empty() {
            return Err(LintError::new(at, "OFFSET", "a condition on the key"));
        }
        if is_ordered && self.mode == super::Mode::Lenient {
            return Ok(());
        }
        self.differs(
            at,
            "LIMIT, which picks rows by chance",
            "ROW_NUMBER over a unique key in a CTE, then a condition",
        )
    }
}
