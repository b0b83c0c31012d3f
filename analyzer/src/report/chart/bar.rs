//! One bar for the space of one pool.

use super::{escaped, opening};
use crate::report::model::{PoolCapacity, SliceKind};

const WIDTH: f64 = 720.0;
const HEIGHT: u32 = 30;
const GAP: f64 = 1.5;

/// Parts of the pool from left to right; the legend and the table beside it name them.
#[must_use]
pub fn space_bar(id: &str, pool: &PoolCapacity) -> String {
    let title = format!("Space of pool {}", pool.pool.text);
    let mut svg = opening(id, (720, HEIGHT), &title, &pool.headline.plain());
    svg = svg.replacen("role=", "preserveAspectRatio=\"none\" role=", 1);
    svg.push_str(&format!(
        "<defs><pattern id=\"{id}-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#F6E6D2\"/>\
         <rect width=\"1.4\" height=\"6\" fill=\"#8F4A00\" opacity=\"0.45\"/></pattern></defs>"
    ));
    let size: i64 = pool
        .slices
        .iter()
        .filter_map(|slice| slice.number.raw)
        .map(|raw| raw.max(0))
        .sum();
    if size == 0 {
        svg.push_str(&format!(
            "<rect width=\"720\" height=\"{HEIGHT}\" fill=\"#E8EFF2\"/></svg>"
        ));
        return svg;
    }
    let mut left = 0.0;
    for slice in &pool.slices {
        let raw = slice.number.raw.unwrap_or(0).max(0);
        let width = raw as f64 / size as f64 * WIDTH;
        if width > 0.0 {
            let drawn = (width - GAP).max(0.6);
            svg.push_str(&format!(
                "<rect x=\"{left:.2}\" y=\"0.5\" width=\"{drawn:.2}\" height=\"29\" fill=\"{}\" stroke=\"{}\" \
                 stroke-width=\"0.8\"><title>{}: {}</title></rect>",
                fill(id, slice.kind),
                edge(slice.kind),
                slice.kind.word(),
                escaped(&slice.number.text)
            ));
        }
        left += width;
    }
    svg.push_str("</svg>");
    svg
}

fn fill(id: &str, kind: SliceKind) -> String {
    match kind {
        SliceKind::Live => "#0F4C66".to_owned(),
        SliceKind::Snapshots => "#4493B3".to_owned(),
        SliceKind::Reservation => "#A8CEDB".to_owned(),
        SliceKind::FreeTo80 => "#E8EFF2".to_owned(),
        SliceKind::FreeTo100 => format!("url(#{id}-hatch)"),
    }
}

fn edge(kind: SliceKind) -> &'static str {
    match kind {
        SliceKind::FreeTo80 | SliceKind::FreeTo100 => "#B9C5CC",
        SliceKind::Live | SliceKind::Snapshots | SliceKind::Reservation => "none",
    }
}
