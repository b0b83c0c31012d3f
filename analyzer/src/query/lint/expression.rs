//! Expressions: the allow-list over their forms, and what is known about their values.

use sqlparser::ast::{
    CaseWhen, CastKind, CeilFloorKind, DataType, DateTimeField, Expr, Ident, Spanned as _,
    UnaryOperator, Value, ValueWithSpan,
};
use sqlparser::tokenizer::Location;

use crate::query::catalog::ColumnKind;
use crate::query::lint::scope::{FieldId, Scope};
use crate::query::lint::token::{Class, Shape};
use crate::query::lint::{LintError, Linter};

/// Deepest nesting of an expression that is walked.
const MAX_DEPTH: usize = 100;

/// Where an expression stands, and so what it may contain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'k> {
    pub(super) clause: &'static str,
    pub(super) aggregates: bool,
    pub(super) windows: bool,
    /// The keys of GROUP BY when columns outside aggregates must be among them.
    pub(super) keys: Option<&'k [FieldId]>,
}

impl<'k> Place<'k> {
    /// One row at a time: WHERE, ON, and the arguments of aggregates.
    pub(super) fn row(clause: &'static str) -> Self {
        Self {
            clause,
            aggregates: false,
            windows: false,
            keys: None,
        }
    }

    /// The SELECT list without GROUP BY.
    pub(super) fn windows(clause: &'static str) -> Self {
        Self {
            windows: true,
            ..Self::row(clause)
        }
    }

    /// The SELECT list or HAVING over groups.
    pub(super) fn grouped(clause: &'static str, keys: &'k [FieldId]) -> Self {
        Self {
            clause,
            aggregates: true,
            windows: false,
            keys: Some(keys),
        }
    }
}

