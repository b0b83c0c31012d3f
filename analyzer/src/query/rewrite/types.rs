//! Types and orders: what the engine would compute in 32 bits, or sort with NULL at the wrong end.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    OrderByExpr, Query, UnaryOperator, Value, ValueWithSpan, WindowType, visit_expressions_mut,
};

use crate::query::params::cast;
use crate::query::syntax::CLUSTER;

/// Reshapes every expression of a statement for the engine.
pub(super) fn reshape(query: &mut Query) {
    let _ = visit_expressions_mut(query, |expr| {
        widen_literals(expr);
        order_nulls(expr);
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

/// Puts NULL last by a key of its own: the engine takes NULLS LAST of a window without a word and ignores it.
fn order_nulls(expr: &mut Expr) {
    let Expr::Function(Function {
        over: Some(WindowType::WindowSpec(window)),
        ..
    }) = expr
    else {
        return;
    };
    let keys = std::mem::take(&mut window.order_by);
    window.order_by = keys.into_iter().flat_map(with_null_key).collect();
}

fn with_null_key(key: OrderByExpr) -> Vec<OrderByExpr> {
    let is_first = match (key.options.asc, key.options.nulls_first) {
        (_, Some(false)) => false,
        (_, Some(true)) => true,
        (_, None) => return vec![key],
    };
    let descends = key.options.asc == Some(false);
    // False sorts before true; with a descending key the order of both is turned round.
    let inner = Box::new(key.expr.clone());
    let expr = if is_first == descends {
        Expr::IsNull(inner)
    } else {
        Expr::IsNotNull(inner)
    };
    vec![
        OrderByExpr {
            expr,
            ..key.clone()
        },
        key,
    ]
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
