//! Functions: which exist, what they take, and what they yield.

use std::ops::ControlFlow;

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Spanned as _, Value, visit_expressions,
};
use sqlparser::tokenizer::Location;

use crate::query::catalog::ColumnKind;
use crate::query::lint::expression::Place;
use crate::query::lint::scope::Scope;
use crate::query::lint::token::{Class, Shape};
use crate::query::lint::{LintError, Linter};

/// Functions over a group of rows.
const AGGREGATES: &[&str] = &[
    "avg",
    "corr",
    "count",
    "covar_samp",
    "max",
    "median",
    "min",
    "stddev",
    "sum",
    "variance",
];

/// Functions that the engine has, with what to write in their place, because the engines differ on them.
const DIFFERENT: &[(&str, &str)] = &[
    ("abs", "CASE WHEN x < 0 THEN -x ELSE x END"),
    ("ceil", "CAST(FLOOR(x) AS BIGINT) and a condition"),
    ("concat", "|| with COALESCE"),
    ("greatest", "CASE"),
    ("ifnull", "COALESCE"),
    ("least", "CASE"),
    ("lower", "UPPER"),
    ("mod", "a column made when the row is made"),
    ("round", "the number itself; it is rounded when rendering"),
    ("strpos", "LIKE, or a column made when the row is made"),
];

/// Whether an expression names no column.
fn is_constant(expr: &Expr) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_continue()
}

/// Whether the function is an aggregate of the dialect.
pub(super) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.contains(&name.to_ascii_lowercase().as_str())
}

