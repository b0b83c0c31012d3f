//! One SELECT: its clauses, its grouping, and the names of its columns.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind,
    Spanned as _, WildcardAdditionalOptions, visit_expressions,
};
use sqlparser::tokenizer::Location;

use crate::query::lint::expression::Place;
use crate::query::lint::function::is_aggregate;
use crate::query::lint::relation::conjuncts;
use crate::query::lint::scope::{FieldId, Scope};
use crate::query::lint::{LintError, Linter, OutputColumn};

impl Linter<'_> {
    /// Checks one SELECT and returns its columns.
    pub(super) fn select(
        &mut self,
        select: &Select,
        outer: Option<&Scope<'_>>,
    ) -> Result<Vec<OutputColumn>, LintError> {
        let Select {
            select_token,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        let at = select_token.0.span.start;
        let has_only_known_clauses = optimizer_hints.is_empty()
            && select_modifiers.is_none()
            && top.is_none()
            && exclude.is_none()
            && into.is_none()
            && lateral_views.is_empty()
            && prewhere.is_none()
            && connect_by.is_empty()
            && cluster_by.is_empty()
            && distribute_by.is_empty()
            && sort_by.is_empty()
            && named_window.is_empty()
            && qualify.is_none()
            && value_table_mode.is_none()
            && *flavor == SelectFlavor::Standard;
        if !has_only_known_clauses {
            return Err(LintError::new(
                at,
                "a clause of one engine",
                "SELECT, FROM, WHERE, GROUP BY and HAVING only",
            ));
        }
        if distinct.is_some() {
            self.differs(at, "SELECT DISTINCT", "GROUP BY all its columns")?;
        }
        let scope = self.from(from, outer, at)?;
        if let Some(selection) = selection {
            for conjunct in conjuncts(selection) {
                self.filter(conjunct, &scope)?;
            }
        }
        let keys = self.group_keys(group_by, &scope, at)?;
        let is_grouped = !keys.is_empty() || projection.iter().any(has_aggregate);
        if let Some(having) = having {
            if keys.is_empty() {
                return Err(LintError::new(
                    having.span().start,
                    "HAVING without GROUP BY",
                    "a CTE, then WHERE",
                ));
            }
            self.expression(having, &scope, Place::grouped("HAVING", &keys))?;
        }
        let place = if is_grouped {
            Place::grouped("SELECT", &keys)
        } else {
            Place::windows("SELECT")
        };
        self.projection(projection, &scope, place)
    }

    fn group_keys(
        &mut self,
        group_by: &GroupByExpr,
        scope: &Scope<'_>,
        at: Location,
    ) -> Result<Vec<FieldId>, LintError> {
        let GroupByExpr::Expressions(keys, modifiers) = group_by else {
            return Err(LintError::new(at, "GROUP BY ALL", "the columns by name"));
        };
        if !modifiers.is_empty() {
            return Err(LintError::new(
                at,
                "ROLLUP, CUBE or TOTALS",
                "one SELECT for each level",
            ));
        }
        keys.iter()
            .map(|key| {
                let resolved = match key {
                    Expr::Identifier(name) => Some(self.resolve(None, name, scope)?),
                    Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                        [alias, name] => Some(self.resolve(Some(alias), name, scope)?),
                        _ => None,
                    },
                    _ => None,
                };
                let Some(id) = resolved.and_then(|resolved| resolved.id) else {
                    let construct = format!("GROUP BY {key}");
                    return Err(LintError::new(
                        key.span().start,
                        construct,
                        "a plain column, computed in a CTE first",
                    ));
                };
                // The engine renames the column of the later table and then does not find it among the groups.
                if scope.is_hidden(id) {
                    let construct = format!("GROUP BY {key}, the name of a column before it,");
                    return Err(LintError::new(
                        key.span().start,
                        construct,
                        "the join in a CTE with AS and a new name",
                    ));
                }
                Ok(id)
            })
            .collect()
    }

    fn projection(
        &mut self,
        items: &[SelectItem],
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Vec<OutputColumn>, LintError> {
        let mut columns = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                SelectItem::ExprWithAlias { expr, alias } => {
                    self.name(alias, "column")?;
                    let shape = self.expression(expr, scope, place)?;
                    columns.push(shape.named(alias.value.clone()));
                }
                SelectItem::UnnamedExpr(expr) => {
                    let shape = self.expression(expr, scope, place)?;
                    let name = self.name_of(expr, index)?;
                    columns.push(shape.named(name));
                }
                SelectItem::Wildcard(options) => {
                    let at = options.wildcard_token.0.span.start;
                    if scope.relations.len() > 1 {
                        return Err(LintError::new(at, "* over a join", "the columns by name"));
                    }
                    columns.extend(self.wildcard(0, options, scope, place)?);
                }
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    options,
                ) => {
                    let alias = name.to_string();
                    let at = options.wildcard_token.0.span.start;
                    // Columns of the later tables of a join have other names inside the engine.
                    if scope
                        .relations
                        .first()
                        .is_none_or(|first| first.alias != alias)
                    {
                        return Err(LintError::new(
                            at,
                            format!("{alias}.*"),
                            "the columns by name",
                        ));
                    }
                    columns.extend(self.wildcard(0, options, scope, place)?);
                }
                _ => {
                    return Err(LintError::new(
                        item.span().start,
                        "this kind of column",
                        "an expression AS name",
                    ));
                }
            }
        }
        let mut names = BTreeSet::new();
        for column in &columns {
            if !names.insert(column.name.as_str()) {
                let at = items
                    .first()
                    .map_or(Location::new(1, 1), |item| item.span().start);
                return Err(LintError::new(
                    at,
                    format!("the column `{}` twice", column.name),
                    "AS and another name",
                ));
            }
        }
        Ok(columns)
    }

    fn wildcard(
        &mut self,
        relation: usize,
        options: &WildcardAdditionalOptions,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Vec<OutputColumn>, LintError> {
        let at = options.wildcard_token.0.span.start;
        let is_plain = options.opt_ilike.is_none()
            && options.opt_exclude.is_none()
            && options.opt_except.is_none()
            && options.opt_replace.is_none()
            && options.opt_rename.is_none()
            && options.opt_alias.is_none();
        if !is_plain || place.keys.is_some() {
            return Err(LintError::new(
                at,
                "* with options or GROUP BY",
                "the columns by name",
            ));
        }
        Ok(scope.relations[relation].columns.clone())
    }

    fn name_of(&mut self, expr: &Expr, index: usize) -> Result<String, LintError> {
        let ident: Option<&Ident> = match expr {
            Expr::Identifier(name) => Some(name),
            Expr::CompoundIdentifier(parts) => parts.last(),
            _ => None,
        };
        if let Some(ident) = ident {
            return Ok(ident.value.clone());
        }
        self.differs(
            expr.span().start,
            "a computed column without a name",
            "AS and a name",
        )?;
        Ok(format!("column_{}", index + 1))
    }

    /// Checks that a plain column of a grouped SELECT is one of its keys.
    pub(super) fn grouped(
        &self,
        id: Option<FieldId>,
        name: &Ident,
        place: Place<'_>,
    ) -> Result<(), LintError> {
        let Some(keys) = place.keys else {
            return Ok(());
        };
        if id.is_some_and(|id| keys.contains(&id)) {
            return Ok(());
        }
        let construct = format!("the column `{}`, which is no key of GROUP BY,", name.value);
        Err(LintError::new(
            name.span.start,
            construct,
            "it in GROUP BY, or an aggregate of it",
        ))
    }
}

fn has_aggregate(item: &SelectItem) -> bool {
    let expr = match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => expr,
        _ => return false,
    };
    visit_expressions(expr, |part| match part {
        Expr::Function(function)
            if function.over.is_none() && is_aggregate(&function.name.to_string()) =>
        {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}
