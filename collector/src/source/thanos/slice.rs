//! A part of all claims: an answer that is too large is asked for in two halves, and each of them again.

/// Characters of claim names in four classes of two bits, so that digits and letters are spread over all of them.
const CLASSES: [&str; 2] = ["[02468acegikmoqsuwy]", "[014589abefijmnqruvyz]"];

/// How many characters from the end of a name decide; the first ones are often the same for all.
const N_CHARS: usize = 6;

/// Halvings that are possible.
const N_BITS: usize = CLASSES.len() * N_CHARS;

/// The claims for which each decided pattern holds, or does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    decided: Vec<bool>,
}

impl Slice {
    /// All claims.
    pub(super) fn whole() -> Self {
        Self::default()
    }

    /// Two slices that have every claim of this one in exactly one of them; nothing when it is as small as it gets.
    pub(super) fn halves(&self) -> Option<[Self; 2]> {
        (self.decided.len() < N_BITS).then(|| {
            [true, false].map(|is_in| {
                let mut half = self.clone();
                half.decided.push(is_in);
                half
            })
        })
    }

    /// The slice as matchers, each behind a comma.
    pub(super) fn matchers(&self) -> String {
        let decided = self.decided.iter().enumerate();
        decided
            .map(|(bit, is_in)| {
                let operator = if *is_in { "=~" } else { "!~" };
                format!(",persistentvolumeclaim{operator}\"{}\"", pattern(bit))
            })
            .collect()
    }
}

/// A name of which one character, counted from the end, is of one class. A shorter name does not match.
fn pattern(bit: usize) -> String {
    let class = CLASSES[bit % CLASSES.len()];
    format!(".*{class}.{{{}}}", bit / CLASSES.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_differ_in_one_operator_so_that_no_claim_is_in_both_or_in_none() {
        let [first, second] = Slice::whole().halves().unwrap();
        let (inside, outside) = (first.matchers(), second.matchers());
        assert_eq!(inside.replacen("=~", "!~", 1), outside);
        assert!(Slice::whole().matchers().is_empty());
        let [deeper, _] = second.halves().unwrap();
        assert!(deeper.matchers().starts_with(&outside));
        assert_eq!(deeper.matchers().matches('~').count(), 2);
    }

    #[test]
    fn later_halvings_look_further_from_the_end_and_there_is_a_last_one() {
        assert_eq!(pattern(0), format!(".*{}.{{0}}", CLASSES[0]));
        assert_eq!(pattern(3), format!(".*{}.{{1}}", CLASSES[1]));
        let mut slice = Slice::whole();
        let mut n_halvings = 0;
        while let Some([half, _]) = slice.halves() {
            slice = half;
            n_halvings += 1;
        }
        assert_eq!(n_halvings, N_BITS);
    }
}
