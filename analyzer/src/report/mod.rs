//! The report: one model, several renderers.
//!
//! Findings become a [`ReportModel`] once; every renderer sees only that value, so all formats carry the same
//! numbers and a saved `report.json` can be rendered again without the bundles.

pub mod chart;
mod error;
pub(crate) mod escape;
#[cfg(test)]
mod formats;
pub mod html;
pub mod json;
pub mod model;
pub mod number;
pub mod pdf;
#[cfg(test)]
mod sample;
pub mod shell;
pub mod text;
mod view;

pub use error::RenderError;
pub use model::ReportModel;
