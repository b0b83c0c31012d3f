//! One SELECT: its text, parsed once however often it is asked.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::ops::Deref;
use std::sync::OnceLock;

use sqlparser::ast::{Query, visit_relations};

use crate::query::lint::LintError;
use crate::query::rewrite::placeholders_of;
use crate::query::syntax::parse;

/// The text of one SELECT, and what it says. Text that is no SELECT is one too: whoever asks is told why.
#[derive(Clone, Debug)]
pub struct Statement {
    text: Cow<'static, str>,
    parsed: OnceLock<Result<Query, LintError>>,
}

impl Statement {
    /// A statement of this program.
    pub const fn of(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            parsed: OnceLock::new(),
        }
    }

    /// Names of the tables, views and CTEs that it reads.
    ///
    /// # Errors
    /// Text that is no SELECT.
    pub fn relations(&self) -> Result<BTreeSet<String>, LintError> {
        self.query().map(relations_of)
    }

    /// The parameters that it names, without the colon.
    ///
    /// # Errors
    /// Text that is no SELECT.
    pub fn placeholders(&self) -> Result<BTreeSet<String>, LintError> {
        self.query().map(placeholders_of)
    }

    pub(super) fn query(&self) -> Result<&Query, LintError> {
        let parsed = self.parsed.get_or_init(|| parse(&self.text));
        parsed.as_ref().map_err(Clone::clone)
    }
}

impl From<String> for Statement {
    fn from(text: String) -> Self {
        Self {
            text: text.into(),
            parsed: OnceLock::new(),
        }
    }
}

impl From<&str> for Statement {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for Statement {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Statement {}

/// Names of the tables, views and CTEs that a query reads.
pub(super) fn relations_of(query: &Query) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let _ = visit_relations(query, |name| {
        names.insert(name.to_string());
        ControlFlow::<()>::Continue(())
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_names_is_told_and_what_cannot_be_parsed_says_why_each_time() {
        let statement = Statement::of("SELECT x FROM a WHERE :now - x > :age_secs AND x < :now");
        let named = |names: [&str; 2]| Ok(names.map(str::to_owned).into());
        assert_eq!(statement.placeholders(), named(["age_secs", "now"]));
        assert_eq!(statement.relations(), Ok(["a".to_owned()].into()));
        let broken = Statement::from("no statement");
        assert!(broken.relations().is_err());
        assert_eq!(broken.relations(), broken.placeholders());
    }
}
