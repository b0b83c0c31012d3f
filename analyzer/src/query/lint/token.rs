//! Column classes: what may be done with a pseudonym so that a finding does not depend on the key.

use sqlparser::tokenizer::Location;

use crate::query::catalog::ColumnKind;
use crate::query::lint::{LintError, Linter, OutputColumn};

/// What the lint knows about the value of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kind: Option<ColumnKind>,
    pub(super) class: Class,
    pub(super) nullable: bool,
}

/// Where a value comes from, as far as pseudonyms are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// May be a pseudonym.
    Token,
    /// Never a pseudonym.
    Plain,
    /// The literal `''`, or NULL.
    Empty,
    /// The literal `'/'` or `'@'`, which join the parts of a path.
    Separator,
    /// Any other text literal, or a parameter.
    Literal,
}

impl Shape {
    pub(super) fn plain(kind: ColumnKind) -> Self {
        Self {
            kind: Some(kind),
            class: Class::Plain,
            nullable: true,
        }
    }

    pub(super) fn literal(kind: ColumnKind, class: Class) -> Self {
        Self {
            kind: Some(kind),
            class,
            nullable: false,
        }
    }

    pub(super) fn null() -> Self {
        Self {
            kind: None,
            class: Class::Empty,
            nullable: true,
        }
    }

    pub(super) fn is_token(self) -> bool {
        self.class == Class::Token
    }

    pub(super) fn is_number(self) -> bool {
        matches!(
            self.kind,
            None | Some(ColumnKind::Integer | ColumnKind::Float)
        )
    }

    pub(super) fn named(self, name: String) -> OutputColumn {
        OutputColumn {
            name,
            kind: self.kind,
            is_token: self.is_token(),
            nullable: self.nullable,
        }
    }
}

impl From<&OutputColumn> for Shape {
    fn from(column: &OutputColumn) -> Self {
        let class = if column.is_token {
            Class::Token
        } else {
            Class::Plain
        };
        Self {
            kind: column.kind,
            class,
            nullable: column.nullable,
        }
    }
}

impl Linter<'_> {
    /// Refuses an operation that looks into a pseudonym or orders by it.
    pub(super) fn no_token(
        &self,
        shape: Shape,
        at: Location,
        construct: &str,
        instead: &str,
    ) -> Result<(), LintError> {
        if shape.is_token() {
            return Err(LintError::new(
                at,
                format!("{construct} on a pseudonym"),
                instead,
            ));
        }
        Ok(())
    }

    /// Checks an equality: a pseudonym equals another pseudonym or `''`, never a word.
    pub(super) fn comparable(
        &mut self,
        left: Shape,
        right: Shape,
        at: Location,
    ) -> Result<(), LintError> {
        if let (Some(a), Some(b)) = (left.kind, right.kind)
            && a != b
            && !(left.is_number() && right.is_number())
        {
            self.differs(
                at,
                "comparing values of different types",
                "a comparison of one type",
            )?;
        }
        if !left.is_token() && !right.is_token() {
            return Ok(());
        }
        let other = if left.is_token() { right } else { left };
        match other.class {
            Class::Token | Class::Empty => Ok(()),
            Class::Plain => self.differs(
                at,
                "comparing a pseudonym with a readable column",
                "a join on the column that holds the same pseudonym",
            ),
            Class::Literal | Class::Separator => self.differs(
                at,
                "comparing a pseudonym with a literal",
                "a comparison with '' or a readable column",
            ),
        }
    }

    /// Checks `||`: pseudonyms are joined with each other by `'/'` or `'@'` only.
    pub(super) fn concatenated(
        &mut self,
        left: Shape,
        right: Shape,
        at: Location,
    ) -> Result<Shape, LintError> {
        for side in [left, right] {
            if side.kind.is_some_and(|kind| kind != ColumnKind::Text) {
                self.differs(
                    at,
                    "|| of something that is no text",
                    "CAST(.. AS STRING) first",
                )?;
            }
        }
        let nullable = left.nullable || right.nullable;
        let shape = |class| Shape {
            kind: Some(ColumnKind::Text),
            class,
            nullable,
        };
        if !left.is_token() && !right.is_token() {
            let class = if left.class == Class::Plain || right.class == Class::Plain {
                Class::Plain
            } else {
                Class::Literal
            };
            return Ok(shape(class));
        }
        let fits = |side: Shape| matches!(side.class, Class::Token | Class::Separator);
        if fits(left) && fits(right) {
            return Ok(shape(Class::Token));
        }
        Err(LintError::new(
            at,
            "|| of a pseudonym and something else",
            "pseudonyms joined by '/' or '@' only",
        ))
    }

    /// The shape of a value that is one of several, as in CASE, COALESCE and UNION ALL.
    pub(super) fn one_of(&mut self, shapes: &[Shape], at: Location) -> Result<Shape, LintError> {
        let mut merged = Shape {
            kind: None,
            class: Class::Empty,
            nullable: false,
        };
        for shape in shapes {
            merged.kind = match (merged.kind, shape.kind) {
                (None, kind) | (kind, None) => kind,
                (Some(left), Some(right)) if left == right => Some(left),
                (
                    Some(ColumnKind::Integer | ColumnKind::Float),
                    Some(ColumnKind::Integer | ColumnKind::Float),
                ) => Some(ColumnKind::Float),
                (Some(kind), Some(_)) => {
                    self.differs(
                        at,
                        "branches of different types",
                        "the same type in every branch",
                    )?;
                    Some(kind)
                }
            };
            merged.class = match (merged.class, shape.class) {
                (Class::Token, _) | (_, Class::Token) => Class::Token,
                (Class::Plain, _) | (_, Class::Plain) => Class::Plain,
                (Class::Empty, class) | (class, Class::Empty) => class,
                (left, right) if left == right => left,
                _ => Class::Literal,
            };
            merged.nullable |= shape.nullable;
        }
        Ok(merged)
    }
}
