//! Portable SQL over the estate: a lint that knows the dialect and the pseudonyms, a rewriter, and the session that runs it.

pub mod catalog;
mod engine;
pub mod export;
pub mod lint;
pub mod params;
#[cfg(test)]
mod probes;
pub mod rewrite;
pub mod rows;
pub mod session;
pub mod statement;
mod syntax;
pub mod value;

pub use catalog::{Catalog, CatalogColumn, ColumnKind};
pub use lint::{LintError, LintWarning, Linted, Mode, lint};
pub use params::{ParamValue, Params};
pub use rewrite::{Prepared, RewriteError, prepare};
pub use session::{Answer, Limits, QueryError, Session};
pub use statement::Statement;
pub use value::Value;
