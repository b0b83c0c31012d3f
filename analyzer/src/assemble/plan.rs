//! The fix of a page as a plan for one object: preconditions, steps in order, what cannot be undone. Nothing in it is run.
//!
//! A page writes commands as `` `# zfs list DATASET` ``: a word in capitals stands for something of the finding. What the
//! finding does not know stays in capitals for the reader to fill in. Items that are for other findings are left out.

mod command;
mod facts;
mod reference;
#[cfg(test)]
mod tests;

use super::page_text::{Piece, pieces, prose};
use crate::report::model::{Plan, Prose, Step, StepKind};

pub(super) use facts::Facts;

/// The plan for one object; `is_for` says which items of the fix are for it.
pub(super) fn plan(fix: &str, is_for: &dyn Fn(usize) -> bool, facts: &Facts) -> Plan {
    let mut draft = Draft::default();
    for piece in pieces(fix) {
        match piece {
            Piece::Text(text) => draft.paragraph(&text),
            Piece::Item(text) => {
                if draft.begins(is_for) {
                    draft.item(&text, facts);
                }
            }
            Piece::Command(line) => {
                if draft.begins(is_for) {
                    draft.fenced(&line, facts);
                }
            }
        }
    }
    draft.finish()
}

/// The number of steps that a page's fix has for one object.
pub(super) fn n_steps(fix: &str, is_for: &dyn Fn(usize) -> bool) -> usize {
    plan(fix, is_for, &Facts::default()).steps.len()
}

#[derive(Default)]
struct Draft {
    preconditions: Vec<Prose>,
    /// Steps with the number of the item that each is of.
    steps: Vec<(usize, Step)>,
    n_items: usize,
    /// Items that are for other findings.
    left_out: Vec<usize>,
    /// Paragraphs since the last step.
    words: Vec<String>,
}

impl Draft {
    fn paragraph(&mut self, text: &str) {
        match text.strip_prefix("Preconditions:") {
            Some(conditions) => self.preconditions.extend(conditions_of(conditions)),
            None => self.words.push(text.to_owned()),
        }
    }

    /// Counts an item; false when it is left out, with the paragraphs before it.
    fn begins(&mut self, is_for: &dyn Fn(usize) -> bool) -> bool {
        self.n_items += 1;
        let is_taken = is_for(self.n_items);
        if !is_taken {
            self.left_out.push(self.n_items);
            self.words.clear();
        }
        is_taken
    }

    fn item(&mut self, text: &str, facts: &Facts) {
        let lead = std::mem::take(&mut self.words);
        for step in command::steps(text, facts) {
            self.steps.push((self.n_items, step));
        }
        // A paragraph before an item says when the item counts: "With a PV:".
        let first = self
            .steps
            .iter_mut()
            .find(|(item, _)| *item == self.n_items);
        if let (Some((_, step)), false) = (first, lead.is_empty()) {
            let note = std::mem::take(&mut step.note);
            step.note = prose(&lead.join(" ")).text(" ").then(note);
        }
    }

    fn fenced(&mut self, line: &str, facts: &Facts) {
        let lead = std::mem::take(&mut self.words);
        let step = command::step(prose(&lead.join(" ")), line, facts);
        self.steps.push((self.n_items, step));
    }

    /// What stands behind the last step says what can be undone.
    fn finish(mut self) -> Plan {
        let numbers: Vec<usize> = self.steps.iter().map(|(item, _)| *item).collect();
        for item in reference::not_undone(&self.words) {
            for (_, step) in self.steps.iter_mut().filter(|(of, _)| *of == item) {
                if step.kind == StepKind::Change {
                    step.kind = StepKind::Destroy;
                }
            }
        }
        let steps: Vec<Step> = self.steps.into_iter().map(|(_, step)| step).collect();
        let left = command::capitals(&steps);
        if !left.is_empty() {
            let words = format!(
                "Fill in what the bundle does not know: {}.",
                left.join(", ")
            );
            self.preconditions.push(Prose::words(&words));
        }
        let has = |kind| steps.iter().any(|step| step.kind == kind);
        let words = reference::without(&self.words.join(" "), &self.left_out);
        let undo = if !words.is_empty() {
            prose(&reference::renumbered(&words, &numbers))
        } else if has(StepKind::Destroy) {
            Prose::words("A step marked as such cannot be undone.")
        } else if has(StepKind::Change) {
            Prose::words(
                "Write down the old state before a change; setting it back undoes the step.",
            )
        } else {
            Prose::words("Nothing to undo.")
        };
        Plan {
            preconditions: self.preconditions,
            steps,
            expected: None,
            at_most: None,
            undo,
        }
    }
}

/// One prose for each condition; "none" is no condition.
fn conditions_of(text: &str) -> Vec<Prose> {
    let mut conditions = Vec::new();
    for part in text.split("; ").flat_map(sentences) {
        let part = part.trim().trim_end_matches('.');
        if part.is_empty() || part == "none" || part.starts_with("none for") {
            continue;
        }
        let mut letters = part.chars();
        let first: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        conditions.push(prose(&format!("{first}{}.", letters.as_str())));
    }
    conditions
}

/// Splits behind full stops that end a sentence.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(". ") {
        sentences.push(&rest[..=at]);
        rest = &rest[at + 2..];
    }
    sentences.push(rest);
    sentences
}
