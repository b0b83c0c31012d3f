//! Whether operations became slower from one window to the next, by the rule of PRF-010.

use super::{Bounds, Comparison, Knowledge, Span, compare, percentile};

/// When a change counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Operations that each window needs.
    pub min_samples: usize,
    /// Rise of the median over the earlier one, in percent.
    pub min_rise_percent: i64,
    /// The same, in seconds.
    pub min_rise_secs: i64,
    /// Standard deviations of the rank test.
    pub deviations: f64,
}

/// Two windows side by side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Median of the newer window.
    pub newer: Bounds,
    /// Median of the earlier window.
    pub earlier: Bounds,
    /// The rank test.
    pub comparison: Comparison,
    /// Whether the rule is met, whatever lies between the bounds.
    pub is_slower: bool,
}

/// Operations that ended; what runs has no like in a window that is over.
#[must_use]
pub fn ended(spans: &[Span]) -> Vec<Span> {
    let is_over = |span: &Span| span.knowledge() != Knowledge::Running;
    spans.iter().copied().filter(is_over).collect()
}

/// Compares the operations that ended.
///
/// # Errors
/// The number of them in each window, when one has too few.
pub fn change(newer: &[Span], earlier: &[Span], rule: &Rule) -> Result<Change, (usize, usize)> {
    let (newer, earlier) = (ended(newer), ended(earlier));
    let too_few = (newer.len(), earlier.len());
    if newer.len() < rule.min_samples || earlier.len() < rule.min_samples {
        return Err(too_few);
    }
    let comparison = compare(&newer, &earlier).ok_or(too_few)?;
    let newer = percentile(&newer, 50).ok_or(too_few)?;
    let earlier = percentile(&earlier, 50).ok_or(too_few)?;
    let has_risen = earlier.most_secs.is_some_and(|most| {
        let least = newer.least_secs;
        least - most >= rule.min_rise_secs as f64
            && least * 100.0 >= most * (100 + rule.min_rise_percent) as f64
    });
    Ok(Change {
        newer,
        earlier,
        comparison,
        is_slower: has_risen && comparison.is_slower(rule.deviations),
    })
}
