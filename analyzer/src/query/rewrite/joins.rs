//! Joins: the forms that the engine resolves the way SQL means them.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, JoinConstraint, JoinOperator, Query, Select, SelectItem, SetExpr,
    TableFactor, TableWithJoins, VisitorMut, visit_expressions,
};

use crate::query::rewrite::types::widen;

/// Puts the joined table on the right of every equality, moves inequalities of inner joins into WHERE, and widens selected
/// literals.
///
/// The engine guesses sides from column names when neither operand names the first table, and has no inequality join
/// without a feature that the other engines do not need.
pub(super) struct Selects;

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
