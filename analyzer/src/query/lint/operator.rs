//! Binary operators: comparisons, logic, arithmetic and `||`.

use sqlparser::ast::{BinaryOperator, Expr, Spanned as _, Value};
use sqlparser::tokenizer::Location;

use crate::query::catalog::ColumnKind;
use crate::query::lint::expression::Place;
use crate::query::lint::scope::Scope;
use crate::query::lint::token::Shape;
use crate::query::lint::{LintError, Linter};

impl Linter<'_> {
    /// Checks a binary operation.
    pub(super) fn binary(
        &mut self,
        sides: [&Expr; 2],
        op: &BinaryOperator,
        scope: &Scope<'_>,
        place: Place<'_>,
        at: Location,
    ) -> Result<Shape, LintError> {
        match op {
            BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => {
                return self.ordered(sides, "an order comparison", scope, place);
            }
            BinaryOperator::Modulo => {
                self.differs(at, "% or MOD", "a column made when the row is made")?;
            }
            BinaryOperator::Divide => self.divisor(sides[1])?,
            _ => {}
        }
        let left = self.expression(sides[0], scope, place)?;
        let right = self.expression(sides[1], scope, place)?;
        let nullable = left.nullable || right.nullable;
        match op {
            BinaryOperator::Eq | BinaryOperator::NotEq => {
                self.comparable(left, right, at)?;
                Ok(Shape {
                    nullable,
                    ..Shape::plain(ColumnKind::Bool)
                })
            }
            BinaryOperator::And | BinaryOperator::Or => {
                let is_truth = |shape: Shape| matches!(shape.kind, None | Some(ColumnKind::Bool));
                if !is_truth(left) || !is_truth(right) {
                    return Err(LintError::new(
                        at,
                        format!("{op} of something that is no condition"),
                        "comparisons",
                    ));
                }
                Ok(Shape {
                    nullable,
                    ..Shape::plain(ColumnKind::Bool)
                })
            }
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => {
                if !left.is_number() || !right.is_number() {
                    return Err(LintError::new(
                        at,
                        format!("{op} of something that is no number"),
                        "number columns",
                    ));
                }
                let kind = match (op, left.kind, right.kind) {
                    (BinaryOperator::Divide, ..) => Some(ColumnKind::Float),
                    (_, Some(left), Some(right)) if left == right => Some(left),
                    (_, Some(ColumnKind::Float), _) | (_, _, Some(ColumnKind::Float)) => {
                        Some(ColumnKind::Float)
                    }
                    (_, left, right) => left.or(right),
                };
                Ok(Shape {
                    kind,
                    nullable,
                    ..Shape::plain(ColumnKind::Float)
                })
            }
            BinaryOperator::StringConcat => self.concatenated(left, right, at),
            _ => Err(LintError::new(
                at,
                format!("the operator {op}"),
                "=, <>, <, <=, >, >=, AND, OR, +, -, *, /, ||",
            )),
        }
    }

    /// Checks a comparison by order, which no pseudonym has.
    pub(super) fn ordered(
        &mut self,
        sides: [&Expr; 2],
        construct: &str,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let left = self.expression(sides[0], scope, place)?;
        let right = self.expression(sides[1], scope, place)?;
        for (shape, side) in [left, right].into_iter().zip(sides) {
            self.no_token(
                shape,
                side.span().start,
                construct,
                "equality; pseudonyms have no order",
            )?;
        }
        self.comparable(left, right, sides[1].span().start)?;
        Ok(Shape {
            nullable: left.nullable || right.nullable,
            ..Shape::plain(ColumnKind::Bool)
        })
    }

    fn divisor(&mut self, divisor: &Expr) -> Result<(), LintError> {
        let is_safe = match divisor {
            Expr::Value(value) => {
                matches!(&value.value, Value::Number(digits, _) if digits.bytes().any(|digit| matches!(digit, b'1'..=b'9')))
            }
            Expr::Function(function) => function.name.to_string().eq_ignore_ascii_case("nullif"),
            _ => false,
        };
        if is_safe {
            return Ok(());
        }
        self.differs(divisor.span().start, "x / 0", "x / NULLIF(y, 0)")
    }
}

/// Whether the operator compares two values.
pub(super) fn is_comparison(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
    )
}
