//! Parameters of a statement: typed literals that are checked before they become SQL text.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use sqlparser::ast::{CastKind, DataType, ExactNumberInfo, Expr, UnaryOperator, Value};

/// Values by parameter name, without the colon.
pub type Params = BTreeMap<String, ParamValue>;

/// The value of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    /// 64-bit integer.
    Integer(i64),
    /// Finite float.
    Float(f64),
    /// Text without quotes, backslashes and control characters.
    Text(String),
    /// Truth value.
    Bool(bool),
}

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Float(float) => write!(f, "{float}"),
            Self::Text(text) => f.write_str(text),
            Self::Bool(bool) => write!(f, "{bool}"),
        }
    }
}

impl ParamValue {
    /// The literal as a syntax tree, or why the value cannot be written the same way for every engine.
    pub(super) fn literal(&self) -> Result<Expr, &'static str> {
        match self {
            Self::Integer(i64::MIN) => Err("the smallest 64-bit integer has no literal"),
            Self::Integer(integer) => Ok(signed(*integer < 0, integer.unsigned_abs().to_string())),
            Self::Float(float) if !float.is_finite() => Err("not a finite number"),
            Self::Float(float) => Ok(double(signed(*float < 0.0, decimal(float.abs())))),
            Self::Text(text)
                if text
                    .chars()
                    .any(|letter| letter == '\'' || letter == '\\' || letter.is_control()) =>
            {
                Err("text may hold no quote, backslash or control character")
            }
            Self::Text(text) => Ok(Expr::value(Value::SingleQuotedString(text.clone()))),
            Self::Bool(bool) => Ok(Expr::value(Value::Boolean(*bool))),
        }
    }
}

/// Wraps an expression in a cast to DOUBLE: a bare decimal literal is a DECIMAL for DuckDB and Spark.
pub(super) fn double(expr: Expr) -> Expr {
    cast(expr, DataType::Double(ExactNumberInfo::None))
}

/// Wraps an expression in a cast.
pub(super) fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type,
        array: false,
        format: None,
    }
}

fn signed(negative: bool, digits: String) -> Expr {
    let number = Expr::value(Value::Number(digits, false));
    if !negative {
        return number;
    }
    Expr::Nested(Box::new(Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: Box::new(number),
    }))
}

fn decimal(float: f64) -> String {
    let digits = float.to_string();
    if digits.contains('.') {
        digits
    } else {
        digits + ".0"
    }
}

impl<'de> Deserialize<'de> for ParamValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParamVisitor)
    }
}

struct ParamVisitor;

impl Visitor<'_> for ParamVisitor {
    type Value = ParamValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text or a truth value")
    }

    fn visit_i64<E>(self, integer: i64) -> Result<ParamValue, E> {
        Ok(ParamValue::Integer(integer))
    }

    fn visit_u64<E: serde::de::Error>(self, integer: u64) -> Result<ParamValue, E> {
        i64::try_from(integer)
            .map(ParamValue::Integer)
            .map_err(|_| E::custom("the integer is above 64-bit signed"))
    }

    fn visit_f64<E>(self, float: f64) -> Result<ParamValue, E> {
        Ok(ParamValue::Float(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<ParamValue, E> {
        Ok(ParamValue::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, bool: bool) -> Result<ParamValue, E> {
        Ok(ParamValue::Bool(bool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: ParamValue, expect: Result<&str, ()>) {
        let got = value
            .literal()
            .map(|literal| literal.to_string())
            .map_err(|_| ());
        assert_eq!(
            got.as_deref(),
            expect.as_ref().map(|text| *text).map_err(|()| &())
        );
    }

    #[test]
    fn literals_keep_sign_and_type() {
        check(ParamValue::Integer(-5), Ok("(-5)"));
        check(ParamValue::Integer(i64::MAX), Ok("9223372036854775807"));
        check(ParamValue::Float(3.0), Ok("CAST(3.0 AS DOUBLE)"));
        check(ParamValue::Float(-0.25), Ok("CAST((-0.25) AS DOUBLE)"));
        check(ParamValue::Text("daily".into()), Ok("'daily'"));
        check(ParamValue::Bool(true), Ok("true"));
    }

    #[test]
    fn values_that_could_end_the_literal_or_change_are_refused() {
        for value in [
            ParamValue::Text("a' OR '1'='1".into()),
            ParamValue::Text("a\\".into()),
            ParamValue::Text("a\nb".into()),
            ParamValue::Float(f64::NAN),
            ParamValue::Float(f64::INFINITY),
            ParamValue::Integer(i64::MIN),
        ] {
            check(value, Err(()));
        }
    }
}
