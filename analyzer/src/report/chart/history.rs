//! Used space over time, with the levels that matter.

use std::error::Error;

use jiff::Timestamp;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::opening;
use crate::report::error::RenderError;
use crate::report::model::{History, PoolCapacity};
use crate::report::number::Scale;

const SIZE: (u32, u32) = (1440, 400);
const RIGHT: u32 = 110;
const LINE: RGBColor = RGBColor(0x0F, 0x4C, 0x66);
const GRID: RGBColor = RGBColor(0xD3, 0xDC, 0xE1);
const AXIS: RGBColor = RGBColor(0x46, 0x55, 0x5F);
const LIMIT: RGBColor = RGBColor(0x8F, 0x4A, 0x00);
const FONT: &str = "Inter, system-ui, sans-serif";
const DAY: f64 = 86_400.0;

/// A line over time from zero; none when fewer than two points span no time.
///
/// # Errors
/// What the drawing library refuses.
pub fn history(
    id: &str,
    pool: &PoolCapacity,
    history: &History,
) -> Result<Option<String>, RenderError> {
    let points: Vec<(i64, i64)> = history
        .points
        .iter()
        .filter_map(|point| point.used.raw.map(|raw| (point.at.unix_s, raw)))
        .collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Ok(None);
    };
    if last.0 <= first.0 {
        return Ok(None);
    }
    let drawn = drawing(&points, history).map_err(|error| RenderError::Chart {
        pool: pool.pool.text.clone(),
        reason: error.to_string(),
    })?;
    let (_, body) = drawn.split_once('>').unwrap_or(("", &drawn));
    let title = format!("Used space of pool {} over time", pool.pool.text);
    let description = format!(
        "{} readings from {} to {}, table {}. {}",
        points.len(),
        history.points.first().map_or("", |point| &point.at.text),
        history.points.last().map_or("", |point| &point.at.text),
        history.source,
        pool.headline.plain()
    );
    Ok(Some(opening(id, SIZE, &title, &description) + body))
}

fn drawing(points: &[(i64, i64)], history: &History) -> Result<String, Box<dyn Error>> {
    let levels: Vec<i64> = history
        .lines
        .iter()
        .filter_map(|line| line.number.raw)
        .collect();
    let top = points
        .iter()
        .map(|point| point.1)
        .chain(levels)
        .max()
        .unwrap_or(1)
        .max(1);
    let scale = Scale::for_column([top]);
    let scaled = |raw: i64| raw as f64 / scale.bytes() as f64;
    let days = |unix_s: i64| unix_s as f64 / DAY;
    let series: Vec<(f64, f64)> = points
        .iter()
        .map(|(at, raw)| (days(*at), scaled(*raw)))
        .collect();
    let (from, to) = (series[0].0, series[series.len() - 1].0);

    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin_top(22)
            .margin_right(RIGHT)
            .x_label_area_size(40)
            .y_label_area_size(112)
            .build_cartesian_2d(from..to, 0.0..scaled(top) * 1.02)?;
        let label = (FONT, 27).into_font().color(&AXIS);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID.stroke_width(2))
            .x_labels(6)
            .y_labels(5)
            .label_style(label)
            .x_label_formatter(&|day| date(*day))
            .y_label_formatter(&|value| format!("{} {}", tick(*value), scale.name()))
            .draw()?;
        chart.draw_series(AreaSeries::new(series.iter().copied(), 0.0, LINE.mix(0.10)))?;
        for line in &history.lines {
            let Some(raw) = line.number.raw else { continue };
            let at = scaled(raw);
            chart.draw_series(DashedLineSeries::new(
                [(from, at), (to, at)],
                10,
                8,
                LIMIT.stroke_width(2),
            ))?;
            let (x, y) = chart.backend_coord(&(to, at));
            let style = (FONT, 27)
                .into_font()
                .color(&LIMIT)
                .pos(Pos::new(HPos::Left, VPos::Center));
            root.draw(&Text::new(line.label.clone(), (x + 12, y), style))?;
        }
        chart.draw_series(LineSeries::new(
            series.iter().copied(),
            LINE.stroke_width(4),
        ))?;
        chart.draw_series(series.last().map(|at| Circle::new(*at, 8, LINE.filled())))?;
        root.present()?;
    }
    Ok(svg)
}

fn date(day: f64) -> String {
    match Timestamp::from_second((day * DAY) as i64) {
        Ok(timestamp) => timestamp.strftime("%Y-%m-%d").to_string(),
        Err(_) => String::new(),
    }
}

fn tick(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
