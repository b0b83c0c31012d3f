//! Types and orders: what the engine would compute in 32 bits, or sort with NULL at the wrong end.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, OrderByExpr, Query, UnaryOperator, Value, ValueWithSpan,
    WindowSpec, WindowType, visit_expressions_mut,
};

use crate::query::params::cast;
use crate::query::syntax::CLUSTER;

/// Reshapes every expression of a statement for the engine.
pub(super) fn reshape(query: &mut Query) {
    let _ = visit_expressions_mut(query, |expr| {
        widen_literals(expr);
        put_null_last(expr);
        wrap_counter(expr);
        quote_name(expr);
        ControlFlow::<()>::Continue(())
    });
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

/// Puts NULL last in a window: the engine sorts NULL first by one key, and as the smallest value by several.
///
/// One key is turned round: what comes last in the opposite order comes first here. Several keys, all of them numbers,
/// descend, and are negated when they are to ascend.
fn put_null_last(expr: &mut Expr) {
    let Expr::Function(function) = expr else {
        return;
    };
    let Some(WindowType::WindowSpec(window)) = &mut function.over else {
        return;
    };
    let puts_null_last = |key: &OrderByExpr| key.options.nulls_first == Some(false);
    let name = match function.name.to_string().to_ascii_lowercase().as_str() {
        "lag" => "LEAD",
        "lead" => "LAG",
        "row_number" => "ROW_NUMBER",
        _ => return,
    };
    if !window.order_by.iter().all(puts_null_last) {
        return;
    }
    let [key] = window.order_by.as_mut_slice() else {
        window.order_by.iter_mut().for_each(negate);
        return;
    };
    key.options.asc = Some(key.options.asc == Some(false));
    key.options.nulls_first = Some(true);
    let rows_of_partition = WindowSpec {
        order_by: Vec::new(),
        ..window.clone()
    };
    function.name = ObjectName::from(vec![Ident::new(name)]);
    if name == "ROW_NUMBER" {
        *expr = place_from_the_end(function.clone(), rows_of_partition);
    }
}

/// Makes an ascending key a descending one of the same order.
fn negate(key: &mut OrderByExpr) {
    if key.options.asc == Some(false) {
        return;
    }
    key.options.asc = Some(false);
    let minus_one = Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: Box::new(number("1")),
    };
    key.expr = binary(
        key.expr.clone(),
        BinaryOperator::Multiply,
        Expr::Nested(Box::new(minus_one)),
    );
}

/// `n + 1 - place` over the rows of a partition.
fn place_from_the_end(place: Function, rows: WindowSpec) -> Expr {
    let argument = FunctionArg::Unnamed(FunctionArgExpr::Wildcard);
    let count = Function {
        name: ObjectName::from(vec![Ident::new("COUNT")]),
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![argument],
            clauses: Vec::new(),
        }),
        over: Some(WindowType::WindowSpec(rows)),
        ..place.clone()
    };
    let sum = binary(
        bigint(&Expr::Function(count)),
        BinaryOperator::Plus,
        bigint(&number("1")),
    );
    Expr::Nested(Box::new(binary(
        sum,
        BinaryOperator::Minus,
        bigint(&Expr::Function(place)),
    )))
}

fn number(digits: &str) -> Expr {
    Expr::Value(Value::Number(digits.to_owned(), false).into())
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op,
        right: Box::new(right),
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

/// Casts the expression when it is an integer literal.
pub(super) fn widen(expr: &mut Expr) {
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
