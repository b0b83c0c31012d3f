//! Names in reach: relations of a FROM clause, their columns, and the query around a subquery.

use sqlparser::ast::Ident;
use sqlparser::tokenizer::Location;

use crate::query::catalog::{CatalogColumn, is_plain_name};
use crate::query::lint::{LintError, Linter, OutputColumn};

/// A table, view, CTE or derived table under its alias.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) alias: String,
    pub(super) columns: Vec<OutputColumn>,
}

/// Relations of one SELECT, and those of the SELECT around it.
#[derive(Debug, Default)]
pub(super) struct Scope<'o> {
    pub(super) relations: Vec<Relation>,
    pub(super) outer: Option<&'o Scope<'o>>,
}

/// Place of a column in the relations of its own SELECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FieldId {
    pub(super) relation: usize,
    pub(super) column: usize,
}

/// A column reference that was understood.
pub(super) struct Resolved {
    pub(super) column: OutputColumn,
    /// Nothing when the column belongs to the query around the subquery.
    pub(super) id: Option<FieldId>,
}

impl Scope<'_> {
    fn candidates(&self, qualifier: Option<&str>, name: &str) -> Vec<FieldId> {
        let in_reach =
            |relation: &Relation| qualifier.is_none_or(|qualifier| relation.alias == qualifier);
        let place_in = |relation: &Relation| {
            relation
                .columns
                .iter()
                .position(|column| column.name == name)
        };
        self.relations
            .iter()
            .enumerate()
            .filter(|(_, relation)| in_reach(relation))
            .filter_map(|(index, relation)| {
                Some(FieldId {
                    relation: index,
                    column: place_in(relation)?,
                })
            })
            .collect()
    }

    fn column(&self, id: FieldId) -> OutputColumn {
        self.relations[id.relation].columns[id.column].clone()
    }

    /// Whether an earlier relation has a column of the same name.
    pub(super) fn is_hidden(&self, id: FieldId) -> bool {
        let name = &self.relations[id.relation].columns[id.column].name;
        self.candidates(None, name)
            .iter()
            .any(|other| other.relation < id.relation)
    }

    /// Whether any relation has a column of this name.
    pub(super) fn has_column(&self, name: &str) -> bool {
        !self.candidates(None, name).is_empty()
    }
}

impl Linter<'_> {
    /// Finds the one column that a reference means.
    pub(super) fn resolve(
        &mut self,
        qualifier: Option<&Ident>,
        name: &Ident,
        scope: &Scope<'_>,
    ) -> Result<Resolved, LintError> {
        self.name(name, "column")?;
        if let Some(qualifier) = qualifier {
            self.name(qualifier, "alias")?;
        }
        let qualifier = qualifier.map(|ident| ident.value.as_str());
        match scope.candidates(qualifier, &name.value).as_slice() {
            [id] => {
                self.mentioned.insert(id.relation);
                return Ok(Resolved {
                    column: scope.column(*id),
                    id: Some(*id),
                });
            }
            [] => {}
            _ => {
                let construct = format!("the ambiguous column `{}`", name.value);
                return Err(LintError::new(
                    name.span.start,
                    construct,
                    "the alias of its table before it",
                ));
            }
        }
        if let Some(outer) = scope.outer
            && let [id] = outer.candidates(qualifier, &name.value).as_slice()
        {
            return Ok(Resolved {
                column: outer.column(*id),
                id: None,
            });
        }
        let construct = format!("the unknown column `{}`", name.value);
        let instead = match nearest(&name.value, scope) {
            Some(near) => format!("a column of the tables in FROM, such as `{near}`"),
            None => "a column of the tables in FROM".to_owned(),
        };
        Err(LintError::new(name.span.start, construct, instead))
    }

    /// Checks that a name needs no quotes and is the same for engines that fold case and engines that do not.
    pub(super) fn name(&mut self, ident: &Ident, what: &str) -> Result<(), LintError> {
        let at = ident.span.start;
        if ident.quote_style.is_some() {
            self.differs(
                at,
                format!("the quoted {what} name `{}`", ident.value),
                "a lower-case name without quotes",
            )?;
        } else if ident
            .value
            .bytes()
            .any(|letter| letter.is_ascii_uppercase())
        {
            self.differs(
                at,
                format!("the upper-case {what} name `{}`", ident.value),
                "it in lower case",
            )?;
        }
        if is_plain_name(&ident.value.to_ascii_lowercase()) {
            return Ok(());
        }
        Err(LintError::new(
            at,
            format!("the {what} name `{}`", ident.value),
            "letters, digits and underscores",
        ))
    }

    /// Like [`Linter::name`], for names of tables: a quoted one could be a path.
    pub(super) fn table_name(&mut self, ident: &Ident) -> Result<(), LintError> {
        if ident.quote_style.is_some() {
            return Err(quoted_path(ident.span.start, &ident.value));
        }
        self.name(ident, "table")
    }
}

fn quoted_path(at: Location, name: &str) -> LintError {
    LintError::new(
        at,
        format!("the quoted table name `{name}`"),
        "the plain name of a table or view",
    )
}

fn nearest<'s>(name: &str, scope: &'s Scope<'_>) -> Option<&'s str> {
    let shared = |other: &str| {
        name.bytes()
            .zip(other.bytes())
            .take_while(|(left, right)| left == right)
            .count()
    };
    scope
        .relations
        .iter()
        .flat_map(|relation| &relation.columns)
        .map(|column| column.name.as_str())
        .max_by_key(|other| shared(other))
        .filter(|other| shared(other) >= 3)
}

impl From<&CatalogColumn> for OutputColumn {
    fn from(column: &CatalogColumn) -> Self {
        Self {
            name: column.name.clone(),
            kind: Some(column.kind),
            is_token: column.is_token,
            nullable: column.nullable,
        }
    }
}
