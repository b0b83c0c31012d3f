//! Whether operations became slower: the rank test of Mann and Whitney (1947), with the scores of Gehan (1965) where
//! bounds overlap and the variance of Mantel (1967). Of exact spans that is the test with the correction for ties, as
//! PRF-010 has it in SQL.

use super::Span;
use crate::trend::two_sided;

/// Spans of both windows up to which chances are counted rather than approximated.
const MAX_COUNTED: usize = 39;

/// How a chance was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Counted over every way to deal the spans out to the windows, ties and overlaps included.
    Counted,
    /// The normal approximation, with the corrections for ties and for continuity.
    Normal,
}

/// Newer spans against earlier ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Pairs in which the newer span is the longer one less those in which it is the shorter one.
    pub lead: i64,
    /// Variance of the lead, were there no difference.
    pub variance: f64,
    /// Share of pairs in which the newer span is the longer one; ties and overlaps count half.
    pub slower_share: f64,
    /// Chance of such a lead, either way, were there no difference.
    pub p: f64,
    /// How the chance was found.
    pub method: Method,
}

impl Comparison {
    /// Whether the newer spans are longer beyond so many standard deviations, less half a pair for continuity: the rule
    /// of PRF-010, whatever the number of spans.
    #[must_use]
    pub fn is_slower(&self, deviations: f64) -> bool {
        let excess = self.lead as f64 - 1.0;
        excess > 0.0 && excess * excess > deviations * deviations * self.variance
    }
}

/// Compares two windows; nothing when one of them is empty.
#[must_use]
pub fn compare(newer: &[Span], earlier: &[Span]) -> Option<Comparison> {
    if newer.is_empty() || earlier.is_empty() {
        return None;
    }
    let scores = scores(newer, earlier);
    let lead: i64 = scores[..newer.len()].iter().sum();
    let (n_newer, n_earlier) = (newer.len() as f64, earlier.len() as f64);
    let (n_pairs, n) = (n_newer * n_earlier, n_newer + n_earlier);
    let squares: f64 = scores.iter().map(|score| (*score as f64).powi(2)).sum();
    let variance = n_pairs / (n * (n - 1.0)) * squares;
    let (p, method) = if scores.len() <= MAX_COUNTED {
        (counted(&scores, newer.len(), lead), Method::Counted)
    } else {
        let excess = (lead.abs() as f64 - 1.0).max(0.0);
        let z = if variance > 0.0 {
            excess / variance.sqrt()
        } else {
            0.0
        };
        (two_sided(z), Method::Normal)
    };
    Some(Comparison {
        lead,
        variance,
        slower_share: (lead as f64 + n_pairs) / (2.0 * n_pairs),
        p,
        method,
    })
}

/// For each span, those that are surely shorter less those that are surely longer; the newer spans first.
fn scores(newer: &[Span], earlier: &[Span]) -> Vec<i64> {
    let all = || newer.iter().chain(earlier);
    let mut least: Vec<i64> = all().map(|span| span.least_secs()).collect();
    let mut most: Vec<i64> = all().filter_map(|span| span.most_secs()).collect();
    least.sort_unstable();
    most.sort_unstable();
    let score = |span: &Span| {
        let n_shorter = most.partition_point(|secs| *secs < span.least_secs());
        let n_longer = span.most_secs().map_or(0, |most| {
            least.len() - least.partition_point(|secs| *secs <= most)
        });
        n_shorter as i64 - n_longer as i64
    };
    all().map(score).collect()
}

/// Share of all choices of `n` scores whose sum is as far from zero as `lead`, one score after the other (the shift
/// algorithm of Streitberg and Roehmel, 1986). The scores add up to zero.
pub(super) fn counted(scores: &[i64], n: usize, lead: i64) -> f64 {
    // Every sum lies between that of the negative scores and that of the positive ones.
    let least: i64 = scores.iter().filter(|score| **score < 0).sum();
    let most: i64 = scores.iter().filter(|score| **score > 0).sum();
    let width = usize::try_from(most - least).unwrap_or_default() + 1;
    let place = |sum: i64| usize::try_from(sum - least).ok();
    let mut choices = vec![vec![0.0; width]; n + 1];
    if let Some(none) = place(0) {
        choices[0][none] = 1.0;
    }
    for score in scores {
        for taken in (0..n).rev() {
            let (few, more) = choices.split_at_mut(taken + 1);
            for (sum, n_ways) in (least..=most).zip(&few[taken]) {
                if let Some(to) = place(sum + score).filter(|_| *n_ways > 0.0) {
                    more[0][to] += n_ways;
                }
            }
        }
    }
    let all: f64 = choices[n].iter().sum();
    let far = (least..=most)
        .zip(&choices[n])
        .filter(|(sum, _)| sum.abs() >= lead.abs());
    far.map(|(_, n_ways)| n_ways).sum::<f64>() / all
}
