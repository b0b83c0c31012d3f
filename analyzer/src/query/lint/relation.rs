//! FROM: known tables only, and joins that the engine resolves the way SQL means them.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Join, JoinConstraint, JoinOperator, Spanned as _, TableAlias,
    TableFactor, TableWithJoins,
};
use sqlparser::tokenizer::Location;

use crate::query::lint::expression::Place;
use crate::query::lint::operator::is_comparison;
use crate::query::lint::scope::{Relation, Scope};
use crate::query::lint::statement::Ctes;
use crate::query::lint::{LintError, Linter, OutputColumn};

/// What a join keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inner,
    Left,
    Full,
    /// SEMI and ANTI: the right side is not visible afterwards.
    Filter,
}

impl Linter<'_> {
    /// Checks the FROM clause and returns the relations it brings into reach.
    pub(super) fn from<'o>(
        &mut self,
        from: &[TableWithJoins],
        outer: Option<&'o Scope<'o>>,
        at: Location,
    ) -> Result<Scope<'o>, LintError> {
        let mut scope = Scope {
            relations: Vec::new(),
            outer,
        };
        if from.is_empty() {
            return Err(LintError::new(at, "SELECT without FROM", "a table or view"));
        }
        if from.len() > 1 {
            self.differs(at, "tables separated by commas", "JOIN .. ON or CROSS JOIN")?;
        }
        for TableWithJoins { relation, joins } in from {
            let first = self.table_factor(relation)?;
            self.add(first, relation, &mut scope)?;
            let has_full = joins
                .iter()
                .any(|join| matches!(join.join_operator, JoinOperator::FullOuter(_)));
            for join in joins {
                self.join(join, has_full, &mut scope)?;
            }
        }
        Ok(scope)
    }

    fn add(
        &mut self,
        relation: Relation,
        factor: &TableFactor,
        scope: &mut Scope<'_>,
    ) -> Result<(), LintError> {
        if scope
            .relations
            .iter()
            .any(|known| known.alias == relation.alias)
        {
            let construct = format!("the alias `{}` twice", relation.alias);
            return Err(LintError::new(
                factor.span().start,
                construct,
                "two aliases",
            ));
        }
        scope.relations.push(relation);
        Ok(())
    }

    fn join(
        &mut self,
        join: &Join,
        has_full: bool,
        scope: &mut Scope<'_>,
    ) -> Result<(), LintError> {
        let at = join.relation.span().start;
        let (kind, constraint) = match &join.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
                (Kind::Inner, Some(constraint))
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                (Kind::Left, Some(constraint))
            }
            JoinOperator::FullOuter(constraint) => (Kind::Full, Some(constraint)),
            JoinOperator::Semi(constraint) | JoinOperator::Anti(constraint) => {
                (Kind::Filter, Some(constraint))
            }
            JoinOperator::LeftSemi(constraint) | JoinOperator::LeftAnti(constraint) => {
                self.differs(at, "LEFT SEMI or LEFT ANTI JOIN", "SEMI JOIN or ANTI JOIN")?;
                (Kind::Filter, Some(constraint))
            }
            JoinOperator::CrossJoin(JoinConstraint::None) => (Kind::Inner, None),
            _ => {
                return Err(LintError::new(
                    at,
                    "this kind of join",
                    "JOIN, LEFT, FULL, CROSS, SEMI or ANTI JOIN",
                ));
            }
        };
        if join.global {
            return Err(LintError::new(at, "GLOBAL JOIN", "JOIN"));
        }
        let relation = self.table_factor(&join.relation)?;
        self.add(relation, &join.relation, scope)?;
        if let Some(constraint) = constraint {
            let JoinConstraint::On(condition) = constraint else {
                return Err(LintError::new(
                    at,
                    "a join without ON",
                    "ON, with the alias before every column",
                ));
            };
            self.on(condition, kind, has_full, scope)?;
        }
        let right = scope.relations.len() - 1;
        match kind {
            Kind::Inner => {}
            Kind::Left => set_nullable(&mut scope.relations[right..]),
            Kind::Full => set_nullable(&mut scope.relations),
            Kind::Filter => scope.relations.truncate(right),
        }
        Ok(())
    }

    fn on(
        &mut self,
        condition: &Expr,
        kind: Kind,
        has_full: bool,
        scope: &Scope<'_>,
    ) -> Result<(), LintError> {
        let right = scope.relations.len() - 1;
        for conjunct in conjuncts(condition) {
            let at = conjunct.span().start;
            let Expr::BinaryOp {
                left,
                op,
                right: other,
            } = conjunct
            else {
                return Err(one_sided(at));
            };
            if !is_comparison(op) {
                return Err(one_sided(at));
            }
            let sides = [
                self.mentioned_by(left, scope)?,
                self.mentioned_by(other, scope)?,
            ];
            let is_new = |side: &BTreeSet<usize>| side.iter().eq([&right]);
            let is_old = |side: &BTreeSet<usize>| !side.is_empty() && !side.contains(&right);
            if !(is_new(&sides[0]) && is_old(&sides[1]) || is_new(&sides[1]) && is_old(&sides[0])) {
                return Err(one_sided(at));
            }
            if let Some(name) = [left, other].into_iter().find_map(|side| unqualified(side)) {
                let construct = format!("the column `{}` without alias in ON", name.value);
                return Err(LintError::new(
                    name.span.start,
                    construct,
                    "the alias of its table before it",
                ));
            }
            if *op != BinaryOperator::Eq && (kind != Kind::Inner || has_full) {
                let construct = "an inequality in ON of a LEFT, FULL, SEMI or ANTI JOIN, which runs as an inner join";
                return Err(LintError::new(
                    at,
                    construct,
                    "the matching pairs in a CTE, then a join on equality",
                ));
            }
            self.expression(conjunct, scope, Place::row("ON"))?;
        }
        Ok(())
    }

    fn mentioned_by(
        &mut self,
        side: &Expr,
        scope: &Scope<'_>,
    ) -> Result<BTreeSet<usize>, LintError> {
        let before = std::mem::take(&mut self.mentioned);
        self.expression(side, scope, Place::row("ON"))?;
        Ok(std::mem::replace(&mut self.mentioned, before))
    }

    fn table_factor(&mut self, factor: &TableFactor) -> Result<Relation, LintError> {
        let at = factor.span().start;
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                let [part] = name.0.as_slice() else {
                    return Err(LintError::new(
                        at,
                        format!("the qualified table name `{name}`"),
                        "the plain name",
                    ));
                };
                let Some(ident) = part.as_ident() else {
                    return Err(LintError::new(
                        at,
                        "a computed table name",
                        "the name of a table or view",
                    ));
                };
                self.table_name(ident)?;
                let columns = self.table(ident)?;
                let alias = self.alias(alias.as_ref(), Some(ident))?;
                Ok(Relation { alias, columns })
            }
            TableFactor::Derived {
                lateral: false,
                subquery,
                alias,
                sample: None,
            } => {
                let alias = self.alias(alias.as_ref(), None)?;
                Ok(Relation {
                    alias,
                    columns: self.query(subquery, None, Ctes::Refused)?,
                })
            }
            _ => Err(LintError::new(
                at,
                "a table function or other source",
                "the name of a table or view",
            )),
        }
    }

    fn table(&mut self, ident: &Ident) -> Result<Vec<OutputColumn>, LintError> {
        if let Some(columns) = self.catalog.columns(&ident.value) {
            self.tables.insert(ident.value.clone());
            return Ok(columns.iter().map(OutputColumn::from).collect());
        }
        if let Some(columns) = self.ctes.get(&ident.value) {
            return Ok(columns.clone());
        }
        let construct = format!("the unknown table `{}`", ident.value);
        Err(LintError::new(
            ident.span.start,
            construct,
            "the name of a table, a view or an earlier CTE",
        ))
    }

    fn alias(
        &mut self,
        alias: Option<&TableAlias>,
        table: Option<&Ident>,
    ) -> Result<String, LintError> {
        let Some(TableAlias {
            name, columns, at, ..
        }) = alias
        else {
            return match table {
                Some(table) => Ok(table.value.clone()),
                None => Err(LintError::new(
                    Location::new(1, 1),
                    "a derived table without a name",
                    "AS and a name",
                )),
            };
        };
        let place = name.span.start;
        self.table_name(name)?;
        if !columns.is_empty() || at.is_some() {
            return Err(LintError::new(
                place,
                "an alias with column names",
                "AS in the SELECT",
            ));
        }
        let is_own_name = table.is_some_and(|table| table.value == name.value);
        if !is_own_name
            && (self.catalog.columns(&name.value).is_some() || self.ctes.contains_key(&name.value))
        {
            let construct = format!("the alias `{}`, which is the name of a table", name.value);
            return Err(LintError::new(place, construct, "another alias"));
        }
        Ok(name.value.clone())
    }
}

/// The terms that AND joins, through parentheses.
pub(super) fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match condition {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            let mut terms = conjuncts(left);
            terms.extend(conjuncts(right));
            terms
        }
        Expr::Nested(inner) => conjuncts(inner),
        term => vec![term],
    }
}

fn unqualified(expr: &Expr) -> Option<Ident> {
    let found = sqlparser::ast::visit_expressions(expr, |part| match part {
        Expr::Identifier(name) => ControlFlow::Break(name.clone()),
        _ => ControlFlow::Continue(()),
    });
    match found {
        ControlFlow::Break(name) => Some(name),
        ControlFlow::Continue(()) => None,
    }
}

fn set_nullable(relations: &mut [Relation]) {
    for column in relations
        .iter_mut()
        .flat_map(|relation| &mut relation.columns)
    {
        column.nullable = true;
    }
}

fn one_sided(at: Location) -> LintError {
    let construct = "a condition in ON that does not compare the joined table with an earlier one";
    LintError::new(
        at,
        construct,
        "it in WHERE, or in a CTE of the table it filters",
    )
}
