//! WHERE terms with subqueries: IN (SELECT) and the shapes of EXISTS that the engine turns into joins.

use sqlparser::ast::{BinaryOperator, Expr, GroupByExpr, Query, Select, SetExpr, Spanned as _};
use sqlparser::tokenizer::Location;

use crate::query::catalog::ColumnKind;
use crate::query::lint::expression::Place;
use crate::query::lint::relation::conjuncts;
use crate::query::lint::scope::Scope;
use crate::query::lint::statement::Ctes;
use crate::query::lint::token::Shape;
use crate::query::lint::{LintError, Linter};

impl Linter<'_> {
    /// Checks one term of AND in WHERE.
    pub(super) fn filter(&mut self, conjunct: &Expr, scope: &Scope<'_>) -> Result<(), LintError> {
        let at = conjunct.span().start;
        match conjunct {
            Expr::InSubquery {
                expr,
                subquery,
                negated,
            } => {
                let left = self.expression(expr, scope, Place::row("WHERE"))?;
                let columns = self.query(subquery, None, Ctes::Refused)?;
                let [column] = columns.as_slice() else {
                    return Err(LintError::new(
                        at,
                        "IN over several columns",
                        "NOT EXISTS or a SEMI JOIN",
                    ));
                };
                self.comparable(left, Shape::from(column), at)?;
                if *negated {
                    self.warn(LintError::new(
                        at,
                        "NOT IN (SELECT), which is slow and empty after a NULL",
                        "ANTI JOIN",
                    ));
                }
                Ok(())
            }
            Expr::Exists {
                subquery,
                negated: _,
            } => self.exists(subquery, scope, at),
            _ => {
                let shape = self.expression(conjunct, scope, Place::row("WHERE"))?;
                if matches!(shape.kind, None | Some(ColumnKind::Bool)) {
                    return Ok(());
                }
                Err(LintError::new(
                    at,
                    "a WHERE term that is no condition",
                    "a comparison",
                ))
            }
        }
    }

    fn exists(
        &mut self,
        subquery: &Query,
        outer: &Scope<'_>,
        at: Location,
    ) -> Result<(), LintError> {
        let Some(select) = plain_select(subquery) else {
            return Err(LintError::new(
                at,
                "EXISTS over more than SELECT, FROM and WHERE",
                "a CTE, then ANTI JOIN",
            ));
        };
        // With a join outside, the engine takes a column of the joined table for the first table's of the same name.
        if outer.relations.len() != 1 {
            return Err(LintError::new(
                at,
                "EXISTS beside a join",
                "ANTI JOIN or SEMI JOIN",
            ));
        }
        self.select(
            &Select {
                selection: None,
                ..select.clone()
            },
            None,
        )?;
        let inner = self.from(&select.from, Some(outer), at)?;
        let mut n_pairs = 0;
        for term in select.selection.iter().flat_map(conjuncts) {
            if self.is_pair(term, &inner)? {
                n_pairs += 1;
                continue;
            }
            self.expression(term, &inner, Place::row("EXISTS"))?;
            if let Some(name) = column_names(term)
                .into_iter()
                .find(|name| outer.has_column(name))
            {
                let construct =
                    format!("a condition on `{name}`, a name of both tables, inside EXISTS");
                return Err(LintError::new(
                    term.span().start,
                    construct,
                    "the condition in a CTE of the inner table",
                ));
            }
        }
        if n_pairs == 0 {
            return Err(LintError::new(
                at,
                "EXISTS without inner.column = outer.column",
                "a term that ties the tables",
            ));
        }
        Ok(())
    }

    /// Whether the term is `inner.column = outer.column`, in either order.
    fn is_pair(&mut self, term: &Expr, inner: &Scope<'_>) -> Result<bool, LintError> {
        let Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } = term
        else {
            return Ok(false);
        };
        let (Expr::CompoundIdentifier(left), Expr::CompoundIdentifier(right)) =
            (left.as_ref(), right.as_ref())
        else {
            return Ok(false);
        };
        let ([left_alias, left_name], [right_alias, right_name]) =
            (left.as_slice(), right.as_slice())
        else {
            return Ok(false);
        };
        let left = self.resolve(Some(left_alias), left_name, inner)?;
        let right = self.resolve(Some(right_alias), right_name, inner)?;
        if left.id.is_some() == right.id.is_some() {
            return Ok(false);
        }
        self.comparable(
            Shape::from(&left.column),
            Shape::from(&right.column),
            term.span().start,
        )?;
        Ok(true)
    }
}

fn plain_select(query: &Query) -> Option<&Select> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return None;
    };
    let is_plain = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(keys, modifiers) if keys.is_empty() && modifiers.is_empty());
    is_plain.then_some(select.as_ref())
}

fn column_names(expr: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    let _ = sqlparser::ast::visit_expressions(expr, |part| {
        match part {
            Expr::Identifier(name) => names.push(name.value.clone()),
            Expr::CompoundIdentifier(parts) => {
                names.extend(parts.last().map(|name| name.value.clone()))
            }
            _ => {}
        }
        std::ops::ControlFlow::<()>::Continue(())
    });
    names
}
