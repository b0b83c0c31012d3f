//! Charts as SVG. The same drawing serves paper and screen: on screen its colours become the variables of the style
//! sheet, so that they follow the light or dark scheme.
//!
//! Geometry is computed from raw values; every word comes from the model and is escaped here.

mod bar;
mod history;

pub use bar::space_bar;
pub use history::history;

use super::escape;

/// Colours on paper and the variables they become on screen; all differ in lightness, so greyscale keeps them apart.
pub(super) const COLOURS: [(&str, &str); 9] = [
    ("#0F4C66", "live"),
    ("#4493B3", "snapshots"),
    ("#A8CEDB", "reservation"),
    ("#E8EFF2", "free"),
    ("#F6E6D2", "slow"),
    ("#D3DCE1", "grid"),
    ("#46555F", "axis"),
    ("#8F4A00", "limit"),
    ("#B9C5CC", "edge"),
];

/// The same drawing with variables for colours, to be put into a page.
#[must_use]
pub fn for_screen(svg: &str) -> String {
    let mut themed = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    for (colour, name) in COLOURS {
        themed = themed.replace(
            &format!("\"{colour}\""),
            &format!("\"var(--chart-{name})\""),
        );
    }
    themed
}

/// Opening tag with the words that stand for the drawing.
fn opening(id: &str, size: (u32, u32), title: &str, description: &str) -> String {
    let (width, height) = size;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
        escaped(title),
        escaped(description)
    )
}

fn escaped(text: &str) -> String {
    escape::visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ReportModel;
    use crate::report::model::HistoryState;

    #[test]
    fn names_in_titles_cannot_leave_them() {
        let mut pool = ReportModel::sample().pools.remove(0);
        pool.pool.text = "</title><script>\u{202E}".to_owned();
        let svg = space_bar("p", &pool);
        assert!(!svg.contains("<script"));
        assert!(svg.contains("\\u{202e}"));
    }

    #[test]
    fn drawings_speak_and_have_no_style_attribute() {
        let pool = ReportModel::sample().pools.remove(0);
        let HistoryState::Enough(points) = &pool.history else {
            panic!("the sample has a history")
        };
        let line = history("h", &pool, points)
            .expect("the sample can be drawn")
            .expect("it has points");
        for svg in [space_bar("p", &pool), line] {
            assert!(
                svg.contains("role=\"img\"") && svg.contains("<title") && svg.contains("<desc")
            );
            assert!(!svg.contains("style=") && !for_screen(&svg).contains("#0F4C66"));
            assert!(!for_screen(&svg).contains("http"));
        }
    }
}
