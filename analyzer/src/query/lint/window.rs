//! Window functions: the few forms on which the engines agree.

use sqlparser::ast::{Expr, OrderByExpr, Spanned as _, Value, WindowSpec, WindowType};
use sqlparser::tokenizer::Location;

use crate::query::catalog::ColumnKind;
use crate::query::lint::expression::Place;
use crate::query::lint::scope::Scope;
use crate::query::lint::token::Shape;
use crate::query::lint::{LintError, Linter};

impl Linter<'_> {
    /// Checks a call with OVER.
    pub(super) fn window(
        &mut self,
        name: &str,
        args: &[Option<&Expr>],
        over: &WindowType,
        scope: &Scope<'_>,
        place: Place<'_>,
        at: Location,
    ) -> Result<Shape, LintError> {
        if !place.windows {
            let construct = format!(
                "a window function in {} or beside an aggregate",
                place.clause
            );
            return Err(LintError::new(
                at,
                construct,
                "the window function in a CTE first",
            ));
        }
        let WindowType::WindowSpec(WindowSpec {
            window_name: None,
            partition_by,
            order_by,
            window_frame,
        }) = over
        else {
            return Err(LintError::new(
                at,
                "a named window",
                "the window in OVER itself",
            ));
        };
        if window_frame.is_some() {
            return Err(LintError::new(
                at,
                "a window frame",
                "a column prepared when the row is made, or Rust",
            ));
        }
        for key in partition_by {
            self.window_key(key, scope)?;
        }
        let row = Place::row("a window function");
        match (name, args) {
            ("row_number", []) => {
                self.window_order(order_by, scope, at)?;
                Ok(Shape {
                    nullable: false,
                    ..Shape::plain(ColumnKind::Integer)
                })
            }
            ("lag" | "lead", [Some(value)]) => {
                self.window_order(order_by, scope, at)?;
                Ok(Shape {
                    nullable: true,
                    ..self.expression(value, scope, row)?
                })
            }
            ("lag" | "lead", [Some(value), Some(Expr::Value(offset))])
                if matches!(offset.value, Value::Number(..)) =>
            {
                self.window_order(order_by, scope, at)?;
                Ok(Shape {
                    nullable: true,
                    ..self.expression(value, scope, row)?
                })
            }
            ("lag" | "lead", _) => Err(LintError::new(
                at,
                "LAG or LEAD with a default",
                "COALESCE around it",
            )),
            ("sum", [Some(value)]) => {
                let shape = self.expression(value, scope, row)?;
                if !shape.is_number() {
                    return Err(LintError::new(
                        at,
                        "SUM of something that is no number",
                        "a number column",
                    ));
                }
                if !order_by.is_empty() {
                    self.differs(
                        at,
                        "SUM(x) OVER (ORDER BY k)",
                        "SUM over the partition, or a column of running sums",
                    )?;
                    self.window_order(order_by, scope, at)?;
                }
                Ok(Shape {
                    nullable: true,
                    ..shape
                })
            }
            ("rank" | "dense_rank", []) => {
                self.differs(
                    at,
                    "RANK over a nullable key",
                    "ROW_NUMBER over a unique key",
                )?;
                self.window_order(order_by, scope, at)?;
                Ok(Shape::plain(ColumnKind::Integer))
            }
            _ => {
                let construct = format!("{} OVER", name.to_ascii_uppercase());
                Err(LintError::new(
                    at,
                    construct,
                    "ROW_NUMBER, LAG, LEAD, or a GROUP BY in a CTE and a join",
                ))
            }
        }
    }

    fn window_key(&mut self, key: &Expr, scope: &Scope<'_>) -> Result<Shape, LintError> {
        if !matches!(key, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
            let construct = format!("`{key}` as a window key");
            return Err(LintError::new(
                key.span().start,
                construct,
                "a plain column, computed in a CTE first",
            ));
        }
        self.expression(key, scope, Place::row("a window"))
    }

    fn window_order(
        &mut self,
        keys: &[OrderByExpr],
        scope: &Scope<'_>,
        at: Location,
    ) -> Result<(), LintError> {
        let Some(first) = keys.first() else {
            return Err(LintError::new(
                at,
                "a window without ORDER BY",
                "ORDER BY a unique key NULLS LAST",
            ));
        };
        let descends = |key: &OrderByExpr| key.options.asc == Some(false);
        for key in keys {
            let at = key.expr.span().start;
            let shape = self.window_key(&key.expr, scope)?;
            self.no_token(
                shape,
                at,
                "a window ORDER BY",
                "an order by time, integer id or uid",
            )?;
            if keys.len() > 1 && !shape.is_number() {
                return Err(LintError::new(
                    at,
                    "a key that is no number beside another in a window ORDER BY",
                    "numbers, or one key",
                ));
            }
            if key.with_fill.is_some() {
                return Err(LintError::new(at, "WITH FILL", "nothing"));
            }
            if key.options.nulls_first != Some(false) {
                self.differs(
                    at,
                    "a window ORDER BY without NULLS LAST",
                    "NULLS LAST after every key",
                )?;
            }
            if descends(key) != descends(first) {
                return Err(LintError::new(
                    at,
                    "mixed directions in a window ORDER BY",
                    "one direction for all keys",
                ));
            }
        }
        Ok(())
    }
}
