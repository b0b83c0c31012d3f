//! Sentences as lists of spans: words, names, numbers and times never melt into one string.

use serde::{Deserialize, Serialize};

use super::{Moment, Name};
use crate::report::number::Number;

/// One piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// Our own words; never a name.
    Text(String),
    /// Our own words, to be noticed.
    Strong(String),
    /// A word to be copied exactly: a property, a parameter, a command.
    Code(String),
    /// The name of an object.
    Name(Name),
    /// A number, shown by its text.
    Number(Number),
    /// A time.
    Moment(Moment),
}

/// One or more sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prose(pub Vec<Span>);

impl Prose {
    /// Nothing yet; add to it with the methods below.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A sentence without names or numbers.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self::new().text(text)
    }

    /// Adds words; spaces at the ends are kept.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.push(Span::Text(text.to_owned()));
        self
    }

    /// Adds words to be noticed.
    #[must_use]
    pub fn strong(mut self, text: &str) -> Self {
        self.0.push(Span::Strong(text.to_owned()));
        self
    }

    /// Adds a word to be copied exactly.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.0.push(Span::Code(code.to_owned()));
        self
    }

    /// Adds the name of an object.
    #[must_use]
    pub fn name(mut self, name: &Name) -> Self {
        self.0.push(Span::Name(name.clone()));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: Number) -> Self {
        self.0.push(Span::Number(number));
        self
    }

    /// Adds a time.
    #[must_use]
    pub fn moment(mut self, moment: Moment) -> Self {
        self.0.push(Span::Moment(moment));
        self
    }

    /// Adds another prose behind this one.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a reader reads, without marking up; not yet escaped.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0.iter().map(Span::plain).collect()
    }
}

impl Span {
    fn plain(&self) -> &str {
        match self {
            Self::Text(text) | Self::Strong(text) | Self::Code(text) => text,
            Self::Name(name) => &name.text,
            Self::Number(number) => &number.text,
            Self::Moment(moment) => &moment.text,
        }
    }
}
