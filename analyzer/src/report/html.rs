//! The report as one HTML file: no script, nothing loaded from anywhere.
//!
//! Templates are embedded and escape every value. The style sheet is allowed by its hash; everything else a browser
//! could load is forbidden by the page itself.

use data_encoding::BASE64;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::chart;
use super::error::RenderError;
use super::escape;
use super::model::{HistoryState, ReportModel, SliceKind};
use super::view::{self, Limits};

const TEMPLATES: [(&str, &str); 10] = [
    (
        "appendix.html",
        include_str!("../../../templates/report/appendix.html"),
    ),
    (
        "capacity.html",
        include_str!("../../../templates/report/capacity.html"),
    ),
    (
        "changes.html",
        include_str!("../../../templates/report/changes.html"),
    ),
    (
        "findings.html",
        include_str!("../../../templates/report/findings.html"),
    ),
    (
        "macros.html",
        include_str!("../../../templates/report/macros.html"),
    ),
    (
        "more.html",
        include_str!("../../../templates/report/more.html"),
    ),
    (
        "orphans.html",
        include_str!("../../../templates/report/orphans.html"),
    ),
    (
        "page.html",
        include_str!("../../../templates/report/page.html"),
    ),
    (
        "scorecard.html",
        include_str!("../../../templates/report/scorecard.html"),
    ),
    (
        "summary.html",
        include_str!("../../../templates/report/summary.html"),
    ),
];
const STYLE: &str = concat!(
    include_str!("../../../templates/report.css"),
    include_str!("../../../templates/print.css")
);

/// Keeps the file below 10 MB whatever the estate.
const LIMITS: Limits = Limits {
    n_rows: 1_000,
    n_findings: 500,
};

/// Renders the whole report; the same model gives the same bytes.
///
/// # Errors
/// A chart or template that cannot be filled: a defect here, not in the model.
pub fn render(model: &ReportModel) -> Result<String, RenderError> {
    let mut context = view::context(model, LIMITS)?;
    escape::visible_value(&mut context, &|_| true);
    let Value::Object(fields) = &mut context else {
        return Ok(String::new());
    };
    fields.insert("charts".to_owned(), charts(model)?);
    fields.insert("css".to_owned(), Value::from(STYLE));
    fields.insert("csp".to_owned(), Value::from(policy()));

    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment
            .add_template(name, source)
            .map_err(|source| RenderError::Template { source })?;
    }
    let page = environment
        .get_template("page.html")
        .map_err(|source| RenderError::Template { source })?;
    page.render(Serde(&context))
        .map_err(|source| RenderError::Template { source })
}

/// What the page allows itself: its one style sheet.
fn policy() -> String {
    let hash = BASE64.encode(&Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn charts(model: &ReportModel) -> Result<Value, RenderError> {
    let words: Map<String, Value> = SliceKind::ALL
        .iter()
        .filter_map(|kind| {
            Some((
                serde_json::to_value(kind).ok()?.as_str()?.to_owned(),
                Value::from(kind.word()),
            ))
        })
        .collect();
    let mut charts = Map::new();
    for (at, pool) in model.pools.iter().enumerate() {
        let id = format!("pool-{}", at + 1);
        let bar = chart::for_screen(&chart::space_bar(&format!("{id}-bar"), pool));
        let line = match &pool.history {
            HistoryState::TooShort(_) => None,
            HistoryState::Enough(history) => chart::history(&format!("{id}-line"), pool, history)?,
        };
        let line = line.map(|svg| chart::for_screen(&svg));
        charts.insert(id, json!({ "bar": bar, "history": line, "words": words }));
    }
    Ok(Value::Object(charts))
}
