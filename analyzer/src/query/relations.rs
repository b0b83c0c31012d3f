//! What a statement reads.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::visit_relations;

use crate::query::lint::LintError;
use crate::query::syntax::parse;

/// Names of the tables, views and CTEs that a statement reads.
///
/// # Errors
/// Text that is no SELECT.
pub fn relations(sql: &str) -> Result<BTreeSet<String>, LintError> {
    let query = parse(sql)?;
    let mut names = BTreeSet::new();
    let _ = visit_relations(&query, |name| {
        names.insert(name.to_string());
        ControlFlow::<()>::Continue(())
    });
    Ok(names)
}
