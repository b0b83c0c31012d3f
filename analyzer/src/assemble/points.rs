//! The sum that a grade comes from, term by term.
//!
//! A check writes `marker 2 + absent 3 = 5; sessions are not collected`: terms with a weight each and their sum, then words
//! that limit the grade.

use crate::report::model::GradePoint;

/// The terms; none when the text is no sum that adds up.
pub(super) fn points(text: Option<&str>) -> Vec<GradePoint> {
    text.and_then(parse).unwrap_or_default()
}

/// What the text says beside the sum: all of it when there is none.
pub(super) fn rest(text: Option<&str>) -> Option<&str> {
    let text = text?;
    if parse(text).is_none() {
        return Some(text);
    }
    text.split_once(';').map(|(_, rest)| rest.trim())
}

fn parse(text: &str) -> Option<Vec<GradePoint>> {
    let sum = text.split(';').next()?;
    let (terms, total) = sum.rsplit_once('=')?;
    let terms: Option<Vec<GradePoint>> = terms.split(" + ").map(term).collect();
    let terms = terms?;
    let total: i64 = total.trim().parse().ok()?;
    (terms.iter().map(|term| term.points).sum::<i64>() == total).then_some(terms)
}

fn term(text: &str) -> Option<GradePoint> {
    let (evidence, points) = text.trim().rsplit_once(' ')?;
    Some(GradePoint {
        evidence: evidence.to_owned(),
        points: points.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_becomes_terms_and_the_words_behind_it_stay() {
        let text =
            Some("marker 2 + absent 3 + unchanged 0 = 5; sessions are not collected; capped: late");
        let terms = points(text);
        let said: Vec<_> = terms
            .iter()
            .map(|term| (term.evidence.as_str(), term.points))
            .collect();
        assert_eq!(said, [("marker", 2), ("absent", 3), ("unchanged", 0)]);
        assert_eq!(rest(text), Some("sessions are not collected; capped: late"));
    }

    #[test]
    fn a_sum_that_does_not_add_up_stays_text() {
        for text in ["marker 2 + absent 3 = 6; x", "the share is gone", "a = b"] {
            assert_eq!(points(Some(text)), []);
            assert_eq!(rest(Some(text)), Some(text));
        }
        assert_eq!(rest(Some("marker 2 = 2")), None);
    }
}
