//! What a statement reads.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{Query, visit_relations};

use crate::query::lint::LintError;
use crate::query::syntax::parse;

/// Names of the tables, views and CTEs that a statement reads.
///
/// # Errors
/// Text that is no SELECT.
pub fn relations(sql: &str) -> Result<BTreeSet<String>, LintError> {
    Ok(relations_of(&parse(sql)?))
}

pub(super) fn relations_of(query: &Query) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let _ = visit_relations(query, |name| {
        names.insert(name.to_string());
        ControlFlow::<()>::Continue(())
    });
    names
}