impl Linter<'_> {
    /// Checks an expression and says what it yields.
    pub(super) fn expression(
        &mut self,
        expr: &Expr,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        if self.depth >= MAX_DEPTH {
            return Err(LintError::new(
                expr.span().start,
                "an expression this deep",
                "several CTEs",
            ));
        }
        self.depth += 1;
        let shape = self.form(expr, scope, place);
        self.depth -= 1;
        shape
    }

    fn form(
        &mut self,
        expr: &Expr,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let at = expr.span().start;
        match expr {
            Expr::Identifier(name) => self.column(None, name, scope, place),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [alias, name] => self.column(Some(alias), name, scope, place),
                _ => Err(LintError::new(
                    at,
                    format!("the name `{expr}`"),
                    "alias.column",
                )),
            },
            Expr::Value(value) => self.value(value),
            Expr::Nested(inner) => self.expression(inner, scope, place),
            Expr::UnaryOp { op, expr: inner } => self.unary(*op, inner, scope, place),
            Expr::BinaryOp { left, op, right } => self.binary([left, right], op, scope, place, at),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => {
                self.expression(inner, scope, place)?;
                Ok(Shape {
                    nullable: false,
                    ..Shape::plain(ColumnKind::Bool)
                })
            }
            Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner) => {
                self.differs(at, "b IS [NOT] TRUE or FALSE", "COALESCE(b, FALSE) = FALSE")?;
                self.expression(inner, scope, place)?;
                Ok(Shape::plain(ColumnKind::Bool))
            }
            Expr::Between {
                expr: inner,
                negated: _,
                low,
                high,
            } => {
                for bound in [low, high] {
                    self.ordered([inner, bound], "BETWEEN", scope, place)?;
                }
                Ok(Shape::plain(ColumnKind::Bool))
            }
            Expr::InList {
                expr: inner,
                list,
                negated: _,
            } => self.in_list(inner, list, scope, place),
            Expr::Like {
                negated: _,
                any: false,
                expr: inner,
                pattern,
                escape_char,
            } => {
                if escape_char.is_some() {
                    return Err(LintError::new(
                        at,
                        "LIKE with ESCAPE",
                        "REGEXP_LIKE with a bracket class",
                    ));
                }
                self.pattern(inner, pattern, "LIKE", scope, place)
            }
            Expr::Case {
                case_token: _,
                end_token: _,
                operand,
                conditions,
                else_result,
            } => self.case(
                operand.as_deref(),
                conditions,
                else_result.as_deref(),
                scope,
                place,
                at,
            ),
            Expr::Cast {
                kind: CastKind::Cast,
                expr: inner,
                data_type,
                array: false,
                format: None,
            } => self.cast(inner, data_type, scope, place),
            Expr::Substring {
                expr: text,
                substring_from: Some(from),
                substring_for,
                special: _,
                shorthand: false,
            } => {
                let mut numbers = vec![from.as_ref()];
                numbers.extend(substring_for.as_deref());
                self.text_function("SUBSTRING", text, &numbers, scope, place)
            }
            Expr::Trim {
                trim_where: None,
                trim_what: None,
                expr: text,
                trim_characters: None,
            } => self.text_function("TRIM", text, &[], scope, place),
            Expr::Floor {
                expr: inner,
                field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
            } => {
                self.differs(at, "FLOOR outside CAST", "CAST(FLOOR(x) AS BIGINT)")?;
                self.expression(inner, scope, place)
            }
            Expr::Position {
                expr: _,
                r#in: text,
            } => {
                self.differs(
                    at,
                    "POSITION",
                    "LIKE, or a column made when the row is made",
                )?;
                self.text_function("POSITION", text, &[], scope, place)?;
                Ok(Shape::plain(ColumnKind::Integer))
            }
            Expr::Function(function) => self.function(function, scope, place),
            Expr::InSubquery { .. } | Expr::Exists { .. } => Err(LintError::new(
                at,
                "a subquery inside an expression",
                "it as a term of AND in WHERE, or a SEMI JOIN",
            )),
            Expr::Subquery(_) => Err(LintError::new(at, "a scalar subquery", "a CTE and a join")),
            Expr::ILike { .. } => Err(LintError::new(at, "ILIKE", "UPPER and LIKE")),
            Expr::Interval(_)
            | Expr::Extract { .. }
            | Expr::TypedString(_)
            | Expr::AtTimeZone { .. } => Err(LintError::new(
                at,
                "a date function or interval",
                "Unix seconds and :now",
            )),
            _ => {
                let text: String = expr.to_string().chars().take(40).collect();
                Err(LintError::new(
                    at,
                    format!("`{text}`"),
                    "CASE, COALESCE, comparisons and the listed functions",
                ))
            }
        }
    }

    fn column(
        &mut self,
        alias: Option<&Ident>,
        name: &Ident,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let resolved = self.resolve(alias, name, scope)?;
        if resolved.id.is_none() {
            let construct = format!("the outer column `{}` here", name.value);
            return Err(LintError::new(
                name.span.start,
                construct,
                "inner.column = outer.column as a term of AND",
            ));
        }
        self.grouped(resolved.id, name, place)?;
        Ok(Shape::from(&resolved.column))
    }

    fn value(&mut self, value: &ValueWithSpan) -> Result<Shape, LintError> {
        let at = value.span.start;
        match &value.value {
            Value::Number(digits, false)
                if digits.bytes().any(|letter| letter.is_ascii_alphabetic()) =>
            {
                Err(LintError::new(
                    at,
                    format!("the number {digits}"),
                    "digits without an exponent",
                ))
            }
            Value::Number(digits, false) if digits.contains('.') => {
                Ok(Shape::literal(ColumnKind::Float, Class::Literal))
            }
            Value::Number(digits, false) if digits.parse::<i64>().is_ok() => {
                Ok(Shape::literal(ColumnKind::Integer, Class::Literal))
            }
            Value::SingleQuotedString(text) => {
                if text.contains('\'') {
                    return Err(LintError::new(
                        at,
                        "a quote in a literal",
                        "a literal without quotes",
                    ));
                }
                if text.contains('\\') {
                    self.differs(
                        at,
                        "a backslash in a literal",
                        "a bracket class such as [0-9] or [.]",
                    )?;
                }
                let class = match text.as_str() {
                    "" => Class::Empty,
                    "/" | "@" => Class::Separator,
                    _ => Class::Literal,
                };
                Ok(Shape::literal(ColumnKind::Text, class))
            }
            Value::Boolean(_) => Ok(Shape::literal(ColumnKind::Bool, Class::Literal)),
            Value::Null => Ok(Shape::null()),
            Value::Placeholder(name) if name.starts_with(':') => Ok(Shape {
                kind: None,
                class: Class::Literal,
                nullable: false,
            }),
            Value::DoubleQuotedString(_) => Err(LintError::new(
                at,
                "double quotes",
                "single quotes around a text",
            )),
            _ => Err(LintError::new(
                at,
                format!("the literal {}", value.value),
                "a number, 'text', TRUE, FALSE or NULL",
            )),
        }
    }

    fn unary(
        &mut self,
        op: UnaryOperator,
        inner: &Expr,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let shape = self.expression(inner, scope, place)?;
        let at = inner.span().start;
        match op {
            UnaryOperator::Minus if shape.is_number() => Ok(shape),
            UnaryOperator::Not if matches!(shape.kind, None | Some(ColumnKind::Bool)) => Ok(shape),
            UnaryOperator::Minus | UnaryOperator::Not => Err(LintError::new(
                at,
                format!("{op} of a value of another type"),
                "a comparison or a number",
            )),
            _ => Err(LintError::new(
                at,
                format!("the operator {op}"),
                "NOT or a minus sign",
            )),
        }
    }

    fn in_list(
        &mut self,
        inner: &Expr,
        list: &[Expr],
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let shape = self.expression(inner, scope, place)?;
        for item in list {
            let at = item.span().start;
            let Expr::Value(value) = item else {
                return Err(LintError::new(
                    at,
                    "IN over something that is no literal",
                    "OR of comparisons",
                ));
            };
            if value.value == Value::Null {
                return Err(LintError::new(at, "NULL in a list", "OR x IS NULL"));
            }
            let item = self.value(value)?;
            self.comparable(shape, item, at)?;
        }
        Ok(Shape {
            nullable: shape.nullable,
            ..Shape::plain(ColumnKind::Bool)
        })
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        else_result: Option<&Expr>,
        scope: &Scope<'_>,
        place: Place<'_>,
        at: Location,
    ) -> Result<Shape, LintError> {
        let operand = operand
            .map(|operand| self.expression(operand, scope, place))
            .transpose()?;
        let mut results = Vec::with_capacity(conditions.len() + 1);
        for CaseWhen { condition, result } in conditions {
            let shape = self.expression(condition, scope, place)?;
            if let Some(operand) = operand {
                self.comparable(operand, shape, condition.span().start)?;
            }
            results.push(self.expression(result, scope, place)?);
        }
        results.push(match else_result {
            Some(result) => self.expression(result, scope, place)?,
            None => Shape::null(),
        });
        self.one_of(&results, at)
    }

    fn cast(
        &mut self,
        inner: &Expr,
        data_type: &DataType,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let at = inner.span().start;
        let target = match data_type {
            DataType::Double(_) => ColumnKind::Float,
            DataType::BigInt(None) => ColumnKind::Integer,
            DataType::String(None) => ColumnKind::Text,
            _ => {
                return Err(LintError::new(
                    at,
                    format!("a cast to {data_type}"),
                    "DOUBLE, BIGINT or STRING",
                ));
            }
        };
        if let (
            ColumnKind::Integer,
            Expr::Floor {
                expr: number,
                field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
            },
        ) = (target, inner)
        {
            self.expression(number, scope, place)?;
            return Ok(Shape::plain(ColumnKind::Integer));
        }
        let shape = self.expression(inner, scope, place)?;
        match (shape.kind, target) {
            (Some(ColumnKind::Float), ColumnKind::Integer) => {
                self.differs(
                    at,
                    "CAST(x AS BIGINT) of a DOUBLE",
                    "CAST(FLOOR(x) AS BIGINT)",
                )?;
            }
            (Some(ColumnKind::Text), ColumnKind::Integer | ColumnKind::Float) => {
                let instead = "a number column made when the row is made";
                return Err(LintError::new(at, "a cast of text to a number", instead));
            }
            (Some(ColumnKind::Float), ColumnKind::Text) => {
                self.differs(
                    at,
                    "CAST(x AS STRING) of a DOUBLE",
                    "the number itself; it is worded when rendering",
                )?;
            }
            _ => {}
        }
        Ok(Shape {
            kind: Some(target),
            ..shape
        })
    }
}