impl Linter<'_> {
    /// Checks a function call.
    pub(super) fn function(
        &mut self,
        function: &Function,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let Function {
            name,
            uses_odbc_syntax,
            parameters,
            args,
            filter,
            null_treatment,
            over,
            within_group,
        } = function;
        let at = name.span().start;
        let text = name.to_string();
        let name = text.to_ascii_lowercase();
        let FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment,
            args,
            clauses,
        }) = args
        else {
            return Err(LintError::new(
                at,
                format!("`{text}` without arguments"),
                "a listed function",
            ));
        };
        if *uses_odbc_syntax
            || *parameters != FunctionArguments::None
            || null_treatment.is_some()
            || !within_group.is_empty()
            || !clauses.is_empty()
        {
            return Err(LintError::new(
                at,
                format!("`{text}` with special clauses"),
                "the plain call",
            ));
        }
        let args = plain_args(args, &text, at)?;
        let is_distinct = match duplicate_treatment {
            None => false,
            Some(DuplicateTreatment::Distinct) if name == "count" => true,
            Some(_) => {
                return Err(LintError::new(
                    at,
                    format!("DISTINCT or ALL in {text}"),
                    "a GROUP BY in a CTE first",
                ));
            }
        };
        if let Some(over) = over {
            if filter.is_some() || is_distinct {
                return Err(LintError::new(
                    at,
                    "FILTER or DISTINCT with OVER",
                    "a CASE inside, or a CTE",
                ));
            }
            return self.window(&name, &args, over, scope, place, at);
        }
        if is_aggregate(&name) {
            if let Some(filter) = filter {
                self.expression(filter, scope, Place::row("FILTER"))?;
            }
            return self.aggregate(&name, &args, is_distinct, scope, place, at);
        }
        if filter.is_some() {
            return Err(LintError::new(
                at,
                format!("FILTER on {text}"),
                "FILTER on an aggregate",
            ));
        }
        self.scalar(&name, &args, scope, place, at)
    }

    fn aggregate(
        &mut self,
        name: &str,
        args: &[Option<&Expr>],
        is_distinct: bool,
        scope: &Scope<'_>,
        place: Place<'_>,
        at: Location,
    ) -> Result<Shape, LintError> {
        if !place.aggregates {
            let construct = format!("{name} inside {}", place.clause);
            return Err(LintError::new(
                at,
                construct,
                "the aggregate in a CTE first",
            ));
        }
        let n_args = if matches!(name, "corr" | "covar_samp") {
            2
        } else {
            1
        };
        if args.len() != n_args {
            return Err(LintError::new(
                at,
                format!("{name} with {} arguments", args.len()),
                "a listed form",
            ));
        }
        let mut kind = None;
        for arg in args {
            let Some(arg) = arg else {
                if name == "count" && !is_distinct {
                    return Ok(Shape {
                        nullable: false,
                        ..Shape::plain(ColumnKind::Integer)
                    });
                }
                return Err(LintError::new(at, format!("{name}(*)"), "a column"));
            };
            // The engine takes a constant for one row.
            if is_constant(arg) {
                return Err(LintError::new(
                    at,
                    format!("{name} of a constant"),
                    "COUNT(*), and arithmetic with it",
                ));
            }
            let shape = self.expression(arg, scope, Place::row("an aggregate"))?;
            if name == "count" {
                return Ok(Shape {
                    nullable: false,
                    ..Shape::plain(ColumnKind::Integer)
                });
            }
            if matches!(name, "min" | "max") {
                self.no_token(
                    shape,
                    at,
                    "MIN or MAX",
                    "COUNT, or the value of the row with the newest time",
                )?;
            } else if !shape.is_number() {
                return Err(LintError::new(
                    at,
                    format!("{name} of something that is no number"),
                    "a number column",
                ));
            }
            kind = shape.kind;
        }
        let kind = if matches!(name, "sum" | "min" | "max") {
            kind
        } else {
            Some(ColumnKind::Float)
        };
        Ok(Shape {
            kind,
            class: Class::Plain,
            nullable: true,
        })
    }

    fn scalar(
        &mut self,
        name: &str,
        args: &[Option<&Expr>],
        scope: &Scope<'_>,
        place: Place<'_>,
        at: Location,
    ) -> Result<Shape, LintError> {
        let args: Vec<&Expr> = args.iter().flatten().copied().collect();
        match (name, args.as_slice()) {
            ("coalesce", args) if args.len() >= 2 => {
                let shapes = args
                    .iter()
                    .map(|arg| self.expression(arg, scope, place))
                    .collect::<Result<Vec<_>, _>>()?;
                let nullable = shapes.iter().all(|shape| shape.nullable);
                Ok(Shape {
                    nullable,
                    ..self.one_of(&shapes, at)?
                })
            }
            ("nullif", [value, unwanted]) => {
                let shape = self.expression(value, scope, place)?;
                let other = self.expression(unwanted, scope, place)?;
                self.comparable(shape, other, at)?;
                Ok(Shape {
                    nullable: true,
                    ..shape
                })
            }
            ("upper", [text]) => self.text_function("UPPER", text, &[], scope, place),
            ("length", [text]) => {
                self.text_function("LENGTH", text, &[], scope, place)?;
                Ok(Shape::plain(ColumnKind::Integer))
            }
            ("replace", [text, from, to]) => {
                self.text_function("REPLACE", text, &[from, to], scope, place)
            }
            ("split_part", [text, by, index]) => {
                self.text_function("SPLIT_PART", text, &[by, index], scope, place)
            }
            ("regexp_like", [text, pattern]) => {
                self.pattern(text, pattern, "REGEXP_LIKE", scope, place)
            }
            ("rank" | "dense_rank" | "row_number" | "lag" | "lead", _) => Err(LintError::new(
                at,
                format!("{name} without OVER"),
                "OVER (PARTITION BY .. ORDER BY .. NULLS LAST)",
            )),
            _ => self.other(name, &args, scope, place, at),
        }
    }

    fn other(
        &mut self,
        name: &str,
        args: &[&Expr],
        scope: &Scope<'_>,
        place: Place<'_>,
        at: Location,
    ) -> Result<Shape, LintError> {
        let Some((_, instead)) = DIFFERENT.iter().find(|(known, _)| *known == name) else {
            let instead = "a function of the dialect, or a column made when the row is made";
            return Err(LintError::new(
                at,
                format!("the function {}", name.to_ascii_uppercase()),
                instead,
            ));
        };
        self.differs(at, name.to_ascii_uppercase(), *instead)?;
        let mut shapes = Vec::with_capacity(args.len());
        for arg in args {
            let shape = self.expression(arg, scope, place)?;
            if name != "ifnull" {
                self.no_token(shape, at, &name.to_ascii_uppercase(), "equality or COUNT")?;
            }
            shapes.push(shape);
        }
        if name == "strpos" {
            return Ok(Shape::plain(ColumnKind::Integer));
        }
        let shape = self.one_of(&shapes, at)?;
        Ok(Shape {
            class: if shape.is_token() {
                Class::Token
            } else {
                Class::Plain
            },
            nullable: true,
            ..shape
        })
    }

    /// Checks a function that takes a text apart; a pseudonym has no parts.
    pub(super) fn text_function(
        &mut self,
        name: &str,
        text: &Expr,
        others: &[&Expr],
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        let at = text.span().start;
        let shape = self.expression(text, scope, place)?;
        self.no_token(shape, at, name, "a column made when the row is made")?;
        if shape.kind.is_some_and(|kind| kind != ColumnKind::Text) {
            return Err(LintError::new(
                at,
                format!("{name} of something that is no text"),
                "a text column",
            ));
        }
        for other in others {
            let shape = self.expression(other, scope, place)?;
            self.no_token(shape, other.span().start, name, "a readable column")?;
        }
        Ok(Shape {
            kind: Some(ColumnKind::Text),
            class: Class::Plain,
            nullable: true,
        })
    }

    /// Checks LIKE and REGEXP_LIKE: the pattern is a literal.
    pub(super) fn pattern(
        &mut self,
        text: &Expr,
        pattern: &Expr,
        name: &str,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Shape, LintError> {
        self.text_function(name, text, &[], scope, place)?;
        let is_literal = matches!(pattern, Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)));
        if !is_literal {
            let construct = format!("{name} with a computed pattern");
            return Err(LintError::new(
                pattern.span().start,
                construct,
                "a literal pattern",
            ));
        }
        self.expression(pattern, scope, place)?;
        Ok(Shape::plain(ColumnKind::Bool))
    }
}

/// The arguments by position; nothing stands for `*`.
fn plain_args<'a>(
    args: &'a [FunctionArg],
    name: &str,
    at: Location,
) -> Result<Vec<Option<&'a Expr>>, LintError> {
    args.iter()
        .map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(Some(expr)),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard)
                if name.eq_ignore_ascii_case("count") =>
            {
                Ok(None)
            }
            _ => Err(LintError::new(
                at,
                format!("{name} with named arguments"),
                "arguments by position",
            )),
        })
        .collect()
}
