//! The report as PDF/A-2a and PDF/UA-1, typeset in process.
//!
//! The typesetter sees a world of a few files: the template, the model as JSON, the charts and the fonts. There is no
//! disk, no network, no package and no clock in it, so the same model gives the same bytes.

mod world;

use serde_json::Value;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::chart;
use super::error::RenderError;
use super::escape;
use super::model::{HistoryState, ReportModel, SliceKind};
use super::view::{self, Limits};
use world::PaperWorld;

const TEMPLATE: &str = include_str!("../../../templates/report.typ");

/// A row costs about 110 KiB of memory while it is set; the rest is in the JSON report.
const LIMITS: Limits = Limits {
    n_rows: 200,
    n_findings: 100,
};

/// Renders the whole report; the same model gives the same bytes.
///
/// # Errors
/// A chart that cannot be drawn, or the typesetter's own messages: a defect here, not in the model.
pub fn render(model: &ReportModel) -> Result<Vec<u8>, RenderError> {
    let mut world = PaperWorld::new(TEMPLATE).map_err(|reason| RenderError::Pdf { reason })?;
    let mut context = view::context(model, LIMITS)?;
    add_charts(&mut world, &mut context, model)?;
    escape::visible_value(&mut context, &|c| world.can_show(c));
    let digest = model
        .digest()
        .map_err(|source| RenderError::Json { source })?;
    world
        .add("report.json", context.to_string().into_bytes())
        .map_err(|reason| RenderError::Pdf { reason })?;

    let document = typst::compile::<PagedDocument>(&world)
        .output
        .map_err(|messages| failed(&messages))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).map_err(|hint| {
        RenderError::Pdf {
            reason: hint.message().to_string(),
        }
    })?;
    let options = PdfOptions {
        ident: Smart::Custom(digest),
        creator: Smart::Custom(Some(model.appendix.provenance.tool.clone())),
        timestamp: timestamp(model.title.to.unix_s),
        standards,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|messages| failed(&messages))?;
    typst::comemo::evict(0);
    Ok(bytes)
}

/// Puts each drawing beside the template and tells the template which there are.
fn add_charts(
    world: &mut PaperWorld,
    context: &mut Value,
    model: &ReportModel,
) -> Result<(), RenderError> {
    let pdf = |reason| RenderError::Pdf { reason };
    for (at, pool) in model.pools.iter().enumerate() {
        let id = format!("pool-{}", at + 1);
        let bar = chart::space_bar(&format!("{id}-bar"), pool);
        world
            .add(&format!("{id}-bar.svg"), bar.into_bytes())
            .map_err(pdf)?;
        let line = match &pool.history {
            HistoryState::TooShort(_) => None,
            HistoryState::Enough(history) => chart::history(&format!("{id}-line"), pool, history)?,
        };
        context["pools"][at]["has_line"] = Value::from(line.is_some());
        if let Some(line) = line {
            world
                .add(&format!("{id}-line.svg"), line.into_bytes())
                .map_err(pdf)?;
        }
    }
    for kind in SliceKind::ALL {
        let key = serde_json::to_value(kind).map_err(|source| RenderError::Json { source })?;
        context["words"][key.as_str().unwrap_or_default()] = Value::from(kind.word());
    }
    Ok(())
}

fn timestamp(unix_s: i64) -> Option<Timestamp> {
    let at = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_second(unix_s).ok()?);
    let number = |value: i8| u8::try_from(value).ok();
    let datetime = Datetime::from_ymd_hms(
        i32::from(at.year()),
        number(at.month())?,
        number(at.day())?,
        number(at.hour())?,
        number(at.minute())?,
        number(at.second())?,
    )?;
    Some(Timestamp::new_utc(datetime))
}

fn failed(messages: &[SourceDiagnostic]) -> RenderError {
    let reason = messages
        .iter()
        .take(3)
        .map(|message| message.message.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    RenderError::Pdf { reason }
}
